/* The code of one scan of a progressive JPEG in; some bits more of what its blocks say, out.

   Scans say numbers bit by bit (ITU-T T.81, annex G). What refines those that are not kept is passed over: that they
   are as large as they can become is assumed instead, or this would take as long as a full decode. Means as they are
   said first are read by `entropy.c`. */

#include "block.h"
#include "code.h"

#define LOWEST ((uint64_t)0x16) /* a bit for each coefficient that is kept: the first, second and fourth */

/* Bits that are set. */
static inline count ones(uint64_t mask) { return __builtin_popcountll(mask); }

/* So many bits, the lowest, fewer than 64. */
static inline uint64_t below(count bits) { return ((uint64_t)1 << bits) - 1; }

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

/* Where the coefficient is that has so many before it, from k on, that are not known either; behind `last` if none is. */
static inline count place_of(uint64_t known, count k, count zeros, count last) {
    count place = k + zeros;
    while (place <= last) {
        count next = k + zeros + ones(known >> k & below(place - k + 1));
        if (next == place) return place;
        place = next;
    }
    return last + 1;
}

/* Read one more bit of each of those that are known. Of what is not kept they are passed over. */
static inline void refine(code *from, uint64_t known, count shift, int16_t *low) {
    fetch(from);
    for (int number = 1; known & LOWEST && number < KEPT; number++) {
        count k = number < 3 ? number : 4;
        if (known >> k & 1 && from->buffer << ones(known & below(k)) >> 63)
            low[number] = (int16_t)(low[number] + (1 << shift) * (low[number] > 0 ? 1 : -1));
    }
    int32_t bits = (int32_t)ones(known);
    if (bits > 32) {
        pass_over(from, 32);
        fetch(from);
        bits -= 32;
    }
    pass_over(from, bits);
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
        count place = place_of(known, k, zeros, last);
        uint64_t passed = known >> k << k & below(place - 1) * 2; /* places begin with 1 */
        if (passed) refine(from, passed, shift, found->low);
        k = place;
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
                if (found.fresh) {
                    known[at] |= found.fresh;
                    rest[at][ENERGY] += found.energy;
                    rest[at][REACH] += found.reach;
                }
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
