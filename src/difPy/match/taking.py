"""Pictures in order, who is a copy of whom, and who came with whom, in; who is kept for whom out.

Each picture that nobody has taken is kept, and takes all copies of it that come after it. A picture is taken with all
that it was kept for itself, or not at all: where one of these cannot come along, it stays, and they with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence


def taking(
    order: Sequence[int],
    copies: Mapping[int, Collection[int]],
    fixed: Collection[int] = (),
    parted: Collection[tuple[int, int]] = (),
) -> dict[int, int]:
    """Picture -> the one that is kept for it, of those that go.

    Parameters
    ----------
    order : sequence of int
        Pictures that have copies, the best first.
    copies : mapping
        Picture -> copies of it.
    fixed : collection of int
        Pictures that are never taken.
    parted : collection of (int, int)
        Pairs of which the first is not taken by the second.

    Examples
    --------
    >>> taking([1, 2, 3], {1: {2}, 2: {1, 3}, 3: {2}})
    {2: 1}
    >>> taking([1, 2, 3], {1: {2}, 2: {1, 3}, 3: {2}}, parted={(2, 1)})
    {3: 2}
    """
    taken: dict[int, int] = {}
    place = {picture: at for at, picture in enumerate(order)}
    for picture in order:
        if picture in taken:
            continue
        for other in copies[picture]:
            is_free = other not in taken and other not in fixed and (other, picture) not in parted
            if is_free and place[other] > place[picture]:
                taken[other] = picture
    return taken


def together(
    take: Callable[[Collection[tuple[int, int]]], dict[int, int]],
    heads: Mapping[int, int],
    stranded: Callable[[Mapping[int, int]], Collection[int]],
) -> dict[int, int]:
    """What is taken when no picture is parted from the one it was kept for, unless it goes where that goes.

    Parameters
    ----------
    take : callable
        `taking`, of the pairs that are parted.
    heads : mapping
        Picture -> the one that it was kept for.
    stranded : callable
        Given picture -> where it would go with its head, those that cannot go there.

    Examples
    --------
    >>> from functools import partial
    >>> chain = partial(taking, [1, 2, 3], {1: {2}, 2: {1, 3}, 3: {2}}, ())
    >>> together(chain, {4: 2}, lambda wanted: [])
    {2: 1}
    >>> together(chain, {4: 2}, lambda wanted: [picture for picture, keeper in wanted.items() if keeper == 1])
    {3: 2}
    """
    parted: set[tuple[int, int]] = set()
    while True:
        taken = take(parted)
        left = stranded({picture: taken[head] for picture, head in heads.items() if head in taken})
        if not left:
            return taken
        parted |= {(heads[picture], taken[heads[picture]]) for picture in left}
