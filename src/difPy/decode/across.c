/* Rows of pixels, interpolated to the width of the tensor, out: the first half of what is done to each pixel.

   Pixels of red, green and blue are words, red the lowest byte of each, and what is in the highest means nothing.

   Functions return 0, or -1 where there is no memory. */

#include "taps.h"

#include <string.h>

#if defined(__AVX2__) /* of eight rows at once, two pixels at a time, which no compiler finds by itself */
#include <immintrin.h>

enum { ROWS = 8, PLANES = 3, UNIT = 16, LOW_BITS = 11, LINE = 64 };

/* Levels of eight rows in each of three planes: the three colours of eight rows, or the greys of thrice as many. Those
   of two pixels lie side by side, as numbers of 16 bits: of the first and third of four pixels, or the others. */
typedef struct {
    __m256i planes[PLANES];
} pairs;

/* Weights of two pixels, in two parts of 16 bits each: a weight, at most a little more than one whole, is
   `high << LOW_BITS` and `low`. */
typedef struct {
    int32_t high, low;
} halves;

/* What one pixel of the tensor is made of, as pairs. */
typedef struct {
    count first, length;
    halves *weights;
} strokes;

/* The weight of a pixel; 0 where it has none. */
static inline int32_t weight_of(const taps *all, count at) {
    at -= all->first;
    return at >= 0 && at < all->length ? all->weights[at] : 0;
}

/* As `weighed`, for whole groups of four pixels. */
static strokes *stroked(count size, count places) {
    const uint32_t mask = (1 << LOW_BITS) - 1;
    count most = most_of(size, places) / 2 + 4;
    taps *all = weighed(size, places);
    strokes *found = malloc((size_t)places * (sizeof(strokes) + (size_t)most * sizeof(halves)));
    halves *next = (halves *)(found + places);
    for (count place = 0; all != NULL && found != NULL && place < places; place++, next += most) {
        count begin = all[place].first / 4 * 4, end = (all[place].first + all[place].length + 3) / 4 * 4;
        found[place] = (strokes){begin / 2, (end - begin) / 2, next};
        for (count at = 0; at < (end - begin) / 2; at++) {
            count pixel = begin + at / 2 * 4 + at % 2;
            int32_t one = weight_of(all + place, pixel), other = weight_of(all + place, pixel + 2);
            uint32_t high = (uint32_t)(one >> LOW_BITS & 0xFFFF) | (uint32_t)(other >> LOW_BITS) << 16;
            next[at] = (halves){(int32_t)high, (int32_t)(((uint32_t)one & mask) | ((uint32_t)other & mask) << 16)};
        }
    }
    if (all == NULL) free(found), found = NULL;
    free(all);
    return found;
}

/* 16 bytes of each of eight rows as four by eight words: those of a row above each other, those of all rows beside. */
static inline void turn(const uint8_t *bytes, count line, __m256i order, __m256i *out) {
    __m256i rows[4];
    for (int row = 0; row < 4; row++) {
        __m128i one = _mm_loadu_si128((const __m128i *)(bytes + row * line));
        __m128i other = _mm_loadu_si128((const __m128i *)(bytes + (row + 4) * line));
        rows[row] = _mm256_shuffle_epi8(_mm256_inserti128_si256(_mm256_castsi128_si256(one), other, 1), order);
    }
    __m256i first = _mm256_unpacklo_epi32(rows[0], rows[1]), second = _mm256_unpacklo_epi32(rows[2], rows[3]);
    __m256i third = _mm256_unpackhi_epi32(rows[0], rows[1]), fourth = _mm256_unpackhi_epi32(rows[2], rows[3]);
    out[0] = _mm256_unpacklo_epi64(first, second), out[1] = _mm256_unpackhi_epi64(first, second);
    out[2] = _mm256_unpacklo_epi64(third, fourth), out[3] = _mm256_unpackhi_epi64(third, fourth);
}

/* Four levels of eight rows to two pairs of one plane. */
static inline void spread(__m256i four, int plane, pairs *out) {
    out[0].planes[plane] = _mm256_and_si256(four, _mm256_set1_epi16(255));
    out[1].planes[plane] = _mm256_srli_epi16(four, 8);
}

