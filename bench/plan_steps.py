"""Read a plan of a million steps, rehearse it, carry it out and undo it: seconds, and memory for each step.

Every stage is a process of its own, so that its peak is its own; beside it, what the standard library takes to read the
same file. Run it as ``python bench/plan_steps.py [STEPS] [--action delete] [--folder /dev/shm]``.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from blake3 import blake3

from difPy import act
from difPy.files import File
from difPy.model import Group, Member

COPIES = 9  # of each kept picture
STAGES = ("json.load", "read", "dry run", "apply", "undo")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("steps", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--action", default="delete", help="default: delete")
    parser.add_argument("--folder", default="/dev/shm" if Path("/dev/shm").is_dir() else None)
    parser.add_argument("--stage", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stage:
        measure(options.stage, Path(options.folder))
        return
    folder = tempfile.mkdtemp(dir=options.folder)
    os.environ["DIFPY_STATE_DIR"] = os.path.join(folder, "state")
    os.environ["XDG_DATA_HOME"] = os.path.join(folder, "data")
    try:
        make(Path(folder), options.steps, options.action)
        size = os.path.getsize(os.path.join(folder, "plan.json"))
        print(f"{options.steps:,} steps to {options.action}, {size / options.steps:,.0f} bytes of plan each")
        print(f"{'stage':<10} {'seconds':>8} {'steps/s':>10} {'peak MiB':>9} {'bytes a step':>13}", flush=True)
        for stage in STAGES:
            subprocess.run([sys.executable, __file__, "--stage", stage, "--folder", folder], check=True)
    finally:
        shutil.rmtree(folder)


def make(folder, steps, action):
    """Small files in folders of a thousand, of which each tenth is kept, and the plan for the others."""
    groups, digests = [], {}
    for kept in range(-(-steps // COPIES)):
        data = f"picture {kept}".encode() * 20
        found = []
        for number in range(1 + min(COPIES, steps - kept * COPIES)):
            path = folder / "in" / str(kept // 100) / f"holiday in the hills {kept:07} ({number}).jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            facts = path.lstat()
            one = File(str(path), str(folder / "in"), facts.st_size, facts.st_mtime_ns, facts.st_dev, facts.st_ino)
            digests[one.path] = blake3(data).digest()
            found.append(one)
        groups.append(Group(found[0], tuple(Member(file, 0.0, 0) for file in found[1:])))
    plan = act.plan(groups, action, digests=digests, destination=str(folder / "out") if action == "move" else None)
    assert len(plan.steps) == steps
    (folder / "plan.json").write_text(act.to_json(plan))


def measure(stage, folder):
    """One stage, in this process."""
    before, start = peak(), time.perf_counter()
    count = globals()[stage.replace(" ", "_").replace(".", "_")](folder)
    seconds, after = time.perf_counter() - start, peak()
    each = (after - before) / count
    print(f"{stage:<10} {seconds:8.1f} {count / seconds:10,.0f} {after / 2**20:9,.0f} {each:13,.0f}", flush=True)


def peak():
    """Bytes of memory that this process has had at most; `ru_maxrss` would count those of the one that started it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def json_load(folder):
    return len(json.loads((folder / "plan.json").read_bytes())["steps"])


def plan_of(folder):
    return act.read_plan(folder / "plan.json")


def read(folder):
    return len(plan_of(folder).steps)


def dry_run(folder):
    outcome = act.apply(plan_of(folder), dry_run=True)
    return len(outcome.done)


def apply(folder):
    outcome = act.apply(plan_of(folder), str(folder / "journal.jsonl"))
    assert not outcome.skipped and not outcome.failed, (outcome.skipped[:1], outcome.failed[:1])
    return len(outcome.done)


def undo(folder):
    undone = act.undo(str(folder / "journal.jsonl"))
    assert not undone.failed, undone.failed[:1]
    return len(undone.restored)


if __name__ == "__main__":
    sys.exit(main())
