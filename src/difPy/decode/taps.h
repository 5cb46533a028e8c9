/* Sizes in; what each pixel of the tensor is made of along one axis, and what is left when levels are added up, out.

   Weights and sums are Pillow's: sums of whole numbers of 32 bits, whose order does not matter, so that processors can
   add up many at a time. */

#ifndef DIFPY_TAPS_H
#define DIFPY_TAPS_H

#include "compiled.h"

#include <stdlib.h>

#define PRECISION_BITS (32 - 8 - 2)
#define HALF (1 << (PRECISION_BITS - 1))
#define REACH 2.0 /* pixels of the tensor, to either side, that are taken in */
#define AT_A_TIME 8

/* What one pixel of the tensor is made of along one axis. */
typedef struct {
    count first, length;
    int32_t *weights; /* a multiple of eight of them, 0 behind the last */
} taps;

/* Keys' cubic convolution, a = -0.5; of both its pieces the values are there, for many distances at once to be told. */
static inline double cubic(double far) {
    const double a = -0.5;
    far = far < 0 ? -far : far;
    double near = ((a + 2) * far - (a + 3)) * far * far + 1, tail = (((far - 5) * far + 8) * far - 4) * a;
    return far < 1 ? near : far < REACH ? tail : 0;
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
        count length = end - begin;
        for (count at = 0; at < length; at++) exact[at] = cubic(((double)(int32_t)(begin + at) - centre + 0.5) * shrunk);
        total = 0;
        for (count at = 0; at < length; at++) total += exact[at];
        for (count at = 0; at < most; at++) {
            double weight = at < length ? exact[at] / total * (1 << PRECISION_BITS) : 0;
            weights[at] = (int32_t)(weight < 0 ? weight - 0.5 : weight + 0.5);
        }
        found[place] = (taps){begin, length, weights};
    }
    return found;
}

static inline uint8_t clipped(int32_t total) {
    total >>= PRECISION_BITS;
    return (uint8_t)(total < 0 ? 0 : total > 255 ? 255 : total);
}

#endif
