"""What passes between the rooms: frozen values, and columns where there are many.

Flow: roots -> `Files` -> `Picture` | `Failure` -> `Gallery` -> `Rows` -> `Stars` -> `Group`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from difPy import orientation
from difPy.traits import Lossless, Notes

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, MutableMapping

    import numpy as np
    import numpy.typing as npt

    from difPy.change import Change
    from difPy.files import File, Files


class Failure(NamedTuple):
    """A file (or folder) that could not be read, and why: a value, never an exception."""

    path: str
    reason: str
    lasting: bool = False
    """The content is to blame: as long as that and the decoders stay the same, it will fail again."""
    digest: bytes | None = None
    """32 bytes: BLAKE3 of the content, where it was read."""


class Picture(NamedTuple):
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
    """40 bytes: equal for two pictures iff one is the other, pixel for pixel, in one of the eight orientations. Or 8,
    if it is only begun: see `difPy.clues`. None for a sketch."""
    stance: int
    """Bit mask: the orientations that bring this picture into the frame in which `identity` was taken."""
    error: float
    """Bound on the RMS difference, in levels, of `tensor` (and each view) to a full decode's; 0 for a full decode."""
    format: str
    """Pillow's name of the format: JPEG, PNG, HEIF, ..."""
    exif_fields: int
    gps: bool
    """Whether EXIF says where it was taken."""
    digest: bytes
    """32 bytes: BLAKE3 of the file."""
    other_fields: int = 0
    """Of XMP, IPTC and text."""
    notes: Notes = Notes.NOTHING
    """What its metadata tell."""
    lossless: Lossless = Lossless.MAYBE
    """Whether the file keeps every pixel that was saved to it."""
    beside: str = ""
    """What the file holds beside the picture that is shown (a film, a gain map, layers): see `difPy.parts`. Not known
    of a sketch."""
    size: int = 0
    """Bytes of the file, once it was read."""

    def __reduce__(self) -> tuple[Any, ...]:  # a tenth of the time that it takes numpy and enumerations
        *shown, tensor, views = self[:5]
        *others, notes, lossless, beside, size = self[5:]
        arrays = tensor.tobytes(), None if views is None else views.tobytes()
        return _unpickled, (tensor.shape, *shown, *arrays, *others, int(notes), int(lossless), beside, size)


def _unpickled(shape: tuple[int, ...], *values: Any) -> Picture:
    """The picture that was sent: its arrays as they came, not to be written to."""
    import numpy as np

    *shown, tensor, views = values[:5]
    *others, notes, lossless, beside, size = values[5:]
    arrays = (
        np.frombuffer(tensor, np.uint8).reshape(shape),
        views and np.frombuffer(views, np.uint8).reshape(-1, *shape),
    )
    fields = [*shown, *arrays, *others, Notes(notes), Lossless(lossless), beside, size]
    return Picture(*fields)


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
    files: Files
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
    other_fields: npt.NDArray[np.int32]
    notes: npt.NDArray[np.int32]
    lossless: npt.NDArray[np.uint8]
    vectors: npt.NDArray[np.float32]
    """Shape (n, d): what the join walks on."""
    views: MutableMapping[int, npt.NDArray[np.uint8]] = field(default_factory=dict)
    """Row -> its further views (`Picture.views`); most pictures have none."""
    beside: dict[int, str] = field(default_factory=dict)
    """Row -> what its file holds beside the picture (`Picture.beside`); most hold nothing."""

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


class Criterion(NamedTuple):
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


class Stars(NamedTuple):
    """The groups of n rows as columns: who is kept for whom."""

    keeper: npt.NDArray[np.int64]
    """Shape (n,): the row kept for this one; its own number for a row that keeps itself."""
    distance: npt.NDArray[np.float64]
    """Shape (n,): mean squared error between a row and its keeper."""
    orientation: npt.NDArray[np.uint8]
    """Shape (n,): the orientation that turns a row into its keeper."""
    compared: int
    """Distances computed: work, not wall time."""


