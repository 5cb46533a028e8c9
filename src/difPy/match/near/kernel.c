/* Signatures in; their keys, and those that stand close together in a table and differ in few bits, out. */

#include <stdlib.h>

#include "compiled.h"

/* Bits that are set; processors have an instruction for that, which the compiler knows to be meant. */
static inline int64_t ones(uint64_t word) {
    word -= (word >> 1) & 0x5555555555555555u;
    word = (word & 0x3333333333333333u) + ((word >> 2) & 0x3333333333333333u);
    word = (word + (word >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
    return (int64_t)((word * 0x0101010101010101u) >> 56);
}

/* Of each signature of so many words the bits `columns`, the first of them the weightiest. 0, or -1 without memory. */
SHARED count near_keys(const uint64_t *words, count signatures, count width, const int64_t *columns, count bits,
                       uint64_t *found) {
    uint64_t(*parts)[256] = calloc((size_t)(8 * width), sizeof(*parts)); /* what a byte of some value adds to a key */
    if (parts == NULL) return -1;
    for (count place = 0; place < bits; place++)
        for (int value = 0; value < 256; value++)
            if (value >> (columns[place] & 7) & 1)
                parts[columns[place] >> 3][value] |= (uint64_t)1 << (bits - 1 - place);
    for (count row = 0; row < signatures; row++) {
        uint64_t key = 0;
        for (count byte = 0; byte < 8 * width; byte++)
            key |= parts[byte][words[row * width + (byte >> 3)] >> (8 * (byte & 7)) & 255];
        found[row] = key;
    }
    free(parts);
    return 0;
}

/* Rows of a label asked, a label near to it and their distance, along a table and what is asked, both in the table's
   order; how many there are. `place` is that of the first key asked. There is room for `before + after` of each. */
SHARED count near_walk(const uint64_t *keys, const uint64_t *words, const int64_t *labels, count size, count width,
                       const uint64_t *asked_keys, const uint64_t *asked_words, const int64_t *asked_labels,
                       count asked, count place, count owner, count differing, count before, count after, count reach,
                       int64_t (*found)[3]) {
    count many = 0;
    for (count one = 0; one < asked; one++) {
        uint64_t key = asked_keys[one];
        int64_t label = asked_labels[one];
        while (place < size && (keys[place] < key || (keys[place] == key && labels[place] < label))) place++;
        count last = place + after < size ? place + after : size;
        for (count at = place > before ? place - before : 0; at < last; at++) {
            if ((keys[at] ^ key) >> differing || labels[at] >> owner == label >> owner) continue;
            int64_t distance = 0;
            for (count word = 0; word < width; word++)
                distance += ones(words[at * width + word] ^ asked_words[one * width + word]);
            if (distance > reach) continue;
            found[many][0] = label, found[many][1] = labels[at], found[many][2] = distance;
            many++;
        }
    }
    return many;
}
