"""`make bench`: every bench of this folder, one after the other, with sizes that a laptop does in minutes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import photos

HERE = Path(__file__).parent
NOT_A_BENCH = {"run.py", "peer.py", "measure.py", "photos.py"}


def main() -> int:
    failed = []
    planted = HERE.parent / "demo" / "pictures"  # copies of all kinds, once `make demo` has drawn them
    folders = [photos.corpus(photos.BESIDE if photos.BESIDE.is_dir() else None)[0].parent, planted]
    for bench in sorted(path for path in HERE.glob("*.py") if path.name not in NOT_A_BENCH):
        arguments = [str(folder) for folder in folders if folder.is_dir()] if bench.name == "parity.py" else []
        print(f"\n==== python bench/{bench.name} {' '.join(arguments)}", flush=True)
        if subprocess.run([sys.executable, str(bench), *arguments]).returncode:
            failed.append(bench.name)
    if failed:
        print(f"\nfailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
