"""A place and what was asked for in; the run that is there, or is begun there, out: whoever goes on must be like it."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from difPy import decode
from difPy.cloud.objects import opened
from difPy.errors import RunRefused

if TYPE_CHECKING:
    from difPy.cloud.objects import Objects

_NAME = "run.json"
_FORMAT = 1
"""To be raised whenever objects of a run would be others than before."""


@dataclass(frozen=True)
class Run:
    """What all who work on a run agree on.

    ```
    run.json                      this
    files/LISTING/000000.parquet  which pictures a part has: where their bytes lie
    tensors/000000.npy            uint8 (rows, px, px, 3): a tensor for each picture of the part, further views behind
    pictures/000000.parquet       what else is known of each picture: a row for each file; written last
    found/NAME/...                a join, its log, and the groups
    ```
    """

    place: str
    """A folder, or a URL."""
    roots: tuple[str, ...]
    references: tuple[str, ...]
    px_size: int
    count: int
    """Files listed."""
    part: int
    """Files in a part."""
    decoders: str
    """What pictures are decoded with: the same bytes give the same picture only with the same."""
    machine: str
    """The kind of processor: decoders have other arithmetic on another."""
    listing: str
    """Of those who list at one time, each has its own."""
    failures: tuple[tuple[str, str], ...] = ()
    """What could not be listed, and why."""

    @property
    def parts(self) -> int:
        """How many parts there are."""
        return -(-self.count // self.part)

    @property
    def objects(self) -> Objects:
        """Where they are."""
        return opened(self.place)

    @classmethod
    def of_here(cls, place: str, **asked: Any) -> Run:
        """A run of what is asked for, by the decoders and the processor of this process; not begun yet."""
        return cls(place, decoders=decode.decoders(), machine=platform.machine(), listing=uuid4().hex, **asked)

    def begin(self) -> Run:
        """Write it; where somebody else was first, theirs is the run."""
        said = {name: value for name, value in asdict(self).items() if name != "place"} | {"format": _FORMAT}
        if self.objects.create(_NAME, json.dumps(said, indent=1).encode()):
            return self
        return Run.read(self.place)

    def require(self, **asked: object) -> Run:
        """The run itself, if it was begun with what is asked for.

        Raises
        ------
        RunRefused
        """
        for name, value in asked.items():
            if getattr(self, name) != value:
                raise RunRefused(
                    f"the run at {self.place!r} was begun with {name} {getattr(self, name)!r}, not {value!r}: "
                    "choose another place"
                )
        return self

    @classmethod
    def there(cls, place: str) -> bool:
        """Whether a run was begun at a place."""
        return _NAME in opened(place).names("")

    @classmethod
    def read(cls, place: str) -> Run:
        """The run of a place.

        Raises
        ------
        RunRefused
            There is none, or it is of another version of difPy.
        """
        try:
            said = json.loads(opened(place).read(_NAME))
        except FileNotFoundError:
            raise RunRefused(f"there is no run at {place!r}: difpy cloud index begins one") from None
        except ValueError as error:
            raise RunRefused(f"the run at {place!r} cannot be read: {_NAME} is no JSON ({error})") from None
        if not isinstance(said, dict) or said.pop("format", None) != _FORMAT:
            raise RunRefused(f"the run at {place!r} was written by another version of difPy: begin it anew elsewhere")
        for name in ("roots", "references"):
            said[name] = tuple(said[name])
        said["failures"] = tuple((path, why) for path, why in said["failures"])
        return cls(place=place, **said)

    def refusal(self) -> str | None:
        """Why pictures of this run cannot be decoded in this process: another would come out; None if they can."""
        for what, theirs, ours in (
            ("decodes with", self.decoders, decode.decoders()),
            ("has a processor of kind", self.machine, platform.machine()),
        ):
            if theirs != ours:
                return (
                    f"a machine of the run {what} {ours}, and the run was begun with {theirs}: the same picture might "
                    "come out otherwise; have the same everywhere"
                )
        return None
