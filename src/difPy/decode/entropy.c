/* The code of one scan of a JPEG in; the kept numbers of its blocks, and what is known of the others, out. `entropy.py`
   says what that is. */

#include "block.h"
#include "code.h"
#include "levels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Samples are looked for where they could be farther from grey than near, and from their mean than a little. */
static const double NEAR[PARTS] = {112, 8, 8, 8};
static const float LITTLE = 12;

/* Coefficients of a block, by 8 times the vertical frequency plus the horizontal one, while they are read. */
typedef struct {
    float coefficients[64];
    unsigned rows; /* a bit for each that has one other than 0 */
    float energy, reach, kept;
} block;

/* Least and greatest sample of a block, by the waves of eight pixels. */
static void look(const block *of, const float waves[8][8], float *least, float *greatest) {
    float samples[8][8] = {{0}};
    for (int v = 0; v < 8; v++) {
        if (!(of->rows >> v & 1)) continue;
        float half[8] = {0};
        for (int u = 0; u < 8; u++) {
            float coefficient = of->coefficients[8 * v + u];
            if (coefficient == 0) continue;
            for (int x = 0; x < 8; x++) half[x] += coefficient * waves[u][x];
        }
        for (int y = 0; y < 8; y++)
            for (int x = 0; x < 8; x++) samples[y][x] += waves[v][y] * half[x];
    }
    *least = *greatest = samples[0][0];
    for (int y = 0; y < 8; y++) {
        for (int x = 0; x < 8; x++) {
            *least = least_of(*least, samples[y][x]);
            *greatest = greatest_of(*greatest, samples[y][x]);
        }
    }
}

/* Read how much a mean differs from the last one. False if the code is none. */
static inline bool read_mean(code *from, count table, int32_t *mean) {
    int32_t entry = entry_of(from, table), bits = entry & 255;
    if (entry == 0 || bits > 11) return false;
    from->held -= (entry >> 8) + bits;
    if (bits) *mean += number_of(from, bits);
    return true;
}

/* Read all but the mean of a block; three of them are kept as they are. False if the code is none. */
static inline bool read_others(
    code *from, count table, const float *steps, const uint8_t *order, count last, block *into, int16_t *low
) {
    for (count k = 1; k <= last; k++) {
        int32_t entry = entry_of(from, table), bits = entry & 15;
        from->held -= (entry >> 8) + bits;
        k += entry >> 4 & 15;
        if (bits == 0) {
            if ((entry & 240) == 240) continue;
            return entry != 0 && !(entry & 240);
        }
        if (k > last || bits > 11) return false;
        int32_t value = number_of(from, bits);
        float coefficient = (float)value * steps[k];
        into->coefficients[order[k]] = coefficient;
        into->rows |= 1u << (order[k] >> 3);
        if (k <= 4 && k != 3) {
            low[k < 3 ? k : 3] = (int16_t)value;
            into->kept += fabsf(coefficient);
        } else {
            into->energy += coefficient * coefficient;
            into->reach += fabsf(coefficient);
        }
    }
    return true;
}

/* Read one block, of which the last mean is known. False if the code is none. */
static inline bool read_block(
    code *from, const part *of, const float *steps, const uint8_t *order, count last, count shift, int32_t *mean,
    block *into, int16_t *low
) {
    if (is_beyond(from) || !read_mean(from, of->means, mean) || abs(*mean) << shift > INT16_MAX) return false;
    low[0] = (int16_t)(*mean * (1 << shift));
    if (!read_others(from, of->others, steps, order, last, into, low)) return false;
    into->coefficients[0] = (float)*mean * steps[0];
    return true;
}

/* Put down what is known of a block that has more than a mean; near: how far from grey it may be without a look. */
static inline void put_down(const block *of, double near, const float waves[8][8], float *rest) {
    rest[ENERGY] = of->energy;
    rest[REACH] = of->reach;
    float farthest = 0.25f * (of->kept + of->reach);
    if (farthest > LITTLE && fabs((double)of->coefficients[0]) / 8 + (double)farthest > near)
        look(of, waves, rest + LEAST, rest + GREATEST);
}

/* Blocks of components, unit by unit: their means only (last = 0), or all of them (63). Bytes that were read, or -1. */
SHARED count entropy_sequential(
    const uint32_t *words, count size, const int64_t *starts, count intervals, count interval,
    const uint16_t (*brief)[1024], const uint16_t (*whole)[65536], const part *parts, count components,
    const float (*steps)[64], int16_t (*low)[KEPT], float (*rest)[REST], count blocks, count shift, count across,
    count down, count last, const uint8_t *order, const float (*waves)[8]
) {
    code from = {words, size, starts, intervals, interval, brief, whole, .left = interval};
    block now = {.rows = 1};
    int32_t means[PARTS] = {0};
    if (!fits(parts, components, across, down, blocks) || last > 63) return -1;
    for (count row = 0; row < down; row++) {
        for (count column = 0; column < across; column++) {
            if (from.left == 0) memset(means, 0, sizeof means);
            if (!next_unit(&from)) return -1;
            for (count number = 0; number < components; number++) {
                const part *of = parts + number;
                for (count y = row * of->tall; y < (row + 1) * of->tall; y++) {
                    for (count x = column * of->wide; x < (column + 1) * of->wide; x++) {
                        count at = of->first + y * of->stride + x;
                        const float *scale = steps[of->steps];
                        if (!read_block(&from, of, scale, order, last, shift, means + number, &now, low[at])) return -1;
                        if (now.kept + now.reach == 0) continue;
                        put_down(&now, NEAR[number], waves, rest[at]);
                        now = (block){.rows = 1};
                    }
                }
            }
        }
    }
    return bytes_read(&from);
}
