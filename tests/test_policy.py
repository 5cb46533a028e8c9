"""Which picture of a group is kept, and why, in words."""

import itertools
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from difPy.errors import WrongType, WrongValue
from difPy.files import File
from difPy.policy import (
    BEST,
    BY_NAME,
    DOCUMENTED,
    ORDERS,
    Facts,
    chosen,
    in_folders,
    matching,
    order,
    policy,
    referred,
    why,
)
from difPy.traits import Lossless, Notes


def facts(path="a.jpg", size=1000, hours=0, width=10, height=10, form="JPEG", root="", hard_links=(), **more):
    file = File(path, root, size, hours * 3_600_000_000_000, 1, abs(hash(path)), hard_links)
    lossless = more.pop("lossless", {"JPEG": Lossless.NO, "GIF": Lossless.MAYBE}.get(form, Lossless.YES))
    return Facts(file, width, height, form, lossless=lossless, **more)


def first(pictures, *policies, default=DOCUMENTED):
    return min(pictures, key=lambda picture: order(picture, chosen(policies, default))).file.path


def explained(kept, others, *policies, default=DOCUMENTED):
    return why(kept, others, chosen(policies, default))


small, large = facts("small.jpg", size=10), facts("large.jpg", size=20)


def test_the_documented_order_is_the_file_size_then_pixels_then_the_older_then_the_path():
    assert first([small, large]) == "large.jpg"
    assert first([facts("a", width=9), facts("b", width=11)]) == "b"
    assert first([facts("a", hours=2), facts("b", hours=1)]) == "b"
    assert first([facts("b"), facts("a")]) == "a"


@pytest.mark.parametrize(
    ("name", "better", "worse", "words"),
    [
        ("size", facts("b", size=2_500_000), facts("a"), "it is the larger file (2.5 MB against 1,000 bytes)"),
        ("resolution", facts("b", size=1, width=40), facts("a"), "it has more pixels (40 x 10 against 10 x 10)"),
        ("lossless", facts("b", size=1, form="PNG"), facts("a"), "PNG keeps every pixel and JPEG does not"),
        ("lossless", facts("b", size=1, form="RAW"), facts("a"), "RAW keeps every pixel and JPEG does not"),
        ("lossless", facts("b", size=1, form="GIF"), facts("a"), "GIF may keep every pixel and JPEG does not"),
        ("lossless", facts("b", size=1, form="PNG"), facts("a", form="GIF"), "PNG keeps every pixel and GIF may not"),
        (
            "lossless",
            facts("b", size=1, form="TIFF"),
            facts("a", form="TIFF", lossless=Lossless.NO),
            "this TIFF keeps every pixel and the other does not",
        ),
        ("metadata", facts("b", size=1, notes=Notes.PLACE), facts("a", fields=50), "it says where it was taken"),
        (
            "metadata",
            facts("b", size=1, notes=Notes.RATING | Notes.KEYWORDS),
            facts("a", fields=50, notes=Notes.RATING),
            "its metadata hold what the other's lack: keywords",
        ),
        ("metadata", facts("b", size=1, fields=9), facts("a"), "it has more fields of metadata (9 against 0)"),
        ("oldest", facts("b", size=1, hours=1), facts("a", hours=2), "it is older (1970-01-01"),
        ("newest", facts("b", size=1, hours=3), facts("a", hours=2), "it is newer (1970-01-01"),
        ("shortest", facts("b", size=1), facts("a/a"), "its path is shorter"),
        ("path=*original*", facts("x/original.jpg", size=1), facts("a"), 'its path matches "*original*"'),
    ],
)
def test_a_policy_prefers_one_and_says_why(name, better, worse, words):
    assert first([worse, better], name) == better.file.path
    assert f"Kept because {words}" in explained(better, [worse], name)


def test_policies_combine_in_order():
    png, gps, old = facts("p", form="PNG"), facts("g", notes=Notes.PLACE), facts("o", hours=-5)
    assert first([png, gps, old], policy("lossless"), policy("oldest")) == "p"
    assert first([png, gps, old], policy("oldest"), policy("lossless")) == "o"
    assert first([png, gps, old], policy("metadata"), policy("oldest")) == "g"


def test_folders_have_the_order_in_which_they_are_given():
    wanted = in_folders(["best", "good"])
    pictures = [facts("other/a"), facts("good/a"), facts("best/sub/a"), facts("bestest/a")]
    pictures.sort(key=lambda picture: order(picture, chosen(wanted)))
    assert [os.path.dirname(picture.file.path) for picture in pictures[:2]] == ["best/sub", "good"]


