/* What rooms that calculate with levels share: lesser and greater of two, and sums that each machine has alike. */

#ifndef DIFPY_LEVELS_H
#define DIFPY_LEVELS_H

#include "compiled.h"

enum { LANES = 8 }; /* sums that are added up at a time */

static inline float least_of(float one, float other) { return other < one ? other : one; }
static inline float greatest_of(float one, float other) { return other > one ? other : one; }

/* Sum of values times weights: eight sums, of every eighth each, and their sum. */
static inline float product(const float *values, const float *weights, count length) {
    float sums[LANES] = {0};
    count at = 0;
    for (; at + LANES <= length; at += LANES)
        for (int lane = 0; lane < LANES; lane++) sums[lane] += values[at + lane] * weights[at + lane];
    for (int lane = 0; at < length; at++, lane++) sums[lane] += values[at] * weights[at];
    return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

#endif
