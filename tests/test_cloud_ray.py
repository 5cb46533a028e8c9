"""The same on Ray, and with its processes killed: one Ray for all tests."""

import os
import signal
import threading

import pytest

from clouds import assert_equal, stars_of
from difPy.errors import WorkersFailed
from difPy.match.mse import stars
from difPy.model import Criterion
from test_cloud_join import full_distance, hostile

Ray = pytest.importorskip("difPy.cloud.on_ray").Ray


@pytest.fixture(scope="module")
def cluster():
    pytest.importorskip("ray")
    cluster = Ray("local", 2, store=100 << 20)
    yield cluster
    cluster.stop()


@pytest.mark.parametrize("threshold", [0.0, 5.0])
def test_it_equals_that_of_one_machine(tmp_path, cluster, threshold):
    rows = hostile(300, 1)
    criterion = Criterion(threshold, mirror=threshold > 0)
    found, _ = stars_of(tmp_path, rows, criterion, full_distance, cluster, cells=8, groups=3, first=8, batch=100)
    assert_equal(found, stars(rows, criterion, full_distance))


class Killing(Ray):
    """Kills the process of a cell's actor while it answers in some block."""

    def exchange(self, give, take, things):
        self.seen = [*getattr(self, "seen", []), things[0].number]
        if len(self.seen) == 3:
            (victim, _) = self.processes()
            threading.Timer(0.0, os.kill, (victim, signal.SIGKILL)).start()
        return super().exchange(give, take, things)


def test_a_killed_actor_is_started_anew_and_reads_the_log(tmp_path, cluster):
    rows = hostile(300, 1)
    cluster.close()
    killing = Killing("local", 2)
    found, work = stars_of(
        tmp_path, rows, Criterion(5.0), full_distance, killing, cells=8, groups=2, first=8, largest=32, batch=100
    )
    assert_equal(found, stars(rows, Criterion(5.0), full_distance))
    assert len(killing.seen) == work.blocks + work.shrunk > 3
    killing.close()


def _fails(thing):
    raise ValueError("no such\nthing")


def test_a_step_that_raises_ends_the_run_in_a_sentence(cluster):
    with pytest.raises(WorkersFailed, match=r"failed on Ray \(ValueError: no such\): what is done stays"):
        list(cluster.map(_fails, [1]))


def test_no_cluster_is_a_sentence(cluster):
    with pytest.raises(WorkersFailed, match="no Ray cluster at"):
        Ray("localhost:1")
