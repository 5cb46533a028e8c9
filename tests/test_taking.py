"""Who is kept for whom, of pictures that are copies of each other: whatever the verdicts are."""

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

import difPy
from difPy.match.taking import taking, together
from pictures import busy, saved


@st.composite
def verdicts(draw):
    """Heads in order, who is a copy of whom, who was kept for whom, and which of these cannot go to which head."""
    heads = draw(st.permutations(range(draw(st.integers(1, 9)))))
    pairs = [(one, other) for one in heads for other in heads if one < other]
    copies = {head: set() for head in heads}
    for one, other in draw(st.sets(st.sampled_from(pairs))) if pairs else ():
        copies[one].add(other)
        copies[other].add(one)
    came_with = {100 + at: head for at, head in enumerate(draw(st.lists(st.sampled_from(heads), max_size=8)))}
    ways = [(picture, head) for picture in came_with for head in heads]
    never = draw(st.sets(st.sampled_from(ways))) if ways else set()
    return heads, copies, draw(st.sets(st.sampled_from(heads))), came_with, never


@given(verdicts())
@settings(max_examples=300, deadline=None)
def test_no_picture_with_a_verdict_that_speaks_for_a_kept_one_is_left_alone(these):
    heads, copies, fixed, came_with, never = these

    def stranded(wanted):
        return [picture for picture, keeper in wanted.items() if (picture, keeper) in never]

    taken = together(lambda parted: taking(heads, copies, fixed, parted), came_with, stranded)
    place = {head: at for at, head in enumerate(heads)}
    for head, keeper in taken.items():
        assert keeper in copies[head] and keeper not in taken and place[keeper] < place[head] and head not in fixed
    for picture, head in came_with.items():
        assert head not in taken or (picture, taken[head]) not in never
    in_groups = {*taken, *taken.values(), *came_with.values()}
    for head in set(heads) - in_groups - fixed:
        assert not [other for other in copies[head] if other not in taken and place[other] < place[head]]


def in_dots(image):
    """As if seen through a grid, whose dots come to nothing where the picture is made small."""
    y, x = np.mgrid[: image.height, : image.width]
    dots = np.where((x // 6 + y // 6) % 2, 45, -45)[..., None]
    return Image.fromarray((np.asarray(image) + dots).clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize("similarity", ["copies", "deep"])
def test_a_picture_stays_with_the_one_that_is_the_same_where_it_is_no_copy_of_what_shows_more(similarity, tmp_path):
    whole = Image.fromarray((np.asarray(busy(20)) * 0.6 + 50).astype(np.uint8))
    cut = whole.crop((10, 8, 466, 350))
    saved(whole, tmp_path / "whole.png")
    saved(ImageOps.mirror(ImageOps.expand(whole, 20, "black")), tmp_path / "framed.png")
    saved(cut, tmp_path / "cut.png")
    saved(in_dots(cut.resize((432, 324))), tmp_path / "cut, in dots.png")
    groups = difPy.find(difPy.index(tmp_path, cache=False), similarity).groups
    names = {frozenset(os.path.basename(file.path) for file in group.files) for group in groups}
    assert names == {frozenset(("whole.png", "framed.png")), frozenset(("cut.png", "cut, in dots.png"))}
