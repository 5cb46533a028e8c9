/* Pixels in; interpolated, or as bytes, out: what is done to each pixel of each picture. `kernel.py` calls it.

   Plain C without Python, so that one build serves every version of it. Pixels of red, green and blue are words, red the
   lowest byte of each, and what is in the highest means nothing. Sums are Pillow's: whole numbers of 32 bits, whose order
   does not matter, so that processors can add up eight at a time. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(_WIN32)
#define SHARED __declspec(dllexport)
#elif defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) /* which picks, where it runs, the one that suits */
#define SHARED __attribute__((visibility("default"), target_clones("avx2", "default")))
#else
#define SHARED __attribute__((visibility("default")))
#endif

#define PRECISION_BITS (32 - 8 - 2)
#define REACH 2.0 /* pixels of the tensor, to either side, that are taken in */
#define HALF (1 << (PRECISION_BITS - 1))

typedef ptrdiff_t count;

static inline uint8_t clipped(int32_t total) {
    total >>= PRECISION_BITS;
    return (uint8_t)(total < 0 ? 0 : total > 255 ? 255 : total);
}

/* To be raised with `kernel._VERSION` whenever what a function takes changes. */
SHARED int32_t version(void) { return 1; }

/* Keys' cubic convolution, a = -0.5. */
static double cubic(double far) {
    const double a = -0.5;
    if (far < 0) far = -far;
    if (far < 1) return ((a + 2) * far - (a + 3)) * far * far + 1;
    if (far < REACH) return (((far - 5) * far + 8) * far - 4) * a;
    return 0;
}

/* What each of `places` pixels is made of, of `size`: its first pixel, how many, and `most` whole weights, 0 behind the
   last. The operations are Pillow's, in their order, so the numbers are. `room` holds `most` numbers. */
SHARED void taps(count size, count places, count most, int64_t *first, int64_t *length, int32_t *weights, double *room) {
    double scale = (double)size / (double)places, enlarged = scale < 1 ? 1 : scale;
    double support = REACH * enlarged, shrunk = 1.0 / enlarged;
    for (count place = 0; place < places; place++, weights += most) {
        double centre = ((double)place + 0.5) * scale, total = 0;
        int64_t begin = (int64_t)(centre - support + 0.5), end = (int64_t)(centre + support + 0.5);
        begin = begin < 0 ? 0 : begin, end = end > size ? size : end;
        for (int64_t at = 0; at < end - begin; at++)
            total += room[at] = cubic(((double)(at + begin) - centre + 0.5) * shrunk);
        for (int64_t at = 0; at < most; at++) {
            double weight = at < end - begin ? room[at] / total * (1 << PRECISION_BITS) : 0;
            weights[at] = (int32_t)(weight < 0 ? weight - 0.5 : weight + 0.5);
        }
        first[place] = begin, length[place] = end - begin;
    }
}

/* Rows of words, interpolated, to rows of `places` times three bytes. Of each place: its first pixel, and `most` weights,
   a multiple of eight, 0 behind the last. `room` holds three times width + most numbers, which are zeros at first. */
SHARED void across(const uint32_t *pixels, count height, count width, count places, count most, const int64_t *first,
                   const int32_t *weights, int32_t *room, uint8_t *out) {
    int32_t *reds = room, *greens = reds + width + most, *blues = greens + width + most;
    for (count y = 0; y < height; y++, pixels += width) {
        for (count x = 0; x < width; x++) {
            uint32_t pixel = pixels[x];
            reds[x] = pixel & 255, greens[x] = pixel >> 8 & 255, blues[x] = pixel >> 16 & 255;
        }
        for (count place = 0; place < places; place++) {
            const int32_t *some = weights + place * most;
            const int32_t *r = reds + first[place], *g = greens + first[place], *b = blues + first[place];
            int32_t red = HALF, green = HALF, blue = HALF;
            for (count at = 0; at < (most & ~(count)7); at++) {
                red += r[at] * some[at];
                green += g[at] * some[at];
                blue += b[at] * some[at];
            }
            *out++ = clipped(red), *out++ = clipped(green), *out++ = clipped(blue);
        }
    }
}

/* The same of grey: rows of bytes to rows of `places` bytes; `room` holds width + most numbers. */
SHARED void across_grey(const uint8_t *pixels, count height, count width, count places, count most,
                        const int64_t *first, const int32_t *weights, int32_t *room, uint8_t *out) {
    for (count y = 0; y < height; y++, pixels += width) {
        for (count x = 0; x < width; x++) room[x] = pixels[x];
        for (count place = 0; place < places; place++) {
            const int32_t *some = weights + place * most, *grey = room + first[place];
            int32_t total = HALF;
            for (count at = 0; at < (most & ~(count)7); at++) total += grey[at] * some[at];
            *out++ = clipped(total);
        }
    }
}

/* Columns, interpolated, whatever their bytes are: `places` rows of `width` bytes; `room` holds `width` numbers. */
SHARED void down(const uint8_t *rows, count width, count places, count most, const int64_t *first, const int64_t *length,
                 const int32_t *weights, int32_t *room, uint8_t *out) {
    for (count place = 0; place < places; place++, out += width) {
        for (count x = 0; x < width; x++) room[x] = HALF;
        for (count at = 0; at < length[place]; at++) {
            const uint8_t *row = rows + (first[place] + at) * width;
            int32_t weight = weights[place * most + at];
            for (count x = 0; x < width; x++) room[x] += row[x] * weight;
        }
        for (count x = 0; x < width; x++) out[x] = clipped(room[x]);
    }
}

/* Words that lie so many words apart, to three bytes each, row by row: of a turned picture without turning it. */
SHARED void pack(const uint32_t *pixels, count height, count width, count below, count beside, uint8_t *out) {
    const uint8_t *last = out + (height * width - 1) * 3;
    for (count y = 0; y < height; y++, pixels += below) {
        const uint32_t *pixel = pixels;
        for (count x = 0; x < width; x++, pixel += beside, out += 3)
            memcpy(out, pixel, out == last ? 3 : 4); /* four at a time are quicker; the next pixel overwrites the fourth */
    }
}

/* The same of grey: each byte three times. */
SHARED void pack_grey(const uint8_t *pixels, count height, count width, count below, count beside, uint8_t *out) {
    for (count y = 0; y < height; y++, pixels += below) {
        const uint8_t *pixel = pixels;
        for (count x = 0; x < width; x++, pixel += beside, out += 3) out[0] = out[1] = out[2] = *pixel;
    }
}
