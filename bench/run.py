"""`make bench`: every bench of this folder, one after the other, with sizes that a laptop does in minutes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import photos

HERE = Path(__file__).parent
NOT_A_BENCH = {"run.py", "peer.py", "measure.py", "photos.py", "tensors.py"}


def main() -> int:
    corpus = photos.corpus(photos.BESIDE if photos.BESIDE.is_dir() else None)[0].parent
    copies = HERE.parent / "demo" / "pictures"  # copies of all kinds, once `make demo` has drawn them
    arguments = {
        "parity.py": [corpus, *([copies] if copies.is_dir() else [])],
        "planted.py": ["--corpus", corpus],
    }
    failed = []
    for bench in sorted(path.name for path in HERE.glob("*.py") if path.name not in NOT_A_BENCH):
        command = [str(HERE / bench), *map(str, arguments.get(bench, []))]
        print("\n==== python", *command, flush=True)
        if subprocess.run([sys.executable, *command]).returncode:
            failed.append(bench)
    if failed:
        print(f"\nfailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
