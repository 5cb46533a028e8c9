/* What is known of a picture's blocks in; between what bounds clipping to 0..255 shifts each eight rows of the narrow
   picture, out. `clipping.py` says why. */

#include "levels.h"

#include <math.h>
#include <stdlib.h>

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

/* Mean of what eight rows of a pixel of the narrow picture exceed the range by, at most. */
static inline float exceeding(float added, float most, float taken) {
    most = greatest_of(most, LITTLE);
    return least_of(added / most, 1) * greatest_of(0, most - taken);
}

/* Arrays of what is known of a row's blocks: the middle of how clipping shifts their pixels, the doubt of it, and the
   most; how far pixels are from black, on average at most, at most, and at least; and from white. */
enum { SPAN, DOUBT, MOST, BLACK, HIGHEST, LOWEST, WHITE, UNDER, OVER, ARRAYS };

/* Weights of a place, a row of columns each: their sum in a block, without its sign, how far they are from their mean,
   the greatest, that farthest below zero, and the sums of those below and above. */
enum { TOTAL, SIZE, SPREAD, GREATEST, FARTHEST, NEGATIVE, POSITIVE, WEIGHTS };

/* The stretch of a row that a place is made of. */
typedef struct {
    const float *weights; /* of the place, all of them */
    count columns, first, length;
} stretch;

/* Sum of values times weights of one kind. */
static inline float sum(const float *values, stretch of, int kind) {
    return product(values + of.first, of.weights + kind * of.columns + of.first, of.length);
}

/* The block at a place of arrays that are so many numbers apart. */
static inline block block_at(const float *light, const float *colour, count apart, count at) {
    const float *l = light + at, *c = colour + at;
    return (block){l[0], l[apart], l[2 * apart], l[3 * apart], c[0], c[apart], c[2 * apart], c[3 * apart]};
}

/* What is known of blocks whether they are clipped or not. */
static void begin(float *const *to, const float *light, const float *colour, count apart, count columns) {
    for (count x = 0; x < columns; x++) {
        block of = block_at(light, colour, apart, x);
        to[SPAN][x] = to[DOUBT][x] = to[MOST][x] = 0;
        to[LOWEST][x] = greatest_of(0, of.least + of.low);
        to[HIGHEST][x] = least_of(TOP, of.greatest + of.high);
        to[UNDER][x] = TOP - to[LOWEST][x];
        to[OVER][x] = TOP - to[HIGHEST][x];
        to[WHITE][x] = least_of(to[UNDER][x], TOP - of.mean - of.low);
        to[BLACK][x] = least_of(to[HIGHEST][x], of.mean + of.high);
    }
}

/* How those that may be clipped are. */
static void clip(float *const *to, const float *light, const float *colour, count apart, count columns, count kind) {
    for (count x = 0; x < columns; x++) {
        block of = block_at(light, colour, apart, x);
        float above = of.greatest + greatest_of(0, of.high) - TOP, below = -of.least - least_of(0, of.low);
        if (greatest_of(above, below) <= 0) continue;
        excess off = exceeds(of, kind), on = exceeds(mirrored(of), kind);
        to[SPAN][x] = (on.most + on.sure - off.most - off.sure) / 2;
        to[DOUBT][x] = (off.most - off.sure + on.most - on.sure) / 2;
        to[MOST][x] = off.most + on.most;
        to[WHITE][x] = least_of(to[UNDER][x], TOP - of.mean - of.low + off.most);
        to[BLACK][x] = least_of(to[HIGHEST][x], of.mean + of.high + on.most);
    }
}

/* Of each eight rows of the narrow picture: the shift of pixels, its doubt and its greatest, and that of rows.

   light, colour: four arrays each, as in `block`, of rows of columns; weights: `WEIGHTS` rows of columns for each
   place; spare: room for `ARRAYS` rows of columns; out: five arrays of rows of places. */
SHARED void clipping_narrow(
    const float *light, const float *colour, count rows, count columns, count kind, const int64_t *first,
    const int64_t *length, const float *weights, count places, float *spare, float *out
) {
    count apart = rows * columns, between = rows * places;
    float *now[ARRAYS];
    for (int number = 0; number < ARRAYS; number++) now[number] = spare + number * columns;
    for (count y = 0; y < rows; y++, light += columns, colour += columns) {
        begin(now, light, colour, apart, columns);
        clip(now, light, colour, apart, columns, kind);
        for (count place = 0; place < places; place++, out++) {
            stretch of = {weights + place * WEIGHTS * columns, columns, first[place], length[place]};
            float black = sum(now[BLACK], of, FARTHEST), white = sum(now[WHITE], of, FARTHEST);
            out[0] = sum(now[SPAN], of, TOTAL);
            out[between] = sum(now[DOUBT], of, SIZE) + sum(now[MOST], of, SPREAD);
            out[2 * between] = sum(now[MOST], of, GREATEST);
            out[3 * between] = exceeding(black, sum(now[HIGHEST], of, NEGATIVE), sum(now[LOWEST], of, POSITIVE));
            out[4 * between] = exceeding(white, sum(now[UNDER], of, NEGATIVE), sum(now[OVER], of, POSITIVE));
        }
    }
}
