"""The same on Ray, and with its processes killed: one Ray for all tests."""

import json
import threading
import time

import psutil
import pytest
from PIL import Image

import difPy
from clouds import assert_equal, stars_of
from data_sets import as_tar, encoded
from difPy import cloud
from difPy.cloud.on_ray import Ray
from difPy.errors import WorkersFailed
from difPy.match.mse import stars
from difPy.model import Criterion
from test_cloud_join import full_distance, hostile

POISON = """
import os, signal
from PIL import Image
def die(stream, name): os.kill(os.getpid(), signal.SIGSEGV)
Image.register_open("POISON", die, lambda prefix: prefix.startswith(b"POISON"))
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Two cores of this machine, where every process has a decoder that dies of some files."""
    site = tmp_path_factory.mktemp("site")
    (site / "sitecustomize.py").write_text(POISON)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(site))
        patch.setenv("RAY_prestart_worker_first_driver", "0")
        cluster = Ray("local", 2, store=100 << 20)
        yield cluster
        cluster.stop()


def processes_of_ray(what):
    return [
        process
        for process in psutil.Process().children(recursive=True)
        if process.is_running() and process.name().startswith(f"ray::{what}")
    ]


@pytest.mark.parametrize("threshold", [0.0, 5.0, 50.0])
def test_it_equals_that_of_one_machine(tmp_path, cluster, threshold):
    rows = hostile(300, 1)
    criterion = Criterion(threshold, mirror=True)
    found, _ = stars_of(tmp_path, rows, criterion, full_distance, cluster, cells=8, groups=3, first=8, batch=100)
    assert_equal(found, stars(rows, criterion, full_distance))


class Killing(Ray):
    """Kills the process of a cell's actor while it answers in some block."""

    blocks = 0

    def exchange(self, give, take, things):
        self.blocks += 1
        if self.blocks == 3:
            threading.Timer(0.0, processes_of_ray("_Place")[0].kill).start()
        return super().exchange(give, take, things)


def test_a_killed_actor_is_started_anew_and_reads_the_log(tmp_path, cluster):
    rows = hostile(300, 1)
    cluster.close()
    killing = Killing("local", 2)
    found, work = stars_of(
        tmp_path, rows, Criterion(5.0), full_distance, killing, cells=8, groups=2, first=8, largest=32, batch=100
    )
    killing.close()
    assert_equal(found, stars(rows, Criterion(5.0), full_distance))
    assert killing.blocks == work.blocks + work.shrunk > 3


def test_a_poison_file_and_a_killed_task_cost_one_picture(tmp_path, cluster, photo):
    """The poison kills a worker process of ours, and not that of Ray, which is killed, too, once it has done a part."""
    cluster.close()
    pictures = {f"{number:02}.png": encoded(photo(number // 2)) for number in range(12)}
    pictures["turned.png"] = encoded(photo(3).transpose(Image.Transpose.ROTATE_90))
    good = as_tar(tmp_path / "good.tar", pictures)
    shard = as_tar(tmp_path / "shard.tar", pictures | {"06b.png": b"POISON"})
    place = tmp_path / "run"
    killer = threading.Thread(target=kill_a_task, args=(place,))
    killer.start()
    run = cloud.index(shard, place=str(place), part=3, executor=cluster)
    killer.join()
    found = cloud.find(run, 5, processes=1)
    assert [(failure.path, failure.reason) for failure in found.failures] == [
        (f"{shard}::06b.png", "its decoder crashed (signal 11)")
    ]
    expected = difPy.find(difPy.index(good, cache=False, processes=1), 5).groups
    assert members(found.groups) == members(expected)
    assert len(expected) == 6


def members(groups):
    return [
        (
            group.keeper.address.member,
            [(one.file.address.member, one.distance, one.orientation) for one in group.members],
        )
        for group in groups
    ]


def kill_a_task(place):
    """Kill the processes of Ray that run tasks, once a part is done."""
    end = time.monotonic() + 60
    while not list(place.glob("pictures/*")) and time.monotonic() < end:
        time.sleep(0.01)
    for process in processes_of_ray("_run"):
        process.kill()


def test_a_step_that_raises_ends_the_run_in_a_sentence(cluster):
    with pytest.raises(WorkersFailed, match=r"failed on Ray \(JSONDecodeError: Expecting value"):
        list(cluster.map(json.loads, ["no\nJSON"]))
