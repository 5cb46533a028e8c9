/* What is known of a picture's blocks in; between what bounds clipping to 0..255 shifts each eight rows of the narrow
   picture, out. `clipping.py` says why. */

#include "excess.h"

#include <stdbool.h>
#include <string.h>

/* Mean of what eight rows of a pixel of the narrow picture exceed the range by, at most. */
static inline float exceeding(float added, float most, float taken) {
    most = greatest_of(most, LITTLE);
    return least_of(added / most, 1) * greatest_of(0, most - taken);
}

/* Rows of numbers of a row's blocks: the middle of how clipping shifts their pixels, the doubt of it, and the most; how
   far pixels are from black, on average at most, at most, and at least; and from white; by how much they may be beyond
   the range; what colours add, as in `block`, and the same as far apart as colours are. */
enum { SPAN, DOUBT, MOST, BLACK, HIGHEST, LOWEST, WHITE, UNDER, OVER, BEYOND, ADDED, MIXED = ADDED + 4,
/* Of each `SOME` blocks: the greatest of HIGHEST and of BEYOND, the least of LOWEST. And, of places, sums of weights. */
       TOPS = MIXED + 4, EXCESSES, BOTTOMS, BELOW, ABOVE, ARRAYS };

enum { SOME = 2 * LANES };

/* Weights of a place, a row of columns each: their sum in a block, without its sign, how far they are from their mean,
   the greatest, that farthest below zero, and the sums of those below and above. */
enum { TOTAL, SIZE, SPREAD, GREATEST, FARTHEST, NEGATIVE, POSITIVE, WEIGHTS };

/* The stretch of a row that a place is made of. */
typedef struct {
    const float *weights; /* of the place, all of them */
    count columns, first, length;
} stretch;

/* Brightness, or colours: four arrays each, of so many rows and columns of blocks. */
typedef struct {
    const float *numbers;
    count rows, columns;
} plane;

/* Sum of values times weights of one kind. */
static inline float sum(const float *values, stretch of, int kind) {
    return product(values + of.first, of.weights + kind * of.columns + of.first, of.length);
}

/* Add numbers times a factor to others. */
static void add(const float *restrict numbers, float factor, float *restrict to, count length) {
    for (count at = 0; at < length; at++) to[at] += factor * numbers[at];
}

/* What so many colours add, times factors, in a row of their own blocks. */
static void mix(float *const *to, plane of, const float *factors, count colours, count y) {
    count apart = of.rows * of.columns;
    for (int kind = 0; kind < 4; kind++) memset(to[MIXED + kind], 0, (size_t)of.columns * sizeof(float));
    for (count number = 0; number < colours; number++) {
        const float *least = of.numbers + 4 * number * apart + y * of.columns, *greatest = least + apart;
        const float factor = factors[number];
        add(factor < 0 ? greatest : least, factor, to[MIXED], of.columns);
        add(factor < 0 ? least : greatest, factor, to[MIXED + 1], of.columns);
        add(greatest + apart, factor, to[MIXED + 2], of.columns);
        add(greatest + 2 * apart, fabsf(factor), to[MIXED + 3], of.columns);
    }
}

/* The same in a row of blocks of brightness, of which one or two share one of colours. */
static void spread(float *const *to, count columns, count pixels) {
    for (int kind = 0; kind < 4; kind++) {
        const float *from = to[MIXED + kind];
        float *into = to[ADDED + kind];
        if (pixels == 1) memcpy(into, from, (size_t)columns * sizeof(float));
        for (count x = 0; pixels == 2 && x < columns / 2; x++) into[2 * x] = into[2 * x + 1] = from[x];
        if (pixels == 2 && columns % 2) into[columns - 1] = from[columns / 2];
    }
}

/* The block at a place of a row of brightness. */
static inline block block_at(float *const *to, const float *light, count apart, count x) {
    const float *l = light + x;
    return (block){
        l[0], l[apart], l[2 * apart], l[3 * apart],
        to[ADDED][x], to[ADDED + 1][x], to[ADDED + 2][x], to[ADDED + 3][x],
    };
}

