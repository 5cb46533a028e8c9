/* The code of one scan of a JPEG in; its symbols and numbers, and the intervals that it is in, out.

   Both are those of ITU-T T.81, annex F. The code may be anybody's: behind its end all bits are 0, and whoever reads on
   sees that he `is_beyond` it. Tables of codes, and components as `part` has them, are those of `scans.py`; `fits` says
   whether they lead to blocks that there are. */

#ifndef DIFPY_CODE_H
#define DIFPY_CODE_H

#include "compiled.h"

#include <stdbool.h>

#define TABLES 8 /* of codes: four for means, and four for the others */
#define PARTS 4  /* components of a scan, at most */

/* A component: its tables of codes of means and others, and its steps; its first block, blocks a row, and a unit's. */
typedef struct {
    int64_t means, others, steps, first, stride, wide, tall;
} part;

typedef struct {
    const uint32_t *words; /* the code; each interval begins with a word ... */
    count size;            /* ... and so many words there are */
    const int64_t *starts; /* bytes at which intervals begin, and the end */
    count intervals;
    count interval; /* units in each; -1 if there is but one */
    /* Table, next ten bits -> length of the code times 256, plus its symbol; 0 if it is longer. */
    const uint16_t (*brief)[1024];
    /* The same of sixteen bits; 0 if there is no such code. */
    const uint16_t (*whole)[65536];
    count number, left; /* the interval that is read, and units left in it */
    count at;           /* the next word */
    int held;           /* bits of the buffer, the last ones, that are still to be read: fewer than 64 */
    uint64_t buffer;
} code;

/* Whether all units of a scan lead to blocks, tables and steps that there are. */
static inline bool fits(const part *parts, count components, count across, count down, count blocks) {
    if (components < 1 || components > PARTS || across < 1 || down < 1) return false;
    for (const part *one = parts; one < parts + components; one++) {
        if (one->means < 0 || one->others < 0 || one->steps < 0 || one->first < 0) return false;
        if (one->means >= TABLES || one->others >= TABLES || one->steps >= PARTS) return false;
        if (one->wide < 1 || one->tall < 1 || one->wide > blocks / across || one->tall > blocks / down) return false;
        if (one->stride < across * one->wide || one->stride > blocks || one->first > blocks) return false;
        if (one->stride > (blocks - one->first) / (down * one->tall)) return false;
    }
    return true;
}

/* Bytes that were read: those of which a bit was. */
static inline count bytes_read(const code *from) { return 4 * from->at - (from->held >> 3); }

/* Whether so much was read from behind the end that a block cannot have begun before it. */
static inline bool is_beyond(const code *from) { return from->at > from->size + 2; }

/* Go on to the next unit; if one begins an interval, to where that is. False if it is not, or was read into before. */
static inline bool next_unit(code *from) {
    if (from->left == 0) {
        if (++from->number >= from->intervals || bytes_read(from) > from->starts[from->number]) return false;
        from->at = from->starts[from->number] / 4;
        from->held = 0;
        from->left = from->interval;
    }
    from->left--;
    return true;
}

/* Fetch 32 bits more; there are fewer than that. */
static inline void fetch(code *from) {
    from->buffer = from->buffer << 32 | (from->at < from->size ? from->words[from->at] : 0);
    from->at++;
    from->held += 32;
}

/* Length, times 256, and symbol of the code that comes next, 0 if it is none; 32 bits are held then. */
static inline int32_t entry_of(code *from, count table) {
    if (from->held < 32) fetch(from);
    uint16_t entry = from->brief[table][from->buffer >> (from->held - 10) & 1023];
    return entry ? entry : from->whole[table][from->buffer >> (from->held - 16) & 65535];
}

/* The last bits that were read, 1 to 15 of them, as a number. */
static inline int32_t number_of(const code *from, int32_t bits) {
    int32_t number = (int32_t)(from->buffer >> from->held & ((1u << bits) - 1));
    return number >> (bits - 1) ? number : number - (1 << bits) + 1;
}

#endif