class Verdict(StrEnum):
    """What a picture is to the one that is kept for it."""

    IDENTICAL = "identical"
    """The same in all that can be seen or lost."""
    SAME = "same picture"
    """Within the greatest mean squared error."""
    ALTERED = "altered copy"
    """Cropped, captioned, toned, turned, ...: proven patch by patch."""
    PART = "shares a part"
    """Something in it is the same, and the rest is not: never in a group."""


@dataclass(frozen=True, slots=True)
class Member:
    """A picture of a group that is not kept."""

    file: File
    distance: float
    """Mean squared error to the kept picture; 0 for an identical one."""
    orientation: int
    """The orientation that turns it into the kept picture."""
    more: tuple[str, ...] = ()
    """What its metadata tell and those of the kept picture do not, in words: 'place', 'rating', ..."""
    holds: str = ""
    """What its file holds beside the picture, as "a film", and that of the kept one does not: in words."""
    differs: str = ""
    """What both files hold beside the picture, and not the same: in words."""
    change: Change | None = None
    """What was done to the kept picture to get this one, if it is an altered copy."""
    shows: str = ""
    """What of an altered copy the kept picture does not show, in words that follow "it": empty where it shows all."""

    @property
    def verdict(self) -> Verdict:
        """What it is to the kept picture."""
        if self.change is not None:
            return Verdict.ALTERED
        return Verdict.IDENTICAL if self.distance == 0 else Verdict.SAME

    @property
    def may_go(self) -> bool:
        """Whether plans let it go if nobody says more: altered copies are done apart, what holds more is held back."""
        return self.change is None and not self.holds

    @property
    def likeness(self) -> str:
        """The verdict as people read it, with the number that it rests on; what `note` says is not in it.

        Examples
        --------
        >>> from difPy.files import File
        >>> Member(File("a.png", "", 1, 0, 1, 1), 2.345, 0).likeness
        'MSE 2.35'
        """
        if self.change is not None:
            return f"altered copy: {self.change.words(beyond=not self.shows)}"
        return "identical" if self.distance == 0 else error_words(self.distance)

    @property
    def note(self) -> str:
        """What the distance does not say, in words: empty for nearly all."""
        held = f"holds {self.holds} that the kept picture does not" if self.holds else ""
        return "; ".join(filter(None, (held, self.differs and f"differs in {self.differs}", self.shows)))


@dataclass(frozen=True, slots=True)
class Group:
    """One kept picture and the pictures that match it directly."""

    keeper: File
    members: tuple[Member, ...]
    why: str = ""
    """Why the kept picture is the one to keep, in words."""
    px_size: int = 50
    """Width and height of the tensors that were compared."""

    @property
    def files(self) -> tuple[File, ...]:
        """All of them, the kept one first."""
        return (self.keeper, *(member.file for member in self.members))

    def _repr_html_(self) -> str:
        """What a notebook shows. By name: whoever draws it imports this room, not the other way round."""
        return str(import_module("difPy.reporting.notebook").group(self))

    def only(self, paths: Container[str]) -> Group:
        """The group with some of its members."""
        return replace(self, members=tuple(member for member in self.members if member.file.path in paths))

    def without(self, paths: Container[str]) -> Group:
        """The group without some members."""
        return replace(self, members=tuple(member for member in self.members if member.file.path not in paths))


class Shared(NamedTuple):
    """Two pictures of different groups, or of none, that show the same in part or all. Nobody is to act on that.

    They have only a part in common: a template, a screen, a place. Or they are altered copies of each other, and not of
    what is kept.
    """

    first: File
    second: File
    change: Change
    """What was done to the first to get the second."""
    verdict: Verdict = Verdict.PART
    """What the two are to each other."""


def error_words(distance: float) -> str:
    """A mean squared error above 0, as exact as people want it.

    Examples
    --------
    >>> error_words(0.004812), error_words(2.345), error_words(120.62)
    ('MSE below 0.01', 'MSE 2.35', 'MSE 121')
    """
    return "MSE below 0.01" if distance < 0.01 else f"MSE {distance:.{2 if distance < 10 else 0}f}"


def cores() -> int:
    """Processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
