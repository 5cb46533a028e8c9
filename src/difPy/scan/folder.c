/* A folder and names of what lies in it in, what the system says of each out; see folder.py. */

#define _FILE_OFFSET_BITS 64
#if defined(__APPLE__)
#define _DARWIN_C_SOURCE
#define st_mtim st_mtimespec
#else
#define _POSIX_C_SOURCE 200809L
#endif

#include <string.h>

#include "compiled.h"

#if !defined(_WIN32)
#include <fcntl.h>
#include <sys/stat.h>

#define SECOND 1000000000
#define LAST (INT64_MAX / SECOND - 1) /* second whose nanoseconds are a number of 64 bits */

/* Of `number` names, each ended by a zero byte: mode, size, time, device and inode, five numbers each, of the thing
   itself where it is a symbolic link. All are 0 where the system has no answer, or a number does not fit. */
SHARED void folder_look(count folder, const char *names, count number, int64_t *found) {
    for (; number > 0; number--, names += strlen(names) + 1, found += 5) {
        struct stat status;
        memset(found, 0, 5 * sizeof *found);
        if (fstatat((int)folder, names, &status, AT_SYMLINK_NOFOLLOW)) continue;
        int64_t seconds = status.st_mtim.tv_sec;
        uint64_t device = status.st_dev, inode = status.st_ino;
        if (seconds < -LAST || seconds > LAST || device > INT64_MAX || inode > INT64_MAX) continue;
        found[0] = status.st_mode;
        found[1] = status.st_size;
        found[2] = seconds * SECOND + status.st_mtim.tv_nsec;
        found[3] = (int64_t)device;
        found[4] = (int64_t)inode;
    }
}
#endif
