/* Rows of pixels in; these, interpolated to the width of the tensor, and turned, out: what is done to each pixel.

   Turned: the levels of one pixel of the tensor, in all rows, lie beside each other, behind them those of its next
   colour. So they are rows of greys themselves, and interpolated once more, to its height, they are the tensor.

   Pixels of red, green and blue are words, red the lowest byte of each, and what is in the highest means nothing. Rows
   of `out` are `line` bytes apart.

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

/* As `weighed`, for whole groups of four pixels. */
static strokes *stroked(count size, count places) {
    const uint32_t mask = (1 << LOW_BITS) - 1;
    count most = most_of(size, places) / 2 + 4;
    taps *all = weighed(size, places);
    strokes *found = malloc((size_t)places * (sizeof(strokes) + (size_t)most * sizeof(halves)));
    int32_t *pixels = malloc((size_t)(2 * most) * sizeof(int32_t)); /* what each of the groups weighs */
    halves *next = (halves *)(found + places);
    count result = all == NULL || found == NULL || pixels == NULL ? -1 : 0;
    for (count place = 0; result == 0 && place < places; place++, next += most) {
        count begin = all[place].first / 4 * 4, before = all[place].first - begin, length = all[place].length;
        count groups = (before + length + 3) / 4;
        memset(pixels, 0, (size_t)(4 * groups) * sizeof(int32_t));
        memcpy(pixels + before, all[place].weights, (size_t)length * sizeof(int32_t));
        found[place] = (strokes){begin / 2, 2 * groups, next};
        for (count at = 0; at < 2 * groups; at++) {
            int32_t one = pixels[at / 2 * 4 + at % 2], other = pixels[at / 2 * 4 + at % 2 + 2];
            uint32_t high = (uint32_t)(one >> LOW_BITS & 0xFFFF) | (uint32_t)(other >> LOW_BITS) << 16;
            next[at] = (halves){(int32_t)high, (int32_t)(((uint32_t)one & mask) | ((uint32_t)other & mask) << 16)};
        }
    }
    if (result != 0) free(found), found = NULL;
    free(pixels);
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
static inline void weigh(const pairs *some, const strokes *stroke, uint8_t (*out)[ROWS]) {
    __m256i high[PLANES], low[PLANES];
    for (int plane = 0; plane < PLANES; plane++) high[plane] = low[plane] = _mm256_setzero_si256();
    some += stroke->first;
    for (count at = 0; at < stroke->length; at += 2) { /* which is even: two, or each sum is moved once more */
        const halves *one = stroke->weights + at, *other = one + 1;
        __m256i heavy = _mm256_set1_epi32(one->high), light = _mm256_set1_epi32(one->low);
        __m256i heavier = _mm256_set1_epi32(other->high), lighter = _mm256_set1_epi32(other->low);
        for (int plane = 0; plane < PLANES; plane++) {
            __m256i first = some[at].planes[plane], second = some[at + 1].planes[plane];
            __m256i highs = _mm256_add_epi32(_mm256_madd_epi16(first, heavy), _mm256_madd_epi16(second, heavier));
            __m256i lows = _mm256_add_epi32(_mm256_madd_epi16(first, light), _mm256_madd_epi16(second, lighter));
            high[plane] = _mm256_add_epi32(high[plane], highs), low[plane] = _mm256_add_epi32(low[plane], lows);
        }
    }
    for (int plane = 0; plane < PLANES; plane++) {
        __m256i total = _mm256_add_epi32(_mm256_slli_epi32(high[plane], LOW_BITS), low[plane]);
        total = _mm256_srai_epi32(_mm256_add_epi32(total, _mm256_set1_epi32(HALF)), PRECISION_BITS);
        __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(total), _mm256_extracti128_si256(total, 1));
        _mm_storel_epi64((__m128i *)out[plane], _mm_packus_epi16(words, words)); /* which clips what is not 0..255 */
    }
}

