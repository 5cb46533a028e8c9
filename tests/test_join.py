"""The definition of a match, the vectors and the limits the join stands on, and its behaviour on hostile inputs."""

import dataclasses
import math
import multiprocessing
import threading

import numpy as np
import pytest
from PIL import Image

from difPy.match.mse import brute, choice, engine, field, involved, pairs, query, stars, tree, vectors, whole
from difPy.match.mse.exact import limit_of
from difPy.match.mse.involved import RESAMPLING
from difPy.match.mse.learned import learned
from difPy.match.mse.linear import Points
from difPy.match.mse.vectors import FIXED, reach
from difPy.model import Criterion, Rows
from difPy.orientation import ALL, apply

TURNS = Criterion(5.0)


def make_rows(tensors, **columns):
    """Rows of bare tensors; pass the columns that matter."""
    tensors = np.asarray(tensors, np.uint8)
    n = len(tensors)
    columns = {
        "widths": [640] * n,
        "heights": [480] * n,
        "partition": [0] * n,
        "identities": [None] * n,
        "stances": [1] * n,
        "errors": [0] * n,
    } | columns
    return Rows(
        tensors=tensors,
        widths=np.asarray(columns["widths"], np.int32),
        heights=np.asarray(columns["heights"], np.int32),
        partition=np.asarray(columns["partition"], np.int64),
        identities=columns["identities"],
        stances=np.asarray(columns["stances"], np.uint8),
        errors=np.asarray(columns["errors"], np.float32),
        vectors=columns.get("vectors"),
        views=columns.get("views", {}),
    )


def noise(seed, count=1, px=10):
    return np.random.default_rng(seed).integers(0, 256, (count, px, px, 3), np.uint8)


def never(ties):
    """A full distance nobody should ask for."""
    raise AssertionError(ties)


class TestDefinition:
    """The fifteen slow lines, line by line."""

    def test_squares_never_wrap(self):
        rows = make_rows([np.zeros((10, 10, 3)), np.full((10, 10, 3), 255)])
        assert brute(rows, Criterion(65025.0), never) == [(0, 1, 0, 65025.0)]
        assert brute(rows, Criterion(65024.99), never) == []

    def test_the_threshold_itself_matches(self):
        tensors = np.full((2, 10, 10, 3), 100)
        tensors[1].flat[0] += 10  # 100 of 300 values
        assert brute(make_rows(tensors), Criterion(100 / 300), never) == [(0, 1, 0, 100 / 300)]
        assert brute(make_rows(tensors), Criterion(np.nextafter(100 / 300, 0)), never) == []

    @pytest.mark.parametrize("o", ALL)
    def test_the_orientation_turns_the_second_into_the_first(self, o):
        second = noise(1)[0]
        rows = make_rows([apply(o, second), second])
        assert brute(rows, Criterion(0.0, rotate=True, mirror=True), never) == [(0, 1, o, 0.0)]

    def test_only_allowed_orientations_count(self):
        tensors = [noise(1)[0], apply(1, noise(1)[0])]
        assert brute(make_rows(tensors), Criterion(0.0, rotate=False, mirror=True), never) == []

    def test_rows_of_other_partitions_never_match(self):
        rows = make_rows(np.zeros((3, 10, 10, 3)), partition=[0, 1, 0], identities=[b"a"] * 3)
        assert [pair[:2] for pair in brute(rows, TURNS, never)] == [(0, 2)]

    def test_identical_pictures_are_at_distance_0_though_their_tensors_differ(self):
        rows = make_rows(noise(1, 2), identities=[b"a", b"a"], stances=[1 << 0, 1 << 1])
        assert brute(rows, TURNS, never) == [(0, 1, 1, 0.0)]
        assert brute(rows, Criterion(0.0, rotate=False), never) == []

    def test_a_symmetric_picture_takes_its_first_allowed_orientation(self):
        rows = make_rows(noise(1, 2), identities=[b"a", b"a"], stances=[1 << 0 | 1 << 2, 1 << 1 | 1 << 3])
        assert brute(rows, TURNS, never) == [(0, 1, 1, 0.0)]

    def test_equal_tensors_of_different_pictures_of_one_size_are_told_apart_at_full_resolution(self):
        asked = []

        def full(ties):
            asked.extend(ties)
            return [3.0] * len(ties)

        rows = make_rows(np.zeros((2, 10, 10, 3)), identities=[b"a", b"b"])
        assert brute(rows, TURNS, full) == [(0, 1, 0, 3.0)]
        assert asked == [(0, 1, (0, 2))]  # in a quarter turn the dimensions disagree
        assert brute(rows, Criterion(2.9), full) == []
        assert brute(rows, Criterion(0.0), full) == []

    def test_pictures_of_one_size_whose_tensors_agree_only_when_squashed_are_no_duplicates(self):
        tensor = noise(1)[0]
        rows = make_rows([tensor, apply(1, tensor)], identities=[b"a", b"b"])
        assert brute(rows, Criterion(0.0), never) == []
        assert brute(rows, TURNS, never) == [(0, 1, 3, 1 / 300)]

    def test_equal_tensors_of_different_sizes_are_at_distance_0(self):
        rows = make_rows(np.zeros((2, 10, 10, 3)), identities=[b"a", b"b"], widths=[640, 320], heights=[480, 240])
        assert brute(rows, TURNS, never) == [(0, 1, 0, 0.0)]

    def test_a_quarter_turn_swaps_width_and_height(self):
        tensor = noise(1)[0]
        rows = make_rows([tensor, apply(1, tensor)], identities=[b"a", b"b"], widths=[640, 480], heights=[480, 640])
        assert brute(rows, TURNS, lambda ties: [2.0 for _ in ties]) == [(0, 1, 3, 2.0)]

    def test_the_worst_view_decides(self):
        tensor = noise(1)[0]
        views = {0: np.stack([tensor, np.zeros_like(tensor)]), 1: np.stack([tensor, np.full_like(tensor, 2)])}
        assert brute(make_rows([tensor] * 2, views=views), TURNS, never) == [(0, 1, 0, 4.0)]

    def test_an_opaque_frame_looks_the_same_on_white_and_on_black(self):
        tensor = np.zeros((10, 10, 3), np.uint8)
        views = {0: np.stack([tensor, tensor + 1]), 1: np.stack([tensor, tensor, tensor + 1, tensor + 3])}
        assert brute(make_rows([tensor] * 2, views=views), TURNS, never) == [(0, 1, 0, 4.0)]


