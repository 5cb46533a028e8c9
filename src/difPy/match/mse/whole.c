/* Rows as sums and differences of quarters in; which of them are near in which of four turns, out. `whole.py` says why.

   All numbers are whole: whatever the order of sums, they are exact. */

#include "compiled.h"

#define TILE 8      /* rows of either side whose products are made together: so many lie in the nearest memory */
#define CHUNK 512   /* numbers of each that do; the sum of so many products of numbers up to 1,020 fits 32 bits */
#define PARTS 5     /* of a row: P, M, X, Y, and for one that asks X - Y, for one that is asked X + Y */

/* To `one` and `other`, rows of products, are added those of two rows with four in some numbers. */
static inline void multiply(const int16_t *restrict a, const int16_t *restrict b, const int16_t *restrict c,
                            const int16_t *restrict d, const int16_t *restrict e, const int16_t *restrict f,
                            count numbers, int64_t *restrict one, int64_t *restrict other) {
    int32_t ac = 0, ad = 0, ae = 0, af = 0, bc = 0, bd = 0, be = 0, bf = 0;
    for (count at = 0; at < numbers; at++) {
        ac += a[at] * c[at], ad += a[at] * d[at], ae += a[at] * e[at], af += a[at] * f[at];
        bc += b[at] * c[at], bd += b[at] * d[at], be += b[at] * e[at], bf += b[at] * f[at];
    }
    one[0] += ac, one[1] += ad, one[2] += ae, one[3] += af;
    other[0] += bc, other[1] += bd, other[2] += be, other[3] += bf;
}

/* Products of TILE rows with TILE others in one part. */
static void products(const int16_t *const *asking, const int16_t *const *asked, count numbers, int64_t (*found)[TILE]) {
    for (int one = 0; one < TILE; one++)
        for (int other = 0; other < TILE; other++) found[one][other] = 0;
    for (count begin = 0; begin < numbers; begin += CHUNK) {
        count some = numbers - begin < CHUNK ? numbers - begin : CHUNK;
        for (int one = 0; one < TILE; one += 2)
            for (int other = 0; other < TILE; other += 4)
                multiply(asking[one] + begin, asking[one + 1] + begin, asked[other] + begin, asked[other + 1] + begin,
                         asked[other + 2] + begin, asked[other + 3] + begin, some, found[one] + other,
                         found[one + 1] + other);
    }
}

/* Write for each of the rows that ask from `start` to `end`, and each of those asked from `begin` to `stop`, one bit
   for each turn in which they are near: if four times the squared distance is no more than that of both reaches. */
SHARED void whole_near(const int16_t *asking, const int64_t *asking_norms, const double *asking_reaches,
                       const int16_t *asked, const int64_t *asked_norms, const double *asked_reaches, count numbers,
                       count values, uint8_t *near, count across, count start, count end, count begin, count stop) {
    for (count first = start; first < end; first += TILE)
        for (count second = begin; second < stop; second += TILE) {
            const int16_t *firsts[TILE], *seconds[TILE];
            int64_t found[PARTS][TILE][TILE];
            for (int part = 0; part < PARTS; part++) {
                for (int row = 0; row < TILE; row++) { /* behind the last one, the last again */
                    count one = first + row < end ? first + row : end - 1;
                    count other = second + row < stop ? second + row : stop - 1;
                    firsts[row] = asking + (one * PARTS + part) * numbers;
                    seconds[row] = asked + (other * PARTS + part) * numbers;
                }
                products(firsts, seconds, numbers, found[part]);
            }
            for (count one = first; one < end && one < first + TILE; one++)
                for (count other = second; other < stop && other < second + TILE; other++) {
                    count row = one - first, column = other - second;
                    int64_t whole = found[0][row][column], alternating = found[1][row][column];
                    int64_t x = found[2][row][column], y = found[3][row][column], mixed = found[4][row][column];
                    int64_t opposite = 2 * (x + y), turned = 2 * (mixed - x + y);
                    double together = asking_reaches[one] + asked_reaches[other];
                    int64_t limit = (int64_t)(4 * (double)values * together * together);
                    int64_t least = asking_norms[one] + asked_norms[other] - limit; /* of eight times a product */
                    near[one * across + other] = (uint8_t)((2 * (whole + alternating + opposite) >= least) |
                                                           (2 * (whole - alternating + turned) >= least) << 1 |
                                                           (2 * (whole + alternating - opposite) >= least) << 2 |
                                                           (2 * (whole - alternating - turned) >= least) << 3);
                }
        }
}
