/* The code of a QOI in, its pixels out (The Quite OK Image Format, version 1.0). */

#include "compiled.h"

#include <string.h>

enum { INDEX, DIFFERENCE, LUMA }; /* the first two bits of a byte of code ... */
enum { RGB = 0xFE, RGBA = 0xFF }; /* ... or all of them */

/* Red, green, blue and opacity. */
typedef struct {
    uint8_t bands[4];
} pixel;

/* Fill `out`, which has room for so many pixels of three or four bands; how many pixels there are in the code. */
SHARED count qoi_unpack(const uint8_t *code, count size, uint8_t *out, count most, count bands) {
    pixel seen[64] = {{{0}}}, now = {{0, 0, 0, 255}};
    const uint8_t *end = code + size;
    count done = 0;
    while (done < most && code < end) {
        uint8_t byte = *code++, *at = now.bands;
        int kind = byte >> 6, length = byte == RGB ? 3 : byte == RGBA ? 4 : kind == LUMA ? 1 : 0, repeats = 1;
        if (end - code < length) break;
        if (byte >= RGB) {
            memcpy(at, code, (size_t)length);
        } else if (kind == INDEX) {
            now = seen[byte];
        } else if (kind == DIFFERENCE) {
            at[0] = (uint8_t)(at[0] + (byte >> 4 & 3) - 2);
            at[1] = (uint8_t)(at[1] + (byte >> 2 & 3) - 2);
            at[2] = (uint8_t)(at[2] + (byte & 3) - 2);
        } else if (kind == LUMA) {
            int green = (byte & 63) - 32;
            at[0] = (uint8_t)(at[0] + green - 8 + (*code >> 4));
            at[1] = (uint8_t)(at[1] + green);
            at[2] = (uint8_t)(at[2] + green - 8 + (*code & 15));
        } else {
            repeats = (byte & 63) + 1;
        }
        code += length;
        if (length || kind < LUMA) seen[(at[0] * 3 + at[1] * 5 + at[2] * 7 + at[3] * 11) & 63] = now;
        for (; repeats && done < most; repeats--, done++, out += bands) memcpy(out, at, (size_t)bands);
    }
    return done;
}