def hostile(px):
    """Tensors as far from photographs as they come, and near-copies of them."""
    rng = np.random.default_rng(px)
    y, x = np.mgrid[:px, :px]
    made = [
        np.zeros((px, px, 3)),
        np.full((px, px, 3), 255),
        np.repeat((x + y)[..., None] % 2 * 255, 3, axis=2),
        np.repeat(x[..., None] % 2 * 255, 3, axis=2),
        np.stack([x * 255 / px, y * 255 / px, 0 * x], axis=2),
        rng.integers(0, 256, (px, px, 3)),
        rng.choice([0, 255], (px, px, 3)),
        rng.integers(126, 129, (px, px, 3)),
    ]
    made += [tensor + rng.normal(0, 2, tensor.shape) for tensor in made]
    return np.array(made).round().clip(0, 255).astype(np.uint8)


class TestVectors:
    """They may exclude a pair only if it cannot match."""

    @pytest.mark.parametrize("px", [10, 11, 16, 50, 53, 99, 128, 301])
    def test_are_never_farther_apart_than_tensors(self, px):
        tensors = hostile(px)
        found = vectors(tensors).astype(np.float64)
        for i in range(len(tensors)):
            apart = np.linalg.norm(found - found[i], axis=1)
            true = np.sqrt(((tensors.astype(np.float64) - tensors[i]) ** 2).mean(axis=(1, 2, 3)))
            assert (apart <= reach(true)).all()

    @pytest.mark.parametrize("px", [10, 50, 99])
    def test_of_equal_tensors_are_equal_bit_for_bit_whatever_they_are_computed_with(self, px):
        tensors = hostile(px)
        together = vectors(tensors)
        assert np.array_equal(np.concatenate([vectors(tensor[None]) for tensor in tensors]), together)
        assert np.array_equal(vectors(tensors[::-1])[::-1], together)

    @pytest.mark.parametrize("o", ALL)
    @pytest.mark.parametrize("px", [10, 11, 50])
    def test_of_turned_tensors_are_turned_vectors(self, px, o):
        tensors = hostile(px)
        found = FIXED.turning.turned(vectors(tensors), o)
        assert np.array_equal(found[:, :-1], vectors(apply(o, tensors, axes=(1, 2)))[:, :-1])

    def test_take_300_bytes_a_row(self):
        assert vectors(hostile(10))[0].nbytes <= 300

    def test_of_very_large_tensors_fit_in_memory(self):
        grey = np.full((1, 2000, 2000, 3), 100, np.uint8)
        assert vectors(grey)[0, 0] == pytest.approx(100, rel=1e-3)


