/* Pairs of rows of bytes in; the sums of their squared differences out. */

#include "compiled.h"

#define SLICE 1024 /* bytes between two looks at whether a pair is above its limit; their squares fit 32 bits */

/* Sums of pairs from `start` to `end`; once above the limit, no more is added. */
SHARED void exact_squares(const uint8_t *firsts, const int64_t *first, const uint8_t *seconds, const int64_t *second,
                          count size, const int64_t *limits, int64_t *found, count start, count end) {
    for (count at = start; at < end; at++) {
        const uint8_t *one = firsts + first[at] * size, *other = seconds + second[at] * size;
        int64_t total = 0;
        for (count begin = 0; begin < size && total <= limits[at]; begin += SLICE) {
            count stop = begin + SLICE < size ? begin + SLICE : size;
            int32_t part = 0;
            for (count byte = begin; byte < stop; byte++) {
                int32_t difference = one[byte] - other[byte];
                part += difference * difference;
            }
            total += part;
        }
        found[at] = total;
    }
}
