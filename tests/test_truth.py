"""The fast join equals the slow definition, whatever the rows: `find == brute`, with `==`."""

import contextlib
import dataclasses
import math
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from difPy.match import mse
from difPy.match.mse import engine
from difPy.model import Criterion, Rows
from difPy.orientation import apply, compose, inverse, members


@st.composite
def scenes(draw):
    """Rows as hard as they come: few pictures in many guises, near each other, and a threshold on some distance."""
    px = draw(st.sampled_from([10, 11, 16, 24]))
    count = draw(st.integers(0, 14))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    originals = _originals(draw(st.sampled_from(["noise", "smooth", "flat", "extreme"])), rng, px)
    level = draw(st.sampled_from([0, 0, 1, 2, 8, 40]))
    made = [_guise(rng, originals, level) for _ in range(count)]
    tensors = np.array([tensor for tensor, _ in made], np.uint8).reshape(count, px, px, 3)
    names = [name for _, name in made]
    told = draw(st.sampled_from(["all", "none", "some"]))
    identities = [name if told == "all" or (told == "some" and rng.random() < 0.5) else None for name in names]
    sizes = np.array([[60, 40], [40, 60], [50, 50]], np.int32)[rng.integers(draw(st.integers(1, 3)), size=count)]
    rows = Rows(
        tensors=tensors,
        widths=sizes[:, 0].copy(),
        heights=sizes[:, 1].copy(),
        partition=rng.integers(draw(st.sampled_from([1, 1, 2, 5])), size=count),
        identities=identities,
        stances=np.array(rng.choice([1, 2, 4, 8, 16, 5, 10, 255, 33], count), np.uint8),
        errors=np.zeros(count, np.float32),
        views=_views(rng, tensors) if draw(st.booleans()) else {},
    )
    if draw(st.booleans()):
        rows = dataclasses.replace(rows, fixed=np.arange(count) < draw(st.integers(0, count)))
    rotate, mirror = draw(st.booleans()), draw(st.booleans())
    return rows, Criterion(_threshold(draw, rng, rows), rotate, mirror)


def _originals(kind, rng, px):
    if kind == "noise":
        return rng.integers(0, 256, (3, px, px, 3), np.uint8)
    if kind == "extreme":
        return rng.choice([0, 255], (3, px, px, 1)).astype(np.uint8).repeat(3, axis=3)
    if kind == "flat":
        return np.full((3, px, px, 3), rng.integers(256), np.uint8)
    ramps = rng.uniform(0, 255, (3, 2, 2, 3))
    weight = np.linspace(0, 1, px)
    across = ramps[:, :, :1] * (1 - weight)[:, None] + ramps[:, :, 1:] * weight[:, None]
    both = across[:, :1] * (1 - weight)[None, :, None, None] + across[:, 1:] * weight[None, :, None, None]
    return both.astype(np.uint8)


def _guise(rng, originals, level):
    """One of the originals, turned, and perhaps a little changed; and a name for what it then shows."""
    number, orientation = rng.integers(len(originals)), int(rng.integers(8))
    tensor = originals[number].astype(np.int64)
    if level and rng.random() < 0.7:
        tensor += rng.integers(-level, level + 1, tensor.shape)
    elif rng.random() < 0.3:
        tensor.flat[rng.integers(tensor.size)] ^= 1
    tensor = apply(orientation, tensor.clip(0, 255).astype(np.uint8))
    return tensor, bytes([number, int(rng.integers(2))]) * 16


def _views(rng, tensors):
    """Some rows have more to show: two frames, or one on white and on black."""
    views = {}
    for row in range(len(tensors)):
        if rng.random() < 0.4:
            other = tensors[row].astype(np.int64) + rng.integers(0, 3)
            views[row] = np.stack([tensors[row], other.clip(0, 255).astype(np.uint8)])
    return views


def _threshold(draw, rng, rows):
    """A round number, or the exact distance of two of the tensors, or its neighbour among the floats."""
    kind = draw(st.sampled_from(["round", "on", "below"]))
    if kind == "round" or len(rows) < 2:
        return draw(st.sampled_from([0.0, 1 / 300, 0.5, 5.0, 50.0, 200.0, 3000.0, 65025.0]))
    i, j = rng.choice(len(rows), 2, replace=False)
    turned = apply(int(rng.integers(8)), rows.tensors[j]).astype(np.int64)
    distance = float(((rows.tensors[i] - turned) ** 2).sum() / turned.size)
    return distance if kind == "on" else max(0.0, math.nextafter(distance, 0))


def full_distances(rows):
    """Made-up mean squared errors of full-resolution pixels: positive, and the same for the same two pictures."""

    def picture(row):
        return (rows.identities[row] or bytes([row]))[:2] + bytes([rows.stances[row]])

    def full_distance(ties):
        return [0.25 + zlib.crc32(picture(i) + picture(j) + bytes(turns)) % 12 for i, j, turns in ties]

    return full_distance