/* Where pixels of blocks lie: at least, at most, and beyond the range. */
static void bound(
    const float *least, const float *greatest, const float *low, const float *high, float *restrict lowest,
    float *restrict highest, float *restrict beyond, count columns
) {
    for (count x = 0; x < columns; x++) {
        float above = greatest[x] + greatest_of(0, high[x]) - TOP, below = -least[x] - least_of(0, low[x]);
        lowest[x] = greatest_of(0, least[x] + low[x]);
        highest[x] = least_of(TOP, greatest[x] + high[x]);
        beyond[x] = greatest_of(above, below);
    }
}

/* What else is known of them, if they are not clipped. */
static void know(
    const float *mean, const float *low, const float *high, const float *lowest, const float *highest,
    float *restrict under, float *restrict over, float *restrict white, float *restrict black, count columns
) {
    for (count x = 0; x < columns; x++) {
        under[x] = TOP - lowest[x];
        over[x] = TOP - highest[x];
        white[x] = least_of(under[x], TOP - mean[x] - low[x]);
        black[x] = least_of(highest[x], mean[x] + high[x]);
    }
}

/* Where pixels of a row's blocks lie, and of each few the farthest; behind the last of a row lies nothing. */
static void begin(float *const *to, const float *light, count apart, count columns) {
    bound(
        light + 2 * apart, light + 3 * apart, to[ADDED], to[ADDED + 1], to[LOWEST], to[HIGHEST], to[BEYOND], columns
    );
    for (count x = columns; x % SOME; x++) to[LOWEST][x] = TOP, to[HIGHEST][x] = to[BEYOND][x] = -TOP;
    for (count some = 0; some * SOME < columns; some++) {
        float low[LANES], high[LANES], beyond[LANES];
        const float *lows = to[LOWEST] + some * SOME, *highs = to[HIGHEST] + some * SOME;
        const float *excesses = to[BEYOND] + some * SOME;
        for (int lane = 0; lane < LANES; lane++) {
            low[lane] = least_of(lows[lane], lows[lane + LANES]);
            high[lane] = greatest_of(highs[lane], highs[lane + LANES]);
            beyond[lane] = greatest_of(excesses[lane], excesses[lane + LANES]);
        }
        for (int lane = 1; lane < LANES; lane++) {
            low[0] = least_of(low[0], low[lane]);
            high[0] = greatest_of(high[0], high[lane]);
            beyond[0] = greatest_of(beyond[0], beyond[lane]);
        }
        to[BOTTOMS][some] = low[0], to[TOPS][some] = high[0], to[EXCESSES][some] = beyond[0];
    }
}

/* What else is known of a row's blocks, and how those that may be clipped are. */
static void clip(float *const *to, const float *light, count apart, count columns, count kind) {
    know(
        light, to[ADDED], to[ADDED + 1], to[LOWEST], to[HIGHEST], to[UNDER], to[OVER], to[WHITE], to[BLACK], columns
    );
    for (int number = SPAN; number <= MOST; number++) memset(to[number], 0, (size_t)columns * sizeof(float));
    for (count x = 0; x < columns; x++) {
        if (to[BEYOND][x] <= 0) continue;
        block of = block_at(to, light, apart, x);
        excess off = exceeds(of, kind), on = exceeds(mirrored(of), kind);
        to[SPAN][x] = (on.most + on.sure - off.most - off.sure) / 2;
        to[DOUBT][x] = (off.most - off.sure + on.most - on.sure) / 2;
        to[MOST][x] = off.most + on.most;
        to[WHITE][x] = least_of(to[UNDER][x], TOP - of.mean - of.low + off.most);
        to[BLACK][x] = least_of(to[HIGHEST][x], of.mean + of.high + on.most);
    }
}

/* Whether what is at most so far from an end of the range, at weights below zero, is less than what is at least so far
   from it, at those above: for sure, whatever sums of 32-bit numbers lack. */
