"""What a person asks for: validated here, once."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from difPy.errors import WrongType, WrongValue
from difPy.model import Criterion

if TYPE_CHECKING:
    from difPy.change import Change

FILES = "files"
"""Similarity of files that have the same bytes, for which no picture is decoded."""
SIMILARITIES = {FILES: 0.0, "duplicates": 0.0, "similar": 5.0}
METHODS = ("copies", "deep")
"""Ways of finding altered copies: what each finds is united with what is similar."""
PX_SIZES = range(10, 5001)
_ORDER = (
    "the order is that of the documentation, search(difPy_obj, similarity, rotate, lazy, processes, chunksize, "
    "show_progress). difPy 4.2.1 has same_dim and show_progress before processes: give these by their names"
)


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """How pictures are found and decoded."""

    recursive: bool = True
    in_folder: bool = False
    limit_extensions: bool = True
    px_size: int = 50
    show_progress: bool = True
    processes: int | None = None
    exact: bool = False

    def __post_init__(self) -> None:
        for name in ("recursive", "in_folder", "limit_extensions", "show_progress", "exact"):
            require_bool(name, getattr(self, name))
        object.__setattr__(self, "px_size", _px_size(self.px_size))
        object.__setattr__(self, "processes", _count("processes", self.processes))


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """How pictures are compared."""

    similarity: str | float = "duplicates"
    rotate: bool = True
    lazy: bool = True
    show_progress: bool = True
    processes: int | None = None
    chunksize: int | None = None
    same_dim: bool | None = None
    mirror: bool | None = None
    """None: as altered copies are found, mirrored or not, or not at all where pictures are compared as they are."""
    only_reference: bool = False
    """Whether only pairs of a picture of a reference and one that is of none are wanted."""
    threshold: float = field(init=False)
    """The greatest mean squared error at which pictures match."""
    method: str | None = field(init=False)
    """How altered copies are found; None: not at all."""

    def __post_init__(self) -> None:
        for name in ("rotate", "lazy", "show_progress", "only_reference"):
            require_bool(name, getattr(self, name))
        for name in ("same_dim", "mirror"):
            if getattr(self, name) is not None:
                require_bool(name, getattr(self, name))
        is_method = isinstance(self.similarity, str) and self.similarity in METHODS
        object.__setattr__(self, "method", self.similarity if is_method else None)
        object.__setattr__(self, "threshold", _similarity("similar" if is_method else self.similarity))
        object.__setattr__(self, "processes", _count("processes", self.processes))
        object.__setattr__(self, "chunksize", _count("chunksize", self.chunksize))

    @property
    def by_bytes(self) -> bool:
        """Whether files match that have the same bytes, and no others."""
        return self.similarity == FILES

    @property
    def criterion(self) -> Criterion:
        """The part that decides what a match is."""
        return Criterion(self.threshold, self.rotate, self.mirrored)

    def admits(self, change: Change) -> bool:
        """Whether an altered copy may be turned and mirrored as it is."""
        return (self.rotate or round(change.angle / 90) % 4 == 0) and (self.mirrored or not change.mirrored)

    @property
    def mirrored(self) -> bool:
        """Whether mirrored copies count."""
        return self.method is not None if self.mirror is None else self.mirror

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
    if isinstance(value, bool):
        raise WrongType(f"{name} must be a whole number or None, not {value!r}; {_ORDER}")
    if not _is(numbers.Integral, value):
        raise WrongType(f"{name} must be a whole number or None, not {value!r}")
    if value < 1:
        raise WrongValue(f"{name} must be at least 1, not {value!r}")
    return int(value)


def _similarity(value: Any) -> float:
    names = "'files', 'duplicates', 'similar', 'copies', 'deep'"
    advice = f"similarity must be {names} or a mean squared error of 0 or more"
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
