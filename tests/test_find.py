"""From files to groups: what a search finds is what the slow definition says of every pair, decoded in full."""

import os
import shutil
import time
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import difPy
from difPy import decode, group, policy, workers
from difPy.files import Files
from difPy.gallery import rows
from difPy.looks import Looks, kin
from difPy.match import mse
from difPy.match.decoding import complete, described
from difPy.match.fill import Filling
from difPy.match.looking import looks
from difPy.model import Picture, silent
from difPy.options import SearchOptions
from difPy.scan import scan
from difPy.store import open_index
from difPy.workers import Serial
from pictures import scene

TURNS = [None, *Image.Transpose]


def groups_by_definition(folder, px_size, keep="documented", **options):
    """`{kept: {path: distance}}` from comparing all pairs of fully decoded pictures, one by one."""
    options = SearchOptions(**options)
    files = scan([str(folder)]).files
    looks = [(file, decode.look(file, px_size, exact=True)) for file in files]
    with open_index(False, px_size=px_size, decoders="", warn=pytest.fail) as index:
        index.put(described(looks))
        gallery = index.gallery(files, [look.digest for _, look in looks])
    codes = group.partition(gallery, in_folder=False, same_dimensions=options.only_same_dimensions)
    order = group.order(Looks(gallery, kin(gallery, codes, options.criterion)), policy.chosen(keep, policy.DOCUMENTED))
    paths = [gallery.files[row].path for row in order]

    def full_distance(ties):
        return [
            decode.full_resolution_distance(gallery.files[order[i]], gallery.files[order[j]], turns)
            for i, j, turns in ties
        ]

    matches = {}
    for i, j, _, distance in mse.brute(rows(gallery, order, codes), options.criterion, full_distance):
        matches.setdefault(i, {})[j] = distance
    taken, found = set(), {}
    for i in range(len(paths)):
        if i not in taken:
            members = {j: distance for j, distance in matches.get(i, {}).items() if j not in taken}
            taken |= set(members)
            if members:
                found[paths[i]] = {paths[j]: distance for j, distance in members.items()}
    return found


def groups_found(folder, px_size, keep="documented", **options):
    dif = difPy.build(folder, px_size=px_size, processes=1)
    result = difPy.search(dif, processes=1, keep=keep, **options).result
    return {kept: dict(map(tuple, matches)) for kept, matches in result.items()}


@st.composite
def variants(draw):
    """A little picture, its kind, and how it is turned: many of these are likely to meet."""
    seed = draw(st.integers(0, 2))
    size = draw(st.sampled_from([(16, 16), (24, 16), (16, 24)]))
    noise = draw(st.sampled_from([0, 0, 1, 2, 6]))
    kind = draw(st.sampled_from(["RGB", "RGB", "RGBA", "L", "16 bit", "frames"]))
    return seed, size, noise, kind, draw(st.sampled_from(TURNS)), draw(st.sampled_from(["png", "tif"]))


def draw_picture(path, seed, size, noise, kind, turn, extension):
    random = np.random.default_rng([seed, noise])
    smooth = Image.fromarray(np.random.default_rng(seed).integers(0, 256, (3, 3, 3), np.uint8)).resize(size)
    values = np.asarray(smooth) + random.integers(-noise, noise + 1, (size[1], size[0], 3))
    image = Image.fromarray(values.clip(0, 255).astype(np.uint8))
    if kind == "RGBA":
        image.putalpha(Image.linear_gradient("L").resize(size))
    elif kind == "L":
        image = image.convert("L")
    elif kind == "16 bit":
        image = Image.fromarray((np.asarray(image.convert("L")).astype(np.uint16) << 8) + np.uint16(noise))
    if turn is not None:
        image = image.transpose(turn)
    more = (
        {"save_all": True, "append_images": [image.transpose(Image.Transpose.ROTATE_180)]} if kind == "frames" else {}
    )
    image.save(path.with_suffix(f".{extension}"), **more)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(variants(), min_size=2, max_size=12),
    st.sampled_from(["duplicates", "similar", 0.5, 40, 3000]),
    st.fixed_dictionaries({name: st.booleans() for name in ("rotate", "lazy", "mirror")}),
    st.sampled_from([10, 16]),
    st.sampled_from([*policy.ORDERS]),
)
def test_what_is_found_is_what_the_definition_says(tmp_path_factory, pictures, similarity, options, px_size, keep):
    folder = tmp_path_factory.mktemp("pictures")
    for number, picture in enumerate(pictures):
        draw_picture(folder / str(number), *picture)
    assert groups_found(folder, px_size, keep, similarity=similarity, **options) == groups_by_definition(
        folder, px_size, keep, similarity=similarity, **options
    )


@pytest.fixture(scope="module")
def large(tmp_path_factory, photo):
    """Pictures so large that they are sketched first: four, each with copies, re-encodings, a crop and a turn."""
    folder = tmp_path_factory.mktemp("large")
    for seed in range(4):
        image = photo(seed, (1_700, 1_200))
        image.save(folder / f"{seed} original.jpg", quality=92)
        shutil.copy(folder / f"{seed} original.jpg", folder / f"{seed} copy.jpg")
        with Image.open(folder / f"{seed} original.jpg") as original:
            original.save(folder / f"{seed} transcoded.png", compress_level=1)
            original.save(folder / f"{seed} progressive.jpg", quality=60, progressive=True)
            original.transpose(Image.Transpose.ROTATE_270).save(folder / f"{seed} turned.png", compress_level=1)
            original.resize((1_000, 750)).save(folder / f"{seed} resized.webp", quality=80)
            original.crop((10, 0, 1_700, 1_190)).save(folder / f"{seed} cropped.jpg", quality=90)
    return folder


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"similarity": "similar"},
        {"similarity": 60},
        {"similarity": 0.2, "mirror": True},
        {"keep": "best"},
        {"keep": "best", "similarity": 60},
        {"keep": "best", "similarity": 60, "rotate": False},
        {"keep": "metadata", "similarity": 60},
    ],
)
def test_sketches_change_no_answer(large, options):
    assert groups_found(large, 50, **options) == groups_by_definition(large, 50, **options)


