"""The methods that find altered copies: what they describe, what they take for a copy, and the map to begin with."""

import sys
from collections.abc import Sequence

import numpy as np
import pdqhash
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import altered
from difPy import orientation
from difPy.errors import DifPyError, WrongValue
from difPy.match import copies, deep, near
from difPy.match.copies import pdq, views
from difPy.match.deep import runs, streaming, votes
from difPy.match.method import PICTURES
from difPy.match.near import nearest
from difPy.model import silent
from difPy.vision import cv2

METHODS = pytest.mark.parametrize("method", (copies, deep), ids=lambda method: method.NAME)


def described(method, image):
    return method.describe(np.asarray(image.convert("RGB")))


def as_set(candidates):
    return set(zip(candidates.first.tolist(), candidates.second.tolist(), candidates.hint.tolist(), strict=True))


@pytest.fixture(scope="module")
def shelf():
    """Descriptors of twenty pictures that have nothing in common, by method."""
    images = [altered.textured(seed) for seed in range(20)]
    return {method: [described(method, image) for image in images] for method in (copies, deep)}


@pytest.mark.parametrize(
    ("method", "name"),
    [(method, name) for method in (copies, deep) for name in altered.SAME_FRAME]
    + [(deep, name) for name in altered.OTHER_FRAME]
    + [(copies, name) for name in altered.ON_PLAIN_GROUND],
    ids=lambda value: getattr(value, "NAME", value),
)
def test_altered_copy_is_found_and_mapped(method, name, shelf):
    make, true = (altered.SAME_FRAME | altered.OTHER_FRAME | altered.ON_PLAIN_GROUND)[name]
    copy = described(method, make(altered.textured(7)))
    found = as_set(method.candidates([*shelf[method], copy], silent))
    maps = [method.start(shelf[method][7], copy, hint) for first, second, hint in found if (first, second) == (7, 20)]
    assert maps
    assert min(altered.farthest(one, true, (altered.W, altered.H)) for one in maps if one is not None) < 6


@METHODS
def test_pictures_with_nothing_in_common_have_no_map(method, shelf):
    found = as_set(method.candidates(shelf[method], silent))
    assert [
        one for one in found if method.start(shelf[method][one[0]], shelf[method][one[1]], one[2]) is not None
    ] == []


@METHODS
@pytest.mark.parametrize("size", [(1, 1), (1, 400), (400, 1), (2, 2), (7, 300), (300, 9), (16, 16)])
@pytest.mark.parametrize("kind", ["plain", "noise"])
def test_pictures_of_any_shape_have_descriptors(method, size, kind):
    grain = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)
    descriptor = method.describe(grain if kind == "noise" else np.full_like(grain, 200))
    found = method.candidates([descriptor, descriptor], silent)
    for hint in found.hint.tolist():
        method.start(descriptor, descriptor, hint)
    assert kind == "noise" or not len(found)


@METHODS
def test_no_pictures_have_no_candidates(method):
    assert len(method.candidates([], silent)) == 0


@METHODS
def test_map_is_the_same_whatever_was_asked_before(method, shelf):
    copies_ = [described(method, make(altered.textured(7))) for make, _ in altered.SAME_FRAME.values()]
    asked = [(shelf[method][7], copy, 0) for copy in copies_]
    before = [method.start(*one) for one in asked]
    cv2.setRNGSeed(99)
    assert all(
        (found is None and expected is None) or np.array_equal(found, expected)
        for found, expected in zip([method.start(*one) for one in reversed(asked)], reversed(before), strict=True)
    )


def test_hash_of_a_turned_picture_is_that_of_the_picture_turned():
    """But for rounding: PDQ's own way to make a picture small would differ in 28 of the 256 bits."""
    picture = np.asarray(altered.textured(3, (256, 256)))
    hashes = views.read(views.describe(picture)).hashes[0]
    for turn in orientation.ALL:
        turned = views.read(views.describe(np.ascontiguousarray(orientation.apply(turn, picture)))).hashes[0]
        assert np.bitwise_count(turned[0] ^ hashes[turn]).sum() <= 4


