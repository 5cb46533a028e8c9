/* The bytes of a JPEG in; where its end mark is, out. */

#include "compiled.h"

enum { STRETCH = 64 }; /* bytes that are looked at together: of nearly all, none is part of an end mark */

/* Where the first end mark begins, from a place on; -1 if there is none. */
SHARED count marks_end(const uint8_t *bytes, count size, count place) {
    for (; place + STRETCH < size; place += STRETCH) {
        uint8_t found = 0;
        for (count at = place; at < place + STRETCH; at++) found |= (bytes[at] == 0xFF) & (bytes[at + 1] == 0xD9);
        if (found) break;
    }
    for (; place + 1 < size; place++)
        if (bytes[place] == 0xFF && bytes[place + 1] == 0xD9) return place;
    return -1;
}
