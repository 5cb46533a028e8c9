/* Values along rows and what each pixel of the tensor weighs them with in; their sums, where it weighs any, out. */

#include "levels.h"

/* Rows of `columns` made as short as the tensor is wide; of each row of weights, some from `first` on count. */
SHARED void bands_narrow(
    const float *values, count rows, count columns, const int64_t *first, const int64_t *length, const float *weights,
    count places, float *out
) {
    for (count row = 0; row < rows; row++, values += columns)
        for (count place = 0; place < places; place++)
            *out++ = product(values + first[place], weights + place * columns + first[place], length[place]);
}
