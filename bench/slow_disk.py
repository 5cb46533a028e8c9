"""A disk that takes its time: an index of photos when each open waits, against the same when none does.

    python bench/slow_disk.py [FOLDER] [--milliseconds 10] [--runs 3]

The wait is real, and before every `open` of a file below the folder: a library that is loaded before all others
(LD_PRELOAD) sleeps there, so this runs on Linux, where there is a C compiler. Nothing is remembered between runs.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import photos

SLEEPS = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#define SLOW(name) \
    int name(const char *path, int flags, ...) { \
        static int (*real)(const char *, int, ...); \
        if (!real) real = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, #name); \
        const char *below = getenv("SLOW_BELOW"); \
        va_list rest; \
        va_start(rest, flags); \
        mode_t mode = va_arg(rest, mode_t); \
        va_end(rest); \
        if (below && !(flags & O_DIRECTORY) && strncmp(path, below, strlen(below)) == 0) \
            usleep(1000 * atoi(getenv("SLOW_MS"))); \
        return real(path, flags, mode); \
    }
SLOW(open)
SLOW(open64)
"""
INDEX = """
import sys, time, difPy
began = time.perf_counter()
library = difPy.index(sys.argv[1], cache=False)
print(time.perf_counter() - began, library.decoded)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="default: 1,000 different photos, made from the corpus")
    parser.add_argument("--milliseconds", type=int, default=10)
    parser.add_argument("--runs", type=int, default=3)
    photos.add_argument(parser)
    options = parser.parse_args()
    folder = options.folder or photos.crops(photos.corpus(options.corpus), 1000)
    with tempfile.TemporaryDirectory() as place:
        source, library = Path(place, "slow.c"), Path(place, "slow.so")
        source.write_text(SLEEPS)
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
        slow = {"LD_PRELOAD": str(library), "SLOW_BELOW": str(folder.resolve()), "SLOW_MS": str(options.milliseconds)}
        runs = [(seconds(folder, {}), seconds(folder, slow)) for _ in range(options.runs)]
    quick, waiting = (statistics.median(times) for times in zip(*runs, strict=True))
    print(f"no delay {quick:.2f} s, {options.milliseconds} ms an open {waiting:.2f} s: {waiting / quick:.2f} times")


def seconds(folder: Path, environment: dict[str, str]) -> float:
    command = [sys.executable, "-c", INDEX, str(folder.resolve())]
    run = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=True)
    return float(run.stdout.split()[0])


if __name__ == "__main__":
    main()
