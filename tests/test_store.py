"""The index: what was looked at once is known ever after, and nothing that befalls its file makes an answer wrong."""

import contextlib
import gc
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import store_tasks as made
from difPy import gallery, store
from difPy.errors import IndexUnusable, WrongValue
from difPy.files import File
from difPy.store import schema
from difPy.store.bounds import LARGEST

TASKS = Path(made.__file__)
ROWS = 40


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "index.sqlite")


@pytest.fixture
def filled(path):
    made.fill(path, 0, ROWS, 10)
    return path


def silence(message):
    raise AssertionError(f"there was nothing to say, but: {message}")


def opened(path, warn=silence, **options):
    return made.opened(path, warn, **options)


def states(path, rows, **options):
    with opened(path, **options) as index:
        return index.known([made.file(row) for row in rows]).states.tolist()


def right(row):
    """The state of a made file that was found to be what it is."""
    return store.FAILED if row % 11 == 10 or row % 7 == 6 else store.PICTURE


def pictures(rows):
    return [row for row in rows if right(row) == store.PICTURE]


def assert_as_put(gallery, rows, *, exact=True):
    looks = [made.picture(row, exact=exact, px_size=gallery.px_size) for row in rows]
    assert gallery.files == [made.file(row) for row in rows]
    assert gallery.widths.tolist() == [look.width for look in looks]
    assert gallery.heights.tolist() == [look.height for look in looks]
    assert gallery.frames.tolist() == [look.frames for look in looks]
    assert gallery.identities == [look.identity for look in looks]
    assert gallery.stances.tolist() == [look.stance for look in looks]
    assert gallery.digests == [look.digest for look in looks]
    assert gallery.formats == [look.format for look in looks]
    assert gallery.exif_fields.tolist() == [look.exif_fields for look in looks]
    assert gallery.gps.tolist() == [look.gps for look in looks]
    assert gallery.other_fields.tolist() == [look.other_fields for look in looks]
    assert gallery.notes.tolist() == [look.notes for look in looks]
    assert gallery.lossless.tolist() == [look.lossless for look in looks]
    assert np.array_equal(gallery.vectors, [made.vector(row) for row in rows])
    assert np.array_equal(gallery.tensors[:], [look.tensor for look in looks])
    assert {row: views.tolist() for row, views in gallery.views.items()} == {
        at: look.views.tolist() for at, look in enumerate(looks) if look.views is not None
    }
    assert gallery.beside == {at: look.beside for at, look in enumerate(looks) if look.beside}
    assert (gallery.errors >= [look.error for look in looks]).all()
    assert np.allclose(gallery.errors, [look.error for look in looks])


def take_gallery(index, rows):
    return index.gallery([made.file(row) for row in rows], [made.digest(row) for row in rows])


# What is remembered


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("px_size", [10, 50])
def test_a_picture_comes_back_as_it_was_put(path, exact, px_size):
    rows = range(12)
    with opened(path, px_size=px_size) as index:
        index.put(
            [
                store.Found(
                    made.file(row), made.digest(row), made.picture(row, exact=exact, px_size=px_size), made.vector(row)
                )
                for row in rows
            ]
        )
    with opened(path, px_size=px_size) as index:
        known = index.known([made.file(row) for row in rows])
        assert set(known.states) == {store.PICTURE}
        assert_as_put(index.gallery([made.file(row) for row in rows], known.digests), rows, exact=exact)


def test_an_unchanged_file_is_known_although_it_cannot_even_be_opened(filled):
    assert not os.path.exists(made.file(0).path)
    assert states(filled, range(ROWS)) == [right(row) for row in range(ROWS)]


@pytest.mark.parametrize(
    "change",
    [{"size": 5}, {"mtime_ns": made.LONG_AGO - 1}, {"inode": 5}, {"device": 5}],
    ids=lambda change: str(*change),
)
def test_a_changed_file_is_not_known(filled, change):
    with opened(filled) as index:
        known = index.known([made.file(row, **change) for row in (0, 6, 10)])
    assert set(known.states) <= {store.NEW, store.LIKELY}
    assert known.digests == [None, None, None]


def test_a_touched_moved_or_copied_file_is_known_by_its_bytes(filled):
    with opened(filled) as index:
        (state,) = index.known([made.file(0, mtime_ns=5, inode=5, path="/copy.jpg")]).states
        assert state == store.LIKELY
        known = index.recognise([made.digest(0), made.digest(6), b"\0" * 32])
        assert known.states.tolist() == [store.PICTURE, store.FAILED, store.NEW]
        assert known.digests == [made.digest(0), made.digest(6), None]
        assert known.reasons == {1: "content 6 is no picture"}
        index.put([store.Found(made.file(0, mtime_ns=5, inode=5, path="/copy.jpg"), made.digest(0))])
    with opened(filled) as index:
        both = index.known([made.file(0), made.file(0, mtime_ns=5, inode=5, path="/copy.jpg")])
        assert both.states.tolist() == [store.PICTURE, store.PICTURE]


def test_a_file_whose_size_was_never_seen_need_not_be_digested_first(filled):
    assert states(filled, [10**6]) == [store.NEW]


def test_a_renamed_file_is_known_and_its_new_name_remembered(filled):
    renamed = [made.file(row, path=f"/elsewhere/{row}.jpg") for row in range(ROWS)]
    with opened(filled) as index:
        assert index.known(renamed).states.tolist()[:6] == [right(row) for row in range(6)]
    assert (b"/elsewhere/0.jpg",) in [row[2:3] for row in made.dump(filled)["file"]]


def test_two_files_that_swap_names_are_both_known(filled):
    swapped = [made.file(0, path=made.file(1).path), made.file(1, path=made.file(0).path)]
    for _ in range(2):
        with opened(filled) as index:
            assert index.known(swapped).digests == [made.digest(0), made.digest(1)]


