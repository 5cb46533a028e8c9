"""The sharded join equals that of one machine, bit for bit, however it is cut, and whoever dies in its course."""

import tempfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clouds import assert_equal, stars_of, stored
from difPy.cloud import blocks, steps
from difPy.cloud.cells import box, cut
from difPy.cloud.columns import FACT
from difPy.cloud.executors import Here, Processes
from difPy.cloud.records import Records
from difPy.match.mse import stars
from difPy.match.mse.vectors import WIDTH
from difPy.model import Criterion, Rows
from difPy.orientation import apply

PX = 10


def full_distance(ties):
    """Some distance of pixels, the same for the same tie."""
    return [(31 * first + 17 * second) % 7 + 0.5 for first, second, _ in ties]


def hostile(n, seed=0):
    """Rows of every kind: photographs turned, mirrored and with noise, films, fades, blank pages, noise, clear ones."""
    rng = np.random.default_rng(seed)
    originals = rng.normal(size=(max(1, n // 6), 3, 3, 3)).repeat(4, axis=1).repeat(4, axis=2)[:, :PX, :PX] * 50 + 128
    still = originals[0]
    tensors = np.empty((n, PX, PX, 3))
    for row in range(n):
        kind = rng.integers(8)
        original = originals[rng.integers(len(originals))]
        if kind < 4:
            tensors[row] = apply(int(rng.integers(8)), original + rng.normal(0, 1.2, (PX, PX, 3)))
        elif kind == 4:
            tensors[row] = still + rng.normal(0, 1, (PX, PX, 3))
        elif kind == 5:
            tensors[row] = 100 + 60 * row / n + (rng.uniform() < np.linspace(0, 1, PX))[:, None, None]
        elif kind == 6:
            tensors[row] = 255
        else:
            tensors[row] = rng.integers(0, 256, (PX, PX, 3))
    tensors = tensors.round().clip(0, 255).astype(np.uint8)
    identities = [bytes([rng.integers(n // 3 + 1)]) * 32 if rng.random() < 0.8 else None for _ in range(n)]
    views = {
        row: np.stack([tensors[row], tensors[row] // int(rng.integers(1, 3))])
        for row in np.flatnonzero(rng.random(n) < 0.05).tolist()
    }
    fixed = np.arange(n) < rng.integers(0, n // 4 + 1)
    return Rows(
        tensors=tensors,
        widths=rng.choice([640, 480], n).astype(np.int32),
        heights=np.full(n, 480, np.int32),
        partition=(rng.random(n) < 0.1).astype(np.int64) * 7,
        identities=identities if seed % 2 else [None] * n,
        stances=(1 << rng.integers(0, 8, n)).astype(np.uint8),
        errors=np.zeros(n, np.float32),
        fixed=fixed if fixed.any() and seed % 3 else None,
        views=views,
    )


@settings(max_examples=30, deadline=None)
@given(
    n=st.integers(1, 120),
    seed=st.integers(0, 50),
    threshold=st.sampled_from([0.0, 0.6, 5.0, 50.0, 400.0]),
    rotate=st.booleans(),
    mirror=st.booleans(),
    cells=st.sampled_from([1, 2, 5, 16]),
    groups=st.integers(1, 3),
    first=st.integers(1, 40),
    largest=st.sampled_from([1, 7, 1000]),
    most=st.sampled_from([1, 10, 1000]),
)
def test_it_equals_that_of_one_machine_however_it_is_cut(
    n, seed, threshold, rotate, mirror, cells, groups, first, largest, most
):
    rows, criterion = hostile(n, seed), Criterion(threshold, rotate, mirror)
    expected = stars(rows, criterion, full_distance)
    with tempfile.TemporaryDirectory() as place:
        found, work = stars_of(
            place, rows, criterion, full_distance, Here(),
            cells=cells, groups=groups, first=first, largest=largest, most=most,
        )  # fmt: skip
    assert_equal(found, expected)
    assert work.most <= max(most, n * len(criterion.orientations))  # a block of one row has as many as it has


@pytest.mark.parametrize("cells", [1, 2, 7, 64])
@pytest.mark.parametrize("compiled", [True, False])
def test_a_row_asks_the_cells_whose_boxes_are_within_reach_and_no_others(monkeypatch, cells, compiled):
    """Whole numbers, so that no rounding decides; a cell without rows is asked by nobody."""
    if not compiled:
        monkeypatch.setattr("difPy.cloud.cells._routed", None)
    rng = np.random.default_rng(cells)
    rows = Records(np.zeros(500, FACT), rng.integers(-9, 9, (500, WIDTH)).astype(np.float32) * np.arange(WIDTH, 0, -1))
    plan = cut(rows, cells)
    points = plan.coordinates(Records(rows.facts, rows.vectors[:, plan.order]))
    home = plan.assigned(points)
    boxes = np.stack([box(points[home == cell]) for cell in range(cells)])
    boxes[-1] = box(points[:0])
    plan = replace(plan, boxes=boxes)
    gap = np.maximum(0, np.maximum(plan.boxes[None, :, 0] - points[:, None], points[:, None] - plan.boxes[None, :, 1]))
    for radius in (0.0, 300.0, 1e4):
        question, cell = plan.routed(points, radius)
        near = np.argwhere(((gap**2).sum(axis=2) <= radius**2).T)
        assert np.array_equal(np.stack([cell, question], axis=1), near)


def test_worker_processes_give_the_same(tmp_path):
    rows = hostile(300, 1)
    found, _ = stars_of(
        tmp_path, rows, Criterion(5.0), full_distance, Processes(2), cells=8, groups=4, first=4, batch=100
    )
    assert_equal(found, stars(rows, Criterion(5.0), full_distance))


class Stopped(Exception):
    """The driver died."""


class Dying(Here):
    """Dies at some exchange."""

    def __init__(self, after):
        self.after = after

    def exchange(self, give, take, things):
        self.after -= 1
        if self.after < 0:
            raise Stopped
        return super().exchange(give, take, things)


def test_a_driver_that_died_goes_on_where_it_stopped(tmp_path):
    rows = hostile(200, 1)
    join, lead = stored(tmp_path, rows, Criterion(5.0), cells=4, groups=2, first=8, largest=16)
    blocks.prepare(join, Here())
    with pytest.raises(Stopped):
        blocks.walk(join, Dying(3), lead, full_distance)
    done = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    steps.forget()
    blocks.prepare(join, Here())
    found, work = blocks.walk(join, Here(), lead, full_distance)
    assert_equal(found, stars(rows, Criterion(5.0), full_distance))
    assert len(list((tmp_path / "join/blocks").iterdir())) == work.blocks + 3
    assert {path: path.stat().st_mtime_ns for path in done} == done


def test_two_drivers_of_one_join_agree(tmp_path):
    rows = hostile(200, 1)
    join, lead = stored(tmp_path, rows, Criterion(5.0), cells=4, first=8, largest=16)
    blocks.prepare(join, Here())

    class Overtaken(Here):
        """Another driver commits each block, of another size, before this one does."""

        def exchange(self, give, take, things):
            given = super().exchange(give, take, things)
            if things[0].number == 1:
                blocks.walk(replace(join, first=3), Dying(1), lead, full_distance) if not self.overtaken() else None
            return given

        def overtaken(self):
            return (tmp_path / "join/blocks/000001.npz").exists()

    with pytest.raises(Stopped):
        blocks.walk(join, Overtaken(), lead, full_distance)
    found, _ = blocks.walk(join, Here(), lead, full_distance)
    assert_equal(found, stars(rows, Criterion(5.0), full_distance))
