"""Reading ahead of decoding: where a disk is slow, and nowhere else; in bounds, in order, and of files as they are."""

import os
import sys
from pathlib import Path

import psutil
import pytest

import pictures
import worker_tasks as tasks
from difPy import disks
from difPy.model import Failure, Picture
from difPy.scan import scan
from difPy.workers import Processes, dismiss

MIB = 1 << 20
SLOW = 0.01


@pytest.fixture(autouse=True)
def nobody_waits_for_work():
    yield
    dismiss()


def lost(item, loss):
    return loss.reason


def results_of(task, items):
    return list(Processes(1).map(task, items, lost=lost))


def test_where_reading_takes_long_the_next_items_are_read_while_one_is_worked_on():
    found = results_of(tasks.Reading(SLOW, 1000), range(60))
    assert [item for item, _, _ in found] == list(range(60))
    assert sum(in_turn for _, in_turn, _ in found) < 4
    assert found[-1][2] > 8


def test_what_is_read_quickly_is_read_when_its_turn_comes():
    found = results_of(tasks.Reading(0, 1000), range(60))
    assert found == [(item, True, 1) for item in range(60)]


def test_what_takes_long_no_more_is_read_in_its_turn_again():
    found = results_of(tasks.Reading(SLOW, 1000, until=20), range(200))
    in_turn = [one for _, one, _ in found]
    assert (sum(in_turn[:20]) < 4) and all(in_turn[-100:])


def test_no_more_is_read_ahead_than_there_is_room_for():
    held = [most for _, _, most in results_of(tasks.Reading(SLOW, 6 * MIB), range(40))]
    assert max(held) in (2, 3)  # 16 MiB, and what is read in its turn


@pytest.mark.parametrize("memory", [1, 24])
def test_a_worker_that_may_take_little_memory_reads_ahead_with_fewer_threads_or_none(memory):
    found = list(Processes(1, memory=memory * MIB).map(tasks.Reading(SLOW, 1000), range(30), lost=lost))
    assert [item for item, _, _ in found] == list(range(30))
    assert max(most for _, _, most in found) <= memory


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody tells how much memory a process has taken")
@pytest.mark.parametrize("seconds", [SLOW, 0])
def test_what_was_read_is_kept_neither_by_the_thread_that_read_it_nor_by_what_it_raised(seconds):
    worker = Processes(1, memory=512 * MIB)  # which keeps a quarter for what it reads next
    found = list(worker.map(tasks.Remembering(seconds, 8 * MIB), range(60), lost=lambda item, _: 0))
    assert [item for item, taken in enumerate(found) if not taken] == [3]
    # 16 threads, what is read ahead, and as much that is free; what was too much is long gone by then.
    assert max(found[20:]) - found[0] < 100 * MIB


def test_a_large_item_is_read_when_its_turn_comes_and_keeps_none_behind_it_waiting():
    found = results_of(tasks.Reading(SLOW, 17 * MIB), range(30))
    assert found == [(item, True, 1) for item in range(30)]


def test_what_cannot_be_read_is_lost_alone_with_what_it_says():
    found = results_of(tasks.Reading(SLOW, 1000), [*range(30), -1, *range(30)])
    assert [one if isinstance(one, str) else one[0] for one in found] == [
        *range(30),
        "its decoder failed (OSError: no such item)",
        *range(30),
    ]


def test_the_next_run_has_nothing_of_what_was_read_for_the_one_before():
    results_of(tasks.Reading(SLOW, 1000), range(40))
    assert results_of(abs, [-1, -2]) == [1, 2]
    assert [item for item, _, _ in results_of(tasks.Reading(SLOW, 1000), range(40, 60))] == list(range(40, 60))


def test_a_task_in_one_part_is_done_by_the_workers_that_read_ahead_for_another():
    one = Processes(1)
    list(one.map(tasks.Reading(SLOW, 1000), range(40), lost=lost))
    before = {child.pid for child in psutil.Process().children()}
    assert set(one.map(tasks.busy_pid, [0.001] * 100, lost=lost)) == before


def test_files_that_go_or_change_before_they_are_read_are_failures_as_ever(tmp_path):
    for number in range(40):
        pictures.scene(number, (40, 30)).save(tmp_path / f"{number:02}.png")
    files = scan((str(tmp_path),)).files
    looks = Processes(1).map(tasks.SlowLook(50, True), files, lost=lost)
    found = [next(looks)]
    os.remove(files[38].path)
    Path(files[39].path).write_bytes(b"another picture")
    found += looks
    assert all(isinstance(one, Picture) for one in found[:38])
    gone, changed = found[38:]
    assert isinstance(gone, Failure) and gone.reason == "cannot be opened: No such file or directory"
    assert isinstance(changed, Failure) and changed.reason == "changed since it was scanned"
    again = list(Processes(1).map(tasks.SlowLook(50, True), files[:38], lost=lost))
    assert [one.identity for one in found[:38]] == [one.identity for one in again]


def test_a_run_that_is_broken_off_while_items_are_read_ends_at_once():
    looks = Processes(1).map(tasks.Reading(0.05, 1000), range(1000), lost=lost)
    assert [next(looks)[0] for _ in range(20)] == list(range(20))
    looks.close()


@pytest.mark.parametrize(("said", "turns"), [("1\n", True), ("0\n", False), (None, False)])
@pytest.mark.parametrize("part", ["", "sda1"])
def test_a_disk_turns_if_the_system_says_so_of_it_or_of_the_one_that_it_is_a_part_of(said, turns, part, tmp_path):
    disk = tmp_path / "devices" / "sda"
    (disk / "queue").mkdir(parents=True)
    (disk / part).mkdir(exist_ok=True)
    if said is not None:
        (disk / "queue" / "rotational").write_text(said)
    (tmp_path / "block").mkdir()
    (tmp_path / "block" / "8:1").symlink_to(disk / part)
    assert disks.turns(os.makedev(8, 1), str(tmp_path / "block")) is turns
