/* Pixels in; interpolated, or as bytes, out: what is done to each pixel of each picture. `kernel.py` calls it.

   Pixels of red, green and blue are words, red the lowest byte of each, and what is in the highest means nothing.
   Weights and sums are Pillow's: sums of whole numbers of 32 bits, whose order does not matter, so that processors can
   add up eight at a time.

   Functions that need memory of their own return 0, or -1 where there is none. */

#include "compiled.h"

#include <stdlib.h>
#include <string.h>

#define PRECISION_BITS (32 - 8 - 2)
#define HALF (1 << (PRECISION_BITS - 1))
#define REACH 2.0 /* pixels of the tensor, to either side, that are taken in */
#define AT_A_TIME 8

/* What one pixel of the tensor is made of along one axis. */
typedef struct {
    count first, length;
    int32_t *weights; /* a multiple of eight of them, 0 behind the last */
} taps;

/* Keys' cubic convolution, a = -0.5. */
static double cubic(double far) {
    const double a = -0.5;
    if (far < 0) far = -far;
    if (far < 1) return ((a + 2) * far - (a + 3)) * far * far + 1;
    if (far < REACH) return (((far - 5) * far + 8) * far - 4) * a;
    return 0;
}

static count most_of(count size, count places) {
    double scale = (double)size / (double)places;
    count most = 2 * (count)(REACH * (scale < 1 ? 1 : scale) + 1) + 1;
    return (most + AT_A_TIME - 1) / AT_A_TIME * AT_A_TIME;
}

/* The taps of each of `places` pixels of `size`, in one piece of memory; NULL where there is none. The operations are
   Pillow's, in their order, so the numbers are. */
static taps *weighed(count size, count places) {
    count most = most_of(size, places);
    taps *found =
        malloc((size_t)places * (sizeof(taps) + (size_t)most * sizeof(int32_t)) + (size_t)most * sizeof(double));
    if (found == NULL) return NULL;
    double *exact = (double *)(found + places), total;
    int32_t *weights = (int32_t *)(exact + most);
    double scale = (double)size / (double)places, enlarged = scale < 1 ? 1 : scale;
    double support = REACH * enlarged, shrunk = 1.0 / enlarged;
    for (count place = 0; place < places; place++, weights += most) {
        double centre = ((double)place + 0.5) * scale;
        count begin = (count)(centre - support + 0.5), end = (count)(centre + support + 0.5);
        begin = begin < 0 ? 0 : begin, end = end > size ? size : end;
        total = 0;
        for (count at = begin; at < end; at++) total += exact[at - begin] = cubic(((double)at - centre + 0.5) * shrunk);
        for (count at = 0; at < most; at++) {
            double weight = at < end - begin ? exact[at] / total * (1 << PRECISION_BITS) : 0;
            weights[at] = (int32_t)(weight < 0 ? weight - 0.5 : weight + 0.5);
        }
        found[place] = (taps){begin, end - begin, weights};
    }
    return found;
}

static inline uint8_t clipped(int32_t total) {
    total >>= PRECISION_BITS;
    return (uint8_t)(total < 0 ? 0 : total > 255 ? 255 : total);
}

/* Rows of words, interpolated, to rows of `places` times three bytes. */
SHARED count kernel_across(const uint32_t *pixels, count height, count width, count places, uint8_t *out) {
    count most = most_of(width, places);
    taps *all = weighed(width, places);
    int32_t *reds = calloc((size_t)(3 * (width + most)), sizeof(int32_t));
    int32_t *greens = reds + width + most, *blues = greens + width + most;
    count result = all == NULL || reds == NULL ? -1 : 0;
    for (count y = 0; result == 0 && y < height; y++, pixels += width) {
        for (count x = 0; x < width; x++) {
            uint32_t pixel = pixels[x];
            reds[x] = pixel & 255, greens[x] = pixel >> 8 & 255, blues[x] = pixel >> 16 & 255;
        }
        for (count place = 0; place < places; place++) {
            const int32_t *some = all[place].weights, *r = reds + all[place].first;
            const int32_t *g = greens + all[place].first, *b = blues + all[place].first;
            int32_t red = HALF, green = HALF, blue = HALF;
            for (count at = 0; at < (most & ~(count)(AT_A_TIME - 1)); at++) {
                red += r[at] * some[at];
                green += g[at] * some[at];
                blue += b[at] * some[at];
            }
            *out++ = clipped(red), *out++ = clipped(green), *out++ = clipped(blue);
        }
    }
    free(reds);
    free(all);
    return result;
}

/* The same of grey: rows of bytes to rows of `places` bytes. */
SHARED count kernel_across_grey(const uint8_t *pixels, count height, count width, count places, uint8_t *out) {
    count most = most_of(width, places);
    taps *all = weighed(width, places);
    int32_t *greys = calloc((size_t)(width + most), sizeof(int32_t));
    count result = all == NULL || greys == NULL ? -1 : 0;
    for (count y = 0; result == 0 && y < height; y++, pixels += width) {
        for (count x = 0; x < width; x++) greys[x] = pixels[x];
        for (count place = 0; place < places; place++) {
            const int32_t *some = all[place].weights, *grey = greys + all[place].first;
            int32_t total = HALF;
            for (count at = 0; at < (most & ~(count)(AT_A_TIME - 1)); at++) total += grey[at] * some[at];
            *out++ = clipped(total);
        }
    }
    free(greys);
    free(all);
    return result;
}

/* Columns, interpolated, whatever their bytes are: `height` rows of `width` bytes to `places` of them. */
SHARED count kernel_down(const uint8_t *rows, count height, count width, count places, uint8_t *out) {
    taps *all = weighed(height, places);
    int32_t *totals = malloc((size_t)width * sizeof(int32_t));
    count result = all == NULL || totals == NULL ? -1 : 0;
    for (count place = 0; result == 0 && place < places; place++, out += width) {
        const uint8_t *row = rows + all[place].first * width;
        for (count x = 0; x < width; x++) totals[x] = HALF;
        for (count at = 0; at < all[place].length; at++, row += width) {
            int32_t weight = all[place].weights[at];
            for (count x = 0; x < width; x++) totals[x] += row[x] * weight;
        }
        for (count x = 0; x < width; x++) out[x] = clipped(totals[x]);
    }
    free(totals);
    free(all);
    return result;
}

/* Words that lie so many words apart, to three bytes each, row by row: of a turned picture without turning it. */
SHARED void kernel_pack(const uint32_t *pixels, count height, count width, count below, count beside, uint8_t *out) {
    const uint8_t *last = out + (height * width - 1) * 3;
    for (count y = 0; y < height; y++, pixels += below) {
        const uint32_t *pixel = pixels;
        for (count x = 0; x < width; x++, pixel += beside, out += 3)
            memcpy(out, pixel, out == last ? 3 : 4); /* four are quicker; the next pixel overwrites the fourth */
    }
}
