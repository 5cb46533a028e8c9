/* Rows in, interpolated downwards out: what is done first where a picture is tall.

   Functions that need memory of their own return 0, or -1 where there is none. */

#include "taps.h"

/* Columns, interpolated, whatever their bytes are: `height` rows of `width` bytes to `places` of them. */
SHARED count down(const uint8_t *rows, count height, count width, count places, uint8_t *out) {
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
