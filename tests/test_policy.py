"""Which picture of a group is kept, and why, in words."""

import itertools
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from difPy.errors import WrongValue
from difPy.files import File
from difPy.policy import BY_NAME, Facts, in_folders, matching, order, policy, referred, why


def facts(path="a.jpg", size=1000, hours=0, width=10, height=10, form="JPEG", root="", hard_links=(), **more):
    file = File(path, root, size, hours * 3_600_000_000_000, 1, abs(hash(path)), hard_links)
    return Facts(file, width, height, form, **more)


def first(pictures, *policies):
    return min(pictures, key=lambda picture: order(picture, policies)).file.path


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
        ("metadata", facts("b", size=1, gps=True), facts("a", exif_fields=50), "it says where it was taken"),
        ("metadata", facts("b", size=1, exif_fields=9), facts("a"), "it has more EXIF fields (9 against 0)"),
        ("oldest", facts("b", size=1, hours=1), facts("a", hours=2), "it is older (1970-01-01"),
        ("newest", facts("b", size=1, hours=3), facts("a", hours=2), "it is newer (1970-01-01"),
        ("shortest", facts("b", size=1), facts("a/a"), "its path is shorter"),
        ("folder=archive", facts("archive/b", size=1), facts("a"), 'it is in "archive"'),
        ("path=*original*", facts("x/original.jpg", size=1), facts("a"), 'its path matches "*original*"'),
    ],
)
def test_a_policy_prefers_one_and_says_why(name, better, worse, words):
    chosen = policy(name)
    assert first([worse, better], chosen) == better.file.path
    assert f"Kept because {words}" in why(better, [worse], [chosen])


def test_policies_combine_in_order():
    png, gps, old = facts("p", form="PNG"), facts("g", gps=True), facts("o", hours=-5)
    assert first([png, gps, old], policy("lossless"), policy("oldest")) == "p"
    assert first([png, gps, old], policy("oldest"), policy("lossless")) == "o"
    assert first([png, gps, old], policy("metadata"), policy("oldest")) == "g"


def test_folders_have_the_order_in_which_they_are_given():
    chosen = in_folders(["best", "good"])
    pictures = [facts("other/a"), facts("good/a"), facts("best/sub/a"), facts("bestest/a")]
    pictures.sort(key=lambda picture: order(picture, [chosen]))
    assert [os.path.dirname(picture.file.path) for picture in pictures[:2]] == ["best/sub", "good"]


def test_pictures_of_reference_folders_come_first_whichever_of_their_names_lies_there():
    chosen = referred(["archive"])
    known = facts("archive/s", size=1, root="archive")
    linked = facts("new/s", size=1, root="new", hard_links=("new/t", "archive/s"))
    inside = facts("archive/new/s", size=1, root="archive/new", hard_links=("archive/new/t",))
    assert first([large, known], chosen) == "archive/s"
    assert first([large, linked], chosen) == "new/s"
    assert first([large, inside], chosen) == "large.jpg"
    assert why(linked, [large], [chosen]) == 'Kept because it is in the reference folder "archive".'


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


@pytest.mark.parametrize("text", ["", "best", "folder", "folder=", "path=", "size=3", "SIZE"])
def test_a_policy_of_another_name_is_refused_with_the_names_there_are(text):
    with pytest.raises(WrongValue, match="size, resolution, lossless"):
        policy(text)


pictures = st.builds(
    facts,
    path=st.text(st.sampled_from("ab/."), min_size=1, max_size=6),
    size=st.integers(0, 3),
    hours=st.integers(0, 3),
    width=st.integers(1, 3),
    form=st.sampled_from(["PNG", "JPEG"]),
    exif_fields=st.integers(0, 2),
    gps=st.booleans(),
)
policies = st.lists(
    st.sampled_from([*BY_NAME.values(), in_folders(["a"]), matching("*b"), referred(["b"])]), max_size=4
)


@given(st.lists(pictures, min_size=2, max_size=6, unique_by=lambda picture: picture.file.path), policies)
def test_any_policies_order_pictures_wholly_and_every_first_has_a_reason(found, chosen):
    ranked = sorted(found, key=lambda picture: order(picture, chosen))
    keys = [order(picture, chosen) for picture in ranked]
    assert all(one < two for one, two in itertools.pairwise(keys))
    words = why(ranked[0], ranked[1:], chosen)
    assert words.startswith("Kept because ")
    assert "chosen" not in words
    assert words.endswith(".")