/* Rows of words, or of greys, interpolated and turned. */
static inline count across(
    const uint8_t *pixels, count height, count width, count places, int is_grey, uint8_t *out, count line
) {
    count size = is_grey ? width : 4 * width, padded = (size + UNIT - 1) / UNIT * UNIT;
    count rows = is_grey ? PLANES * ROWS : ROWS, each = is_grey ? 8 : 2;
    strokes *all = stroked(width, places);
    uint8_t *memory = malloc((size_t)(padded / UNIT * each) * sizeof(pairs) + LINE);
    uint8_t *few = calloc((size_t)rows, (size_t)padded);
    pairs *some = (pairs *)(memory + (LINE - (uintptr_t)memory % LINE));
    count result = all == NULL || memory == NULL || few == NULL ? -1 : 0;
    for (count y = 0; result == 0 && y < height; y += rows, pixels += rows * size, out += rows) {
        count there = height - y < rows ? height - y : rows, whole = there < rows ? 0 : size / UNIT * UNIT;
        for (count row = 0; row < there && whole < size; row++)
            memcpy(few + row * padded + whole, pixels + row * size + whole, (size_t)(size - whole));
        for (count at = 0; at < padded; at += UNIT)
            unpack(at < whole ? pixels + at : few + at, at < whole ? size : padded, is_grey, some + at / UNIT * each);
        uint8_t *to = out, levels[PLANES][ROWS]; /* greys of all rows, one plane behind the other */
        for (count place = 0; place < places; place++) {
            weigh(some, all + place, levels);
            for (int plane = 0; plane < (is_grey ? 1 : PLANES); plane++, to += line)
                if (there == rows) memcpy(to, levels[plane], (size_t)(is_grey ? PLANES * ROWS : ROWS));
                else memcpy(to, levels[plane], (size_t)there);
        }
    }
    free(few);
    free(memory);
    free(all);
    return result;
}

SHARED count across_colours(
    const uint32_t *pixels, count height, count width, count places, uint8_t *out, count line
) {
    return across((const uint8_t *)pixels, height, width, places, 0, out, line);
}

SHARED count across_greys(const uint8_t *pixels, count height, count width, count places, uint8_t *out, count line) {
    return across(pixels, height, width, places, 1, out, line);
}

#else

/* Rows of words, interpolated and turned. */
SHARED count across_colours(
    const uint32_t *pixels, count height, count width, count places, uint8_t *out, count line
) {
    count most = most_of(width, places);
    taps *all = weighed(width, places);
    int32_t *reds = calloc((size_t)(3 * (width + most)), sizeof(int32_t));
    int32_t *greens = reds + width + most, *blues = greens + width + most;
    count result = all == NULL || reds == NULL ? -1 : 0;
    for (count y = 0; result == 0 && y < height; y++, pixels += width, out++) {
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
            uint8_t *to = out + 3 * place * line;
            to[0] = clipped(red), to[line] = clipped(green), to[2 * line] = clipped(blue);
        }
    }
    free(reds);
    free(all);
    return result;
}

/* Rows of bytes, interpolated and turned. */
SHARED count across_greys(const uint8_t *pixels, count height, count width, count places, uint8_t *out, count line) {
    count most = most_of(width, places);
    taps *all = weighed(width, places);
    int32_t *greys = calloc((size_t)(width + most), sizeof(int32_t));
    count result = all == NULL || greys == NULL ? -1 : 0;
    for (count y = 0; result == 0 && y < height; y++, pixels += width, out++) {
        for (count x = 0; x < width; x++) greys[x] = pixels[x];
        for (count place = 0; place < places; place++) {
            const int32_t *some = all[place].weights, *grey = greys + all[place].first;
            int32_t total = HALF;
            for (count at = 0; at < (most & ~(count)(AT_A_TIME - 1)); at++) total += grey[at] * some[at];
            out[place * line] = clipped(total);
        }
    }
    free(greys);
    free(all);
    return result;
}

#endif