class TestLimit:
    @pytest.mark.parametrize("values", [300, 363, 7500, 75_000_000])
    def test_is_the_greatest_sum_of_squares_whose_mean_does_not_exceed_the_threshold(self, values):
        rng = np.random.default_rng(values)
        for squares in [0, 1, 2, 65025 * values, *rng.integers(0, 65025 * values, 200).tolist()]:
            threshold = squares / values
            assert limit_of(threshold, values) == squares
            assert limit_of(math.nextafter(threshold, math.inf), values) == squares
            if squares:
                assert limit_of(math.nextafter(threshold, 0), values) == squares - 1


@pytest.mark.parametrize("o", ALL)
def test_a_turned_picture_has_the_tensor_turned_but_for_what_resizing_does(o):
    rng = np.random.default_rng(o)
    for px, cells in [(10, 5), (10, 9), (24, 12), (50, 25), (50, 61), (50, 400)]:
        coarse = Image.fromarray(rng.choice([0, 255], (cells, cells + 1)).astype(np.uint8))
        large = np.asarray(coarse.resize((9 * px, 13 * px), Image.Resampling.NEAREST).convert("RGB"))
        tensor, other = (
            np.asarray(Image.fromarray(pixels).resize((px, px), Image.Resampling.BICUBIC)).astype(np.float64)
            for pixels in (large, np.ascontiguousarray(apply(o, large)))
        )
        apart = np.sqrt(((apply(o, tensor) - other) ** 2).mean())
        assert apart == 0 if o % 2 == 0 else apart < RESAMPLING


@pytest.fixture(params=["numpy", "compiled"])
def kind(request, monkeypatch):
    """Every comparison made by numpy, or by the compiled loops."""
    monkeypatch.setattr(engine.Engine, "COMPILED", request.param == "compiled")
    return request.param


