/* Nothing in; of which sources the library is, and which of its builds suits a processor, out. */

#include "compiled.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

/* The check sum of all sources, as `compiled.digest` has it. */
SHARED const char *sources(void) { return SOURCES; }

/* Whether the processor knows AVX2 and what came with it, and the system keeps registers that wide: 1 or 0. */
SHARED count is_wide(void) {
#if defined(__x86_64__)
    unsigned first, second, third, fourth;
    if (!__get_cpuid(1, &first, &second, &third, &fourth) || !(third & bit_OSXSAVE)) return 0;
    __asm__("xgetbv" : "=a"(first), "=d"(fourth) : "c"(0));
    if ((first & 6) != 6 || !__get_cpuid_count(7, 0, &first, &second, &third, &fourth)) return 0;
    return (second & bit_AVX2) && (second & bit_BMI) && (second & bit_BMI2);
#else
    return 0;
#endif
}
