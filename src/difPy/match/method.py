"""What a method of finding altered copies is: a picture in, descriptors out; descriptors in, pairs worth a look out.

A method is a folder of `match` that offers what `Method` says. What it finds are candidates: the verdict on each is
the arbiter's, for all methods alike. A fourth method is a fourth folder, and its name in `METHODS` of `options.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from difPy.errors import WrongValue

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    from difPy.model import Progress

PICTURES = 1 << 22
"""Pictures that a method takes at a time: their numbers are parts of the labels of what they hold."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Pairs that may be copies, as columns; each pair at most once for each hint, ascending."""

    first: npt.NDArray[np.int64]
    """Shape (m,): numbers of pictures."""
    second: npt.NDArray[np.int64]
    """Shape (m,): `first < second`."""
    hint: npt.NDArray[np.int64]
    """Shape (m,): how the method came to think so, for its own `start`."""

    def __len__(self) -> int:
        return len(self.first)


class Method(Protocol):
    """What a method offers. All of it is pure: the same on any number of processes."""

    @property
    def NAME(self) -> str:  # noqa: N802 - a constant of a module
        """What people ask for: ``similarity=NAME``."""

    @property
    def RECIPE(self) -> int:  # noqa: N802
        """To be raised whenever the same picture would get other descriptors than before."""

    @property
    def SIDE(self) -> int:  # noqa: N802
        """Longest side, in pixels, of the pictures that are described and compared."""

    @property
    def REFINES(self) -> bool:  # noqa: N802
        """Whether `start` is so coarse that every map has to be sharpened before it is judged."""

    def describe(self, picture: npt.NDArray[np.uint8]) -> bytes:
        """Descriptors of a picture of shape (h, w, 3), as they are stored."""

    def candidates(self, descriptors: Sequence[bytes], progress: Progress) -> Candidates:
        """Pairs worth a look. In memory that is bounded, and no more than some of them for each picture.

        Parameters
        ----------
        descriptors : sequence of bytes
            Of different pictures, in an order that depends on what they hold alone.
        progress : Progress
            Told ``("finding candidates", done, total)``, in pictures.

        Raises
        ------
        WrongValue
            They are more than `PICTURES`.
        DifPyError
            There is no room for temporary files.
        """

    def hints(self, first: bytes, second: bytes) -> Sequence[int]:
        """All hints that are worth a try for two pictures of which nothing else is known, the best first."""

    def start(self, first: bytes, second: bytes, hint: int) -> npt.NDArray[np.float64] | None:
        """The map of shape (3, 3) from the first picture's pixels to the second's to begin with; None if there is none.

        Parameters
        ----------
        first, second : bytes
            Descriptors of two pictures.
        hint : int
            Of the candidate.
        """


def require_manageable(descriptors: Sequence[bytes]) -> None:
    """Raise WrongValue if they are more than a method takes at a time."""
    if len(descriptors) > PICTURES:
        raise WrongValue(
            f"altered copies are looked for among {PICTURES:,} pictures at most, and these are {len(descriptors):,}: "
            "search some of the folders at a time"
        )