/* 16 bytes of each of eight rows of words, or of thrice as many of greys, to pairs. */
static inline void unpack(const uint8_t *bytes, count line, int is_grey, pairs *out) {
    const __m128i colours = _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    const __m128i greys = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m256i order = _mm256_broadcastsi128_si256(is_grey ? greys : colours);
    __m256i words[4];
    for (int plane = 0; plane < (is_grey ? PLANES : 1); plane++) {
        turn(bytes + plane * ROWS * line, line, order, words);
        for (int word = 0; word < (is_grey ? 4 : PLANES); word++)
            spread(words[word], is_grey ? plane : word, out + (is_grey ? 2 * word : 0));
    }
}

/* A pixel of the tensor in each row of each plane. */
static inline void weigh(const pairs *some, const strokes *stroke, uint32_t (*out)[ROWS]) {
    __m256i high[PLANES], low[PLANES];
    for (int plane = 0; plane < PLANES; plane++) high[plane] = low[plane] = _mm256_setzero_si256();
    some += stroke->first;
    for (count at = 0; at < stroke->length; at++) {
        __m256i heavy = _mm256_set1_epi32(stroke->weights[at].high), light = _mm256_set1_epi32(stroke->weights[at].low);
        for (int plane = 0; plane < PLANES; plane++) {
            high[plane] = _mm256_add_epi32(high[plane], _mm256_madd_epi16(some[at].planes[plane], heavy));
            low[plane] = _mm256_add_epi32(low[plane], _mm256_madd_epi16(some[at].planes[plane], light));
        }
    }
    for (int plane = 0; plane < PLANES; plane++) {
        __m256i total = _mm256_add_epi32(_mm256_slli_epi32(high[plane], LOW_BITS), low[plane]);
        total = _mm256_srai_epi32(_mm256_add_epi32(total, _mm256_set1_epi32(HALF)), PRECISION_BITS);
        total = _mm256_max_epi32(_mm256_setzero_si256(), _mm256_min_epi32(total, _mm256_set1_epi32(255)));
        _mm256_storeu_si256((__m256i *)out[plane], total);
    }
}

/* Rows of words, or of greys, to rows of `places` pixels. */
static inline count across(const uint8_t *pixels, count height, count width, count places, int is_grey, uint8_t *out) {
    count line = is_grey ? width : 4 * width, padded = (line + UNIT - 1) / UNIT * UNIT;
    count rows = is_grey ? PLANES * ROWS : ROWS, each = is_grey ? 8 : 2, colours = is_grey ? 1 : 3;
    strokes *all = stroked(width, places);
    uint8_t *memory = malloc((size_t)(padded / UNIT * each) * sizeof(pairs) + LINE);
    uint8_t *few = calloc((size_t)rows, (size_t)padded);
    pairs *some = (pairs *)(memory + (LINE - (uintptr_t)memory % LINE));
    count result = all == NULL || memory == NULL || few == NULL ? -1 : 0;
    for (count y = 0; result == 0 && y < height; y += rows, pixels += rows * line, out += rows * places * colours) {
        count there = height - y < rows ? height - y : rows, whole = there < rows ? 0 : line / UNIT * UNIT;
        for (count row = 0; row < there && whole < line; row++)
            memcpy(few + row * padded + whole, pixels + row * line + whole, (size_t)(line - whole));
        for (count at = 0; at < padded; at += UNIT)
            unpack(at < whole ? pixels + at : few + at, at < whole ? line : padded, is_grey, some + at / UNIT * each);
        for (count place = 0; place < places; place++) {
            uint32_t levels[PLANES][ROWS];
            weigh(some, all + place, levels);
            uint8_t *pixel = out + place * colours;
            for (count row = 0; row < there; row++, pixel += places * colours)
                if (is_grey) *pixel = (uint8_t)levels[row / ROWS][row % ROWS];
                else
                    for (int plane = 0; plane < PLANES; plane++) pixel[plane] = (uint8_t)levels[plane][row];
        }
    }
    free(few);
    free(memory);
    free(all);
    return result;
}

SHARED count across_colours(const uint32_t *pixels, count height, count width, count places, uint8_t *out) {
    return across((const uint8_t *)pixels, height, width, places, 0, out);
}

SHARED count across_greys(const uint8_t *pixels, count height, count width, count places, uint8_t *out) {
    return across(pixels, height, width, places, 1, out);
}

#else

/* Rows of words, interpolated, to rows of `places` times three bytes. */
SHARED count across_colours(const uint32_t *pixels, count height, count width, count places, uint8_t *out) {
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
SHARED count across_greys(const uint8_t *pixels, count height, count width, count places, uint8_t *out) {
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

#endif