def test_under_another_name_a_whole_second_proves_nothing(path):
    """Archives give many files the same whole second, and a new file may come by the inode of a deleted one."""
    old = made.file(0, mtime_ns=1_600_000_000_000_000_000)
    other = made.file(0, mtime_ns=1_600_000_000_000_000_000, path="/made/other.bmp")
    with opened(path) as index:
        index.put([store.Found(old, made.digest(0), made.picture(0), made.vector(0))])
        assert index.known([old]).states.tolist() == [store.PICTURE]
        assert index.known([other]).states.tolist() == [store.LIKELY]


def test_what_replaces_a_file_replaces_what_is_known_of_it(filled):
    again = made.file(0, inode=5, size=77)  # another file has taken its name
    with opened(filled) as index:
        index.put([store.Found(again, made.digest(1))])
        assert index.known([again]).digests == [made.digest(1)]
    assert len(made.dump(filled)["file"]) == len([row for row in range(ROWS) if row % 11 != 10])


def test_failures_are_remembered_with_their_reasons(filled):
    with opened(filled) as index:
        known = index.known([made.file(row) for row in range(12)])
    assert known.reasons == {6: "content 6 is no picture", 10: "decoding file 10 ended its worker"}


@pytest.mark.parametrize("options", [{"decoders": "made 2"}, {"px_size": 11}], ids=["decoders", "px_size"])
def test_another_way_of_looking_begins_anew_and_keeps_the_old(filled, options):
    assert set(states(filled, range(ROWS), **options)) == {store.LIKELY, store.NEW}
    with opened(filled, **options) as index:
        index.put(
            [
                store.Found(
                    made.file(row), made.digest(row), made.picture(row, px_size=index.recipe.px_size), made.vector(row)
                )
                for row in range(6)
            ]
        )
        assert index.known([made.file(row) for row in range(6)]).states.tolist() == [store.PICTURE] * 6
    assert states(filled, range(ROWS)) == [right(row) for row in range(ROWS)]


@pytest.mark.parametrize(
    ("seconds", "state"), [(0, store.LIKELY), (-1, store.LIKELY), (-10, store.PICTURE), (3600, store.PICTURE)]
)
def test_a_file_that_was_read_as_soon_as_it_was_written_is_read_once_more(path, tmp_path, seconds, state):
    """It may have changed again within the tick of its file system's clock: then its time says nothing."""
    picture = tmp_path / "a.jpg"
    picture.write_bytes(b"first")
    os.utime(picture, ns=(0, time.time_ns() + seconds * 10**9))
    with opened(path) as index:
        index.known([scanned(picture)])
        index.put([store.Found(scanned(picture), made.digest(0), made.picture(0), made.vector(0))])
    with opened(path) as index:
        assert index.known([scanned(picture)]).states.tolist() == [state]


def scanned(picture):
    status = os.stat(picture)
    return File(str(picture), "", status.st_size, status.st_mtime_ns, status.st_dev, status.st_ino)


def test_a_sketch_becomes_exact_and_never_a_sketch_again(path):
    with opened(path) as index:
        for exact in (False, True, False):
            index.put([made.found(4, exact=exact)])
            gallery = take_gallery(index, [4])
        assert_as_put(gallery, [4])
    assert [len(made.dump(path)[table]) for table in ("picture", "tensor", "views")] == [1, 1, 1]


def test_an_identity_that_is_begun_becomes_whole_and_never_less(path):
    known = []
    with opened(path) as index:
        for kind in ({"exact": False}, {"begun": True}, {"exact": False}, {}, {"begun": True}, {"exact": False}):
            index.put([made.found(4, **kind)])
            (identity,) = take_gallery(index, [4]).identities
            known.append(len(identity or b""))
        assert_as_put(take_gallery(index, [4]), [4])
    assert known == [0, 8, 8, 40, 40, 40]


def test_in_memory_too_an_identity_that_is_begun_becomes_whole_and_never_less():
    with opened(False) as index:
        for kind, known in ({"begun": True}, 8), ({"exact": False}, 8), ({}, 40), ({"begun": True}, 40):
            index.put([made.found(4, **kind)])
            assert len(take_gallery(index, [4]).identities[0]) == known


def test_of_what_is_put_at_once_the_most_that_is_known_counts(path):
    with opened(path) as index:
        index.put([made.found(4, begun=True), made.found(4), made.found(4, exact=False)])
        assert_as_put(take_gallery(index, [4]), [4])


def test_a_gallery_taken_before_a_sketch_became_exact_still_answers(path):
    with opened(path) as index:
        index.put([made.found(0, exact=False)])
        gallery = take_gallery(index, [0])
        index.put([made.found(0)])
        assert np.array_equal(gallery.tensors[0], made.picture(0).tensor)


def test_a_sketch_whose_full_decode_fails_is_a_failure(path):
    with opened(path) as index:
        index.put([made.found(0, exact=False)])
        index.put([store.Found(made.file(0), made.digest(0), reason="truncated")])
        assert index.known([made.file(0)]).reasons == {0: "truncated"}
        index.put([made.found(0)])
        assert index.known([made.file(0)]).states.tolist() == [store.PICTURE]


def test_bounds_of_errors_are_never_rounded_down(path):
    errors = np.random.default_rng(0).uniform(0, 20, ROWS)
    with opened(path) as index:
        index.put(
            [
                store.Found(
                    made.file(row), made.digest(row), made.picture(row, exact=False, error=error), made.vector(row)
                )
                for row, error in enumerate(errors.tolist())
            ]
        )
        gallery = take_gallery(index, range(ROWS))
    assert (gallery.errors.astype(float) >= errors).all()
    assert (gallery.errors.astype(float) <= errors * (1 + 1e-6)).all()


def test_what_does_not_fit_is_refused(path):
    with pytest.raises(WrongValue, match="vector"):
        store.Found(made.file(0), made.digest(0), made.picture(0))
    with pytest.raises(WrongValue, match="digest"):
        store.Found(made.file(0), made.digest(1), made.picture(0), made.vector(0))
    with pytest.raises(WrongValue, match="neither"):
        store.Found(made.file(0), None)
    with opened(path) as index:
        with pytest.raises(WrongValue, match="shape"):
            index.put([store.Found(made.file(0), made.digest(0), made.picture(0, px_size=11), made.vector(0))])
        assert index.info().files == 0


