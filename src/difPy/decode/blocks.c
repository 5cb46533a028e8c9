/* The numbers that were read of a component's blocks in; what they say of its samples, out. `blocks.py` says what. */

#include "block.h"
#include "levels.h"

#include <math.h>

static const float GREATEST_NORM = 2047; /* of a block: beyond it libjpeg's 16-bit arithmetic may wrap around ... */
static const float FARTHEST = 511;       /* ... and farther from grey its table of clipped levels may */
static const float FLOATS = 0.02f;       /* what sums of 32-bit numbers may lack, in levels */
static const double TRANSFORM = 0.5 + 0.125, CONSTANTS = 1e-4;

enum { SOME = 64 }; /* blocks of a row that are looked at together, so that a processor can take several at a time */

/* What was read of some blocks, as levels. */
typedef struct {
    float flat[SOME], across[SOME], down[SOME], both[SOME], energy[SOME], reach[SOME], least[SOME], greatest[SOME];
} some;

/* Take so many of them up. */
static void take_up(const int16_t (*low)[KEPT], const float (*rest)[REST], const float *steps, count blocks, some *to) {
    for (count at = 0; at < blocks; at++) {
        to->flat[at] = low[at][0] * steps[0];
        to->across[at] = low[at][1] * steps[1];
        to->down[at] = low[at][2] * steps[2];
        to->both[at] = low[at][3] * steps[4];
        to->energy[at] = rest[at][ENERGY];
        to->reach[at] = rest[at][REACH];
        to->least[at] = rest[at][LEAST];
        to->greatest[at] = rest[at][GREATEST];
    }
}

/* What is known of them; and the sums of all coefficients but means. */
static void sum_up(
    const some *restrict of, float flattest, count blocks, float *restrict root, float *restrict means,
    float *restrict variance, float *restrict leasts, float *restrict greatests, float *restrict wild,
    float *restrict sums
) {
    for (count x = 0; x < blocks; x++) {
        float flat = of->flat[x], across = of->across[x], down = of->down[x], both = of->both[x];
        float energy = of->energy[x] + across * across + down * down + both * both;
        float single = fabsf(across) + fabsf(down), reach = of->reach[x] + fabsf(both);
        float farthest = least_of(sqrtf(energy), reach * 0.25f + single * flattest);
        float mean = flat * 0.125f, least = mean - farthest, greatest = mean + farthest;
        float low = of->least[x], high = of->greatest[x]; /* of samples, if they were looked at */
        least = low < high ? greatest_of(least, low) : least;
        greatest = low < high ? least_of(greatest, high) : greatest;
        float square = energy + flat * flat, beyond = greatest_of(-least, greatest);
        root[x] = sqrtf(of->energy[x]);
        means[x] = mean + 128;
        variance[x] = energy * (1 / 64.0f);
        leasts[x] = least + 128 - FLOATS;
        greatests[x] = greatest + 128 + FLOATS;
        wild[x] = (square > GREATEST_NORM * GREATEST_NORM ? 1.0f : 0.0f) + (beyond > FARTHEST ? 1.0f : 0.0f);
        sums[x] = reach + single;
    }
}

/* Of rows of columns of blocks: their kept coefficients, as levels, and six arrays of what is known: the norm of the
   others; mean, variance, and ends of the samples; and whether a decoder's arithmetic may fail. Given back is the sum
   of the squares that libjpeg's inverse transform may be off by, at most, over all samples.

   flattest: what a wave that is kept adds to a sample, at most, for a level of its coefficient; none adds more than
   1/4. */
SHARED double blocks_sum_up(
    const int16_t (*low)[KEPT], const float (*rest)[REST], const float *steps, count rows, count columns,
    float flattest, float *lowest, float *known
) {
    count apart = rows * columns;
    double rounding = 0;
    some now;
    for (count at = 0; at < apart;) {
        count row = at / columns, column = at % columns, blocks = columns - column < SOME ? columns - column : SOME;
        float *upper = lowest + 4 * row * columns + 2 * column, *lower = upper + 2 * columns;
        float sums[SOME];
        take_up(low + at, rest + at, steps, blocks, &now);
        for (count x = 0; x < blocks; x++) {
            upper[2 * x] = now.flat[x], upper[2 * x + 1] = now.across[x];
            lower[2 * x] = now.down[x], lower[2 * x + 1] = now.both[x];
        }
        float *to = known + at;
        sum_up(
            &now, flattest, blocks, to, to + apart, to + 2 * apart, to + 3 * apart, to + 4 * apart, to + 5 * apart, sums
        );
        for (count x = 0; x < blocks; x++) {
            double off = TRANSFORM + CONSTANTS * (double)sums[x];
            rounding += 64 * off * off;
        }
        at += blocks;
    }
    return rounding;
}