def test_hashes_are_those_of_the_library_of_its_authors():
    for seed in range(20):
        square = np.asarray(altered.textured(seed, (64, 64)))
        bits, _ = pdqhash.compute_dihedral(square)
        its_order = (0, 1, 2, 3, 5, 6, 4, 7)  # orientation -> where it has that
        theirs = np.packbits(np.array(bits, bool)[its_order, ::-1], axis=1).view("<u8")
        ours = pdq.hashes((square @ np.array([0.299, 0.587, 0.114])).astype(np.float32))
        assert np.bitwise_count(theirs ^ ours).sum() <= 8  # ties, of 2,048


@pytest.mark.parametrize("cores", (1, 5))
@METHODS
def test_same_is_found_in_little_memory_and_any_number_of_threads(method, cores, shelf, monkeypatch):
    """Where nothing stays in memory, everything comes in small pieces, and many have the same descriptors."""
    made = [described(method, altered.SAME_FRAME[name][0](altered.textured(7))) for name in ("noisy", "mirrored")]
    asked = [*shelf[method][:9], *made, *made, *shelf[method][4:9]]
    expected = as_set(method.candidates(asked, silent))
    for module, name, value in (
        (streaming, "UNIT", 2_000), (streaming, "SLICE", 7), (runs, "HELD", 1), (votes, "HELD", 300),
        (near, "PIECE", 50), (nearest, "HELD", 9),
        (copies.join, "cores", lambda: cores), (deep.join, "cores", lambda: cores),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, value)
    assert as_set(method.candidates(asked, silent)) == expected
    assert len(expected) > 9