def test_pictures_of_reference_folders_come_first_whichever_of_their_names_lies_there():
    known_to = referred(["archive"])
    known = facts("archive/s", size=1, root="archive")
    linked = facts("new/s", size=1, root="new", hard_links=("new/t", "archive/s"))
    inside = facts("archive/new/s", size=1, root="archive/new", hard_links=("archive/new/t",))
    assert first([large, known], known_to) == "archive/s"
    assert first([large, linked], known_to) == "new/s"
    assert first([large, inside], known_to) == "large.jpg"
    assert explained(linked, [large], known_to) == 'Kept because it is in the reference folder "archive".'


def test_the_reasons_against_several_pictures_are_each_said_once():
    kept = facts("k", size=100, width=20)
    others = [facts("a", size=100, width=10), facts("b", size=90), facts("c", size=80)]
    assert why(kept, others) == (
        "Kept because it has more pixels (20 x 10 against 10 x 10), "
        "and it is the larger file (100 bytes against 90 bytes)."
    )


def test_a_picture_kept_against_the_policies_was_chosen():
    assert why(small, [large]) == "Kept because it was chosen."
    assert why(small, []) == "Kept because nothing is like it."


@pytest.mark.parametrize("text", ["", "least", "folder", "folder=", "path=", "size=3", "SIZE"])
def test_a_policy_of_another_name_is_refused_with_the_names_there_are(text):
    with pytest.raises(WrongValue, match="best, documented, size, resolution, lossless"):
        policy(text)


def test_a_folder_that_there_is_not_is_refused(tmp_path):
    with pytest.raises(WrongValue, match="names no folder"):
        policy(f"folder={tmp_path / 'archive'}")
    (tmp_path / "archive").mkdir()
    assert policy(f"folder={tmp_path / 'archive'}").names(str(tmp_path / "archive" / "a.jpg"))


def test_what_is_asked_for_comes_before_an_order_and_a_whole_order_ends_what_is_asked_for():
    assert chosen("oldest", DOCUMENTED) == chosen(["oldest"], DOCUMENTED)
    assert chosen(["documented", "newest"], BEST) == chosen((), DOCUMENTED)
    assert chosen("best", DOCUMENTED) == chosen()
    for wrong in ([5], None, 5):
        with pytest.raises(WrongType, match="keep must be text"):
            chosen(wrong)


# Among equals


@pytest.mark.parametrize(
    "name",
    ["IMG_1 (1)", "IMG_1(1)", "IMG_1 - Copy", "IMG_1 - Copy (2)", "Copy of IMG_1", "Copy (2) of IMG_1", "IMG_1 copy",
     "IMG_1 copy 2", "IMG_1_copy", "IMG_1-1", "IMG_1 2", "IMG_1~2", "IMG_1 (copy)", "IMG_1 (another copy)",
     "IMG_1 - Kopie", "Kopie von IMG_1", "Copie de IMG_1", "IMG_1 - copia", "Co\u0301pia de IMG_1", "IMG_1 - kopia (3)",
     "IMG_1 \u2014 копия", "IMG_1 - 副本 (2)", "副本 IMG_1", "IMG_1のコピー", "IMG_1 - 복사본"],
)  # fmt: skip
def test_of_equal_files_the_one_named_as_a_copy_goes(name):
    copy, original = facts(f"a/{name}.jpg"), facts("z/IMG_1 of a longer name.jpg")
    for default in ORDERS.values():
        assert first([copy, original], default=default) == original.file.path
    assert explained(original, [copy]) == f'Kept because "{name}.jpg" is named as a copy.'


@pytest.mark.parametrize(
    "name",
    ["IMG_1", "IMG_0412", "photocopy", "copyright notice", "2019-05-12", "scan_01", "microscopy", "1", "Kopierer"],
)
def test_a_name_that_only_sounds_so_is_none_of_a_copy(name):
    assert first([facts(f"b/{name}.jpg"), facts("a/" + "x" * 30 + ".jpg")]) == f"b/{name}.jpg", "the shorter name"


def test_a_copy_goes_last_among_equals_only():
    assert first([facts("a (1).jpg", size=2000), facts("a.jpg")]) == "a (1).jpg"
    assert first([facts("a (1).jpg", hours=-1), facts("a.jpg")]) == "a (1).jpg"


# The order of the verbs


def alike(*pictures):
    """The same pictures, known to be identical."""
    least, origin = min(one.file.size for one in pictures), min(one.lossless for one in pictures)
    return [one._replace(least=least, origin=origin) for one in pictures]


