"""What passes between the rooms: frozen values, and columns where there are many.

Flow: roots -> `File` -> `Picture` | `Failure` -> `Gallery` -> `Rows` -> `Stars` -> `Group`.
"""

from __future__ import annotations

import math
import numbers
import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from difPy import orientation
from difPy.errors import WrongType, WrongValue

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, MutableMapping, Sequence

    import numpy as np
    import numpy.typing as npt

SIMILARITIES = {"duplicates": 0.0, "similar": 5.0}
PX_SIZES = range(10, 5001)
UNSUPPORTED = "Unsupported file type"
"""The documented reason of a file that has not the extension of a picture."""


@dataclass(frozen=True, slots=True)
class File:
    """A regular file found by the scan: one file, whatever the number of names that lead to it."""

    path: str
    """As the user may open it: the given root and what lies below. Bytes that are not UTF-8 are surrogates."""
    root: str
    """The given directory (or file) it was found under, as given."""
    size: int
    mtime_ns: int
    device: int
    inode: int
    hard_links: tuple[str, ...] = ()
    """Its other names found by the scan, sorted."""
    symlinks: tuple[str, ...] = ()
    """Symbolic links found by the scan that lead to it, sorted."""
    linked: bool = False
    """`path` itself leads through a symbolic link below the root: never acted on."""
    digest: bytes | None = None
    """32 bytes: BLAKE3 of its bytes, once they were read."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A file (or folder) that could not be read, and why: a value, never an exception."""

    path: str
    reason: str
    lasting: bool = False
    """The content is to blame: as long as that and the decoders stay the same, it will fail again."""
    digest: bytes | None = None
    """32 bytes: BLAKE3 of the content, where it was read."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What a file decodes to, EXIF orientation applied."""

    width: int
    height: int
    frames: int
    """Frames of an animation or pages of a document; pictures with different counts never match."""
    tensor: npt.NDArray[np.uint8]
    """Shape (px, px, 3): the first frame as RGB on white, resized by bicubic interpolation."""
    views: npt.NDArray[np.uint8] | None
    """Shape (v, px, px, 3), `tensor` first: what else there is to see. The first frame on white and, with transparency,
    on black; then the same for further frames. None where the tensor says it all."""
    identity: bytes | None
    """32 bytes: equal for two pictures iff one is the other, pixel for pixel, in one of the eight orientations.
    None for a sketch."""
    stance: int
    """Bit mask: the orientations that bring this picture into the frame in which `identity` was taken."""
    error: float
    """Bound on the RMS difference, in levels, of `tensor` (and each view) to a full decode's; 0 for a full decode."""
    format: str
    """Pillow's name of the format: JPEG, PNG, HEIF, ..."""
    exif_fields: int
    gps: bool
    digest: bytes
    """32 bytes: BLAKE3 of the file."""


