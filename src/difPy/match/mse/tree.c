/* Points in; a balanced tree of them, and then the points near some questions, out. `tree.py` says what an array holds.

   Sums of floats are made in an order that is written here, eight side by side, so that processors can add up as many at
   a time; the margins of `vectors.reach` allow for any order. */

#include <stdlib.h>

#include "compiled.h"

#define LEAF 64   /* points in a leaf; as in `tree.py`, as the next two are */
#define HEAD 16   /* numbers of a point that the tree knows of, and that are stored number by number */
#define LANES 32  /* the rest is a multiple of so many */
#define STRETCH 8 /* numbers between two looks at whether any point of a leaf can still be near */
#define SOME 16   /* points between two such looks, then */
#define SAMPLE 128 /* points looked at to see along which number to split */
#define DEPTH 64   /* more levels than any tree has */

typedef float eight __attribute__((vector_size(32)));
typedef int32_t eight_masks __attribute__((vector_size(32)));
typedef float stored_eight __attribute__((vector_size(32), aligned(4), may_alias)); /* wherever it lies in memory */

/* Bring `keys[low]` to `keys[high - 1]` to an order in which none before `nth` is greater, and none after it smaller. */
static void select_nth(float *restrict keys, int64_t *restrict order, int64_t low, int64_t high, int64_t nth) {
    high--;
    while (low < high) {
        float pivot = keys[(low + high) / 2];
        int64_t left = low, right = high;
        while (left <= right) {
            while (keys[left] < pivot) left++;
            while (keys[right] > pivot) right--;
            if (left <= right) {
                float key = keys[left];
                int64_t number = order[left];
                keys[left] = keys[right], order[left++] = order[right];
                keys[right] = key, order[right--] = number;
            }
        }
        if (nth <= right)
            high = right;
        else if (nth >= left)
            low = left;
        else
            break;
    }
}

/* The number in which some points, or a sample of many, differ most. */
static int widest(const float (*points)[HEAD], const int64_t *order, int64_t low, int64_t high) {
    int64_t step = (high - low) / SAMPLE > 1 ? (high - low) / SAMPLE : 1;
    float most = -1;
    int found = 0;
    for (int number = 0; number < HEAD; number++) {
        float least = points[order[low]][number], greatest = least;
        for (int64_t at = low; at < high; at += step) {
            float value = points[order[at]][number];
            least = value < least ? value : least, greatest = value > greatest ? value : greatest;
        }
        if (greatest - least > most) found = number, most = greatest - least;
    }
    return found;
}

typedef struct {
    const float (*points)[HEAD];
    int64_t count, *order, (*spans)[2];
    float *keys;
} arranging;

/* Arrange the points of the leaves [first, last) below a node. */
static void arrange_below(const arranging *all, int64_t node, int64_t first, int64_t last) {
    all->spans[node][0] = first, all->spans[node][1] = last;
    if (last - first < 2) return;
    int64_t middle = (first + last) / 2, low = first * LEAF, high = last * LEAF;
    if (high > all->count) high = all->count;
    int number = widest(all->points, all->order, low, high);
    for (int64_t at = low; at < high; at++) all->keys[at] = all->points[all->order[at]][number];
    select_nth(all->keys, all->order, low, high, middle * LEAF);
    arrange_below(all, node + 1, first, middle);
    arrange_below(all, node + 2 * (middle - first), middle, last);
}

/* Bring the numbers of points to an order in which each run of LEAF is a leaf of a balanced tree. `spans` gets the leaves
   [first, last) below each node: the root, all below its left child, all below its right. `keys` is room for one float
   for each point. */
SHARED void tree_arrange(const float (*points)[HEAD], count points_in_all, int64_t *order, int64_t (*spans)[2], float *keys) {
    arranging all = {points, points_in_all, order, spans, keys};
    arrange_below(&all, 0, 0, (points_in_all + LEAF - 1) / LEAF);
}

/* Least and greatest numbers of the points below each node, from the last node to the first. */
SHARED void tree_enclose(const float (*heads)[HEAD][LEAF], const int64_t (*spans)[2], count nodes, float (*boxes)[2][HEAD]) {
    for (count node = nodes - 1; node >= 0; node--) {
        int64_t first = spans[node][0], last = spans[node][1];
        int64_t left = node + 1, right = node + 2 * ((first + last) / 2 - first);
        for (int number = 0; number < HEAD; number++) {
            const float *values = heads[first][number];
            float least = values[0], greatest = values[0];
            if (last - first > 1) {
                float other = boxes[right][0][number], another = boxes[right][1][number];
                least = boxes[left][0][number], greatest = boxes[left][1][number];
                least = other < least ? other : least, greatest = another > greatest ? another : greatest;
            } else
                for (int point = 1; point < LEAF; point++) {
                    least = values[point] < least ? values[point] : least;
                    greatest = values[point] > greatest ? values[point] : greatest;
                }
            boxes[node][0][number] = least, boxes[node][1][number] = greatest;
        }
    }
}

/* The sum of eight numbers. */
static inline float sum_of(const eight *numbers) {
    eight x = *numbers;
    return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]));
}

