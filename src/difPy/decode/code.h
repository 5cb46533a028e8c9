/* The code of one scan of a JPEG in; its symbols and numbers, and the intervals that it is in, out.

   Both are those of ITU-T T.81, annex F. The code may be anybody's. Behind it are `SLACK` zeros, more than any block
   can take: whoever reads one sees to it that it begins before its end. Tables of codes, and components as `part` has
   them, are those of `scans.py`; `fits` says whether they lead to blocks that there are. */

#ifndef DIFPY_CODE_H
#define DIFPY_CODE_H

#include "compiled.h"

#include <stdbool.h>
#include <string.h>

enum {
    SLACK = 512,
    TABLES = 8,  /* of codes: four for means, and four for the others */
    PARTS = 4,   /* components of a scan, at most */
    LENGTHS = 16 /* of codes, in bits */
};
#define BRIEF 10 /* bits that nearly all codes fit in, together with the numbers behind them */

/* A component: its tables of codes of means and others, and its steps; its first block, blocks a row, and a unit's. */
typedef struct {
    int64_t means, others, steps, first, stride, wide, tall;
} part;

/* How many codes there are of each length, and their symbols, as in the file. */
typedef struct {
    uint8_t lengths[LENGTHS], symbols[256];
} table;

typedef struct {
    /* Next bits -> number times 65,536, zeros before it times 256, and bits of all that. Where they are too few: symbol
       times 65,536, and length times 256, of the code; 0 if even that is longer, or there is none. */
    int32_t brief[1 << BRIEF];
    uint32_t ends[LENGTHS + 1]; /* what 16 bits are less than, if they begin with a code of that length, or less */
    int32_t first[LENGTHS + 1]; /* where the symbols of that length begin, less the first code */
    const uint8_t *symbols;
} codes;

typedef struct {
    const uint8_t *bytes;  /* the code */
    const int64_t *starts; /* bytes at which intervals begin, and the end */
    count intervals;
    count interval;     /* units in each; -1 if there is but one */
    count number, left; /* the interval that is read, and units left in it */
    const uint8_t *at;  /* the next byte to be fetched */
    int held;           /* bits of the buffer, the first ones, that are still to be read */
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

/* Such a code, to be read from its beginning. */
static inline code code_of(const uint8_t *bytes, const int64_t *starts, count intervals, count interval) {
    return (code){bytes, starts, intervals, interval, .left = interval, .at = bytes};
}

/* Bits, 1 to 15 of them, as a number. */
static inline int32_t number_of(uint32_t bits, int32_t length) {
    int32_t number = (int32_t)bits;
    return number >> (length - 1) ? number : number - (1 << length) + 1;
}

/* Make a table ready to be read by; of its codes, all of which fit into 16 bits. */
static inline void prepare(const table *from, codes *to) {
    uint32_t next = 0; /* code, as the first of 16 bits */
    const uint8_t *symbol = to->symbols = from->symbols;
    memset(to->brief, 0, sizeof to->brief);
    to->ends[0] = 0, to->first[0] = 0;
    for (int length = 1; length <= LENGTHS; length++) {
        to->first[length] = (int32_t)(symbol - from->symbols) - (int32_t)(next >> (LENGTHS - length));
        for (int left = from->lengths[length - 1]; left > 0; left--, symbol++, next += 1u << (LENGTHS - length)) {
            int32_t bits = *symbol & 15, zeros = *symbol >> 4, more = BRIEF - length;
            for (uint32_t behind = 0; more >= 0 && behind < 1u << more; behind++) {
                int32_t number = bits && bits <= more ? number_of(behind >> (more - bits), bits) : 0;
                to->brief[(next >> (LENGTHS - BRIEF)) + behind] =
                    bits <= more ? number * 65536 + zeros * 256 + length + bits : *symbol * 65536 + length * 256;
            }
        }
        to->ends[length] = next;
    }
}

/* Bytes that were read: those of which a bit was. */
static inline count bytes_read(const code *from) { return from->at - from->bytes - (from->held >> 3); }

/* Whether all of the code was read, and more. */
static inline bool is_beyond(const code *from) { return bytes_read(from) > from->starts[from->intervals]; }

/* Go on to the next unit; if one begins an interval, to where that is. False if it is not, or was read into before. */
static inline bool next_unit(code *from) {
    if (from->left == 0) {
        if (++from->number >= from->intervals || bytes_read(from) > from->starts[from->number]) return false;
        from->at = from->bytes + from->starts[from->number];
        from->held = 0;
        from->buffer = 0;
        from->left = from->interval;
    }
    from->left--;
    return true;
}

/* Fetch as many bytes as there is room for: 56 bits or more are held then. */
static inline void fetch(code *from) {
    const uint8_t *at = from->at;
    uint64_t next = (uint64_t)at[0] << 56 | (uint64_t)at[1] << 48 | (uint64_t)at[2] << 40 | (uint64_t)at[3] << 32 |
                    (uint64_t)at[4] << 24 | (uint64_t)at[5] << 16 | (uint64_t)at[6] << 8 | (uint64_t)at[7];
    from->buffer |= next >> from->held;
    from->at += (63 - from->held) >> 3;
    from->held |= 56;
}

/* Have read so many bits, fewer than 64. */
static inline void pass_over(code *from, int32_t bits) {
    from->buffer <<= bits;
    from->held -= bits;
}

/* The symbol of a code of more than `BRIEF` bits, times 65,536, plus 256 times its length; 0 if there is none. */
static inline int32_t long_symbol(const codes *by, uint32_t next) {
    for (int length = BRIEF + 1; length <= LENGTHS; length++) {
        if (next < by->ends[length])
            return by->symbols[by->first[length] + (int32_t)(next >> (LENGTHS - length))] * 65536 + length * 256;
    }
    return 0;
}

/* Read a symbol and what follows it: number times 65,536, plus 256 times the zeros before it, plus 1 or more; 0 if
   there is no such code. */
static inline int32_t next_of(code *from, const codes *by) {
    if (from->held < 32) fetch(from);
    int32_t entry = by->brief[from->buffer >> (64 - BRIEF)];
    if (entry & 255) {
        pass_over(from, entry & 255);
        return entry;
    }
    if (entry == 0) entry = long_symbol(by, (uint32_t)(from->buffer >> (64 - LENGTHS)));
    if (entry == 0) return 0;
    int32_t bits = entry >> 16 & 15, zeros = entry >> 20;
    pass_over(from, entry >> 8 & 255);
    int32_t number = bits ? number_of((uint32_t)(from->buffer >> (64 - bits)), bits) : 0;
    pass_over(from, bits);
    return number * 65536 + zeros * 256 + 1;
}

#endif