def columns(pairs):
    return list(
        zip(
            pairs.first.tolist(),
            pairs.second.tolist(),
            pairs.orientation.tolist(),
            pairs.distance.tolist(),
            strict=True,
        )
    )


def greedy(count, pairs):
    """Groups by the words of the contract: each row not yet taken keeps itself and takes what matches it."""
    keeper, distance, orientation = list(range(count)), [0.0] * count, [0] * count
    for i, j, o, d in sorted(pairs):
        if keeper[i] == i and keeper[j] == j:
            keeper[j], orientation[j], distance[j] = i, o, d
    return keeper, distance, orientation


@contextlib.contextmanager
def loops(kind):
    """Have every comparison made by numpy, or by the compiled loops."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine.Engine, "COMPILED", kind == "compiled")
        yield


by_both = pytest.mark.parametrize("kind", ["numpy", "compiled"])


@by_both
@settings(max_examples=150, deadline=None)
@given(scene=scenes())
def test_pairs_are_those_of_the_definition(kind, scene):
    rows, criterion = scene
    with loops(kind):
        found = columns(mse.pairs(rows, criterion, full_distances(rows), threads=2))
    assert found == mse.brute(rows, criterion, full_distances(rows))


@by_both
@settings(max_examples=150, deadline=None)
@given(scene=scenes())
def test_stars_follow_from_the_pairs_of_the_definition(kind, scene):
    rows, criterion = scene
    with loops(kind):
        found = mse.stars(rows, criterion, full_distances(rows))
    keeper, distance, orientation = greedy(len(rows), mse.brute(rows, criterion, full_distances(rows)))
    assert found.keeper.tolist() == keeper
    assert found.distance.tolist() == distance
    assert found.orientation.tolist() == orientation


@settings(max_examples=60, deadline=None)
@given(scenes())
def test_where_only_fixed_rows_take_they_take_what_they_take_among_all(scene):
    rows, criterion = scene
    whole = mse.stars(rows, criterion, full_distances(rows))
    found = mse.stars(rows, criterion, full_distances(rows), only_fixed=True)
    fixed = np.zeros(len(rows), np.bool_) if rows.fixed is None else rows.fixed
    wanted = fixed[whole.keeper]
    assert np.array_equal(fixed[found.keeper], wanted)
    for name in ("keeper", "distance", "orientation"):
        assert np.array_equal(getattr(found, name)[wanted], getattr(whole, name)[wanted])
    assert found.compared <= whole.compared


@settings(max_examples=150, deadline=None)
@given(scenes(), st.integers(0, 14))
def test_a_query_finds_the_pairs_of_the_definition_between_probes_and_rows(scene, cut):
    rows, criterion = scene
    cut = min(cut, len(rows))
    probes, others = _slice(rows, slice(0, cut)), _slice(rows, slice(cut, None))

    def shifted(ties):
        return full_distances(rows)([(i, j + cut, orientations) for i, j, orientations in ties])

    rows = dataclasses.replace(rows, fixed=None)
    wanted = [(i, j - cut, o, d) for i, j, o, d in mse.brute(rows, criterion, full_distances(rows)) if i < cut <= j]
    assert columns(mse.query(others, probes, criterion, shifted)) == wanted


@by_both
@settings(max_examples=150, deadline=None)
@given(scene=scenes(), seed=st.integers(0, 2**32), error=st.sampled_from([0.5, 2.0, 6.0]))
def test_every_sketch_that_has_a_match_is_involved_whatever_it_says(kind, scene, seed, error):
    rows, criterion = scene
    rows = _consistent(rows)
    sketches = _sketched(rows, np.random.default_rng(seed), error)
    matched = {row for i, j, _, _ in mse.brute(rows, criterion, full_distances(rows)) for row in (i, j)}
    with loops(kind):
        found = mse.involved(sketches, criterion)
    assert {row for row in matched if sketches.errors[row] > 0} <= set(np.nonzero(found)[0].tolist())


@settings(max_examples=100, deadline=None)
@given(scenes(), st.integers(0, 2**32), st.integers(0, 14))
def test_every_row_that_matches_a_probe_is_possible_however_both_are_sketched(scene, seed, cut):
    rows, criterion = scene
    rows, cut = dataclasses.replace(_consistent(rows), fixed=None), min(cut, len(rows))
    sketches = _sketched(rows, np.random.default_rng(seed), 2.0)
    probes, others = _slice(sketches, slice(0, cut)), _slice(sketches, slice(cut, None))
    matched = {j - cut for i, j, _, _ in mse.brute(rows, criterion, full_distances(rows)) if i < cut <= j}
    assert matched <= set(mse.possible(others, probes, criterion).tolist())


def _slice(rows, part):
    numbers = range(len(rows))[part]
    return dataclasses.replace(
        rows,
        tensors=rows.tensors[part],
        widths=rows.widths[part],
        heights=rows.heights[part],
        partition=rows.partition[part],
        identities=rows.identities[part],
        stances=rows.stances[part],
        errors=rows.errors[part],
        fixed=None,
        views={at: rows.views[row] for at, row in enumerate(numbers) if row in rows.views},
    )


def _consistent(rows):
    """The same rows, but that pictures of one identity do look alike, up to what a resize does to a turn."""
    tensors, first = rows.tensors.copy(), {}
    widths, heights = rows.widths.copy(), rows.heights.copy()
    for row, identity in enumerate(rows.identities):
        if identity is None:
            continue
        stance = members(int(rows.stances[row]))[0]
        if identity not in first:
            first[identity] = row, stance
            continue
        origin, other = first[identity]
        o = compose(inverse(stance), other)
        tensors[row] = apply(o, tensors[origin])
        widths[row], heights[row] = widths[origin], heights[origin]
        if o % 2:
            widths[row], heights[row] = heights[origin], widths[origin]
            moved = tensors[origin] + np.random.default_rng(origin).choice([-5.0, 0, 5.0], tensors[row].shape)
            tensors[row] = apply(o, moved.clip(0, 255).astype(np.uint8))
    stances = np.array([1 << members(int(bits))[0] for bits in rows.stances.tolist()], np.uint8)
    return dataclasses.replace(rows, tensors=tensors, widths=widths, heights=heights, stances=stances, views={})


def _sketched(rows, rng, error):
    """Some rows known only by tensors that are off by as much as they claim to be."""
    tensors, errors, identities = rows.tensors.copy(), rows.errors.copy(), list(rows.identities)
    for row in range(len(rows)):
        if rng.random() < 0.6:
            off = rng.normal(size=tensors[row].shape)
            off *= rng.choice([0.9, 0.4]) * error / np.sqrt((off**2).mean())
            sketch = (tensors[row] + off).round().clip(0, 255)
            errors[row] = max(error, np.sqrt(((sketch - tensors[row]) ** 2).mean()) * 1.0001)
            tensors[row], identities[row] = sketch.astype(np.uint8), None
    return dataclasses.replace(rows, tensors=tensors, errors=errors, identities=identities)


@by_both
@pytest.mark.parametrize("threshold", [0.0, 3.0, 60.0, 1000.0])
@pytest.mark.parametrize(("rotate", "mirror"), [(False, False), (True, False), (False, True), (True, True)])
def test_among_hundreds_of_rows_pairs_and_groups_are_those_that_products_of_whole_numbers_give(
    kind, threshold, rotate, mirror
):
    rng = np.random.default_rng(7)
    originals = np.concatenate([_originals(name, rng, 10) for name in ("noise", "smooth", "flat", "extreme")] * 8)
    tensors = np.array([_guise(rng, originals, level)[0] for level in (0, 1, 3, 12) * 150])
    count = len(tensors)
    rows = Rows(
        tensors=tensors,
        widths=np.full(count, 50, np.int32),
        heights=np.full(count, 50, np.int32),
        partition=rng.integers(3, size=count),
        identities=[None] * count,
        stances=np.zeros(count, np.uint8),
        errors=np.zeros(count, np.float32),
    )
    criterion = Criterion(threshold, rotate, mirror)
    wanted = _by_products(rows, criterion)
    with loops(kind):
        assert columns(mse.pairs(rows, criterion, full_distances(rows), threads=2)) == wanted
        found = mse.stars(rows, criterion, full_distances(rows), threads=2)
    assert (found.keeper.tolist(), found.distance.tolist(), found.orientation.tolist()) == greedy(count, wanted)


def _by_products(rows, criterion):
    """Pairs of rows without identities: sums of squares from matrix products, exact in float64."""
    flat = rows.tensors.reshape(len(rows), -1).astype(np.float64)
    norms = (flat**2).sum(axis=1)
    squares = []
    for orientation in criterion.orientations:
        turned = apply(orientation, rows.tensors, axes=(1, 2)).reshape(len(rows), -1).astype(np.float64)
        squares.append(norms[:, None] + norms - 2 * flat @ turned.T)
    best = np.argmin(squares, axis=0)
    distance = np.min(squares, axis=0) / flat.shape[1]
    match = np.triu(distance <= criterion.threshold, 1) & (rows.partition[:, None] == rows.partition)
    first, second = np.nonzero(match)
    orientation = np.array(criterion.orientations)[best[first, second]]
    return list(
        zip(first.tolist(), second.tolist(), orientation.tolist(), distance[first, second].tolist(), strict=True)
    )