def test_no_picture_is_listed_twice_and_none_is_kept_and_listed(large):
    search = difPy.search(difPy.build(large), similarity="similar")
    listed = search.lower_quality
    assert len(listed) == len(set(listed))
    assert not set(listed) & set(search.result)


def test_a_picture_that_vanishes_between_build_and_search_is_a_failure(large, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(large, folder)
    dif = difPy.build(folder)
    gone = folder / "0 transcoded.png"
    gone.unlink()
    search = difPy.search(dif)
    assert str(gone) in search.stats["invalid_files"]["logs"] or str(gone) in search.lower_quality
    assert search.lower_quality


def test_no_slow_picture_is_the_last_one_that_all_workers_wait_for(tmp_path):
    names = [f"{number:03}.jpg" for number in range(100)]
    slow = ["000.png", "050 a.webp", "099.png"]
    for seed, name in enumerate((*names, *slow)):
        scene(seed, (8, 8)).save(tmp_path / name)
    handed_out = []

    class Noting(Serial):
        def map(self, task, items, *, lost):
            handed_out.extend(os.path.basename(item.path) for item in items)
            return super().map(task, items, lost=lost)

    files = scan([str(tmp_path)]).files
    with open_index(False, px_size=10, decoders="", warn=pytest.fail) as index:
        filling = Filling(files, index, 10, Noting())
        filling.fill(silent)
        assert filling.gallery.files == files
    as_they_lie = [os.path.basename(files.paths[row]) for row in filling.as_they_lie(list(range(len(files))))]
    first, last = as_they_lie[:-64], as_they_lie[-64:]
    assert handed_out[: len(first)] == first  # while there is much to do
    assert handed_out[len(first) :] == sorted(last, key=lambda name: name not in slow)


def test_what_a_search_decodes_is_remembered_every_second(large, monkeypatch):
    class Slow(Serial):
        def map(self, task, items, *, lost):
            for result in super().map(task, items, lost=lost):
                time.sleep(0.6)
                yield result

    import_module("difPy.decode.bounds")  # a worker would load it only after many pictures
    monkeypatch.setattr(workers, "executor", lambda _: Serial())
    gallery = difPy.index(large, cache=False).gallery
    sketches = np.flatnonzero(gallery.errors > 0)[:4]
    batches = []
    complete(gallery, sketches, Slow(), lambda found: batches.append(len(found)))
    assert len(batches) > 1 and not gallery.errors[sketches].any()


def test_of_files_of_one_size_that_begin_otherwise_none_is_read_before_it_is_decoded(tmp_path):
    """What tells them apart is a page; that of copies is read as a whole, and one of them is decoded."""
    for name, seed in (("a", 1), ("b", 2), ("copy of b", 2)):
        scene(seed, (200, 150)).save(tmp_path / f"{name}.png")
        os.truncate(tmp_path / f"{name}.png", 200_000)
    phases = {}
    library = difPy.index(
        str(tmp_path), cache=False, progress=lambda phase, done, total=None: phases.update({phase: total})
    )
    assert (phases["reading beginnings"], phases["reading"]) == (3, 2)
    assert (len(library), library.decoded) == (3, 2)


def test_a_large_file_that_is_no_picture_is_not_read_to_be_compared_with_its_copy(tmp_path):
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(b"Dear diary")
        os.truncate(tmp_path / name, (64 << 20) + 1)
    phases = set()
    library = difPy.index(str(tmp_path), cache=False, progress=lambda phase, *counts: phases.add(phase))
    assert (len(library), len(library.failures)) == (0, 2)
    assert not {phase for phase in phases if phase.startswith("reading")}


class Sketching:
    """Decodes to what it is told: notes which files were to be decoded in full."""

    def __init__(self, tensor):
        self.tensor, self.in_full = tensor, []

    def map(self, task, items, *, lost):
        for item in items:
            self.in_full.append(task.exact)
            about = {"exif_fields": 0, "gps": False, "digest": item.path.encode().ljust(32)}
            error, identity = (0.0, b"1" * 32) if task.exact else (10.0, None)
            yield Picture(2000, 1500, 1, self.tensor(item.inode), None, identity, 1, error, "JPEG", **about)


def in_full(tensor, count, *, exact=False):
    numbers = list(range(count))
    files = Files([f"{number}.jpg" for number in numbers], ["."] * count, numbers, numbers, [1] * count, numbers)
    executor = Sketching(tensor)
    assert len(list(looks(files, 10, executor, exact=exact))) == count
    return executor.in_full


def test_pages_that_sketches_do_not_tell_apart_are_decoded_in_full_at_once_and_now_and_then_tried_again():
    def page(number):
        return np.full((10, 10, 3), 240, np.uint8) - np.random.default_rng(number).integers(0, 9, (10, 10, 3), np.uint8)

    assert in_full(page, 1300) == [False] * 64 + [True] * 1024 + [False] * 64 + [True] * 148


def test_photos_are_sketched_as_long_as_sketches_tell_them_apart():
    def photo(number):
        return np.random.default_rng(number).integers(0, 256, (10, 10, 3), np.uint8)

    assert in_full(photo, 500) == [False] * 500
    assert in_full(photo, 100, exact=True) == [True] * 100
