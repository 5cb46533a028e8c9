/* A JPEG and where the code of one of its scans begins in; the code as its writer had it, interval by interval, and where
   it ends, out.

   In the file each byte 0xFF of it is followed by 0, and each interval but the last by a mark that counts them. */

#include "code.h"

static const uint8_t MARK = 0xFF, RESTART = 0xD0;

/* Copy bytes up to one place; where the next goes. */
static inline uint8_t *copied(const uint8_t *from, const uint8_t *to, uint8_t *into) {
    memcpy(into, from, (size_t)(to - from));
    return into + (to - from);
}

/* Where the code ends that begins there: at the next mark that begins no interval, past what fills up; -1 if there are
   more or fewer than so many intervals, or their marks do not count them. Zeros are put behind the code.

   plain: room for all bytes from there on, and SLACK more; starts: gets where intervals begin, and the end. */
SHARED count plain_code(
    const uint8_t *bytes, count size, count begin, uint8_t *plain, int64_t *starts, count intervals
) {
    const uint8_t *end = bytes + size, *done = bytes + begin, *at;
    uint8_t *into = plain;
    count number = 0;
    if (begin > size) return -1;
    starts[0] = 0;
    while ((at = memchr(done, MARK, (size_t)(end - done))) != NULL && at + 1 < end) {
        uint8_t next = at[1];
        if (next == 0) {
            into = copied(done, at + 1, into);
        } else if (next >> 3 == RESTART >> 3) {
            if (++number == intervals || (next & 7) != ((number - 1) & 7)) return -1;
            into = copied(done, at, into);
            starts[number] = into - plain;
        } else {
            end = at;
            break;
        }
        done = at + 2;
    }
    into = copied(done, end, into);
    memset(into, 0, SLACK);
    starts[intervals] = into - plain;
    while (end + 1 < bytes + size && end[1] == MARK) end++;
    return number + 1 == intervals ? end - bytes : -1;
}
