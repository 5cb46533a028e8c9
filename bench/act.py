"""Carry out a plan of many steps on a memory disk, and undo it: steps a second, and the journal's size.

Run it as ``python bench/act.py [STEPS] [--folder /dev/shm]``.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from blake3 import blake3

from difPy import act
from difPy.files import File
from difPy.model import Group, Member

KEPT = 100  # groups: each kept picture has a hundredth of the copies


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("steps", nargs="?", type=int, default=100_000)
    parser.add_argument("--folder", default="/dev/shm" if Path("/dev/shm").is_dir() else None)
    parser.add_argument("--actions", nargs="+", default=["trash", "move", "delete", "hardlink", "symlink"])
    options = parser.parse_args()
    print(f"{'action':<10} {'peer s':>8} {'plan s':>8} {'apply s':>8} {'steps/s':>9} {'undo s':>8} {'journal MB':>11}")
    for action in options.actions:
        folder = tempfile.mkdtemp(dir=options.folder)
        os.environ["DIFPY_STATE_DIR"] = os.path.join(folder, "state")
        os.environ["XDG_DATA_HOME"] = os.path.join(folder, "data")
        try:
            measure(action, options.steps, folder)
        finally:
            shutil.rmtree(folder)


def measure(action, steps, folder):
    groups, digests = tree(os.path.join(folder, "in"), steps)
    peer = bare(os.path.join(folder, "peer"), steps)
    start = time.perf_counter()
    plan = act.plan(
        groups, action, digests=digests, destination=os.path.join(folder, "out") if action == "move" else None
    )
    planned = time.perf_counter()
    outcome = act.apply(plan)
    applied = time.perf_counter()
    size = os.path.getsize(outcome.journal)
    undone = act.undo(outcome.journal)
    end = time.perf_counter()
    assert len(outcome.done) == steps, (outcome.skipped[:3], outcome.failed[:3])
    assert len(undone.restored) == steps, undone.failed[:3]
    rate = steps / (applied - planned)
    times = f"{peer:8.2f} {planned - start:8.2f} {applied - planned:8.2f} {rate:9,.0f} {end - applied:8.2f}"
    print(f"{action:<10} {times} {size / 1e6:11.1f}")


def tree(root, steps):
    """Groups of small files with the same bytes, in folders of a thousand."""
    groups, digests, files = [], {}, iter(range(steps))
    for kept in range(KEPT):
        data = f"picture {kept}".encode() * 50
        digest = blake3(data).digest()
        members = []
        for number in range(-1, steps // KEPT + (kept < steps % KEPT)):
            name = f"kept{kept}" if number < 0 else str(next(files))
            path = os.path.join(root, str(kept), f"{name}.jpg")
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(data)
            facts = os.lstat(path)
            found = File(path, root, facts.st_size, facts.st_mtime_ns, facts.st_dev, facts.st_ino)
            digests[path] = digest
            if number < 0:
                keeper = found
            else:
                members.append(Member(found, 0.0, 0))
        groups.append(Group(keeper, tuple(members)))
    return groups, digests


def bare(folder, steps):
    """The floor: seconds to rename as many files, unchecked and untold."""
    os.makedirs(folder)
    for number in range(steps):
        with open(os.path.join(folder, str(number)), "wb"):
            pass
    start = time.perf_counter()
    for number in range(steps):
        os.rename(os.path.join(folder, str(number)), os.path.join(folder, f"{number}.jpg"))
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
