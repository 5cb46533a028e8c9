"""A run done step by step, by processes that meet only at a store, as under Slurm, Batch or Kubernetes."""

import ctypes
import json
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import difPy
from clouds import assert_equal, stored
from data_sets import as_folder
from difPy import cloud, results
from difPy.cli import main
from difPy.cloud import blocks
from difPy.cloud.course import Course
from difPy.cloud.executors import Here
from difPy.cloud.log import finished
from difPy.cloud.sharing import share
from difPy.match.mse import stars
from difPy.model import Criterion
from test_cloud import drawn
from test_cloud_join import full_distance, hostile

DOCS = Path(__file__).parents[1] / "docs/cluster.md"


def joined(join, lead):
    course = Course(join, lead)
    course.replay()
    return course.stars()


@settings(max_examples=5, deadline=None)
@given(
    n=st.integers(1, 40),
    seed=st.integers(0, 50),
    threshold=st.sampled_from([0.0, 5.0, 50.0]),
    groups=st.integers(1, 3),
    most=st.sampled_from([10, 1000]),
    rank=st.integers(0, 1),
)
def test_a_share_is_done_by_whoever_comes_and_equals_the_join_of_one_machine(n, seed, threshold, groups, most, rank):
    """One that is the only process, or the second of two the first of which never comes."""
    rows, criterion = hostile(n, seed), Criterion(threshold, mirror=True)
    with tempfile.TemporaryDirectory() as place:
        join, lead = stored(place, rows, criterion, cells=5, groups=groups, first=8, largest=30, most=most)
        blocks.prepare(join, Here(1))
        assert share(join, rank, 1 + rank, lambda answers: full_distance, patience=0.0) > 0
        assert_equal(joined(join, lead), stars(rows, criterion, full_distance))


@pytest.fixture(scope="module")
def pictures(photo):
    return drawn(photo)


SBATCH = """#!/bin/sh
for argument; do
    case $argument in
        --array=*) last=${argument#--array=0-} ;;
        --dependency=*) test "$argument" = "--dependency=afterok:$(cat "$JOBS")" || exit 1 ;;
    esac
done
pids=
for SLURM_ARRAY_TASK_ID in $(seq 0 "$last"); do
    export SLURM_ARRAY_TASK_ID
    sh -c "$argument" >&2 &
    pids="$pids $!"
done
for pid in $pids; do wait "$pid" || exit 1; done
echo $(($(cat "$JOBS" 2> /dev/null || echo 0) + 1)) | tee "$JOBS"
"""