static inline bool is_within(float farthest, float below, float nearest, float above) {
    return 1.001f * greatest_of(farthest * below, LITTLE) <= 0.999f * nearest * above;
}

/* Numbers of a place that are other than 0 only if some of its blocks are clipped, or near an end of the range. */
typedef struct {
    bool clips, darkens, brightens;
} needs;

/* Which of them there may be. */
static needs needs_of(float *const *to, stretch of, count place) {
    count from = of.first / SOME, end = (of.first + of.length + SOME - 1) / SOME;
    float high = -TOP, low = TOP, beyond = -TOP, below = to[BELOW][place], above = to[ABOVE][place];
    for (count some = from; some < end; some++) {
        high = greatest_of(high, to[TOPS][some]);
        low = least_of(low, to[BOTTOMS][some]);
        beyond = greatest_of(beyond, to[EXCESSES][some]);
    }
    return (needs){beyond > 0, !is_within(high, below, low, above), !is_within(TOP - low, below, TOP - high, above)};
}

/* Of each eight rows of the narrow picture: the shift of pixels, its doubt and its greatest, and that of rows.

   light, colour: four arrays each, as in `block`, but that colours, of which there are so many, one behind the other,
   have least and greatest first, and blocks for so many pixels down and across; factors: of colours; weights: `WEIGHTS`
   rows of columns for each place; spare: room for `ARRAYS` rows, each for a multiple of `SOME` columns, and for places;
   out: five arrays of rows of places. */
SHARED void clipping_narrow(
    const float *light, count rows, count columns, const float *colour, count tall, count wide, const float *factors,
    count colours, count down, count across, count kind, const int64_t *first, const int64_t *length,
    const float *weights, count places, float *spare, count room, float *out
) {
    count apart = rows * columns, between = rows * places;
    float *now[ARRAYS];
    for (int number = 0; number < ARRAYS; number++) now[number] = spare + number * room;
    for (count x = 0; x < columns; x++)
        for (int kind_ = 0; kind_ < 4; kind_++) now[ADDED + kind_][x] = 0;
    for (count place = 0; place < places; place++) {
        const float *some = weights + place * WEIGHTS * columns;
        now[BELOW][place] = now[ABOVE][place] = 0;
        for (count x = first[place]; x < first[place] + length[place]; x++) {
            now[BELOW][place] += some[NEGATIVE * columns + x];
            now[ABOVE][place] += some[POSITIVE * columns + x];
        }
    }
    for (count y = 0; y < rows; y++, light += columns) {
        if (colours && y % down == 0) {
            mix(now, (plane){colour, tall, wide}, factors, colours, y / down);
            spread(now, columns, across);
        }
        begin(now, light, apart, columns);
        bool is_known = false;
        for (count place = 0; place < places; place++, out++) {
            stretch of = {weights + place * WEIGHTS * columns, columns, first[place], length[place]};
            needs some = needs_of(now, of, place);
            for (int number = 0; number < 5; number++) out[number * between] = 0;
            if (!some.clips && !some.darkens && !some.brightens) continue;
            if (!is_known) clip(now, light, apart, columns, kind);
            is_known = true;
            if (some.clips) {
                out[0] = sum(now[SPAN], of, TOTAL);
                out[between] = sum(now[DOUBT], of, SIZE) + sum(now[MOST], of, SPREAD);
                out[2 * between] = sum(now[MOST], of, GREATEST);
            }
            if (some.darkens)
                out[3 * between] = exceeding(
                    sum(now[BLACK], of, FARTHEST), sum(now[HIGHEST], of, NEGATIVE), sum(now[LOWEST], of, POSITIVE)
                );
            if (some.brightens)
                out[4 * between] = exceeding(
                    sum(now[WHITE], of, FARTHEST), sum(now[UNDER], of, NEGATIVE), sum(now[OVER], of, POSITIVE)
                );
        }
    }
}
