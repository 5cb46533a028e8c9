"""The definition of a match, the vectors and the limits the join stands on, and its behaviour on hostile inputs."""

import numpy as np
import pytest

from difPy.join import brute
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
