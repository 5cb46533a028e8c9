/* A tree of boxes and some points in; who is within reach of which leaf, out. `cells.py` says what an array holds. */

#include "compiled.h"

#define DEPTH 64  /* more levels than any tree has */
#define STRETCH 5 /* numbers between two looks at whether a point can still be near */

/* Whether a point is within a distance, squared, of a box: its least numbers, then its greatest. */
static int within(const float *point, const float *box, count axes, float limit) {
    float gap = 0;
    for (count axis = 0; axis < axes && gap <= limit;) {
        count stop = axis + STRETCH < axes ? axis + STRETCH : axes;
        for (; axis < stop; axis++) {
            float below = box[axis] - point[axis], above = point[axis] - box[axes + axis];
            float outside = below > above ? below : above;
            outside = outside > 0 ? outside : 0;
            gap += outside * outside;
        }
    }
    return gap <= limit;
}

/* Write the number of each point and of each cell within its reach, as far as there is room; how many there are, or -1
   where a tree is deeper than any. A node whose `axis` is negative is a cell, that of its first side. */
SHARED count cells_routed(const float *points, count number, count axes, float limit, const int64_t *axis,
                          const int64_t *sides, const float *boxes, int64_t *question, int64_t *cell, count room) {
    count found = 0;
    for (count at = 0; at < number; at++) {
        int64_t waiting[DEPTH];
        count size = 1;
        waiting[0] = 0;
        while (size) {
            int64_t node = waiting[--size];
            if (!within(points + at * axes, boxes + node * 2 * axes, axes, limit)) continue;
            if (axis[node] < 0) {
                if (found < room) question[found] = at, cell[found] = sides[2 * node];
                found++;
            } else {
                if (size + 2 > DEPTH) return -1;
                waiting[size++] = sides[2 * node + 1];
                waiting[size++] = sides[2 * node];
            }
        }
    }
    return found;
}
