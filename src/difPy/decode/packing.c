/* Pixels that lie so many apart, down and across, in; their bytes, row by row, out: no turned picture is turned first.

   What lies turned is taken tile by tile, for the pixels of one of its rows are a row of the picture apart. */

#include "compiled.h"

#include <string.h>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

enum { WORDS = 4, BYTES = 8, NEAR = 16 }; /* sides of tiles, and pixels that are in memory that is fetched at once */
enum { MORE = 8, BEHIND = 3 };            /* words at once of a row that lies straight, and those that must follow */

/* Red, green and blue of words, the lowest byte of each first, to three bytes each. */
static void colours(const uint32_t *pixel, count width, count beside, uint8_t *out) {
    for (; width > 1; width--, pixel += beside, out += 3) memcpy(out, pixel, 4); /* which is quicker than three, ... */
    if (width > 0) memcpy(out, pixel, 3); /* ... and the next overwrites the fourth */
}

/* Bytes as they are. */
static void greys(const uint8_t *pixel, count width, count beside, uint8_t *out) {
    for (count x = 0; x < width; x++, pixel += beside) out[x] = *pixel;
}

#if defined(__AVX2__)

/* Four words to twelve bytes. */
static inline void store(__m128i words, uint8_t *out) {
    const __m128i places = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
    __m128i bytes = _mm_shuffle_epi8(words, places);
    int32_t rest = _mm_extract_epi32(bytes, 2);
    _mm_storel_epi64((__m128i *)out, bytes);
    memcpy(out + 8, &rest, 4);
}

/* Four words that go up or down in memory from here. */
static inline __m128i four(const uint32_t *pixel, count step) {
    if (step > 0) return _mm_loadu_si128((const __m128i *)pixel);
    return _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(pixel - 3)), 0x1b);
}

/* Four words beside each other, either way, to twelve bytes. */
static inline void straight_colours(const uint32_t *pixel, count beside, uint8_t *out) { store(four(pixel, beside), out); }

/* Eight words beside each other, either way, to 24 bytes, and as many as MORE behind them, which mean nothing. */
static inline void more_colours(const uint32_t *pixel, count beside, uint8_t *out) {
    const __m256i places = _mm256_setr_epi8(
        0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1
    );
    const __m256i turned = _mm256_setr_epi32(7, 6, 5, 4, 3, 2, 1, 0), close = _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7);
    __m256i words = _mm256_loadu_si256((const __m256i *)(beside > 0 ? pixel : pixel - (MORE - 1)));
    if (beside < 0) words = _mm256_permutevar8x32_epi32(words, turned);
    _mm256_storeu_si256((__m256i *)out, _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(words, places), close));
}

/* A tile that lies turned: four words of each of four rows to twelve bytes in each of four rows of that size. */
static inline void turned_colours(const uint32_t *pixel, count below, count beside, uint8_t *out, count size) {
    __m128i a = four(pixel, below), b = four(pixel + beside, below);
    __m128i c = four(pixel + 2 * beside, below), d = four(pixel + 3 * beside, below);
    __m128i first = _mm_unpacklo_epi32(a, b), second = _mm_unpacklo_epi32(c, d);
    __m128i third = _mm_unpackhi_epi32(a, b), fourth = _mm_unpackhi_epi32(c, d);
    store(_mm_unpacklo_epi64(first, second), out);
    store(_mm_unpackhi_epi64(first, second), out + size);
    store(_mm_unpacklo_epi64(third, fourth), out + 2 * size);
    store(_mm_unpackhi_epi64(third, fourth), out + 3 * size);
}

