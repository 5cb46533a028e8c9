/* Points in; a balanced tree of them, and then the points near some questions, out. `tree.py` says what an array holds.

   Points are whole numbers: squares of distances are exact, in whatever order they are summed up, and fit 32 bits, as
   no two points are farther apart than two pictures may be. */

#include <stdlib.h>

#include "compiled.h"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#define LEAF 64    /* points in a leaf; as in `tree.py`, as the next two are */
#define HEAD 16    /* numbers of a point that the tree knows of; a leaf has pair by pair of them, point by point */
#define LANES 32   /* the rest is a multiple of so many */
#define STRETCH 4  /* pairs between two looks at whether any point of a leaf can still be near */
#define SAMPLE 128 /* points looked at to see along what to split */
#define DEPTH 64   /* more levels than any tree has */

/* Bring `keys[low]` to `keys[high - 1]` to an order in which none before `nth` is greater, none after it smaller. */
static void select_nth(int64_t *restrict keys, int64_t *restrict order, int64_t low, int64_t high, int64_t nth) {
    high--;
    while (low < high) {
        int64_t pivot = keys[(low + high) / 2], left = low, right = high;
        while (left <= right) {
            while (keys[left] < pivot) left++;
            while (keys[right] > pivot) right--;
            if (left <= right) {
                int64_t key = keys[left], number = order[left];
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

typedef struct {
    const int16_t (*points)[HEAD];
    const int64_t *partition;
    count size;
    int64_t *order, (*spans)[2], *keys;
} arranging;

/* What tells some points, or a sample of many, apart: HEAD for their partition, else the number they differ most in. */
static int widest(const arranging *all, int64_t low, int64_t high) {
    int64_t step = (high - low) / SAMPLE > 1 ? (high - low) / SAMPLE : 1;
    int most = -1, found = 0;
    for (int64_t at = low; at < high; at += step)
        if (all->partition[all->order[at]] != all->partition[all->order[low]]) return HEAD;
    for (int number = 0; number < HEAD; number++) {
        int least = all->points[all->order[low]][number], greatest = least;
        for (int64_t at = low; at < high; at += step) {
            int value = all->points[all->order[at]][number];
            least = value < least ? value : least, greatest = value > greatest ? value : greatest;
        }
        if (greatest - least > most) found = number, most = greatest - least;
    }
    return found;
}

/* Arrange the points of the leaves [first, last) below a node. */
static void arrange_below(const arranging *all, int64_t node, int64_t first, int64_t last) {
    all->spans[node][0] = first, all->spans[node][1] = last;
    if (last - first < 2) return;
    int64_t middle = (first + last) / 2, low = first * LEAF, high = last * LEAF;
    if (high > all->size) high = all->size;
    int by = widest(all, low, high);
    for (int64_t at = low; at < high; at++) {
        int64_t point = all->order[at];
        all->keys[at] = by == HEAD ? all->partition[point] : all->points[point][by];
    }
    select_nth(all->keys, all->order, low, high, middle * LEAF);
    arrange_below(all, node + 1, first, middle);
    arrange_below(all, node + 2 * (middle - first), middle, last);
}

/* Bring the numbers of points to an order in which each run of LEAF is a leaf of a balanced tree. `spans` gets the
   leaves [first, last) below each node: the root, all below its left child, all below its right. 0, or -1 without
   memory. */
SHARED count tree_arrange(const int16_t (*points)[HEAD], const int64_t *partition, count size, int64_t *order,
                          int64_t (*spans)[2]) {
    arranging all = {points, partition, size, order, spans, malloc((size_t)size * sizeof(int64_t))};
    if (all.keys == NULL) return -1;
    arrange_below(&all, 0, 0, (size + LEAF - 1) / LEAF);
    free(all.keys);
    return 0;
}

#if defined(__GNUC__)
#define ALONE __attribute__((noinline)) /* GCC takes several numbers at a time in a loop alone, but not within others */
#else
#define ALONE
#endif

/* How far, squared, a question is from a box: least and greatest numbers. */
static ALONE int32_t outside(const int16_t *restrict question, const int16_t (*restrict box)[HEAD]) {
    int32_t total = 0;
    for (int number = 0; number < HEAD; number++) {
        int16_t below = (int16_t)(box[0][number] - question[number]);
        int16_t above = (int16_t)(question[number] - box[1][number]);
        int16_t gap = below > above ? below : above;
        gap = gap > 0 ? gap : 0;
        total += gap * gap;
    }
    return total;
}

/* Add to the squares of the points of a leaf how far they are from a question in some pairs of numbers; how many are
   within the limit still: to count is quicker than to find the least. */
static inline int within(const int16_t (*restrict heads)[LEAF][2], const int16_t (*restrict question)[2], int32_t limit,
                         int32_t *restrict squares) {
#if defined(__AVX2__) /* both numbers of a pair at once, for eight points, which no compiler finds by itself */
    const __m256i limits = _mm256_set1_epi32(limit);
    __m256i beyond = _mm256_setzero_si256();
    for (int point = 0; point < LEAF; point += 8) {
        __m256i total = _mm256_loadu_si256((const __m256i *)(squares + point));
        for (int pair = 0; pair < STRETCH; pair++) {
            int32_t asked = (uint16_t)question[pair][0] | (int32_t)((uint32_t)(uint16_t)question[pair][1] << 16);
            __m256i numbers = _mm256_loadu_si256((const __m256i *)heads[pair][point]);
            __m256i difference = _mm256_sub_epi16(numbers, _mm256_set1_epi32(asked));
            total = _mm256_add_epi32(total, _mm256_madd_epi16(difference, difference));
        }
        _mm256_storeu_si256((__m256i *)(squares + point), total);
        beyond = _mm256_sub_epi32(beyond, _mm256_cmpgt_epi32(total, limits));
    }
    int32_t counted[8], left = LEAF;
    _mm256_storeu_si256((__m256i *)counted, beyond);
    for (int lane = 0; lane < 8; lane++) left -= counted[lane];
    return left;
#else
    int left = 0;
    for (int point = 0; point < LEAF; point++) {
        int32_t total = squares[point];
        for (int pair = 0; pair < STRETCH; pair++) {
            int16_t one = (int16_t)(heads[pair][point][0] - question[pair][0]);
            int16_t other = (int16_t)(heads[pair][point][1] - question[pair][1]);
            total += one * one + other * other;
        }
        squares[point] = total;
        left += total <= limit;
    }
    return left;
#endif
}

/* `total`, and how far, squared, two points are from each other in their tails; once above the limit, no more. */
static inline int32_t with_tails(int32_t total, const int16_t *restrict one, const int16_t *restrict other,
                                 count numbers, int32_t limit) {
    for (count number = 0; number < numbers && total <= limit; number += LANES)
        for (int lane = 0; lane < LANES; lane++) {
            int16_t difference = (int16_t)(one[number + lane] - other[number + lane]);
            total += difference * difference;
        }
    return total;
}

typedef struct {
    const int16_t *questions;
    const int64_t *partition;
    const float *reach;
    const int16_t (*heads)[HEAD / 2][LEAF][2], *tails;
    count tail; /* numbers of one */
    const int64_t (*partitions)[LEAF];
    const float (*reaches)[LEAF];
    int64_t *counts;
    int32_t *found;
    count room;
} asking;

/* The square of two reaches together, or the greatest there is. */
static inline int32_t square_of(float reach, float other) {
    float together = reach + other;
    return together < 46340 ? (int32_t)(together * together) : INT32_MAX;
}

/* Write down the points of a leaf that are near a question, as many as there is room for, and count all. */
static inline void ask_leaf(const asking *all, int64_t at, int64_t leaf, int32_t limit) {
    const int16_t *question = all->questions + at * (HEAD + all->tail), *tails = all->tails + leaf * LEAF * all->tail;
    int32_t squares[LEAF] = {0};
    for (int pair = 0; pair < HEAD / 2; pair += STRETCH)
        if (within(all->heads[leaf] + pair, (const int16_t(*)[2])question + pair, limit, squares) == 0) return;
    int left[LEAF], many = 0;
    for (int point = 0; point < LEAF; point++) {
        left[many] = point;
        many += squares[point] <= limit;
    }
    for (int one = 0; one < many; one++) {
        int point = left[one];
        if (all->partitions[leaf][point] != all->partition[at]) continue;
        int32_t most = square_of(all->reach[at], all->reaches[leaf][point]);
        if (with_tails(squares[point], tails + point * all->tail, question + HEAD, all->tail, most) > most) continue;
        if (all->counts[at] < all->room) all->found[at * all->room + all->counts[at]] = (int32_t)(leaf * LEAF + point);
        all->counts[at]++;
    }
}

/* Points near each of the questions from `start` to `end`. `kinds` are the least and greatest partitions below nodes.
   Questions go down the tree together, so that a leaf is fetched from memory once for all of them. 0, or -1 without
   memory. */
SHARED count tree_ask(const int16_t *questions, const int64_t *partition, const float *reach,
                      const int16_t (*heads)[HEAD / 2][LEAF][2], const int16_t *tails, count tail,
                      const int64_t (*partitions)[LEAF], const float (*reaches)[LEAF], float farthest,
                      const int64_t (*spans)[2], const int16_t (*boxes)[2][HEAD], const int64_t (*kinds)[2],
                      int64_t *counts, int32_t *found, count room, count start, count end) {
    asking all = {questions, partition, reach, heads, tails, tail, partitions, reaches, counts, found, room};
    int64_t nodes[DEPTH], level_of[DEPTH], many[DEPTH] = {end - start}, size = 1;
    int64_t *reaching = malloc((size_t)((DEPTH + 1) * many[0]) * sizeof(int64_t)); /* the node above, by level */
    if (reaching == NULL) return -1;
    for (count at = start; at < end; at++) reaching[at - start] = at, counts[at] = 0;
    nodes[0] = level_of[0] = 0;
    while (size--) {
        int64_t node = nodes[size], level = level_of[size], left = 0;
        int64_t *asked = reaching + level * many[0], *below = asked + many[0];
        int64_t first = spans[node][0], last = spans[node][1];
        for (int64_t one = 0; one < many[level]; one++) {
            int64_t at = asked[one];
            int32_t limit = square_of(reach[at], farthest);
            if (partition[at] < kinds[node][0] || partition[at] > kinds[node][1]) continue;
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
    free(reaching);
    return 0;
}
