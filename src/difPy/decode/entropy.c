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
enum { MOST = 2047 }; /* that a number of 8-bit samples can be */

/* Eight numbers, of which a processor takes as many at a time as it can. */
typedef float eight __attribute__((vector_size(32), aligned(16)));
typedef int32_t lanes __attribute__((vector_size(32), aligned(16)));

/* What is read of a block: its coefficients, in steps of quantization, by 8 times the vertical frequency plus the
   horizontal one; and energy and reach of those that are not kept. */
typedef struct {
    union {
        int16_t numbers[64];
        eight all[4];
    };
    float energy, reach;
} block;

/* What a step is, in the order of the code: of all coefficients; of those that are not kept, and else 0; of all by
   frequency, as numbers are. And the order. */
typedef struct {
    float all[64], others[64], sorted[64];
    const uint8_t *order;
} scale;

/* Lessen those of eight numbers that are greater than others. */
static inline void lessen(eight *numbers, const eight *others) {
    const lanes less = *others < *numbers;
    *numbers = (eight)(((lanes)*others & less) | ((lanes)*numbers & ~less));
}

/* Least and greatest sample of a block, by the waves of eight pixels. */
static void look(const block *of, const scale *by, const eight waves[8], float *least, float *greatest) {
    eight samples[8] = {{0}};
    for (int v = 0; v < 8; v++) {
        uint64_t two[2];
        memcpy(two, of->numbers + 8 * v, sizeof two);
        if ((two[0] | two[1]) == 0) continue;
        eight half = {0};
        for (int u = 0; u < 8; u++) half += (float)of->numbers[8 * v + u] * by->sorted[8 * v + u] * waves[u];
        for (int y = 0; y < 8; y++) samples[y] += waves[v][y] * half;
    }
    eight low = samples[0], high = -samples[0];
    for (int y = 1; y < 8; y++) {
        lessen(&low, samples + y);
        samples[y] = -samples[y];
        lessen(&high, samples + y);
    }
    *least = low[0], *greatest = -high[0];
    for (int x = 1; x < 8; x++) *least = least_of(*least, low[x]), *greatest = greatest_of(*greatest, -high[x]);
}

/* Make steps ready to be multiplied with. */
static void know(const float *steps, const uint8_t *order, scale *into) {
    into->order = order;
    for (int k = 0; k < 64; k++) {
        into->all[k] = into->others[k] = into->sorted[order[k]] = steps[k];
        if (k < 3 || k == 4) into->others[k] = 0;
    }
}

/* Read all but the mean of a block. How many they are, or -1 if the code is none. */
static inline count read_others(code *from, const codes *codes, const scale *by, count last, block *into) {
    count found = 0;
    for (count k = 1; k <= last; k++) {
        int32_t entry = next_of(from, codes), number = entry >> 16, zeros = entry >> 8 & 15;
        k += zeros;
        if (number == 0) {
            if (zeros == 15) continue;
            return entry != 0 && zeros == 0 ? found : -1;
        }
        if (k > last || number > MOST || number < -MOST) return -1;
        found++;
        float coefficient = (float)number * by->others[k];
        into->numbers[by->order[k]] = (int16_t)number;
        into->energy += coefficient * coefficient;
        into->reach += fabsf(coefficient);
    }
    return found;
}

/* Put down what is known of a block; near: how far from grey it may be without a look. */
static inline void put_down(
    const block *of, const scale *by, double near, const eight waves[8], int16_t *low, float *rest
) {
    float kept = 0;
    for (int number = 1; number < KEPT; number++) {
        count k = number < 3 ? number : 4;
        low[number] = of->numbers[by->order[k]];
        kept += fabsf((float)low[number] * by->all[k]);
    }
    if (kept + of->reach == 0) return;
    rest[ENERGY] = of->energy;
    rest[REACH] = of->reach;
    float farthest = 0.25f * (kept + of->reach);
    if (farthest > LITTLE && fabs((double)((float)of->numbers[0] * by->all[0])) / 8 + (double)farthest > near)
        look(of, by, waves, rest + LEAST, rest + GREATEST);
}

/* Nothing read yet. */
static inline void clear(block *of) {
    for (int some = 0; some < 4; some++) of->all[some] = (eight){0};
    of->energy = of->reach = 0;
}

/* Blocks of components, unit by unit: their means only (last = 0), or all of them (63). Bytes that were read, or -1. */
SHARED count entropy_sequential(
    const uint8_t *bytes, const int64_t *starts, count intervals, count interval, const uint8_t (*tables)[sizeof(table)],
    const part *parts, count components, const float (*steps)[64], int16_t (*low)[KEPT], float (*rest)[REST],
    count blocks, count shift, count across, count down, count last, const uint8_t *order, const float (*cosines)[8]
) {
    code from = code_of(bytes, starts, intervals, interval);
    block now = {.energy = 0};
    codes means_by[PARTS], others_by[PARTS];
    scale scales[PARTS];
    int32_t means[PARTS] = {0};
    eight waves[8];
    memcpy(waves, cosines, sizeof waves);
    if (!fits(parts, components, across, down, blocks) || last > 63) return -1;
    for (count number = 0; number < components; number++) {
        prepare((const table *)tables[parts[number].means], means_by + number);
        if (last) prepare((const table *)tables[parts[number].others], others_by + number);
        know(steps[parts[number].steps], order, scales + number);
    }
    for (count row = 0; row < down; row++) {
        for (count column = 0; column < across; column++) {
            if (from.left == 0) memset(means, 0, sizeof means);
            if (!next_unit(&from)) return -1;
            for (count number = 0; number < components; number++) {
                const part *of = parts + number;
                for (count y = row * of->tall; y < (row + 1) * of->tall; y++) {
                    for (count x = column * of->wide; x < (column + 1) * of->wide; x++) {
                        count at = of->first + y * of->stride + x;
                        int32_t entry = is_beyond(&from) ? 0 : next_of(&from, means_by + number), more = entry >> 16;
                        if (entry == 0 || more > MOST || more < -MOST) return -1;
                        means[number] += more;
                        if (abs(means[number]) << shift > INT16_MAX) return -1;
                        low[at][0] = (int16_t)(means[number] * (1 << shift));
                        if (last == 0) continue;
                        count others = read_others(&from, others_by + number, scales + number, last, &now);
                        if (others < 0) return -1;
                        if (others == 0) continue;
                        now.numbers[0] = (int16_t)means[number];
                        put_down(&now, scales + number, NEAR[number], waves, low[at], rest[at]);
                        clear(&now);
                    }
                }
            }
        }
    }
    return bytes_read(&from);
}