class Tensors(Protocol):
    """A column of tensors: an ndarray, a mapped file, or rows of the index read on demand."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, px, px, 3)."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: Any) -> npt.NDArray[np.uint8]:
        """Tensors of an integer, a slice or an array of integers."""


class MutableTensors(Tensors, Protocol):
    """A column of tensors in which sketches can be replaced."""

    def __setitem__(self, rows: Any, tensors: Any, /) -> None: ...


class Progress(Protocol):
    """Told how far a run is; shows nothing by itself."""

    def __call__(self, phase: str, done: int, total: int | None = None) -> None:
        """`done` of `total` (None: not known yet) in this phase: "scanning", "decoding", ..."""


def silent(phase: str, done: int, total: int | None = None) -> None:
    """A `Progress` that shows nothing."""


@dataclass(slots=True, eq=False)
class Gallery:
    """Pictures by column; row i of each is one picture."""

    px_size: int
    files: list[File]
    tensors: MutableTensors
    widths: npt.NDArray[np.int32]
    heights: npt.NDArray[np.int32]
    frames: npt.NDArray[np.int32]
    identities: list[bytes | None]
    stances: npt.NDArray[np.uint8]
    errors: npt.NDArray[np.float32]
    digests: list[bytes]
    formats: list[str]
    exif_fields: npt.NDArray[np.int32]
    gps: npt.NDArray[np.bool_]
    vectors: npt.NDArray[np.float32]
    """Shape (n, d): what the join walks on."""
    views: MutableMapping[int, npt.NDArray[np.uint8]] = field(default_factory=dict)
    """Row -> its further views (`Picture.views`); most pictures have none."""
    failures: list[Failure] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.files)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """What the join sees of n pictures: nothing but numbers. Rows come in order of quality, best first."""

    tensors: Tensors
    widths: npt.NDArray[np.int32]
    heights: npt.NDArray[np.int32]
    partition: npt.NDArray[np.int64]
    """Only rows of equal partition may match (folder, dimensions, frames)."""
    identities: Sequence[bytes | None]
    stances: npt.NDArray[np.uint8]
    errors: npt.NDArray[np.float32]
    vectors: npt.NDArray[np.float32] | None = None
    """Shape (n, d): what the join walks on, where it is known already; computed from the tensors otherwise."""
    fixed: npt.NDArray[np.bool_] | None = None
    """Shape (n,): rows that are never taken and do not match each other; they come before all others."""
    views: Mapping[int, npt.NDArray[np.uint8]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.tensors)


@dataclass(frozen=True, slots=True)
class Criterion:
    """When two pictures match.

    Parameters
    ----------
    threshold : float
        Greatest mean squared error, 0..65025.
    rotate, mirror : bool
        Whether turned and mirrored copies count.
    """

    threshold: float
    rotate: bool = True
    mirror: bool = False

    @property
    def orientations(self) -> tuple[int, ...]:
        """Orientations tried, in order of preference."""
        return orientation.allowed(rotate=self.rotate, mirror=self.mirror)


@dataclass(frozen=True, slots=True, eq=False)
class Stars:
    """The groups of n rows as columns: who is kept for whom."""

    keeper: npt.NDArray[np.int64]
    """Shape (n,): the row kept for this one; its own number for a row that keeps itself."""
    distance: npt.NDArray[np.float64]
    """Shape (n,): mean squared error between a row and its keeper."""
    orientation: npt.NDArray[np.uint8]
    """Shape (n,): the orientation that turns a row into its keeper."""
    compared: int
    """Distances computed: work, not wall time."""


@dataclass(frozen=True, slots=True)
class Member:
    """A picture of a group that is not kept."""

    file: File
    distance: float
    """Mean squared error to the kept picture; 0 for an identical one."""
    orientation: int
    """The orientation that turns it into the kept picture."""


@dataclass(frozen=True, slots=True)
class Group:
    """One kept picture and the pictures that match it directly."""

    keeper: File
    members: tuple[Member, ...]
    why: str = ""
    """Why the kept picture is the one to keep, in words."""

    @property
    def files(self) -> tuple[File, ...]:
        """All of them, the kept one first."""
        return (self.keeper, *(member.file for member in self.members))

    def without(self, paths: Container[str]) -> Group:
        """The group without some members."""
        return replace(self, members=tuple(member for member in self.members if member.file.path not in paths))


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """How pictures are found and decoded; validated here, once."""

    recursive: bool = True
    in_folder: bool = False
    limit_extensions: bool = True
    px_size: int = 50
    show_progress: bool = True
    processes: int | None = None

    def __post_init__(self) -> None:
        for name in ("recursive", "in_folder", "limit_extensions", "show_progress"):
            require_bool(name, getattr(self, name))
        object.__setattr__(self, "px_size", _px_size(self.px_size))
        object.__setattr__(self, "processes", _count("processes", self.processes))


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """How pictures are compared; validated here, once."""

    similarity: str | float = "duplicates"
    rotate: bool = True
    lazy: bool = True
    show_progress: bool = True
    processes: int | None = None
    chunksize: int | None = None
    same_dim: bool | None = None
    mirror: bool = False
    threshold: float = field(init=False)
    """The greatest mean squared error at which pictures match."""

    def __post_init__(self) -> None:
        for name in ("rotate", "lazy", "show_progress", "mirror"):
            require_bool(name, getattr(self, name))
        if self.same_dim is not None:
            require_bool("same_dim", self.same_dim)
        object.__setattr__(self, "threshold", _similarity(self.similarity))
        object.__setattr__(self, "processes", _count("processes", self.processes))
        object.__setattr__(self, "chunksize", _count("chunksize", self.chunksize))

    @property
    def criterion(self) -> Criterion:
        """The part that decides what a match is."""
        return Criterion(self.threshold, self.rotate, self.mirror)

    @property
    def only_same_dimensions(self) -> bool:
        """Whether pictures must have the same width and height, up to a turn. `lazy` asks so of duplicates only."""
        return self.lazy and self.threshold == 0 if self.same_dim is None else self.same_dim


def require_bool(name: str, value: object) -> None:
    """Raise WrongType unless the value is True or False."""
    if not isinstance(value, bool):
        raise WrongType(f"{name} must be True or False, not {value!r}")


def _is(kind: type, value: object) -> bool:
    """Whether a value is a number of that kind; numpy's are too, and True is none."""
    return isinstance(value, kind) and not isinstance(value, bool)


def _px_size(value: Any) -> int:
    if not _is(numbers.Real, value):
        raise WrongType(f"px_size must be a whole number, not {value!r}")
    if value not in PX_SIZES:
        raise WrongValue(f"px_size must be a whole number from {PX_SIZES[0]} to {PX_SIZES[-1]}, not {value!r}")
    return int(value)


def _count(name: str, value: Any) -> int | None:
    if value is None:
        return None
    if not _is(numbers.Integral, value):
        raise WrongType(f"{name} must be a whole number or None, not {value!r}")
    if value < 1:
        raise WrongValue(f"{name} must be at least 1, not {value!r}")
    return int(value)


def _similarity(value: Any) -> float:
    advice = "similarity must be 'duplicates', 'similar' or a mean squared error of 0 or more"
    if isinstance(value, str):
        if value in SIMILARITIES:
            return SIMILARITIES[value]
        try:
            value = float(value)
        except ValueError:
            raise WrongValue(f"{advice}, not {value!r}") from None
    if not _is(numbers.Real, value):
        raise WrongType(f"{advice}, not {value!r}")
    if not 0 <= value < math.inf:
        raise WrongValue(f"{advice}, not {value!r}")
    return float(value)


def cores() -> int:
    """Processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
