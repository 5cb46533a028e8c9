/* What is known of a block of a JPEG, once its code is read. */

#ifndef DIFPY_BLOCK_H
#define DIFPY_BLOCK_H

enum { KEPT = 4 }; /* coefficients that are kept: 0 or 1 wave down and across */

/* Energy and reach of all others; and of all samples the least and the greatest, where they may matter, and else 0. */
enum { ENERGY, REACH, LEAST, GREATEST, REST };

#endif