/* How far, squared, a question is from a box. */
static inline float outside(const float *question, const float (*box)[HEAD]) {
    eight sums = {0};
    for (int number = 0; number < HEAD; number += 8) {
        eight least = *(const stored_eight *)(box[0] + number), greatest = *(const stored_eight *)(box[1] + number);
        eight value = *(const stored_eight *)(question + number);
        eight below = least - value, above = value - greatest; /* one of them is no more than zero */
        eight gap = (eight)(((eight_masks)below & (below > 0)) | ((eight_masks)above & (above > 0)));
        sums += gap * gap;
    }
    return sum_of(&sums);
}

/* Add to the squares of the points of a leaf how far they are from a question in some numbers; how many are within the
   limit still: to count is quicker than to find the least. */
static inline int within(const float (*restrict heads)[LEAF], const float *restrict question, float limit,
                         float *restrict squares) {
    int left = 0;
    for (int point = 0; point < LEAF; point++) {
        float total = squares[point];
        for (int number = 0; number < STRETCH; number++) {
            float difference = heads[number][point] - question[number];
            total += difference * difference;
        }
        squares[point] = total;
        left += total <= limit;
    }
    return left;
}

/* `total`, and how far, squared, two points are from each other in their tails; once above the limit, no more. */
static inline float with_tails(float total, const float *one, const float *other, count numbers, float limit) {
    for (count number = 0; number < numbers && total <= limit; number += LANES) {
        const stored_eight *a = (const stored_eight *)(one + number), *b = (const stored_eight *)(other + number);
        eight w = a[0] - b[0], x = a[1] - b[1], y = a[2] - b[2], z = a[3] - b[3];
        eight sums = (w * w + x * x) + (y * y + z * z);
        total += sum_of(&sums);
    }
    return total;
}

typedef struct {
    const float *questions, *reach;
    const float (*heads)[HEAD][LEAF], *tails;
    count tail; /* numbers of one */
    const float (*reaches)[LEAF];
    float farthest;
    int64_t *counts;
    int32_t *found;
    count room;
} asking;

/* Write down the points of a leaf that are near a question, as many as there is room for, and count all. */
static inline void ask_leaf(const asking *all, int64_t at, int64_t leaf, float limit) {
    const float *question = all->questions + at * (HEAD + all->tail), *tails = all->tails + leaf * LEAF * all->tail;
    float squares[LEAF] = {0};
    for (int number = 0; number < HEAD; number += STRETCH)
        if (within(all->heads[leaf] + number, question + number, limit, squares) == 0) return;
    for (int begin = 0; begin < LEAF; begin += SOME) {
        int left = 0;
        for (int point = begin; point < begin + SOME; point++) left += squares[point] <= limit;
        if (left == 0) continue;
        for (int point = begin; point < begin + SOME; point++) {
            float together = all->reach[at] + all->reaches[leaf][point], most = together * together;
            if (squares[point] > most) continue;
            if (with_tails(squares[point], tails + point * all->tail, question + HEAD, all->tail, most) > most) continue;
            if (all->counts[at] < all->room) all->found[at * all->room + all->counts[at]] = (int32_t)(leaf * LEAF + point);
            all->counts[at]++;
        }
    }
}

/* Points near each of the questions from `start` to `end`. They go down the tree together, so that a leaf is fetched from
   memory once for all of them. 0, or -1 where there is no memory. */
SHARED count tree_ask(const float *questions, const float *reach, const float (*heads)[HEAD][LEAF], const float *tails,
                      count tail, const float (*reaches)[LEAF], float farthest, const int64_t (*spans)[2],
                      const float (*boxes)[2][HEAD], int64_t *counts, int32_t *found, count room, count start, count end) {
    asking all = {questions, reach, heads, tails, tail, reaches, farthest, counts, found, room};
    int64_t nodes[DEPTH], level_of[DEPTH], many[DEPTH] = {end - start}, size = 1;
    int64_t *within_reach = malloc((size_t)((DEPTH + 1) * many[0]) * sizeof(int64_t)); /* of the node above, by level */
    if (within_reach == NULL) return -1;
    for (count at = start; at < end; at++) within_reach[at - start] = at, counts[at] = 0;
    nodes[0] = level_of[0] = 0;
    while (size--) {
        int64_t node = nodes[size], level = level_of[size], left = 0;
        int64_t *asked = within_reach + level * many[0], *below = asked + many[0];
        int64_t first = spans[node][0], last = spans[node][1];
        for (int64_t one = 0; one < many[level]; one++) {
            int64_t at = asked[one];
            float most = reach[at] + farthest, limit = most * most;
            if (outside(questions + at * (HEAD + tail), boxes[node]) > limit) continue;
            if (last - first > 1)
                below[left++] = at;
            else
                ask_leaf(&all, at, first, limit);
        }
        if (left == 0) continue;
        many[level + 1] = left;
        nodes[size] = node + 2 * ((first + last) / 2 - first), nodes[size + 1] = node + 1;
        level_of[size] = level_of[size + 1] = level + 1;
        size += 2;
    }
    free(within_reach);
    return 0;
}
