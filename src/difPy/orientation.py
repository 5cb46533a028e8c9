"""The eight orientations of a picture: how one becomes another, as numbers 0..7 and on arrays.

Orientation ``4 * mirrored + turns`` means: mirror left-right if `mirrored`, then turn `turns` quarter turns
counter-clockwise (as `numpy.rot90` does). 0 leaves a picture as it is. Together they are the dihedral group of the
square; a set of them is a bit mask, 0..255.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy.typing as npt

SAME = 0
MIRRORED = 4
ALL = tuple(range(8))

# The value of EXIF tag 274 (1..8) -> the orientation that shows the stored picture upright.
FROM_EXIF = {1: 0, 2: 4, 3: 2, 4: 6, 5: 5, 6: 3, 7: 7, 8: 1}


def allowed(*, rotate: bool, mirror: bool) -> tuple[int, ...]:
    """Orientations a search may try, in the order it prefers them.

    They form a group, so being "the same up to these" is an equivalence.

    Examples
    --------
    >>> allowed(rotate=True, mirror=False)
    (0, 1, 2, 3)
    >>> allowed(rotate=False, mirror=True)
    (0, 4)
    """
    turns = (0, 1, 2, 3) if rotate else (0,)
    return turns + tuple(MIRRORED + turn for turn in turns) if mirror else turns


def compose(second: int, first: int) -> int:
    """Orientation that does `first` and then `second`.

    Examples
    --------
    >>> compose(1, 1), compose(3, 1), compose(4, 1)
    (2, 0, 7)
    """
    turns = second - first if second & MIRRORED else second + first
    return (turns & 3) | ((second ^ first) & MIRRORED)


def inverse(orientation: int) -> int:
    """Orientation that undoes `orientation`.

    Examples
    --------
    >>> [inverse(o) for o in range(8)]
    [0, 3, 2, 1, 4, 5, 6, 7]
    """
    return orientation if orientation & MIRRORED else -orientation & 3


def apply(orientation: int, pixels: npt.NDArray[Any], axes: tuple[int, int] = (0, 1)) -> npt.NDArray[Any]:
    """Pixels in that orientation, as a view.

    Parameters
    ----------
    orientation : int
        0..7.
    pixels : ndarray
        Any shape; `axes` are its rows and its columns.
    axes : tuple of int, optional
        The axes of rows and columns.

    Examples
    --------
    >>> import numpy as np
    >>> apply(1, np.array([[1, 2], [3, 4]])).tolist()
    [[2, 4], [1, 3]]
    """
    rows, columns = axes
    if orientation & MIRRORED:
        pixels = _flipped(pixels, columns)
    match orientation & 3:
        case 1:
            return _flipped(pixels, columns).swapaxes(rows, columns)
        case 2:
            return _flipped(_flipped(pixels, rows), columns)
        case 3:
            return _flipped(pixels.swapaxes(rows, columns), columns)
    return pixels[:]


def _flipped(pixels: npt.NDArray[Any], axis: int) -> npt.NDArray[Any]:
    """As `numpy.flip`, which takes ten times as long to find out what is meant."""
    return pixels[(slice(None),) * (axis % pixels.ndim) + (slice(None, None, -1),)]


def mask(orientations: tuple[int, ...]) -> int:
    """Bit mask of a set of orientations."""
    return sum(1 << orientation for orientation in set(orientations))


def members(bits: int) -> tuple[int, ...]:
    """Orientations in a bit mask, ascending."""
    return tuple(orientation for orientation in ALL if bits >> orientation & 1)