# Names and numbers


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.binary(min_size=1, max_size=60).filter(lambda name: not {0, 47} & set(name) and name not in (b".", b"..")),
    reason=st.text(st.characters(codec="utf-8") | st.sampled_from("\udc80\udcff"), min_size=1),
    number=st.integers(0, 2**128),
    mtime_ns=st.integers(-(2**66), 2**66),
)
def test_any_name_any_reason_and_any_number_is_remembered(name, reason, number, mtime_ns):
    file = made.file(0, path=os.fsdecode(b"/made/" + name), inode=number, device=number + 1, mtime_ns=mtime_ns)
    with tempfile.TemporaryDirectory() as folder, opened(folder) as index:
        for digest in (made.digest(0), None):
            index.put([store.Found(file, digest, reason=reason)])
            assert index.known([file]).reasons == {0: reason}


def test_a_path_is_the_same_from_wherever_it_is_seen(path, tmp_path, monkeypatch):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    whole_second = {"mtime_ns": 10**18}
    with opened(path) as index:
        index.put([store.Found(made.file(0, path=str(tmp_path / "real" / "a.jpg"), **whole_second), made.digest(0),
                               made.picture(0), made.vector(0))])  # fmt: skip
        monkeypatch.chdir(tmp_path / "real")
        for name in ("a.jpg", "./a.jpg", "../link/a.jpg", str(tmp_path / "link" / "a.jpg")):
            assert index.known([made.file(0, path=name, **whole_second)]).states.tolist() == [store.PICTURE], name


# Galleries


def test_a_gallery_has_a_row_for_each_file_in_the_order_of_the_files(filled):
    rows = [12, 0, 12, 4, 3, 4]
    with opened(filled) as index:
        assert_as_put(take_gallery(index, rows), rows)


def test_tensors_are_taken_as_from_an_array(filled):
    rows = pictures(range(ROWS))
    with opened(filled) as index:
        gallery = take_gallery(index, rows)
        column = np.stack([made.picture(row).tensor for row in rows])
        mask = np.arange(len(rows)) % 3 == 0
        for taken in (0, -1, slice(None), slice(5, 2), slice(2, 9, 3), [3, 1, 1], np.array([[0, 1], [2, 0]]), mask, []):
            taken = np.array(taken, np.int64) if isinstance(taken, list) else taken
            assert np.array_equal(gallery.tensors[taken], column[taken])
        assert gallery.tensors.shape == column.shape
        with pytest.raises(IndexError):
            gallery.tensors[len(rows)]


def test_tensors_can_be_replaced_in_a_gallery_without_changing_the_index(filled):
    with opened(filled) as index:
        gallery = take_gallery(index, [0, 1, 2])
        gallery.tensors[1] = made.picture(30).tensor
        gallery.tensors[[0, 2]] = 9
        assert np.array_equal(gallery.tensors[1], made.picture(30).tensor)
        assert (gallery.tensors[[2, 0]] == 9).all()
        assert_as_put(take_gallery(index, [0, 1, 2]), [0, 1, 2])


def test_a_sketch_stays_one_in_a_gallery_whose_index_is_emptied_before_the_full_decode_is_entered(path):
    with opened(path) as index:
        index.put([store.Found(made.file(0), made.digest(0), made.picture(0, exact=False), made.vector(0))])
        sketched = take_gallery(index, [0])
        index.clear()
        with pytest.raises(IndexUnusable, match="run again"):
            gallery.put(sketched, [0], [made.found(0)])
        assert sketched.errors[0] > 0 and sketched.identities == [None]


def test_views_can_be_replaced_and_removed_in_a_gallery(filled):
    with opened(filled) as index:
        gallery = take_gallery(index, [4, 5, 9])
        assert list(gallery.views) == [0, 2]
        del gallery.views[0]
        gallery.views[1] = made.picture(14).views
        assert 0 not in gallery.views
        assert np.array_equal(gallery.views[1], made.picture(14).views)


def test_many_threads_read_while_one_writes(path):
    with opened(path) as index:
        index.put([made.found(row) for row in range(ROWS)])
        rows = pictures(range(ROWS))
        gallery = take_gallery(index, rows)
        column = np.stack([made.picture(row).tensor for row in rows])
        wrong, over = [], threading.Event()

        def read(seed):
            rng = np.random.default_rng(seed)
            while not over.is_set():
                some = rng.integers(0, len(rows), 5)
                if not np.array_equal(gallery.tensors[some], column[some]):
                    wrong.append(some)

        threads = [threading.Thread(target=read, args=(seed,)) for seed in range(3)]
        for thread in threads:
            thread.start()
        for start in range(ROWS, 10 * ROWS, 5):
            index.put([made.found(row) for row in range(start, start + 5)])
        over.set()
        for thread in threads:
            thread.join()
    assert not wrong
    assert states(path, range(10 * ROWS)) == [right(row) for row in range(10 * ROWS)]


# Where the file is


def test_the_file_is_in_the_cache_folder_and_readable_for_nobody_else(monkeypatch, tmp_path):
    monkeypatch.setenv("DIFPY_CACHE_DIR", str(tmp_path / "deep" / "cache"))
    with opened(None) as index:
        assert index.path == store.default_path() == str(tmp_path / "deep" / "cache" / "index.sqlite")
    assert os.stat(index.path).st_mode & 0o777 == 0o600
    assert os.stat(tmp_path / "deep" / "cache").st_mode & 0o777 == 0o700


def test_a_folder_or_a_file_can_be_named(tmp_path):
    for cache, path in ((tmp_path, tmp_path / "index.sqlite"), (tmp_path / "my #?%41\udcff index", None)):
        made.fill(cache, 0, 3, 3)
        assert states(cache, range(3)) == [store.PICTURE] * 3
        assert os.path.exists(path or cache)


