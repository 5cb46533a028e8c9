"""The benchmark of altered copies: its files are the same for the same seed, and its labels say what they are."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

BENCH = Path(__file__).parents[1] / "bench"


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    """The modules of bench/quality, as its scripts import them; photos; and a folder made of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCH))
        from quality import corpus, lookalikes, score

        folder = tmp_path_factory.mktemp("photos")
        for seed in range(60):
            coarse = np.random.default_rng(seed).integers(0, 256, (12, 16, 3), np.uint8)
            Image.fromarray(coarse).resize((280, 210), Image.Resampling.BICUBIC).save(
                folder / f"{seed:02}.jpg", quality=92
            )
        photos = sorted(folder.iterdir())
        made = tmp_path_factory.mktemp("made")
        corpus.make(made, photos, corpus.Size(2, len(corpus.ALTERATIONS), 2), seed=1)
        yield corpus, lookalikes, score, photos, made


def files(folder):
    return {path.name: path.read_bytes() for path in (folder / "images").iterdir()}


def test_the_same_seed_makes_the_same_files_and_another_one_others(bench, tmp_path):
    corpus, _, _, photos, _ = bench
    size = corpus.Size(2, 5, 1)
    again = [tmp_path / name for name in ("first", "again", "other")]
    labels = [corpus.make(folder, photos, size, seed) for folder, seed in zip(again, (7, 7, 8), strict=True)]
    assert files(again[0]) == files(again[1])
    assert labels[0] == labels[1] == corpus.read(again[1])
    assert not files(again[0]).keys() & files(again[2]).keys()


def test_every_alteration_and_every_look_alike_is_made_and_labelled(bench):
    corpus, lookalikes, _, _, made = bench
    labels = corpus.read(made)
    assert labels.keys() == files(made).keys()
    assert {label.alteration for label in labels.values()} == {"", corpus.ORIGINAL, *corpus.ALTERATIONS}
    assert {label.kind for label in labels.values()} == {"", *lookalikes.KINDS}
    assert all(bool(label.kind) != bool(label.alteration) for label in labels.values())
    alone = [label.picture for label in labels.values() if label.kind]
    assert len(set(alone)) == len(alone), "a look-alike is a copy of nothing"


def test_copies_that_are_labelled_identical_are_identical_in_every_pixel(bench):
    corpus, _, _, _, made = bench
    labels = corpus.read(made)
    shown = {name: pixels(made / "images" / name) for name in labels}
    originals = {label.picture: name for name, label in labels.items() if label.alteration == corpus.ORIGINAL}
    for name, label in labels.items():
        if corpus.FAMILY.get(label.alteration) == "identical":
            assert np.array_equal(shown[name], shown[originals[label.picture]]), label
        elif label.alteration not in ("", corpus.ORIGINAL):
            assert not np.array_equal(shown[name], shown[originals[label.picture]]), label


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))


def test_too_few_photos_are_said_rather_than_used_twice(bench, tmp_path):
    corpus, _, _, photos, _ = bench
    with pytest.raises(SystemExit, match="10 photos are too few"):
        corpus.make(tmp_path, photos[:10], corpus.Size(5, 1, 12), seed=1)


def test_a_score_counts_what_is_found_and_what_is_found_wrongly(bench):
    corpus, _, score, _, _ = bench
    label = corpus.Label
    labels = {
        "photo": label("a", corpus.ORIGINAL),
        "grey": label("a", "grey"),
        "cut": label("a", "crop_50"),
        "tilted": label("a", "tilt_12"),
        "negative": label("a", "invert"),
        "page 1": label("p1", kind="pages of text"),
        "page 2": label("p2", kind="pages of text"),
        "page 3": label("p3", kind="pages of text"),
    }
    pairs = [
        ("grey", "photo", "copy"),
        ("cut", "grey", "together"),
        ("photo", "tilted", "part"),
        ("page 1", "page 2", "copy"),
        ("page 2", "page 3", "part"),
    ]
    found = score.score(pairs, labels)
    assert str(found.recall) == "2/3", "what only shares a part is not found; what nobody looks for is not counted"
    assert found.by_family["tilted"].part == 0
    assert (found.pairs, found.false_pairs, found.groups, found.false_groups) == (2, 1, 2, 1)
    assert str(found.false["pages of text"]) == "2/3"
    assert found.group_precision == 0.5
    with_parts = score.score(pairs, labels, parts=True)
    assert str(with_parts.recall) == "3/3"
    assert str(with_parts.false["pages of text"]) == "3/3"


def test_a_tool_of_ones_own_is_scored(bench, tmp_path):
    """As people run it: what the tool prints comes back as a row of the table."""
    *_, made = bench
    tool = tmp_path / "tool.py"
    tool.write_text(
        "import itertools, os, sys\n"
        "for one, other in itertools.combinations(sorted(os.listdir(sys.argv[1])), 2):\n"
        "    print(one, other, sep='\\t')\n"
    )
    arguments = ["--keep", made, "--only", "none", "--also", f"all={sys.executable} {tool} {{folder}}"]
    run = subprocess.run(
        [sys.executable, BENCH / "altered.py", *arguments],
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    (line,) = (line for line in run.stdout.splitlines() if "all of these" in line)
    assert "100%" in line
    (line,) = (line for line in run.stdout.splitlines() if "groups that mix pictures" in line)
    assert " 1 " in line
