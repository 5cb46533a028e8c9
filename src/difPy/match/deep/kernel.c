/* Labels of near features in, votes out; sorted votes in, the pairs of pictures that have enough of them out.
   `kernel.py` says what a vote is made of. */

#include <math.h>

#include "compiled.h"

#define PICTURE 22 /* bits that tell a picture; as in `kernel.py`, as all of these are */
#define NUMBER 9   /* bits that tell a feature of the first */
#define HALF_TURNS 5
#define HALF_SCALES 5
#define PAIR (NUMBER + HALF_TURNS + HALF_SCALES) /* bits behind those of the pair */
#define TURNS 24
#define SCALES (1 << HALF_SCALES)
#define SCALE 5.6 /* sixteenths of an octave in a half-step */
#define TURN 9    /* bits of a label, as in `labels.py` */
#define SIZE 8
#define OWNER (NUMBER + TURN + SIZE)

/* The last so many bits of a number. */
static inline int64_t last_of(int64_t number, int bits) { return number & (((int64_t)1 << bits) - 1); }

/* Votes of pairs of features; in a mirror, turns go the other way. */
SHARED void deep_votes(const int64_t *labels, const int64_t *others, count size, count mirrored, uint64_t *found) {
    for (count row = 0; row < size; row++) {
        int64_t first = labels[row] < others[row] ? labels[row] : others[row];
        int64_t second = labels[row] < others[row] ? others[row] : labels[row];
        int64_t turn = last_of(first >> SIZE, TURN), other = last_of(second >> SIZE, TURN);
        turn = last_of(mirrored ? turn + other : turn - other, TURN);
        int64_t half = (int64_t)floor((double)(last_of(first, SIZE) - last_of(second, SIZE)) / SCALE) + SCALES / 2;
        half = half < 0 ? 0 : half > SCALES - 1 ? SCALES - 1 : half;
        int64_t vote = ((first >> OWNER << PICTURE | second >> OWNER) << 1 | mirrored) << NUMBER;
        vote |= last_of(first >> (OWNER - NUMBER), NUMBER);
        found[row] = (uint64_t)((vote << HALF_TURNS | turn * TURNS >> TURN) << HALF_SCALES | half);
    }
}

/* Steps are numbered from 0; there are four sets of them. */
typedef struct {
    int64_t votes[4][TURNS / 2][SCALES / 2 + 1], last[4][TURNS / 2][SCALES / 2 + 1];
} tally;

/* Places of a vote in the four sets, of its votes and of the feature that voted last. */
static inline void places_of(tally *all, uint64_t vote, int64_t *votes[4], int64_t *last[4]) {
    uint64_t scale = vote & (SCALES - 1), turn = vote >> HALF_SCALES & ((1 << HALF_TURNS) - 1);
    for (uint64_t set = 0; set < 4; set++) {
        uint64_t a = (turn + (set >> 1)) / 2 % (TURNS / 2), b = (scale + (set & 1)) / 2;
        votes[set] = &all->votes[set][a][b], last[set] = &all->last[set][a][b];
    }
}

/* Rows of first, second, votes and mirrored; how many there are. There is room for one for every `enough` votes. */
SHARED count deep_count(const uint64_t *votes, count size, int64_t enough, int64_t (*found)[4]) {
    static const tally nothing;
    tally all = nothing;
    int64_t *of_votes[4], *last[4], many = 0;
    for (count start = 0, end = 0; start < size; start = end) {
        uint64_t pair = votes[start] >> PAIR;
        int64_t most = 0;
        for (; end < size && votes[end] >> PAIR == pair; end++) {
            int64_t feature = 1 + (int64_t)(votes[end] >> (HALF_SCALES + HALF_TURNS) & ((1 << NUMBER) - 1));
            places_of(&all, votes[end], of_votes, last);
            for (int set = 0; set < 4; set++) {
                if (*last[set] == feature) continue;
                *last[set] = feature;
                int64_t agreeing = ++*of_votes[set];
                most = agreeing > most ? agreeing : most;
            }
        }
        for (count one = start; one < end; one++) {
            places_of(&all, votes[one], of_votes, last);
            for (int set = 0; set < 4; set++) *of_votes[set] = *last[set] = 0;
        }
        if (most < enough) continue;
        found[many][0] = (int64_t)(pair >> (PICTURE + 1)), found[many][1] = (int64_t)(pair >> 1 & ((1 << PICTURE) - 1));
        found[many][2] = most, found[many][3] = (int64_t)(pair & 1);
        many++;
    }
    return many;
}
