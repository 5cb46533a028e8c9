"""Order, partitions and groups: what is kept, and who may match whom."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from difPy import group, policy
from difPy.files import File, Files
from difPy.model import Gallery, Stars

POLICIES = [*policy.BY_NAME, "folder=b", "path=*x*"]


def gallery(facts):
    """A gallery of nothing but facts: (path, size, mtime, width, height, format, EXIF fields, GPS)."""
    n = len(facts)
    column = list(zip(*facts, strict=True)) if facts else [[]] * 8
    return Gallery(
        px_size=1,
        files=Files.of(File(row[0], row[0][0], row[1], row[2], 1, number) for number, row in enumerate(facts)),
        tensors=np.zeros((n, 1, 1, 3), np.uint8),
        widths=np.array(column[3], np.int32),
        heights=np.array(column[4], np.int32),
        frames=np.ones(n, np.int32),
        identities=[None] * n,
        stances=np.zeros(n, np.uint8),
        errors=np.zeros(n, np.float32),
        digests=[b""] * n,
        formats=list(column[5]),
        exif_fields=np.array(column[6], np.int32),
        gps=np.array(column[7], np.bool_),
        vectors=np.zeros((n, 1), np.float32),
    )


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
    ),
    max_size=8,
    unique_by=lambda row: row[0],
)


@given(FACTS, st.lists(st.sampled_from(POLICIES), max_size=3))
def test_the_order_is_that_of_the_policies(facts, names):
    pictures = gallery(facts)
    policies = [policy.policy(name) for name in names]
    expected = sorted(range(len(facts)), key=lambda row: policy.order(group._facts(pictures, row), policies))
    assert group.order(pictures, policies).tolist() == expected


@given(FACTS)
def test_pictures_of_reference_directories_come_first(facts):
    pictures = gallery(facts)
    roots = [pictures.files[row].root for row in group.order(pictures, references=["b"])]
    assert roots == sorted(roots, key=lambda root: root != "b")


def test_only_equal_roots_sizes_and_frame_counts_may_match():
    pictures = gallery([("a1", 1, 0, 4, 3, "PNG", 0, False), ("a2", 1, 0, 3, 4, "PNG", 0, False)] * 2)
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
    pictures = gallery([(name, 3, 0, 1, 1, "PNG", 0, False) for name in "abcd"])
    keeper = np.array([0, 0, 2, 0])
    stars = Stars(keeper, np.array([0, 1.5, 0, 0]), np.array([0, 2, 0, 0], np.uint8), 0)
    (found,) = group.groups(pictures, np.array([3, 1, 0, 2]), stars)
    assert (found.keeper.path, [(member.file.path, member.distance) for member in found.members]) == (
        "d",
        [("b", 1.5), ("c", 0.0)],
    )
