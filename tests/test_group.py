"""Order, partitions and groups: what is kept, and who may match whom."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from difPy import group, policy
from difPy.files import File, Files
from difPy.gallery import rows
from difPy.looks import Looks, kin
from difPy.match.mse.brute import nearest
from difPy.model import Criterion, Gallery, Stars

POLICIES = [*policy.BY_NAME, policy.in_folders(["b"]), "path=*x*", *policy.ORDERS]


def gallery(facts):
    """A gallery of nothing but facts: see `FACTS`."""
    n = len(facts)
    column = list(zip(*facts, strict=True)) if facts else [[]] * 13
    return Gallery(
        px_size=1,
        files=Files.of(File(row[0], row[0][0], row[1], row[2], 1, number) for number, row in enumerate(facts)),
        tensors=np.zeros((n, 1, 1, 3), np.uint8),
        widths=np.array(column[3], np.int32),
        heights=np.array(column[4], np.int32),
        frames=np.ones(n, np.int32),
        identities=list(column[11]),
        stances=np.array(column[12], np.uint8),
        errors=np.zeros(n, np.float32),
        digests=[b""] * n,
        formats=list(column[5]),
        exif_fields=np.array(column[6], np.int32),
        gps=np.array(column[7], np.bool_),
        other_fields=np.array(column[8], np.int32),
        notes=np.array(column[9], np.int32),
        lossless=np.array(column[10], np.uint8),
        vectors=np.zeros((n, 1), np.float32),
    )


PLAIN = (0, False, 0, 0, 1, None, 1)
SMALL = st.integers(1, 3)
FACTS = st.lists(
    st.tuples(
        st.text("abx", min_size=1, max_size=4),
        SMALL,
        st.integers(-2, 2),
        SMALL,
        SMALL,
        st.sampled_from(["PNG", "JPEG"]),
        SMALL,
        st.booleans(),
        SMALL,
        st.integers(0, 511),
        st.integers(0, 2),
        st.sampled_from([None, b"1", b"2"]),
        st.sampled_from([1 << orientation for orientation in range(8)] + [0b1111, 255, 0b101]),
    ),
    max_size=8,
    unique_by=lambda row: row[0],
)


def alone(pictures):
    """What policies look at where no picture is known to be identical to another."""
    return Looks(pictures, np.arange(len(pictures)))


@given(FACTS, st.lists(st.sampled_from(POLICIES), max_size=3), st.sampled_from([*policy.ORDERS.values()]), st.data())
def test_the_order_is_that_of_the_policies(facts, names, default, data):
    pictures = gallery(facts)
    relatives = data.draw(st.lists(st.integers(0, max(len(facts) - 1, 0)), min_size=len(facts), max_size=len(facts)))
    looks = Looks(pictures, np.array(relatives, np.int64))
    policies = policy.chosen(names, default)
    expected = sorted(range(len(facts)), key=lambda row: policy.order(looks[row], policies))
    assert group.order(looks, policies).tolist() == expected


@given(FACTS)
def test_pictures_of_reference_directories_come_first(facts):
    pictures = gallery(facts)
    roots = [pictures.files[row].root for row in group.order(alone(pictures), references=["b"])]
    assert roots == sorted(roots, key=lambda root: root != "b")


@given(FACTS, st.booleans(), st.booleans(), st.booleans())
def test_kin_are_those_that_match_because_they_are_identical(facts, rotate, mirror, in_folder):
    pictures = gallery(facts)
    pictures.tensors[:] = np.arange(len(facts))[:, None, None, None]  # or equal tensors would match, too
    criterion = Criterion(0, rotate, mirror)
    codes = group.partition(pictures, in_folder=in_folder, same_dimensions=False)
    numbers = kin(pictures, codes, criterion)
    seen = rows(pictures, np.arange(len(facts)), codes)
    for one, two in itertools.combinations(range(len(facts)), 2):
        match = nearest(seen, one, two, criterion.orientations, lambda ties: [1.0] * len(ties))[0] == 0
        if same_stances(pictures, one, two):
            assert (numbers[one] == numbers[two]) == match


def same_stances(pictures, one, two):
    """Whether the two may be of one identity: a picture alike in some orientations is alike in as many in any file."""
    first, second = (int(pictures.stances[row]).bit_count() for row in (one, two))
    return pictures.identities[one] != pictures.identities[two] or first == second == 1


def test_what_policies_see_of_identical_pictures_is_their_origin_and_the_least_file():
    jpeg = ("a", 10, 0, 4, 3, "JPEG", 0, False, 0, 0, 0, b"1", 1)
    png = ("b", 90, 0, 4, 3, "PNG", 0, False, 0, 0, 2, b"1", 1)
    other = ("ab", 50, 0, 4, 3, "PNG", 0, True, 3, 2, 2, b"2", 1)
    pictures = gallery([jpeg, png, other])
    looks = Looks(pictures, kin(pictures, np.zeros(3, np.int64), Criterion(0)))
    assert [(looks[row].pixels_kept, looks[row].pixels_take) for row in range(3)] == [(0, 10), (0, 10), (2, 50)]
    assert (looks[2].fields, looks[2].notes) == (3, 3)


def test_only_equal_roots_sizes_and_frame_counts_may_match():
    pictures = gallery([("a1", 1, 0, 4, 3, "PNG", *PLAIN), ("a2", 1, 0, 3, 4, "PNG", *PLAIN)] * 2)
    pictures.files.roots[3] = "b"
    pictures.frames[2] = 5
    everywhere = group.partition(pictures, in_folder=False, same_dimensions=True)
    assert everywhere[0] == everywhere[1] == everywhere[3] != everywhere[2]
    apart = group.partition(pictures, in_folder=True, same_dimensions=True)
    assert apart[0] == apart[1] != apart[3]
    pictures.widths[1] = 30
    wider = group.partition(pictures, in_folder=False, same_dimensions=True)
    assert wider[0] != wider[1]


def test_a_group_is_a_kept_picture_and_what_matches_it():
    pictures = gallery([(name, 3, 0, 1, 1, "PNG", *PLAIN) for name in "abcd"])
    keeper = np.array([0, 0, 2, 0])
    stars = Stars(keeper, np.array([0, 1.5, 0, 0]), np.array([0, 2, 0, 0], np.uint8), 0)
    (found,) = group.groups(alone(pictures), np.array([3, 1, 0, 2]), stars)
    assert (found.keeper.path, [(member.file.path, member.distance) for member in found.members]) == (
        "d",
        [("b", 1.5), ("c", 0.0)],
    )