def test_the_script_for_slurm_finds_the_groups_of_one_machine(tmp_path, pictures):
    """Each of its commands is run, the tasks of an array side by side, by an sbatch that has no cluster."""
    (script,) = re.findall(r"```sh\n(#!/bin/sh\n.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "find.sh").write_text(script)
    command = f'#!/bin/sh\nexec "{sys.executable}" -m difPy "$@"\n'
    for name, text in (("sbatch", SBATCH), ("difpy", command)):
        (tmp_path / "bin").mkdir(exist_ok=True)
        (tmp_path / "bin" / name).write_text(text)
        (tmp_path / "bin" / name).chmod(stat.S_IRWXU)
    folder = as_folder(tmp_path / "pictures", pictures)
    environment = os.environ | {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "JOBS": str(tmp_path / "jobs")}
    subprocess.run(["sh", "find.sh", folder, "run", "5", "2"], cwd=tmp_path, env=environment, check=True, timeout=120)
    expected = difPy.find(difPy.index(folder, cache=False, processes=1), 5)
    assert list(results.read(tmp_path / "run.jsonl")) == expected.groups
    assert len(expected.groups) == 5
    assert len(list(tmp_path.glob("run/found/*/answered/*/0001"))) > 0  # both had a share


def test_the_job_for_kubernetes_runs_commands_that_there_are(pictures):
    import yaml

    (text,) = re.findall(r"```yaml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    job = yaml.safe_load(text)
    spec = job["spec"]
    assert (job["kind"], spec["completionMode"]) == ("Job", "Indexed")
    (container,) = spec["template"]["spec"]["containers"]
    *shell, line = container["command"]
    assert shell == ["sh", "-c"]
    assert f"--rank $JOB_COMPLETION_INDEX/{spec['completions']}" in line


def test_a_phase_says_which_one_comes_before_it(tmp_path, pictures, capsys):
    folder, place = as_folder(tmp_path / "pictures", pictures), str(tmp_path / "run")
    cloud.index(folder, place=place, part=16, processes=1)
    assert main(["step", "join", place]) == 2
    assert "say which join, --of NAME, of those that difpy cloud find --only-order has begun: none" in ended(capsys)
    assert main(["step", "join", place, "--of", "found/other"]) == 3
    assert "there is no join 'found/other' in the run" in ended(capsys)
    assert main(["cloud", "find", place, "-s", "5", "--only-order", "--workers", "2"]) == 0
    assert re.match(r"32 pictures in order: found/mse-5-\w+\n", capsys.readouterr().out)
    for phase, before, count in (("cut", "rows", 1), ("scatter", "cut", 1), ("join", "plan", 1)):
        assert main(["step", phase, place]) == 3
        assert f"difpy step {phase} needs what is not there yet: 1 of {count} steps of difpy step {before}" in ended(
            capsys
        )
    for phase in ("rows", "cut", "scatter", "fill", "plan"):
        assert main(["step", phase, place]) == 0
    assert capsys.readouterr().out.startswith(f"rows: 1 step done: {place}\ncut: 1 step done: ")
    assert main(["step", "join", place]) == 0
    library = difPy.index(folder, cache=False, processes=1)
    found = cloud.find(place, 5, processes=1)
    assert found.groups == difPy.find(library, 5).groups


def ended(capsys):
    return capsys.readouterr().err


def killed_in_the_join(command, place):
    """Run a command until some blocks are committed, and kill it; what is there then, and when it was made."""
    driver = subprocess.Popen([sys.executable, "-m", "difPy", *command], stdout=subprocess.DEVNULL)
    while len(list(place.glob("found/*/blocks/*.npz"))) < 3 and driver.poll() is None:
        time.sleep(0.002)
    driver.kill()
    assert driver.wait() == -signal.SIGKILL
    return made(place)


def made(place):
    return {path: path.stat().st_mtime_ns for path in place.rglob("*") if path.is_file()}


@pytest.mark.parametrize("who", ["driver", "worker"])
def test_a_join_whose_process_is_killed_goes_on_and_leaves_what_is_committed_alone(tmp_path, pictures, who):
    folder, place = as_folder(tmp_path / "pictures", pictures), tmp_path / "run"
    cloud.index(folder, place=str(place), part=16, processes=1)
    join = cloud.order(str(place), 5)
    file = place / f"{join.name}.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"first": 1, "largest": 1}))  # a block for each picture
    if who == "worker":
        blocks.prepare(join, Here(1))
    command = {"driver": ["cloud", "find", str(place), "-s", "5", "--quiet"], "worker": ["step", "join", str(place)]}
    before = killed_in_the_join(command[who], place)
    assert not finished(join)
    library = difPy.index(folder, cache=False, processes=1)
    assert cloud.find(str(place), 5, processes=1).groups == difPy.find(library, 5).groups
    assert {path: when for path, when in made(place).items() if path in before} == before
    assert finished(join)


def personality(number):
    """What `uname` says of the processor, in a process and all that it starts: as `setarch` does it."""
    assert ctypes.CDLL(None).personality(number) != -1


@pytest.mark.parametrize("other", ["decoders", "processor"])
def test_a_worker_that_really_has_other_decoders_or_another_processor_is_refused(tmp_path, pictures, other):
    """A package of another version stands first on the path of its process; or that runs as on 32 bits."""
    folder, place = as_folder(tmp_path / "pictures", pictures), tmp_path / "run"
    cloud.index(folder, place=str(place), only_list=True)
    older = tmp_path / "site/pillow_heif-0.1.0.dist-info"
    older.mkdir(parents=True)
    (older / "METADATA").write_text("Metadata-Version: 2.1\nName: pillow-heif\nVersion: 0.1.0\n")
    worker = subprocess.run(
        [sys.executable, "-m", "difPy", "step", "decode", str(place), "--processes", "1"],
        env=os.environ | ({"PYTHONPATH": str(older.parent)} if other == "decoders" else {}),
        preexec_fn=(lambda: personality(0x0008)) if other == "processor" else None,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert worker.returncode == 3
    what = r"decodes with .*pillow-heif 0\.1\.0.*, and" if other == "decoders" else r"has a processor of kind \w+, and"
    assert re.search(rf"a machine of the run {what} the run was begun with .*: the same picture might", worker.stderr)
    assert not (place / "pictures").exists()