class TestHostileInputs:
    """What would make n**2 pairs, or more memory than there is, must not."""

    def test_equal_pages_are_one_row(self, kind):
        rows = make_rows(np.full((20_000, 10, 10, 3), 255), identities=[b"blank"] * 20_000)
        found = stars(rows, TURNS, never)
        assert (found.keeper == 0).all()
        assert (found.distance == 0).all()
        assert found.compared == 0
        sketches = dataclasses.replace(rows, identities=[None] * 20_000, errors=np.full(20_000, 3.0))
        assert involved(sketches, TURNS).all()

    def test_equal_tensors_of_different_pictures_are_asked_about_once_each(self, kind):
        asked = []

        def full(ties):
            asked.extend(ties)
            return [1.0] * len(ties)

        rows = make_rows(np.full((2000, 10, 10, 3), 255), identities=[str(row).encode() for row in range(2000)])
        found = stars(rows, TURNS, full)
        assert (found.keeper == 0).all()
        assert (found.distance[1:] == 1.0).all()
        assert len(asked) == 1999

    def test_at_threshold_0_full_resolution_is_never_asked_for(self, kind):
        rows = make_rows(np.full((50, 10, 10, 3), 255), identities=[str(row).encode() for row in range(50)])
        assert (stars(rows, Criterion(0.0), never).keeper == np.arange(50)).all()

    def test_frames_of_a_video_are_compared_with_few_of_their_number(self, kind):
        rng = np.random.default_rng(1)
        tensors = 128 + rng.integers(-1, 2, (4000, 10, 10, 3))
        found = stars(make_rows(tensors), TURNS, never)
        assert (found.keeper == 0).all()
        assert found.compared < 100 * len(tensors)

    def test_a_slow_fade_makes_groups_as_wide_as_the_threshold(self, kind):
        levels = np.repeat(np.arange(256), 4)
        tensors = np.broadcast_to(levels[:, None, None, None], (1024, 10, 10, 3))
        found = stars(make_rows(tensors), TURNS, never)
        assert np.array_equal(found.keeper, 12 * (np.arange(1024) // 12))  # 3 levels of 4 rows are within 2.23 levels

    def test_noise_matches_nothing(self, kind):
        found = stars(make_rows(noise(1, 1000)), TURNS, never)
        assert (found.keeper == np.arange(1000)).all()

    def test_partitions_of_one_and_two_rows_are_not_mixed(self, kind):
        partition = np.arange(6000) // 2
        partition[:1000] += 10_000 * np.arange(1000)
        found = stars(make_rows(np.full((6000, 10, 10, 3), 9), partition=partition), TURNS, never)
        first = np.arange(6000) // 2 * 2
        first[:1000] = np.arange(1000)
        assert np.array_equal(found.keeper, first)

    def test_nothing_to_join_is_no_error(self, kind):
        for count in (0, 1):
            rows = make_rows(np.zeros((count, 10, 10, 3)))
            assert len(stars(rows, TURNS, never).keeper) == count
            assert len(pairs(rows, TURNS, never)) == 0
            assert len(query(rows, make_rows(np.zeros((0, 10, 10, 3))), TURNS, never)) == 0
            assert not involved(rows, TURNS).any()

    def test_everything_matches_at_the_greatest_threshold(self, kind):
        tensors = np.zeros((300, 10, 10, 3))
        tensors[::2] = 255
        assert (stars(make_rows(tensors), Criterion(65025.0), never).keeper == 0).all()


class Stored:
    """Tensors that are read when asked for, as those of an index, a few at a time."""

    def __init__(self, tensors, most):
        self.tensors, self.most, self.shape, self.thread = tensors, most, tensors.shape, threading.get_ident()

    def __len__(self):
        return len(self.tensors)

    def __getitem__(self, rows):
        read = self.tensors[rows]
        assert read.nbytes <= self.most
        assert threading.get_ident() == self.thread  # a connection to a database is bound to its thread
        return np.array(read)


def test_tensors_are_read_a_buffer_at_a_time_by_the_thread_that_called(kind, monkeypatch):
    monkeypatch.setattr(engine.Engine, "BUFFER", 30_000)
    tensors = 128 + np.random.default_rng(1).integers(-3, 4, (600, 10, 10, 3)).astype(np.uint8)
    tensors[::5] = tensors[0]
    rows = make_rows(tensors)
    stored = dataclasses.replace(rows, tensors=Stored(tensors, 30_000))
    ours, theirs = stars(stored, TURNS, never, threads=2), stars(rows, TURNS, never, threads=1)
    assert np.array_equal(ours.keeper, theirs.keeper)
    errors = np.where(np.arange(600) % 3 == 0, 2.0, 0)
    ours, theirs = (involved(dataclasses.replace(one, errors=errors), TURNS) for one in (stored, rows))
    assert np.array_equal(ours, theirs) and ours.any()
    assert len(query(stored, make_rows(tensors[:3]), TURNS, never)) > 3


def test_known_vectors_are_used():
    tensors = noise(1, 20)
    tensors[10:] = tensors[:10]
    rows = make_rows(tensors, vectors=vectors(tensors))
    assert np.array_equal(stars(rows, TURNS, never).keeper, np.arange(20) % 10)


@pytest.mark.parametrize("width", [9, 73, 111])
def test_vectors_exactly_as_far_apart_as_both_reach_are_near(kind, width):
    """What rounding takes, near the origin and far from it, may not lose a pair, wherever else there are others."""
    rng = np.random.default_rng(0)
    for spread, offset in [(0.01, 0), (0.01, 100), (5, 0), (5, 100), (100, 0)]:
        points, questions = offset + rng.normal(0, spread, (2, 200, width)) / math.sqrt(width)
        points[::9, 0] += 200  # far from the middle
        questions[::9, 0] += 200
        points, questions = points.astype(np.float32), questions.astype(np.float32)
        distances = np.sqrt(((points.astype(np.float64) - questions) ** 2).sum(axis=1))
        near = (distances * rng.uniform(0, 1, 200)).astype(np.float32)
        far = np.nextafter((distances - near).astype(np.float32), np.float32(np.inf))
        partition = rng.integers(0, 3, 200)
        held = tree.index(Points(points, partition, near), engine.Engine(1))
        first, second = held.near(Points(questions, partition, far), 1 << 20)
        assert set(range(200)) <= set(first[first == second].tolist())
        assert (partition[first] == partition[second]).all()


def test_progress_ends_at_the_number_of_rows():
    told = []
    stars(make_rows(noise(1, 50)), TURNS, never, progress=lambda *words: told.append(words))
    assert told[-1] == ("comparing", 50, 50)


def test_an_error_in_a_thread_is_raised_by_the_caller():
    def work(start, end):
        if start >= 5:
            raise ValueError(start)

    with pytest.raises(ValueError, match="5"):
        engine.Engine(2).spread(work, 10, 1)


class TestSketches:
    def test_far_apart_are_not_involved(self):
        rows = make_rows(noise(1, 200), errors=np.full(200, 3.0))
        assert not involved(rows, Criterion(5.0)).any()

    def test_are_involved_as_far_as_both_errors_reach(self):
        tensors = np.full((3, 10, 10, 3), 100)
        tensors[1] += 5
        tensors[2] += 50
        assert involved(make_rows(tensors, errors=[1.5, 1.3, 3]), Criterion(5.0)).tolist() == [True, True, False]
        assert involved(make_rows(tensors, errors=[1.5, 1.2, 3]), Criterion(5.0)).tolist() == [False] * 3

    @pytest.mark.parametrize("sketch", [0, 1])
    def test_may_match_full_decodes_too_which_are_settled_already(self, sketch):
        tensors = np.full((3, 10, 10, 3), 100)
        tensors[sketch] += 5
        errors = np.where(np.arange(3) == sketch, 2.8, 0)
        assert involved(make_rows(tensors, errors=errors), Criterion(5.0)).tolist() == (errors > 0).tolist()
        assert not involved(make_rows(tensors, errors=errors * 0.98), Criterion(5.0)).any()

    def test_of_one_size_and_its_turned_size_are_involved_as_far_as_resizing_errs(self):
        tensors = np.full((2, 10, 10, 3), 100)
        tensors[1] += 10
        turned_sizes = make_rows(tensors, errors=[1, 1], widths=[4, 3], heights=[3, 4])
        same_sizes = make_rows(tensors, errors=[1, 1], widths=[4, 4], heights=[3, 3])
        assert involved(turned_sizes, Criterion(0.0)).all()
        assert not involved(same_sizes, Criterion(0.0)).any()
        assert not involved(turned_sizes, Criterion(0.0, rotate=False)).any()


def joined_in_a_child():
    """Run by a forked child, after its parent has used the compiled loops."""
    rows = make_rows(noise(1, 300))
    assert (stars(rows, TURNS, never, threads=2).keeper == np.arange(300)).all()


def test_a_forked_worker_can_join_after_its_parent_has():
    joined_in_a_child()
    child = multiprocessing.get_context("fork").Process(target=joined_in_a_child)
    child.start()
    child.join(60)
    assert child.exitcode == 0


@pytest.fixture(params=["learned", "whole", "learned, then whole"])
def way(request, monkeypatch):
    """Every join walks on learned vectors, or compares whole tensors, from the first block on."""
    if "learned" in request.param:
        monkeypatch.setattr(choice, "_VECTOR", -1e30)  # a gain
    if "whole" in request.param:
        for name, value in (("_PAYS", 1), ("_PROBES", 1), ("_CROWD", -1)):
            monkeypatch.setattr(field, name, value)
    return request.param


def pages(rng, count, px):
    """Lines of print, here or there, and no two pages of one ink."""
    printed = np.repeat(rng.choice([0, 180], (count, px, 1, 1)), px, axis=2) * rng.uniform(0.2, 1, (count, px, px, 1))
    return np.repeat(255 - printed, 3, axis=3)


def dark(rng, count, px):
    """Frames of noise, some of them within the threshold of others and some not."""
    return 8 + rng.normal(size=(count, px, px, 3)) * rng.uniform(1, 2, (count, 1, 1, 1))


def crops(rng, count, px):
    """Slopes of colour."""
    y, x = np.mgrid[:px, :px][:, None, :, :, None] / px
    return 128 + 60 * (y * rng.normal(size=(count, 1, 1, 3)) + x * rng.normal(size=(count, 1, 1, 3)))


class TestWaysOfExcluding:
    """Whatever is excluded by, what is left is what `brute` finds."""

    @pytest.mark.parametrize("px", [10, 11])
    @pytest.mark.parametrize("kind", [pages, dark, crops])
    @pytest.mark.parametrize("criterion", [Criterion(5.0), Criterion(60.0, rotate=False), Criterion(5.0, mirror=True)])
    @pytest.mark.parametrize("compiled", [True, False])
    def test_finds_what_brute_finds(self, way, kind, px, criterion, compiled, monkeypatch):
        monkeypatch.setattr(engine.Engine, "COMPILED", compiled)
        rng = np.random.default_rng(px)
        tensors = kind(rng, 36, px)
        copied = tensors[rng.integers(0, 36, 12)] + rng.normal(0, 1.2, (12, px, px, 3))
        tensors[::3] = [apply(int(rng.choice(ALL)), tensor) for tensor in copied]
        columns = {"partition": rng.integers(0, 2, 36), "errors": np.where(np.arange(36) % 5 == 0, 0.5, 0)}
        rows = make_rows(tensors.round().clip(0, 255), **columns)
        rows = dataclasses.replace(rows, fixed=np.arange(36) < 6)
        wanted = brute(rows, criterion, never)
        found = pairs(rows, criterion, never)
        assert list(zip(found.first, found.second, found.orientation, found.distance, strict=True)) == wanted
        kept, taken = stars(rows, criterion, never), {}
        for first, second, orientation, distance in wanted:
            if first not in taken:
                taken.setdefault(second, (first, orientation, distance))
        assert {
            row: (kept.keeper[row], kept.orientation[row], kept.distance[row])
            for row in np.flatnonzero(kept.keeper != np.arange(36)).tolist()
        } == taken
        asked, held = (make_rows(rows.tensors[some]) for some in (slice(6), slice(6, None)))
        looked_up = query(held, asked, criterion, never)
        together = [(i, j - 6, *rest) for i, j, *rest in brute(make_rows(rows.tensors), criterion, never) if i < 6 <= j]
        columns = looked_up.first, looked_up.second, looked_up.orientation, looked_up.distance
        assert list(zip(*columns, strict=True)) == together
        maybe = involved(rows, criterion)
        assert all(maybe[row] for pair in wanted for row in pair[:2] if rows.errors[row] > 0)

    def test_frames_of_noise_are_compared_by_whole_tensors(self, monkeypatch):
        asked = []
        monkeypatch.setattr(whole.Whole, "near", lambda *found, near=whole.Whole.near: asked.append(1) or near(*found))
        found = stars(make_rows(dark(np.random.default_rng(1), 600, 20).round()), Criterion(3.0), never)
        assert asked
        assert found.compared < 600**2 / 2


class TestLearning:
    def test_pages_are_walked_on_learned_vectors_and_photographs_are_not(self, monkeypatch):
        monkeypatch.setattr(choice, "_LEARNING", 0)
        rng = np.random.default_rng(1)
        for kind, pays in ((pages, True), (crops, False)):
            rows = make_rows(kind(rng, 600, 20).round().clip(0, 255))
            known, reaches = vectors(rows.tensors), np.full(600, 25 if pays else 1.2, np.float32)
            found, _ = choice.chosen(rows, known, (0, 1, 2, 3), reaches, np.arange(600), engine.Engine(1))
            assert (found is not known) == pays

    def test_the_order_of_rows_decides_nothing(self, monkeypatch):
        monkeypatch.setattr(choice, "_VECTOR", -1e30)
        rows = make_rows(pages(np.random.default_rng(1), 900, 12).round())
        known, reaches = vectors(rows.tensors), np.full(900, 1.2, np.float32)
        order = np.random.default_rng(2).permutation(900)
        again = dataclasses.replace(rows, tensors=rows.tensors[order])
        ours, theirs = (
            choice.chosen(one, vectors(one.tensors), (0, 1, 2, 3), reaches, np.arange(900), engine.Engine(1))[0]
            for one in (rows, again)
        )
        assert ours is not known
        assert np.array_equal(ours[order], theirs)

    @pytest.mark.parametrize("px", [10, 11, 50, 99])
    def test_vectors_are_never_farther_apart_than_tensors_and_turn_with_them(self, px):
        tensors = hostile(px)
        cosines = learned(tensors, np.arange(len(tensors)), engine.Engine(1))
        found = cosines.vectors(tensors, engine.Engine(1))
        for i in range(len(tensors)):
            apart = np.linalg.norm(found.astype(np.float64) - found[i], axis=1)
            true = np.sqrt(((tensors.astype(np.float64) - tensors[i]) ** 2).mean(axis=(1, 2, 3)))
            assert (apart <= reach(true)).all()
        for o in ALL:
            turned = cosines.vectors(apply(o, tensors, axes=(1, 2)), engine.Engine(1))
            assert np.array_equal(cosines.turning.turned(found, o)[:, :-1], turned[:, :-1])
