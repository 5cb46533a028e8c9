/* Pixels that lie so many apart, down and across, in; their bytes, row by row, out: no turned picture is turned first.

   What lies turned is taken tile by tile, for the pixels of one of its rows are a row of the picture apart. */

#include "compiled.h"

#include <string.h>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

enum { WORDS = 4, NEAR = 16, BYTES = 8 }; /* sides of tiles, and how many words are in memory that is fetched at once */

/* Red, green and blue of words, the lowest byte of each first, to three bytes each. */
static void colours(const uint32_t *pixel, count width, count beside, uint8_t *out) {
    for (count x = 0; x < width; x++, pixel += beside, out += 3) memcpy(out, pixel, 3);
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

/* A tile that lies turned: four words of each of four rows, `beside` apart, to twelve bytes in each of four rows. */
static inline void turned(const uint32_t *pixel, count below, count beside, uint8_t *out, count size) {
    __m128i a = four(pixel, below), b = four(pixel + beside, below);
    __m128i c = four(pixel + 2 * beside, below), d = four(pixel + 3 * beside, below);
    __m128i first = _mm_unpacklo_epi32(a, b), second = _mm_unpacklo_epi32(c, d);
    __m128i third = _mm_unpackhi_epi32(a, b), fourth = _mm_unpackhi_epi32(c, d);
    store(_mm_unpacklo_epi64(first, second), out);
    store(_mm_unpackhi_epi64(first, second), out + size);
    store(_mm_unpacklo_epi64(third, fourth), out + 2 * size);
    store(_mm_unpackhi_epi64(third, fourth), out + 3 * size);
}

#endif

/* Words to three bytes each. */
SHARED void packing_colours(
    const uint32_t *pixels, count height, count width, count below, count beside, uint8_t *out
) {
    count y = 0, size = 3 * width;
#if defined(__AVX2__)
    const count whole = width - width % WORDS;
    if (below == 1 || below == -1)
        for (; y + NEAR <= height; y += NEAR)
            for (count x = 0; x < width; x += WORDS)
                for (count row = y; row < y + NEAR; row += WORDS) {
                    const uint32_t *pixel = pixels + row * below + x * beside;
                    if (x < whole) turned(pixel, below, beside, out + row * size + 3 * x, size);
                    else
                        for (count some = 0; some < WORDS; some++)
                            colours(pixel + some * below, width - x, beside, out + (row + some) * size + 3 * x);
                }
    else
        for (; y < height && (beside == 1 || beside == -1); y++) {
            const uint32_t *row = pixels + y * below;
            for (count x = 0; x < whole; x += WORDS) store(four(row + x * beside, beside), out + y * size + 3 * x);
            colours(row + whole * beside, width - whole, beside, out + y * size + 3 * whole);
        }
#endif
    for (; y < height; y++) colours(pixels + y * below, width, beside, out + y * size);
}

/* Bytes `shift` and more apart in two rows of a tile change their places: a step of turning it. */
static inline void swap(uint64_t *one, uint64_t *other, int shift, uint64_t mask) {
    uint64_t both = (*one >> shift ^ *other) & mask;
    *other ^= both, *one ^= both << shift;
}

/* Bytes as they are. */
SHARED void packing_greys(const uint8_t *pixels, count height, count width, count below, count beside, uint8_t *out) {
    count y = 0, whole = below == 1 || below == -1 ? width - width % BYTES : 0;
    for (; whole > 0 && y + BYTES <= height; y += BYTES)
        for (count x = 0; x < whole; x += BYTES) {
            const uint8_t *pixel = pixels + y * below + x * beside - (below < 0 ? BYTES - 1 : 0);
            uint64_t tile[BYTES];
            for (int row = 0; row < BYTES; row++) memcpy(tile + row, pixel + row * beside, BYTES);
            for (int row = 0; row < 4; row++) swap(tile + row, tile + row + 4, 32, 0x00000000FFFFFFFF);
            for (int row = 0; row < 6; row += row == 1 ? 3 : 1)
                swap(tile + row, tile + row + 2, 16, 0x0000FFFF0000FFFF);
            for (int row = 0; row < 8; row += 2) swap(tile + row, tile + row + 1, 8, 0x00FF00FF00FF00FF);
            for (int row = 0; row < BYTES; row++)
                memcpy(out + (y + (below < 0 ? BYTES - 1 - row : row)) * width + x, tile + row, BYTES);
        }
    for (count row = 0; row < height; row++) {
        count x = row < y ? whole : 0;
        if (beside == 1) memcpy(out + row * width + x, pixels + row * below + x, (size_t)(width - x));
        else
            for (; x < width; x++) out[row * width + x] = pixels[row * below + x * beside];
    }
}
