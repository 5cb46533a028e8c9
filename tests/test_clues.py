"""Clues: identities that are only begun where that tells photos apart, and what becomes of those that begin alike."""

import io
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import difPy
import pictures
from difPy import clues, decode, orientation
from difPy.files import Files
from difPy.match.looking import looks
from difPy.match.lookup import look_up
from difPy.model import Failure, Picture
from difPy.options import SearchOptions
from difPy.workers import Serial
from parts_of_files import after_start


def looked(data, name="a.jpg", *, exact=False):
    found = decode.decode(data, name, 20, exact=exact)
    assert isinstance(found, Picture), found
    return found


def jpeg(seed, size=(300, 200), **options):
    return pictures.encode(pictures.scene(seed, size), "JPEG", **{"quality": 90, "subsampling": 0} | options)


def commented(data, text):
    """The same picture in other bytes."""
    return after_start(data, 0xFE, text)


def sharp(image, *, changed=False):
    """A JPEG; or one of the same clue and of other pixels: of a block, in which no clue is looked for."""
    pixels = np.asarray(image).copy()
    if changed:
        pixels[8:16, 8:16] ^= np.random.default_rng(0).integers(60, 120, (8, 8, 3), np.uint8)
    return pictures.encode(Image.fromarray(pixels), "JPEG", quality=95, subsampling=0)


# What a clue is


@pytest.mark.parametrize(
    "data",
    [
        jpeg(1),
        jpeg(2, (1600, 1100), progressive=True),
        jpeg(3, (17, 401)),
        jpeg(4, subsampling=2),
        pictures.encode(pictures.scene(5, (300, 200)).convert("L"), "JPEG"),
    ],
)
def test_a_photo_has_a_clue_with_which_its_identity_begins(data):
    begun, whole = looked(data), looked(data, exact=True)
    assert (len(begun.identity), len(whole.identity)) == (clues.CLUE, clues.WHOLE)
    assert whole.identity.startswith(begun.identity)
    assert (begun.error, begun.stance) == (0, whole.stance) and np.array_equal(begun.tensor, whole.tensor)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (pictures.encode(pictures.scene(1, (300, 200)), "PNG"), "a.png"),
        (pictures.encode(pictures.text((400, 500)), "JPEG"), "a page.jpg"),
        (pictures.encode(Image.new("RGB", (300, 200), "red"), "JPEG"), "blank.jpg"),
        (pictures.encode(Image.new("RGB", (3, 2)), "JPEG"), "tiny.jpg"),
    ],
)
def test_what_a_clue_would_not_tell_or_hardly_save_has_all_its_identity(data, name):
    assert looked(data, name).identity == looked(data, name, exact=True).identity


@settings(max_examples=60, deadline=None)
@given(
    size=st.tuples(st.integers(1, 70), st.integers(1, 70)),
    turn=st.sampled_from(orientation.ALL),
    grey=st.booleans(),
    seed=st.integers(0, 99),
)
def test_turned_and_grey_pictures_have_one_clue_however_they_are_stored(size, turn, grey, seed):
    levels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), np.uint8)
    if grey:
        levels = levels[..., :1].repeat(3, 2)
    turned = orientation.apply(turn, levels)
    stored = Image.fromarray(turned[..., 0] if grey else turned)
    one, other = looked(pictures.encode(Image.fromarray(levels), "BMP")), looked(pictures.encode(stored, "PNG"))
    assert one.identity == other.identity


@pytest.mark.parametrize(("mode", "size"), [("RGB", (4300, 1000)), ("L", (4300, 4000))])
def test_pictures_that_pillow_holds_in_pieces_have_the_clue_of_those_in_one(mode, size):
    x, y = np.indices(size[::-1], np.uint32)[::-1]
    levels = (7 * x + 13 * y + x * y // 999).astype(np.uint8)
    image = Image.fromarray(levels if mode == "L" else np.dstack([levels, levels // 2, 255 - levels]))
    in_one, in_pieces = pictures.encode(image, "PNG", compress_level=1), pictures.encode(image, "PPM")
    assert looked(in_one).identity == looked(in_pieces, "a.ppm").identity


# What becomes of those that begin alike


@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["", "abcdefgh", "abcdefg\0", "hgfedcba"]), st.booleans(), st.integers(0, 3))
    )
)
def test_those_are_met_that_begin_as_another_that_is_whole_or_of_other_bytes(rows):
    identities = [start.encode() + (b"" if begun else bytes(32)) if start else None for start, begun, _ in rows]
    digests = [bytes([digest]) for *_, digest in rows]
    keys = list(zip(digests, identities, strict=True))
    expected = [
        row
        for row, (_, one) in enumerate(keys)
        if clues.is_clue(one) and any(two and two[:8] == one and key != keys[row] for key in keys for two in key[1:])
    ]
    assert clues.met(identities, digests).tolist() == expected


