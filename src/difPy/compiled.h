/* What every room of loops in C speaks of. Plain C without Python, so that one build serves every version of it.

   A loop is a function that `compiled.py` hands out: SHARED, its name its room's first, for all rooms share one
   library. All else is static. */

#ifndef DIFPY_COMPILED_H
#define DIFPY_COMPILED_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define SHARED __declspec(dllexport)
#else
#define SHARED
#endif

typedef ptrdiff_t count;

#endif