def test_no_more_features_are_compared_at_a_time_than_may_be_and_each_once(shelf, monkeypatch):
    """Those that begin alike are compared with each other, unless they are a crowd."""
    monkeypatch.setattr(streaming, "UNIT", 500)
    monkeypatch.setattr(streaming, "CROWD", 2_000)
    monkeypatch.setattr(streaming, "SLICE", 2)
    columns = near.tables(128, 1)[0]
    alike = [shelf[deep][0][:4] + shelf[deep][0][4:44] * 300] * 20
    with runs.Runs(streaming.ROW) as put:
        assert list(streaming.put(put, shelf[deep] + alike, columns))[-1] == 40
        sizes = [[len(side) for side in streaming.signatures(put, unit, columns)] for unit in streaming.units(put)]
    assert sum(map(sum, sizes)) == 2 * sum(len(one) // 40 for one in shelf[deep] + alike)
    assert 1_000 < max(map(sum, sizes)) <= 2_000
    assert sum(max(some) >= 600 for some in sizes) == 2 * 4


class Many(Sequence):
    """More than there can be."""

    def __len__(self):
        return PICTURES + 1

    def __getitem__(self, row):
        raise NotImplementedError


@METHODS
def test_too_many_pictures_are_refused_before_they_are_read(method):
    with pytest.raises(WrongValue, match="4,194,304 pictures at most, and these are 4,194,305"):
        method.candidates(Many(), silent)


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of this kind there")
def test_disk_that_is_full_is_a_sentence_and_not_a_traceback(shelf, monkeypatch):
    import resource

    monkeypatch.setattr(runs, "HELD", 1)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        with pytest.raises(DifPyError, match=r"no room for .* \(File too large\): free some, or .* TMPDIR"):
            deep.candidates(shelf[deep], silent)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@METHODS
def test_real_copies_are_found_among_pictures_that_share_a_template(method, monkeypatch):
    """And none of the pictures brings in more candidates than it may."""
    monkeypatch.setattr(method.join, "MOST", 3)
    template = Image.new("RGB", (320, 240), "white")
    template.paste(altered.textured(50).resize((300, 130)), (10, 100))

    def filled(seed):
        image = template.copy()
        image.paste(altered.textured(100 + seed, (280, 80)), (20, 10))
        return image

    images = [filled(seed) for seed in range(16)]
    images.append(altered.brighter(images[12]).resize((256, 192)))
    found = method.candidates([described(method, image) for image in images], silent)
    assert (12, 16) in {(first, second) for first, second, _ in as_set(found)}
    assert 16 < len(found) <= 3 * len(images) * (2 if method is deep else 1)


@given(
    st.lists(st.tuples(*[st.integers(0, 7)] * 4).filter(lambda one: one[0] < one[1]), max_size=60),
    st.integers(1, 3),
    st.integers(0, 60),
)
@settings(max_examples=50, deadline=None)
def test_nearest_of_parts_are_the_nearest_of_all(rows, most, held):
    found = np.array(rows, np.int64).reshape(-1, 4).T
    kept = near.Nearest(most, 8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nearest, "HELD", held)
        for start in range(0, len(rows), 7):
            kept.add(found[:, start : start + 7])
    assert kept.kept().tolist() == near.best(found, most).tolist()
    half = found.shape[1] // 2
    parts = np.concatenate((near.best(found[:, :half], most), found[:, half:]), axis=1)
    assert near.best(parts, most).tolist() == near.best(found, most).tolist()
    assert near.best(found, most).shape[1] <= 8 * most


@given(st.integers(0, 2**32), st.integers(0, 20), st.integers(1, 31), st.booleans())
@settings(max_examples=30, deadline=None)
def test_near_signatures_are_found_as_a_look_at_all_finds_them(seed, reach, piece, compiled):
    """If the window is wide enough, and a pair agrees in the leading bits."""
    chance = np.random.default_rng(seed)
    words = chance.integers(0, 2**64, (5, 2), np.uint64)[chance.integers(0, 5, 30)]
    words ^= np.uint64(1) << chance.integers(0, 64, words.shape).astype(np.uint64)
    labels = np.arange(30) << 3
    columns = near.tables(128, 1)[0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(near.kernel, "COMPILED", compiled)
        patch.setattr(near, "PIECE", piece)
        table = near.Signatures(words, labels, columns)
        some = list(near.pairs(table, table, owner=3, shared=1, before=0, after=31, reach=reach))
    found = np.concatenate(some, axis=1)
    leading = words[:, columns[0] >> 6] >> np.uint64(columns[0] & 63) & np.uint64(1)
    expected = {
        (a, b)
        for a in range(30)
        for b in range(a)
        if np.bitwise_count(words[a] ^ words[b]).sum() <= reach and leading[a] == leading[b]
    }
    assert {
        (max(a, b) >> 3, min(a, b) >> 3) for a, b in zip(found[0].tolist(), found[1].tolist(), strict=True)
    } == expected


@given(st.integers(0, 2**32), st.integers(1, 4), st.integers(0, 3))
@settings(max_examples=30, deadline=None)
def test_the_same_signatures_are_near_in_the_same_order_without_compiled_loops(seed, width, shared):
    """Where many have the same key, and labels come in any order."""
    chance = np.random.default_rng(seed)
    words = chance.integers(0, 2**64, (7, width), np.uint64)[chance.integers(0, 7, (2, 60))]
    words[chance.random((2, 60)) < 0.5, 0] ^= np.uint64(1)
    labels = np.sort(chance.integers(0, 40, (2, 60)) << 3 | np.arange(60) % 8, axis=1)
    columns = near.tables(64 * width, 1)[0]

    def found(compiled):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(near.kernel, "COMPILED", compiled)
            table, asked = (near.Signatures(*one, columns) for one in zip(words, labels, strict=True))
            some = near.pairs(table, asked, owner=3, shared=shared, before=5, after=9, reach=16)
            return [near.keys(words[0], columns).tolist(), *[one.tolist() for one in some]]

    assert found(True) == found(False)


@given(st.integers(0, 2**32), st.integers(1, 4))
@settings(max_examples=30, deadline=None)
def test_the_same_pairs_have_enough_votes_without_compiled_loops(seed, enough):
    chance = np.random.default_rng(seed)
    labels, others = chance.integers(0, 3 << 26, (2, 400)) & ~(chance.integers(0, 2, (2, 400)) * 0x1FE00)

    def found(compiled):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(deep.kernel, "COMPILED", compiled)
            cast = np.unique(np.concatenate([deep.kernel.votes(labels, others, mirrored) for mirrored in (0, 1)]))
            cast = np.append(cast, cast[-1:] | np.uint64(1 << 63))  # of a picture with the greatest of numbers
            return cast.tolist(), deep.kernel.count(cast, enough).tolist()

    assert found(True) == found(False)
    assert found(True)[1]