def folder(root, files):
    root.mkdir(exist_ok=True)
    for name, data in files.items():
        (root / name).write_bytes(data)
        os.utime(root / name, (1, 1))
    return root


@pytest.fixture(scope="module")
def mixed():
    """Photos; the same pixels in other bytes, formats and orientations; the same clue with other pixels; others."""
    files = {}
    for number in range(6):
        photo = jpeg(number)
        files[f"{number}.jpg"] = photo
        image = Image.open(io.BytesIO(photo))
        if number % 3 == 0:
            files[f"{number} told.jpg"] = commented(photo, b"kept")
            files[f"{number} too.jpg"] = commented(photo, b"kept")
            files[f"{number} turned.png"] = pictures.encode(image.transpose(Image.Transpose.ROTATE_90), "PNG")
        elif number % 3 == 1:
            files |= {f"{number} sharp.jpg": sharp(image), f"{number} changed.jpg": sharp(image, changed=True)}
    return files


def answer(result):
    return sorted(
        (group.keeper.path, sorted((one.file.path, one.distance, one.orientation) for one in group.members))
        for group in result.groups
    )


@pytest.mark.parametrize("similarity", ["duplicates", "similar", 5.0])
@pytest.mark.parametrize("cached", [False, True])
def test_a_search_finds_what_it_finds_with_whole_identities(tmp_path, mixed, similarity, cached):
    root = folder(tmp_path / "in", mixed)
    cache = tmp_path / "index.sqlite" if cached else False
    begun, whole = (
        difPy.find(
            difPy.index(root, cache=cache and cache.with_suffix(f".{exact}"), exact=exact), similarity, mirror=True
        )
        for exact in (False, True)
    )
    assert answer(begun) == answer(whole)
    assert sum(len(group.members) for group in begun.groups) >= 6
    if cached:  # what was looked at once more is known now
        assert begun.decoded > 0
        library = difPy.index(root, cache=cache.with_suffix(".False"))
        assert difPy.find(library, similarity, mirror=True, rotate=False).decoded == 0


def test_the_same_clue_is_not_the_same_picture(tmp_path):
    files = {f"{changed}.jpg": sharp(pictures.scene(1, (300, 200)), changed=changed) for changed in (False, True)}
    one, other = map(looked, files.values())
    assert one.identity == other.identity and not np.array_equal(one.tensor, other.tensor)
    root = folder(tmp_path / "in", files)
    assert difPy.find(difPy.index(root, cache=False), "duplicates").groups == []
    (group,) = difPy.find(difPy.index(root, cache=False), "similar").groups
    assert group.members[0].distance > 0


def test_a_picture_asked_for_is_found_in_other_bytes_turned_and_not_by_its_clue_alone(tmp_path, mixed):
    library = difPy.index(folder(tmp_path / "in", mixed), cache=tmp_path / "index.sqlite")
    for number, copies in ((0, {"0.jpg", "0 told.jpg", "0 too.jpg", "0 turned.png"}), (1, set())):
        probe = folder(tmp_path / "asked", {"probe.jpg": commented(mixed[f"{number}.jpg"], b"asked")})
        near, failures = difPy.query(probe, library)
        names = {os.path.basename(one.file.path) for one in near}
        assert not failures
        assert names == (copies or {"1.jpg"})
        difPy.index(probe, cache=tmp_path / "index.sqlite")  # which leaves it known by its clue only


@pytest.fixture
def gone(tmp_path):
    """Libraries of two pictures of one clue, each alone and both together, whose files are there no more."""
    files = {f"{changed}.jpg": sharp(pictures.scene(1, (300, 200)), changed=changed) for changed in (False, True)}
    folders = [folder(tmp_path / name, {name: data}) for name, data in files.items()]
    libraries = [difPy.index(*roots, cache=False) for roots in ([folders[0]], [folders[1]], folders)]
    for name, root in zip(files, folders, strict=True):
        (root / name).unlink()
    return libraries


