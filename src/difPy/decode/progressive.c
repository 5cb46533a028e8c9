/* The code of one scan of a progressive JPEG in; some bits more of what its blocks say, out.

   Scans say numbers bit by bit (ITU-T T.81, annex G). What refines those that are not kept is passed over: that they
   are as large as they can become is assumed instead, or this would take as long as a full decode. Means as they are
   said first are read by `entropy.c`. */

#include "block.h"
#include "code.h"

/* Bits that are set. */
static inline count ones(uint64_t mask) {
    mask -= mask >> 1 & 0x5555555555555555u;
    mask = (mask & 0x3333333333333333u) + (mask >> 2 & 0x3333333333333333u);
    mask = (mask + (mask >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
    return (count)(mask * 0x0101010101010101u >> 56);
}

/* What one scan says of a block. */
typedef struct {
    int16_t *low;   /* its kept coefficients */
    uint64_t fresh; /* a bit for each coefficient that is other than 0, and was not before */
    float energy, reach;
} news;

/* Note such a coefficient: so many times 1 << shift. What is said of it later may lead it less than once that farther
   from 0, which is assumed if it is not kept. */
static inline void note(news *of, count k, int32_t value, count shift, const float *steps) {
    of->fresh |= (uint64_t)1 << k;
    if (k <= 4 && k != 3) {
        of->low[k < 3 ? k : 3] = (int16_t)(value * (1 << shift));
    } else {
        int32_t size = value < 0 ? -value : value;
        float most = (float)((size + 1) * (1 << shift) - 1) * steps[k];
        of->energy += most * most;
        of->reach += most;
    }
}

/* Read how many blocks, this one included, have no coefficient more than those that were read: by so many bits. */
static inline int32_t run_of(code *from, int32_t bits) {
    int32_t run = (1 << bits) + (int32_t)(from->buffer >> 1 >> (63 - bits));
    pass_over(from, bits);
    return run;
}

/* Coefficients from `begin` to `last`, said for the first time. False if the code is none. */
static inline bool read_first(
    code *from, const codes *codes, const float *steps, count begin, count last, count shift, news *found, int32_t *run
) {
    const int32_t most = (1 << (14 - shift)) - 1;
    for (count k = begin; k <= last; k++) {
        int32_t entry = next_of(from, codes), number = entry >> 16, zeros = entry >> 8 & 15;
        k += zeros;
        if (number == 0) {
            if (entry && zeros == 15) continue;
            if (entry) *run = run_of(from, zeros);
            return entry != 0;
        }
        if (k > last || number > most || number < -most) return false;
        note(found, k, number, shift, steps);
    }
    return true;
}

/* One more bit of each kept coefficient that is known, until so many that are not have been passed; where that is. */
static inline count refine(code *from, uint64_t known, count k, count last, count shift, count *zeros, int16_t *low) {
    for (; k <= 4 && k <= last; k++) {
        if (known >> k & 1) {
            int16_t *kept = low + (k < 3 ? k : 3);
            if (k != 3 && from->buffer >> 63) *kept = (int16_t)(*kept + (1 << shift) * (*kept > 0 ? 1 : -1));
            pass_over(from, 1);
        } else {
            if (*zeros == 0) break;
            --*zeros;
        }
    }
    return k;
}

/* The same of those that are not kept, whose bits are passed over; k is 5 to `last`. */
static inline count pass(code *from, uint64_t known, count k, count last, count zeros) {
    uint64_t here = known >> k & (((uint64_t)2 << (last - k)) - 1), below = ~(uint64_t)0;
    if (zeros < 64 - k) {
        uint64_t others = ~(known >> k);
        while (zeros--) others &= others - 1;
        below = (others & (~others + 1)) - 1;
    }
    int32_t bits = (int32_t)ones(here & below);
    if (bits > 32) {
        pass_over(from, 32);
        fetch(from);
        bits -= 32;
    }
    pass_over(from, bits);
    return k + ones(below);
}

/* One more bit of coefficients from `begin` to `last`, and those that were 0 until now. False if the code is none. */
static inline bool read_again(
    code *from, const codes *codes, const float *steps, uint64_t known, count begin, count last, count shift,
    news *found, int32_t *run
) {
    for (count k = begin; k <= last; k++) {
        count zeros = 64;
        int32_t number = 0;
        if (*run == 0) {
            int32_t entry = next_of(from, codes);
            number = entry >> 16, zeros = entry >> 8 & 15;
            if (entry == 0 || number > 1 || number < -1) return false;
            if (number == 0 && zeros < 15) {
                *run = run_of(from, (int32_t)zeros);
                zeros = 64;
            }
        }
        fetch(from);
        k = refine(from, known, k, last, shift, &zeros, found->low);
        if (k > 4 && k <= last) k = pass(from, known, k, last, zeros);
        if (number && k > last) return false;
        if (number) note(found, k, number, shift, steps);
    }
    return true;
}

/* Coefficients of a component but for their last bits, said first or, if so `again`, by one bit more; `known` has a bit
   for each that is other than 0. Bytes that were read, or -1. */
SHARED count progressive_scan(
    const uint8_t *bytes, const int64_t *starts, count intervals, count interval, const uint8_t (*tables)[sizeof(table)],
    const part *parts, count components, const float (*steps)[64], int16_t (*low)[KEPT], float (*rest)[REST],
    count blocks, count shift, count across, count down, count begin, count last, uint64_t *known, count again
) {
    code from = code_of(bytes, starts, intervals, interval);
    codes by;
    int32_t run = 0; /* blocks that have nothing new */
    if (!fits(parts, components, across, down, blocks) || begin < 1 || last > 63 || shift > 13) return -1;
    prepare((const table *)tables[parts->others], &by);
    for (count row = 0; row < down; row++) {
        for (count column = 0; column < across; column++) {
            count at = parts->first + row * parts->stride + column;
            if ((from.left == 0 && run) || !next_unit(&from)) return -1;
            if (run == 0 || (again && known[at])) {
                const float *scale = steps[parts->steps];
                news found = {low[at], 0, 0, 0};
                if (is_beyond(&from)) return -1;
                if (again ? !read_again(&from, &by, scale, known[at], begin, last, shift, &found, &run)
                          : !read_first(&from, &by, scale, begin, last, shift, &found, &run))
                    return -1;
                known[at] |= found.fresh;
                rest[at][ENERGY] += found.energy;
                rest[at][REACH] += found.reach;
            }
            if (run) run--;
        }
    }
    return run ? -1 : bytes_read(&from);
}

/* One more bit of the means of components, unit by unit. Bytes that were read, or -1. */
SHARED count progressive_means(
    const uint8_t *bytes, const int64_t *starts, count intervals, count interval, const part *parts, count components,
    int16_t (*low)[KEPT], count blocks, count shift, count across, count down
) {
    code from = code_of(bytes, starts, intervals, interval);
    if (!fits(parts, components, across, down, blocks)) return -1;
    for (count row = 0; row < down; row++) {
        for (count column = 0; column < across; column++) {
            if (!next_unit(&from) || is_beyond(&from)) return -1;
            for (const part *of = parts; of < parts + components; of++) {
                for (count y = row * of->tall; y < (row + 1) * of->tall; y++) {
                    for (count x = column * of->wide; x < (column + 1) * of->wide; x++) {
                        if (from.held == 0) fetch(&from);
                        low[of->first + y * of->stride + x][0] |= (int16_t)(from.buffer >> 63 << shift);
                        pass_over(&from, 1);
                    }
                }
            }
        }
    }
    return bytes_read(&from);
}
