/* What is known of a block in; how far its pixels are beyond 0..255 on average, at least and at most, out. `clipping.py`
   says why. */

#ifndef DIFPY_EXCESS_H
#define DIFPY_EXCESS_H

#include "levels.h"

#include <math.h>

static const float TOP = 255, LITTLE = 1e-6f;

enum { NO_COLOUR, LEVEL, MEAN }; /* colours add nothing; what is near a level; what has that mean */

/* What is known of a block: mean, variance, and ends, of brightness; ends, middle and what differs from it, of what
   colour adds. */
typedef struct {
    float mean, variance, least, greatest, low, high, middle, differs;
} block;

typedef struct {
    float sure, most;
} excess;

/* Greatest mean of what is above an end of the range. */
static inline float at_most(float mean, float variance, float greatest, float end) {
    float gap = end - mean;
    return least_of((sqrtf(variance + gap * gap) - gap) / 2, greatest_of(0, greatest - end));
}

/* The same, where the level need not be the mean. */
static inline float at_most_about(float level, float variance, float greatest, float end) {
    float gap = end - level, deviation = sqrtf(variance);
    float bound = deviation > 2 * gap ? deviation - gap : variance / greatest_of(4 * gap, LITTLE);
    return least_of(bound, greatest_of(0, greatest - end));
}

/* The block with 0 and 255 exchanged. */
static inline block mirrored(block of) {
    return (block){
        TOP - of.mean, of.variance, TOP - of.greatest, TOP - of.least, -of.high, -of.low, -of.middle, of.differs,
    };
}

/* Mean of what pixels of a block exceed 255 by, at least and at most: clipped before colour is added, and after. */
static inline excess exceeds(block of, count kind) {
    if (greatest_of(of.greatest + of.high, of.greatest) <= TOP) return (excess){0, 0};
    float most = at_most(of.mean, of.variance, of.greatest, TOP - of.high);
    float sure = greatest_of(0, of.mean + of.low - TOP);
    if (kind != NO_COLOUR) {
        float deviation = sqrtf(of.variance) + of.differs, both = of.mean + of.middle, end = of.greatest + of.high;
        if (kind == MEAN) {
            most = least_of(most, at_most(both, deviation * deviation, end, TOP));
            sure = greatest_of(sure, both - TOP);
        } else {
            most = least_of(most, at_most_about(both, deviation * deviation, end, TOP));
        }
    }
    most += least_of(at_most(of.mean, of.variance, of.greatest, TOP), greatest_of(0, -of.low));
    return (excess){least_of(sure, most), most};
}

#endif