def test_without_a_file_all_is_known_until_the_end():
    with opened(False) as index:
        index.put([made.found(row) for row in range(ROWS)])
        index.put([made.found(row, exact=False) for row in range(ROWS)])
        rows = pictures(range(ROWS))
        assert_as_put(take_gallery(index, rows), rows)
        assert index.recognise([made.digest(0), made.digest(6), made.digest(ROWS)]).states.tolist() == [
            store.PICTURE, store.FAILED, store.NEW,
        ]  # fmt: skip
        assert index.path is None
        for maintenance in (index.info, index.prune, index.clear):
            with pytest.raises(IndexUnusable, match="memory"):
                maintenance()


def test_pixels_too_many_for_sqlite_stay_in_memory(path):
    views = np.broadcast_to(np.uint8(1), (LARGEST // (3 * made.PX**2) + 1, made.PX, made.PX, 3))
    with opened(path) as index:
        index.put(
            [store.Found(made.file(0), made.digest(0), made.picture(0, views=views), made.vector(0)), made.found(1)]
        )
        gallery = take_gallery(index, [0, 1])
        assert gallery.views[0].shape == views.shape
    assert states(path, range(2)) == [store.NEW, store.PICTURE]


def test_an_index_that_nobody_closed_closes_itself(filled):
    index = opened(filled)
    gallery = take_gallery(index, [0])
    del index
    gc.collect()
    assert np.array_equal(gallery.tensors[0], made.picture(0).tensor)
    del gallery
    gc.collect()
    assert not os.path.exists(filled + "-wal")


def test_a_closed_index_says_so(filled):
    with opened(filled) as index:
        gallery = take_gallery(index, [0])
    with pytest.raises(IndexUnusable, match="closed"):
        gallery.tensors[0]
    with pytest.raises(IndexUnusable, match="closed"):
        index.known([made.file(0)])


# Kills, and others at work


def test_an_indexing_run_killed_at_any_of_25_moments_and_run_again_leaves_the_index_of_an_undisturbed_one(tmp_path):
    rows, batch = 150, 1
    began = time.perf_counter()
    made.fill(tmp_path / "undisturbed", 0, rows, batch)
    undisturbed, seconds = made.dump(tmp_path / "undisturbed"), time.perf_counter() - began
    moments = random.Random(4)
    counts = []
    for number in range(25):
        path = tmp_path / f"killed {number}"
        with task("fill", path, 0, rows, batch) as process:
            if number % 5:  # every fifth kill may come while the file is being opened, or before
                assert process.stdout.readline() == "ready\n"
            time.sleep(moments.uniform(0, seconds))
            process.send_signal(signal.SIGKILL)
            put = [int(line) for line in process.stdout.read().split() if line.isdigit()]
        with opened(path) as index:
            known = np.count_nonzero(index.known([made.file(row) for row in range(rows)]).states > store.LIKELY)
        assert known >= max(put, default=0)  # nothing that was put is lost
        counts.append(int(known))
        made.fill(path, 0, rows, batch)
        assert made.dump(path) == undisturbed
    assert len(set(counts)) > 5  # the kills did come at different moments


@contextlib.contextmanager
def task(*arguments, **options):
    command = [sys.executable, str(TASKS), *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options) as process:
        yield process


def test_two_processes_index_at_once(path):
    with task("fill", path, 0, 200, 3) as one, task("fill", path, 100, 300, 4) as other:
        told = one.communicate()[0] + other.communicate()[0]
    assert (one.returncode, other.returncode) == (0, 0)
    assert all(line == "ready" or line.isdigit() for line in told.splitlines())
    assert states(path, range(300)) == [right(row) for row in range(300)]
    assert len(made.dump(path)["picture"]) == len(pictures(range(300)))
    with opened(path) as index:
        assert_as_put(take_gallery(index, pictures(range(300))), pictures(range(300)))


LOCK = (
    "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('BEGIN EXCLUSIVE'); print('locked', flush=True); input()"
)


@contextlib.contextmanager
def locked(path):
    command = [sys.executable, "-c", LOCK, path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "locked\n"
        yield process
        process.communicate("\n")


def test_a_writer_waits_for_another_program(filled):
    with opened(filled) as index, locked(filled) as other:
        timer = threading.Timer(0.5, other.stdin.write, ["\n"])
        flusher = threading.Timer(0.6, other.stdin.flush)
        timer.start(), flusher.start()
        index.put([made.found(ROWS)])
        timer.join(), flusher.join()
    assert states(filled, [ROWS]) == [store.PICTURE]


def test_a_writer_that_waits_in_vain_goes_on_in_memory(filled):
    told = []
    with opened(filled, told.append, patience=0.1) as index, locked(filled):
        assert index.known([made.file(0)]).states.tolist() == [store.PICTURE]
        for row in (ROWS, ROWS + 2):
            index.put([made.found(row)])
        assert_as_put(take_gallery(index, [0, ROWS, 1, ROWS + 2]), [0, ROWS, 1, ROWS + 2])
    assert len(told) == 1
    assert "another program keeps it locked" in told[0]
    assert states(filled, [0, ROWS]) == [store.PICTURE, store.NEW]


def test_an_index_that_stays_locked_when_it_is_to_be_made_is_done_without(path):
    sqlite3.connect(path).close()
    told = []
    with locked(path), opened(path, told.append, patience=0.1) as index:
        index.put([made.found(0)])
        assert_as_put(take_gallery(index, [0]), [0])
    assert len(told) == 1
    assert "another program keeps it locked; what is found is not remembered" in told[0]


def test_an_index_file_removed_during_a_run_does_not_end_it(filled):
    with opened(filled) as index:
        index.known([made.file(0)])
        os.unlink(filled)
        index.put([made.found(ROWS)])
        assert_as_put(take_gallery(index, [0, ROWS]), [0, ROWS])
    assert states(filled, [0]) == [store.NEW]


# Disks that are full or cannot be written


def privileged(*script):
    """Run a shell script where it may mount, or say that it may not."""
    command = ["unshare", "--mount", "--map-root-user", "sh", "-ec", *script]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except FileNotFoundError:
        return None
    return done if done.returncode != 77 and "unshare:" not in done.stderr else None


FULL = """
import resource, sys
sys.path.insert(0, sys.argv[1])
import store_tasks as made
from difPy import store
if sys.argv[3] == "limited":
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
told = []
with made.opened(sys.argv[2], told.append) as index:
    rows = [row for row in range(3000) if row % 11 != 10 and row % 7 != 6]
    for start in range(0, len(rows), 50):
        index.put([made.found(row) for row in rows[start : start + 50]])
    gallery = index.gallery([made.file(row) for row in rows], [made.digest(row) for row in rows])
    assert all((gallery.tensors[at] == made.picture(row).tensor).all() for at, row in enumerate(rows))
assert len(told) == 1 and "not remembered" in told[0], told
with made.opened(sys.argv[2], told.append) as index:
    states = index.known([made.file(row) for row in rows]).states
    index.gallery([made.file(row) for row in rows[:50]], [made.digest(row) for row in rows[:50]]).tensors[:]
    assert 50 <= (states == store.PICTURE).sum() < len(rows), states
print(told)
"""


def test_a_full_disk_is_told_once_and_the_run_goes_on(tmp_path):
    arguments = [sys.executable, "-c", FULL, str(TASKS.parent)]
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = 'mount -t tmpfs -o size=1m,mode=700 tmpfs "$1" || exit 77; shift; exec "$@"'
    done = privileged(mounted, "sh", str(disk), *arguments, str(disk / "index"), "mounted")
    if done is None:  # no leave to mount: a limit on the size of files is as real
        done = subprocess.run([*arguments, str(disk / "index"), "limited"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_file_that_may_grow_no_more_is_told_once_and_the_run_goes_on(path):
    command = [sys.executable, "-c", FULL, str(TASKS.parent), path, "limited"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def look_where_nothing_can_be_written(folder):
    """What `look` finds in an index whose folder is read-only: by a mount, or by its mode."""
    command = [sys.executable, str(TASKS), "look", str(folder / "index.sqlite"), str(ROWS)]
    mounted = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" || exit 77; shift; exec "$@"'
    done = privileged(mounted, "sh", str(folder), *command)
    if done is None:
        names = [folder, *folder.iterdir()]
        modes = [name.stat().st_mode for name in names]
        for name in names:
            name.chmod(0o555)
        done = subprocess.run(command, capture_output=True, text=True)
        for name, mode in zip(names, modes, strict=True):
            name.chmod(mode)
    return done


def test_an_index_that_cannot_be_written_is_read(tmp_path):
    made.fill(tmp_path / "index.sqlite", 0, ROWS, 10)
    done = look_where_nothing_can_be_written(tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["states"] == [right(row) for row in range(ROWS)]
    assert found["right"]
    assert len(found["told"]) == 1
    assert "only read" in found["told"][0]
    assert "only read" in found["refused"]


def test_an_index_that_cannot_be_created_is_done_without(tmp_path):
    assert_done_without(look_where_nothing_can_be_written(tmp_path), "cannot be created")


def test_an_index_that_cannot_be_written_after_a_crash_is_done_without_rather_than_read_in_part(tmp_path):
    """What was put last is only in the write-ahead log, which cannot be read without writing."""
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    with opened(tmp_path / "index.sqlite") as index:
        index.put([made.found(row) for row in range(ROWS)])
        for suffix in ("", "-wal"):
            shutil.copy(str(tmp_path / "index.sqlite") + suffix, str(crashed / "index.sqlite") + suffix)
    assert_done_without(look_where_nothing_can_be_written(crashed), "cannot be opened")
    assert states(crashed / "index.sqlite", range(ROWS)) == [right(row) for row in range(ROWS)]


def assert_done_without(done, why):
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert set(found["states"]) == {store.NEW}
    assert found["right"]
    assert len(found["told"]) == 1
    assert why in found["told"][0]
    assert "memory" in found["refused"]


def test_without_shared_memory_the_index_works_in_turns(path):
    """As on a network drive: SQLite's file of shared memory cannot be opened, for a folder is in its place."""
    Path(path + "-shm").mkdir()
    told = []
    for _ in range(2):
        with opened(path, told.append) as index:
            index.put([made.found(row) for row in range(6)])
            assert_as_put(take_gallery(index, range(6)), range(6))
    assert all("network drive" in message for message in told)
    assert 1 <= len(told) <= 2
    with task("fill", path, 0, 60, 3) as one, task("fill", path, 30, 90, 3) as other:
        assert (one.wait(), other.wait()) == (0, 0)
    assert {row[0] - 100 for row in made.dump(path)["file"]} == {row for row in range(90) if row % 11 != 10}


def test_who_opens_an_index_without_shared_memory_does_not_pull_it_from_under_others(path):
    """Not even where shared memory could be had: in the one mode and in the other, one could not write."""
    shared = Path(path + "-shm")
    shared.mkdir()
    told = []
    with opened(path, told.append) as one:
        one.put([made.found(0)])
        shared.rmdir()
        with opened(path, told.append) as other:
            other.put([made.found(1)])
            shared.mkdir()
            one.put([made.found(2)])
            other.put([made.found(3)])
    assert [row[0] - 100 for row in made.dump(path)["file"]] == [0, 1, 2, 3]
    assert len(told) == 2 and all("network drive" in message for message in told)


# Damage


def damage(path, data):
    """Flip bytes anywhere in the file, or cut it off."""
    content = bytearray(Path(path).read_bytes())
    for place, value in data["flips"]:
        content[place % len(content)] ^= value
    if data["cut"] is not None:
        del content[data["cut"] % len(content) :]
    Path(path).write_bytes(content)


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    path = tmp_path_factory.mktemp("sound") / "index.sqlite"
    made.fill(path, 0, ROWS, 10)
    return path


@settings(max_examples=120, deadline=None)
@given(
    data=st.fixed_dictionaries(
        {
            "flips": st.lists(
                st.tuples(st.integers(0, 1 << 20) | st.integers(0, 8192), st.integers(1, 255)), min_size=1, max_size=8
            ),
            "cut": st.none() | st.none() | st.integers(0, 1 << 20),
        }
    )
)
def test_a_damaged_index_answers_rightly_or_is_set_aside(sound, data):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "index.sqlite")
        shutil.copy(sound, path)
        damage(path, data)
        told = []
        for _ in range(3):  # a person would run it again if told so
            try:
                index_and_compare(path, told)
                break
            except IndexUnusable as error:
                if "newer difPy" in str(error) or "no index of difPy" in str(error):
                    return  # the number of the schema was hit, or what says whose it is: it may be no damage
        else:
            raise AssertionError(f"still unusable when run again: {told}")
        if told:
            assert any(".damaged-" in name for name in os.listdir(folder))
        assert states(path, range(ROWS)) == [right(row) for row in range(ROWS)]


def index_and_compare(path, told):
    with opened(path, told.append) as index:
        known = index.known([made.file(row) for row in range(ROWS)])
        for row in range(ROWS):
            assert known.states[row] in (store.NEW, store.LIKELY, right(row))
            assert known.digests[row] in (None, made.digest(row))
        index.put([made.found(row) for row in range(ROWS) if known.states[row] != right(row)])
        assert_as_put(take_gallery(index, pictures(range(ROWS))), pictures(range(ROWS)))


@pytest.mark.parametrize("table", ["tensor", "views"])
def test_a_picture_that_has_lost_its_pixels_is_damage_not_a_removal(filled, table):
    with sqlite3.connect(filled) as connection:
        connection.execute(f"DELETE FROM {table} WHERE id = (SELECT min(id) FROM {table})")
    connection.close()
    told = []
    with opened(filled, told.append) as index, pytest.raises(IndexUnusable, match="damaged"):
        assert_as_put(take_gallery(index, pictures(range(ROWS))), pictures(range(ROWS)))
    index_and_compare(filled, told)
    assert len(told) == 1


def test_damage_met_while_tensors_are_read_sets_the_index_aside(filled):
    told = []
    with sqlite3.connect(filled) as connection:
        connection.execute("UPDATE tensor SET pixels = zeroblob(300) WHERE id = 3")
    connection.close()
    with opened(filled, told.append) as index:
        gallery = take_gallery(index, pictures(range(ROWS)))
        with pytest.raises(IndexUnusable, match="run again"):
            gallery.tensors[:]
        with pytest.raises(IndexUnusable, match="run again"):
            gallery.tensors[0]
        assert index.known([made.file(0)]).states.tolist() == [store.NEW]
        index.put([made.found(0)])
        assert_as_put(take_gallery(index, [0]), [0])
        assert len(index.info().set_aside) == 1
    assert len(told) == 1
    assert "not what was written" not in told[0] or ".damaged-" in told[0]


OTHERS_SQL = (
    "CREATE TABLE moz_places (id INTEGER PRIMARY KEY); INSERT INTO moz_places VALUES (1); PRAGMA user_version = 1"
)


def others_database(path):
    connection = sqlite3.connect(path)
    connection.executescript(OTHERS_SQL)
    connection.close()


@pytest.mark.parametrize(
    "content",
    [b"\xff\xd8\xff\xe0" + bytes(5000), b"Dear diary", b"\n" * 100_000, others_database],
    ids=["a JPEG", "a text", "line ends", "a database of another program"],
)
def test_what_is_no_index_is_refused_and_left_alone(path, content):
    content(path) if callable(content) else Path(path).write_bytes(content)
    before = snapshot(path)
    with pytest.raises(IndexUnusable, match="no index of difPy, and is left as it is: name another"):
        opened(path)
    assert snapshot(path) == before


def snapshot(path):
    """All files of the folder: their names, times and bytes."""
    return {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in Path(path).parent.iterdir()}


@pytest.mark.parametrize("mode", ["WAL", "DELETE"])
def test_what_another_program_has_begun_in_its_database_is_not_ended(path, mode):
    """Whoever opens a database with leftover transactions carries them out, or takes them back."""
    code = f"""if True:
        import os, sqlite3, sys
        connection = sqlite3.connect(sys.argv[1], isolation_level=None)
        connection.execute("PRAGMA journal_mode = {mode}")
        connection.execute("PRAGMA cache_size = 2")
        connection.executescript("CREATE TABLE pages (text); BEGIN")
        connection.executemany("INSERT INTO pages VALUES (?)", [("x" * 3000,)] * 50)
        if "{mode}" == "WAL":
            connection.execute("COMMIT")
        os._exit(0)"""
    subprocess.run([sys.executable, "-c", code, path], check=True)
    before = snapshot(path)
    assert len(before) > 1
    with pytest.raises(IndexUnusable, match="no index of difPy"):
        opened(path)
    assert snapshot(path) == before


@pytest.mark.parametrize("what", ["info", "prune", "clear"])
def test_care_of_the_index_leaves_other_files_alone(path, what):
    others_database(path)
    before = snapshot(path)
    command = [sys.executable, "-m", "difPy", "cache", what, "--cache", path]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (3, "")
    assert "is no index of difPy" in done.stderr and "Traceback" not in done.stderr
    assert snapshot(path) == before


def test_an_empty_file_becomes_an_index(path):
    Path(path).touch()
    made.fill(path, 0, 3, 3)
    assert states(path, range(3)) == [store.PICTURE] * 3


def test_leftover_transactions_are_set_aside_with_the_file_they_belong_to(filled):
    told = []
    with opened(filled) as another, opened(filled, told.append) as index:
        another.put([made.found(ROWS)])
        with contextlib.closing(sqlite3.connect(filled)) as connection:
            connection.execute("UPDATE picture SET width = 3")
            connection.commit()
        with pytest.raises(IndexUnusable, match="run again"):
            take_gallery(index, [0])
        (aside, log) = index.info().set_aside
        assert log == aside + "-wal"
        assert index.known([made.file(0)]).states.tolist() == [store.NEW]
    assert len(told) == 1


def test_what_cannot_be_an_index_file_is_refused_or_done_without(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(IndexUnusable, match="not a regular file"):
        opened(tmp_path / "pipe")
    told = []
    with opened(tmp_path / "pipe" / "below", told.append) as index:
        assert index.path is None
    assert "cannot be created" in told[0]


# What methods found

DEEP = store.Way("deep", f"deep 1, {made.DECODERS}")
FOUND = {made.digest(row): bytes([row]) * (row + 1) for row in range(20)}


@pytest.mark.parametrize("in_memory", [False, True])
def test_what_a_method_found_is_recalled_by_that_version_of_it_only(path, in_memory):
    with opened(False if in_memory else path) as index:
        index.remember(DEEP, FOUND)
        index.remember(DEEP, {made.digest(3): b"better"})
        assert index.holds(DEEP, [made.digest(row) for row in range(15, 25)]) == {made.digest(r) for r in range(15, 20)}
        assert index.recall(DEEP, [made.digest(3), made.digest(50)]) == {made.digest(3): b"better"}
        for other in (store.Way("deep", "deep 2, made 1"), store.Way("copies", DEEP.recipe)):
            assert index.recall(other, list(FOUND)) == {} and index.holds(other, list(FOUND)) == set()
    if not in_memory:
        with opened(path) as index:
            assert index.recall(DEEP, list(FOUND)) == FOUND | {made.digest(3): b"better"}
            assert index.info().findings == {"deep": (20, sum(map(len, FOUND.values())) + 2)}


def test_a_finding_that_changed_on_the_disk_is_damage_and_not_believed(path):
    with opened(path) as index:
        index.remember(DEEP, FOUND)
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE finding SET content = x'00' WHERE id = 5")
    told = []
    with opened(path, told.append) as index:
        assert index.recall(DEEP, list(FOUND)) == {}
    assert "not what was written" in told[0]


def test_prune_forgets_findings_of_contents_that_no_file_has_and_of_other_decoders(path, on_disk):
    pair = made.digest(0) + made.digest(1) + b"turned"
    lost = made.digest(1) + made.digest(9)
    others = store.Way("deep", "deep 1, made 0")
    with opened(path) as index:
        index.remember(DEEP, {made.digest(2): b"a", made.digest(9): b"b", pair: b"c", lost: b"d"})
        index.remember(others, {made.digest(2): b"a"})
        index.prune()
        assert index.recall(DEEP, [made.digest(2), made.digest(9), pair, lost]) == {made.digest(2): b"a", pair: b"c"}
        assert index.recall(others, [made.digest(2)]) == {}
        index.clear()
        assert index.info().findings == {}


# Versions of the schema

VERSION_1 = """
CREATE TABLE recipe (id INTEGER PRIMARY KEY, px_size INTEGER NOT NULL, decoders TEXT NOT NULL,
    UNIQUE (px_size, decoders));
CREATE TABLE picture (id INTEGER PRIMARY KEY AUTOINCREMENT, recipe INTEGER NOT NULL, digest BLOB NOT NULL,
    identity BLOB, stance INTEGER NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, frames INTEGER NOT NULL,
    views INTEGER NOT NULL, error REAL NOT NULL, format TEXT NOT NULL, exif_fields INTEGER NOT NULL,
    gps INTEGER NOT NULL,
    vector BLOB NOT NULL, crc INTEGER NOT NULL, UNIQUE (recipe, digest));
CREATE TABLE tensor (id INTEGER PRIMARY KEY, crc INTEGER NOT NULL, pixels BLOB NOT NULL);
CREATE TABLE views (id INTEGER PRIMARY KEY, crc INTEGER NOT NULL, pixels BLOB NOT NULL);
CREATE TABLE failure (recipe INTEGER NOT NULL, digest BLOB NOT NULL, reason BLOB NOT NULL, crc INTEGER NOT NULL,
    PRIMARY KEY (recipe, digest)) WITHOUT ROWID;
CREATE TABLE file (inode INTEGER NOT NULL, device INTEGER NOT NULL, path BLOB NOT NULL UNIQUE, size INTEGER NOT NULL,
    mtime_ns INTEGER, digest BLOB NOT NULL, PRIMARY KEY (inode, device)) WITHOUT ROWID;
CREATE INDEX file_by_size ON file (size);
CREATE TABLE poison (recipe INTEGER NOT NULL, inode INTEGER NOT NULL, device INTEGER NOT NULL, path BLOB NOT NULL,
    size INTEGER NOT NULL, mtime_ns INTEGER, reason BLOB NOT NULL, crc INTEGER NOT NULL,
    PRIMARY KEY (recipe, inode, device)) WITHOUT ROWID;
INSERT INTO recipe VALUES (1, 10, 'made 1');
INSERT INTO failure VALUES (1, x'{digest}', CAST('it is no picture' AS BLOB), {crc});
INSERT INTO file VALUES (100, 7, CAST('/made/IMG_0.jpg' AS BLOB), 1000, 1600000000123456789, x'{digest}');
PRAGMA application_id = 1684629072;
PRAGMA user_version = {version};
"""


def write_version(path, version):
    """An index as difPys before 5.0 wrote it, whatever this difPy does; or as another version would."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(VERSION_1.format(version=version, digest=made.digest(0).hex(), crc=397188008))
    connection.close()


def test_an_index_of_schema_1_is_read(path):
    write_version(path, 1)
    with opened(path) as index:
        assert index.known([made.file(0)]).reasons == {0: "it is no picture"}


def test_an_index_of_a_newer_difpy_is_refused_and_left_alone(path):
    write_version(path, 99)
    before = Path(path).read_bytes()
    with pytest.raises(IndexUnusable, match=r"newer difPy.*upgrade difPy"):
        opened(path)
    assert Path(path).read_bytes() == before


def test_an_index_of_a_difpy_too_old_to_migrate_is_set_aside(path):
    write_version(path, 0)
    told = []
    with opened(path, told.append) as index:
        assert index.known([made.file(0)]).states.tolist() == [store.NEW]
    assert "too old" in told[0]


STEPS = {
    **schema.MIGRATIONS,
    schema.VERSION: """
    ALTER TABLE picture ADD COLUMN colour INTEGER; -- of the frame
    CREATE INDEX picture_by_colour
        ON picture (colour);
    """,
    schema.VERSION + 1: "UPDATE recipe SET decoders = decoders || ', colour';",
}
LAST = schema.VERSION + 2


def autocommitting(path):
    return sqlite3.connect(path, isolation_level=None)


def test_an_older_schema_is_migrated_step_by_step(path):
    write_version(path, 1)
    with contextlib.closing(autocommitting(path)) as connection:
        schema.prepare(connection, path, version=LAST, migrations=STEPS)
        assert connection.execute("PRAGMA user_version").fetchone() == (LAST,)
        assert connection.execute("SELECT decoders FROM recipe").fetchall() == [("made 1, colour",)]
        assert connection.execute("SELECT name FROM sqlite_master WHERE name LIKE 'picture_by%'").fetchall()
        assert connection.execute("SELECT count(*) FROM file").fetchone() == (1,)


def test_a_migration_that_fails_changes_nothing(path):
    write_version(path, 1)
    before = made.dump(path)
    with (
        contextlib.closing(autocommitting(path)) as connection,
        pytest.raises(sqlite3.OperationalError, match="nothing"),
    ):
        fails = {**STEPS, LAST - 1: "DELETE FROM file;\nDELETE FROM nothing;"}
        schema.prepare(connection, path, version=LAST, migrations=fails)
    assert made.dump(path) == before
    with opened(path) as index:
        assert index.known([made.file(0)]).states.tolist() == [store.FAILED]


def test_every_step_up_to_this_schema_is_there_and_every_table_is_commented():
    assert sorted(schema.MIGRATIONS) == list(range(1, schema.VERSION))
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(schema.SCHEMA)
        for name, sql in connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql LIKE '%NOT NULL%'"
        ):
            assert "--" in sql or name == "views"


# Care


def test_info_counts_what_the_file_holds(filled):
    with opened(filled) as index:
        info = index.info()
    assert info.path == filled
    assert info.size >= os.path.getsize(filled)
    assert (info.schema, info.writable, info.set_aside) == (schema.VERSION, True, ())
    assert info.files == len([row for row in range(ROWS) if row % 11 != 10])
    assert info.pictures == {(made.PX, made.DECODERS): len(pictures(range(ROWS)))}
    assert info.failures == len([row for row in range(ROWS) if right(row) == store.FAILED])


@pytest.fixture
def on_disk(path, tmp_path):
    """Real files, indexed; two of the same bytes."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    files = []
    for row in range(6):
        (folder / f"{row}.jpg").write_bytes(bytes(row + 1))
        os.utime(folder / f"{row}.jpg", ns=(0, made.LONG_AGO))
        files.append(scanned(folder / f"{row}.jpg"))
    with opened(path) as index:
        index.put(
            [
                store.Found(file, made.digest(row // 2), made.picture(row // 2), made.vector(row // 2))
                for row, file in enumerate(files)
            ]
        )
    return files


def test_prune_forgets_files_that_are_gone_and_contents_that_no_file_has(path, on_disk):
    for row in (0, 2, 3):
        os.unlink(on_disk[row].path)
    with opened(path) as index:
        pruned = index.prune()
        assert (pruned.files, pruned.pictures) == (3, 1)
        assert index.known(on_disk).digests == [None, made.digest(0), None, None, made.digest(2), made.digest(2)]
        assert index.recognise([made.digest(row) for row in range(3)]).digests == [made.digest(0), None, made.digest(2)]
        assert index.prune().files == 0
    assert [len(made.dump(path)[table]) for table in ("picture", "tensor")] == [2, 2]


def test_prune_keeps_files_on_a_disk_that_is_not_there(path, on_disk):
    """Below a folder that is gone, on a device that is not the one of the folder above: it was a disk's."""
    unplugged = made.file(1, path="/media/nobody/disk/1.jpg", device=made.file(1).device)
    deleted = made.file(3, path=on_disk[0].path + "/gone/3.jpg", device=on_disk[0].device)
    with opened(path) as index:
        index.put([store.Found(unplugged, made.digest(1)), store.Found(deleted, made.digest(1))])
        assert index.prune().files == 1
        assert index.known([unplugged]).states.tolist() == [store.PICTURE]


def test_prune_drops_what_other_decoders_saw(path, on_disk):
    with opened(path, decoders="made 2") as index:
        index.put([store.Found(on_disk[0], made.digest(0), made.picture(0), made.vector(0))])
        index.prune()
        assert index.info().pictures == {(made.PX, "made 2"): 1}
        assert index.known(on_disk).states.tolist() == [store.PICTURE, store.PICTURE, *[store.LIKELY] * 4]


def test_prune_and_clear_make_the_file_smaller(path, on_disk):
    with opened(path) as index:
        index.put([made.found(row) for row in range(500)])
        full = index.info().size
        assert index.prune().size > 0
        assert index.info().size < full
        index.clear()
        info = index.info()
    assert (info.files, info.pictures, info.failures) == (0, {}, 0)
    assert os.path.getsize(path) < full


def test_a_gallery_whose_pictures_another_program_removed_says_so_and_never_shows_others(filled):
    with opened(filled) as index, opened(filled) as another:
        gallery = take_gallery(index, [0, 1])
        another.clear()
        another.put([made.found(row) for row in range(20, 30)])
        for reading in (lambda: gallery.tensors[0], lambda: take_gallery(index, [0, 1])):
            with pytest.raises(IndexUnusable, match="run again"):
                reading()