def test_what_cannot_be_told_apart_any_more_is_not_taken_for_the_same(gone):
    one, other, both = gone
    options = SearchOptions(similarity="similar")
    near, failures = look_up(one.gallery, other.gallery, options, Serial(), remember=one.index.put)
    assert near == [] and len(failures) == 2
    assert difPy.calibrate(both).pictures == 0
    assert difPy.find(both, "similar").groups == []


def test_a_copy_that_is_gone_when_it_is_looked_at_again_is_a_failure_and_in_no_group(tmp_path):
    files = {"a.jpg": jpeg(1), "b.jpg": commented(jpeg(1), b"b"), "c.jpg": commented(jpeg(1), b"c")}
    library = difPy.index(folder(tmp_path / "in", files), cache=False)
    (tmp_path / "in" / "b.jpg").unlink()
    found = difPy.find(library, "duplicates")
    (group,) = found.groups
    assert {os.path.basename(file.path) for file in group.files} == {"a.jpg", "c.jpg"}
    assert [os.path.basename(failure.path) for failure in found.failures] == ["b.jpg"]


# Where it is not worth while


class Looking:
    """Decodes to what it is told: notes which files were to be decoded in full."""

    def __init__(self, clue):
        self.clue, self.in_full = clue, []

    def map(self, task, items, *, lost):
        about = {"exif_fields": 0, "gps": False, "digest": bytes(32)}
        for item in items:
            self.in_full.append(task.exact)
            identity = self.clue(item.inode).to_bytes(8, "big") + (bytes(32) if task.exact else b"")
            yield Picture(300, 200, 1, np.zeros((10, 10, 3), np.uint8), None, identity, 1, 0.0, "JPEG", **about)


@pytest.mark.parametrize(
    ("clue", "known", "in_full"),
    [
        (lambda number: number, [], []),
        (lambda number: number % 1000, [], [*range(1088, 2112), *range(2176, 2300)]),
        (lambda number: number // 2, [], [*range(64, 1088), *range(1152, 2176), *range(2240, 2300)]),
        (lambda number: number - (number % 20 == 1), [], []),
        (lambda number: number, range(600), [*range(64, 1088)]),
        (
            lambda number: number // 2 if number < 64 else number % 1024,  # what was whole is met, too
            [],
            [*range(64, 1088), *range(1152, 2176), *range(2240, 2300)],
        ),
    ],
)
def test_where_many_are_met_identities_are_made_whole_at_once(clue, known, in_full):
    numbers = list(range(2300))
    files = Files([f"{number}.jpg" for number in numbers], ["."] * 2300, numbers, numbers, [1] * 2300, numbers)
    executor = Looking(clue)
    identities = [number.to_bytes(8, "big") + bytes(32) for number in known]
    assert len(list(looks(files, 10, executor, exact=False, known=identities))) == 2300
    assert [number for number in numbers if executor.in_full[number]] == in_full


def test_of_known_photos_that_come_again_hardly_more_than_these_are_decoded_twice(tmp_path):
    photos = {f"{number:03}.jpg": jpeg(number, (48, 32)) for number in range(150)}
    first = folder(tmp_path / "1", photos)
    second = folder(tmp_path / "2", {name: commented(data, b"told") for name, data in photos.items()})
    difPy.index(first, cache=tmp_path / "index.sqlite")
    library = difPy.index(first, second, cache=tmp_path / "index.sqlite", processes=1)
    found = difPy.find(library, "duplicates")
    assert library.decoded == 150 and len(found.groups) == 150
    assert found.decoded <= 150 + 64  # those of the first folder, and of the second until it showed


def test_a_file_that_changed_is_told(tmp_path):
    library = difPy.index(folder(tmp_path / "in", {"a.jpg": jpeg(1), "b.jpg": commented(jpeg(1), b"b")}), cache=False)
    (tmp_path / "in" / "b.jpg").write_bytes(jpeg(2))
    found = difPy.find(library, "duplicates")
    assert found.groups == [] and all(isinstance(one, Failure) for one in found.failures) and found.failures
