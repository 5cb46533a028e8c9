/* The numbers that were read of a component's blocks in; what they say of its samples, out. `blocks.py` says what. */

#include "block.h"
#include "levels.h"

#include <math.h>
#include <stdbool.h>

static const float GREATEST_NORM = 2047; /* of a block: beyond it libjpeg's 16-bit arithmetic may wrap around ... */
static const float FARTHEST = 511;       /* ... and farther from grey its table of clipped levels may */
static const float FLOATS = 0.02f;       /* what sums of 32-bit numbers may lack, in levels */
static const double TRANSFORM = 0.5 + 0.125, CONSTANTS = 1e-4;

/* Of rows of columns of blocks: their kept coefficients, as levels, and six arrays of what is known: the norm of the
   others; mean, variance, and ends of the samples; and whether a decoder's arithmetic may fail. Given back is the sum
   of the squares that libjpeg's inverse transform may be off by, at most, over all samples.

   flattest: what a wave that is kept adds to a sample, at most, for a level of its coefficient; none adds more than
   1/4. */
SHARED double blocks_sum_up(
    const int16_t (*low)[KEPT], const float (*rest)[REST], const float *steps, count rows, count columns,
    float flattest, float *lowest, float *known
) {
    count blocks = rows * columns;
    float *root = known, *means = root + blocks, *variance = means + blocks;
    float *leasts = variance + blocks, *greatests = leasts + blocks, *wild = greatests + blocks;
    double rounding = 0;
    for (count at = 0; at < blocks; at++) {
        count row = at / columns, column = at % columns;
        float flat = low[at][0] * steps[0], across = low[at][1] * steps[1];
        float down = low[at][2] * steps[2], both = low[at][3] * steps[4];
        float *upper = lowest + 4 * row * columns + 2 * column, *lower = upper + 2 * columns;
        upper[0] = flat, upper[1] = across, lower[0] = down, lower[1] = both;
        float energy = rest[at][ENERGY] + across * across + down * down + both * both;
        float single = fabsf(across) + fabsf(down), reach = rest[at][REACH] + fabsf(both);
        float farthest = least_of(sqrtf(energy), reach * 0.25f + single * flattest);
        float mean = flat * 0.125f, least = mean - farthest, greatest = mean + farthest;
        if (rest[at][LEAST] < rest[at][GREATEST]) {
            least = greatest_of(least, rest[at][LEAST]);
            greatest = least_of(greatest, rest[at][GREATEST]);
        }
        bool wraps = energy + flat * flat > GREATEST_NORM * GREATEST_NORM;
        root[at] = sqrtf(rest[at][ENERGY]);
        means[at] = mean + 128;
        variance[at] = energy * (1 / 64.0f);
        leasts[at] = least + 128 - FLOATS;
        greatests[at] = greatest + 128 + FLOATS;
        wild[at] = wraps || greatest_of(-least, greatest) > FARTHEST;
        double off = TRANSFORM + CONSTANTS * (double)(reach + single);
        rounding += 64 * off * off;
    }
    return rounding;
}