def test_among_identical_pictures_size_is_no_gain():
    camera = facts("camera.jpg", size=100, fields=40, notes=Notes.PLACE | Notes.CAMERA)
    png = facts("made from it.png", size=900, form="PNG")
    jpeg, larger = alike(camera, png)
    assert first([jpeg, larger], default=BEST) == "camera.jpg"
    assert explained(jpeg, [larger], default=BEST) == (
        "Kept because its metadata hold what the other's lack: place, camera."
    )
    assert first([jpeg, larger], default=DOCUMENTED) == "made from it.png"


@pytest.mark.parametrize(
    ("better", "worse", "words"),
    [
        (facts("b.jpg", size=100), facts("a.png", size=900, form="PNG"), "JPEG is what cameras write, before PNG"),
        (facts("b.webp", size=100, form="WEBP"), facts("a.png", size=900, form="PNG"), "it is the smaller file"),
        (facts("b.png", size=900, form="PNG", notes=Notes.RATING), facts("a.jpg", size=100), "lack: rating"),
    ],
)
def test_among_identical_pictures_metadata_decide_then_the_format_of_cameras_then_the_smaller_file(
    better, worse, words
):
    better, worse = alike(better, worse)
    assert first([worse, better], default=BEST) == better.file.path
    assert words in explained(better, [worse], default=BEST)


@pytest.mark.parametrize(
    ("better", "worse", "words"),
    [
        (facts("b", size=1, width=40), facts("a", notes=Notes.PLACE), "it has more pixels"),
        (facts("b", size=1, form="PNG"), facts("a", size=900), "PNG keeps every pixel and JPEG does not"),
        (facts("b", size=900), facts("a", notes=Notes.PLACE), "it is the larger file (900 bytes against"),
    ],
)
def test_of_pictures_that_differ_the_one_of_most_pixels_is_kept_then_lossless_then_the_larger_file(
    better, worse, words
):
    worse = worse._replace(file=worse.file._replace(size=min(worse.file.size, 800)))
    assert first([worse, better], default=BEST) == better.file.path
    assert words in explained(better, [worse], default=BEST)


def test_a_png_made_from_a_jpeg_has_gained_nothing():
    poor, png = alike(facts("poor.jpg", size=100), facts("made from it.png", size=5000, form="PNG"))
    good = facts("good.jpg", size=300)
    assert [picture.file.path for picture in sorted([poor, png, good], key=lambda one: order(one, BEST))] == [
        "good.jpg",
        "poor.jpg",
        "made from it.png",
    ]
    assert explained(good, [png], default=BEST) == (
        "Kept because its pixels take more room (300 bytes against 100 bytes in the smallest file that has them)."
    )
    scan = facts("scan.png", size=50, form="PNG")
    assert explained(scan, [png], default=BEST) == (
        "Kept because the other's pixels are those of a file that does not keep every one."
    )


def test_what_lies_in_a_trash_that_was_asked_for_is_kept_for_nothing_live(tmp_path):
    thrown = facts("a.jpg", size=2000, root=str(tmp_path / ".stversions"))
    live = facts("b.jpg", root=str(tmp_path))
    for policies in ((), ("size",), (in_folders(["."]),)):
        assert first([thrown, live], *policies) == "b.jpg"
    assert explained(live, [thrown]) == "Kept because it is live, and the other lies in old versions, of Syncthing."


pictures = st.builds(
    facts,
    path=st.text(st.sampled_from("ab/."), min_size=1, max_size=6),
    size=st.integers(0, 3),
    hours=st.integers(0, 3),
    width=st.integers(1, 3),
    form=st.sampled_from(["PNG", "JPEG", "GIF"]),
    fields=st.integers(0, 2),
    notes=st.sampled_from([Notes.NOTHING, Notes.PLACE, Notes.RATING]),
    origin=st.sampled_from([None, Lossless.NO]),
    least=st.sampled_from([None, 0]),
)
policies = st.lists(
    st.sampled_from([*BY_NAME.values(), in_folders(["a"]), matching("*b"), referred(["b"]), *ORDERS]), max_size=4
)


@given(st.lists(pictures, min_size=2, max_size=6, unique_by=lambda picture: picture.file.path), policies)
def test_any_policies_order_pictures_wholly_and_every_first_has_a_reason(found, asked):
    policies = chosen(asked)
    ranked = sorted(found, key=lambda picture: order(picture, policies))
    keys = [order(picture, policies) for picture in ranked]
    assert all(one < two for one, two in itertools.pairwise(keys))
    words = why(ranked[0], ranked[1:], policies)
    assert words.startswith("Kept because ")
    assert "chosen" not in words
    assert words.endswith(".")