/* Sixteen bytes in the other order. */
static inline void mirrored_greys(const uint8_t *pixel, uint8_t *out) {
    const __m128i places = _mm_setr_epi8(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    __m128i bytes = _mm_loadu_si128((const __m128i *)(pixel - 15));
    _mm_storeu_si128((__m128i *)out, _mm_shuffle_epi8(bytes, places));
}

/* A tile that lies turned: eight bytes of each of eight rows to eight in each of eight rows of that size. */
static inline void turned_greys(const uint8_t *pixel, count below, count beside, uint8_t *out, count size) {
    __m128i twos[4], fours[4];
    if (below < 0) pixel -= BYTES - 1, out += (BYTES - 1) * size, size = -size;
    for (int two = 0; two < 4; two++, pixel += 2 * beside)
        twos[two] = _mm_unpacklo_epi8(
            _mm_loadl_epi64((const __m128i *)pixel), _mm_loadl_epi64((const __m128i *)(pixel + beside))
        );
    for (int half = 0; half < 2; half++) {
        fours[half] = _mm_unpacklo_epi16(twos[2 * half], twos[2 * half + 1]);
        fours[2 + half] = _mm_unpackhi_epi16(twos[2 * half], twos[2 * half + 1]);
    }
    for (int half = 0; half < 2; half++, out += 4 * size) {
        __m128i first = _mm_unpacklo_epi32(fours[2 * half], fours[2 * half + 1]);
        __m128i second = _mm_unpackhi_epi32(fours[2 * half], fours[2 * half + 1]);
        _mm_storel_epi64((__m128i *)out, first);
        _mm_storel_epi64((__m128i *)(out + size), _mm_unpackhi_epi64(first, first));
        _mm_storel_epi64((__m128i *)(out + 2 * size), second);
        _mm_storel_epi64((__m128i *)(out + 3 * size), _mm_unpackhi_epi64(second, second));
    }
}

#else /* the same, pixel by pixel */

static inline void straight_colours(const uint32_t *pixel, count beside, uint8_t *out) {
    colours(pixel, WORDS, beside, out);
}

static inline void more_colours(const uint32_t *pixel, count beside, uint8_t *out) {
    colours(pixel, MORE, beside, out);
}

static inline void turned_colours(const uint32_t *pixel, count below, count beside, uint8_t *out, count size) {
    for (count row = 0; row < WORDS; row++) colours(pixel + row * below, WORDS, beside, out + row * size);
}

static inline void mirrored_greys(const uint8_t *pixel, uint8_t *out) { greys(pixel, NEAR, -1, out); }

static inline void turned_greys(const uint8_t *pixel, count below, count beside, uint8_t *out, count size) {
    for (count row = 0; row < BYTES; row++) greys(pixel + row * below, BYTES, beside, out + row * size);
}

#endif

/* Words to three bytes each. */
SHARED void packing_colours(
    const uint32_t *pixels, count height, count width, count below, count beside, uint8_t *out
) {
    const count size = 3 * width, whole = width - width % WORDS, is_turned = below == 1 || below == -1;
    count y = 0;
    for (; is_turned && y + NEAR <= height; y += NEAR) {
        for (count x = 0; x < whole; x += WORDS)
            for (count row = y; row < y + NEAR; row += WORDS)
                turned_colours(pixels + row * below + x * beside, below, beside, out + row * size + 3 * x, size);
        for (count row = y; row < y + NEAR; row++)
            colours(pixels + row * below + whole * beside, width - whole, beside, out + row * size + 3 * whole);
    }
    for (; y < height; y++) {
        const uint32_t *row = pixels + y * below;
        count x = 0;
        for (; x + MORE + BEHIND <= width && (beside == 1 || beside == -1); x += MORE)
            more_colours(row + x * beside, beside, out + y * size + 3 * x);
        for (; x < whole && (beside == 1 || beside == -1); x += WORDS)
            straight_colours(row + x * beside, beside, out + y * size + 3 * x);
        colours(row + x * beside, width - x, beside, out + y * size + 3 * x);
    }
}

/* Bytes as they are. */
SHARED void packing_greys(const uint8_t *pixels, count height, count width, count below, count beside, uint8_t *out) {
    const count whole = width - width % BYTES, is_turned = below == 1 || below == -1;
    count y = 0;
    for (; is_turned && y + BYTES <= height; y += BYTES) {
        for (count x = 0; x < whole; x += BYTES)
            turned_greys(pixels + y * below + x * beside, below, beside, out + y * width + x, width);
        for (count row = y; row < y + BYTES; row++)
            greys(pixels + row * below + whole * beside, width - whole, beside, out + row * width + whole);
    }
    for (; y < height; y++) {
        const uint8_t *row = pixels + y * below;
        count x = 0;
        for (; beside == -1 && x + NEAR <= width; x += NEAR) mirrored_greys(row - x, out + y * width + x);
        greys(row + x * beside, width - x, beside, out + y * width + x);
    }
}
