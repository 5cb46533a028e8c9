"""All parts of a run in; its pictures as columns, and where the tensor of each lies, out: no tensor and no vector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from difPy.cloud import listing, tables
from difPy.cloud.columns import FACT
from difPy.cloud.pictures import PICTURES
from difPy.files import Files
from difPy.model import Failure, Gallery

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.cloud.columns import Facts
    from difPy.cloud.run import Run

_NUMBERS = (
    ("width", np.int32),
    ("height", np.int32),
    ("frames", np.int32),
    ("stance", np.uint8),
    ("exif_fields", np.int32),
    ("gps", np.bool_),
    ("other_fields", np.int32),
    ("notes", np.int32),
    ("lossless", np.uint8),
)
_WANTED = (
    *listing.COLUMNS,
    *(name for name, _ in _NUMBERS),
    *("reason", "lasting", "row", "views", "viewed", "likeness", "identity", "digest", "format", "beside"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Album:
    """The pictures of a run, in the order of its parts."""

    files: Files
    """All that were listed, whether they are pictures or not."""
    gallery: Gallery
    """Its tensors and vectors are empty."""
    facts: Facts
    """Where each tensor lies, and what the join is told of each picture; without ranks, and of one partition."""
    likeness: list[bytes]
    """Equal for equal tensors and views."""
    failures: list[Failure]


def album(run: Run) -> Album:
    """The pictures of a run whose parts are all decoded."""
    every, files = Files([], [], [], [], [], []), Files([], [], [], [], [], [])
    failures = [Failure(path, why) for path, why in run.failures]
    facts, columns = [np.empty(0, FACT)], {name: [np.empty(0, kind)] for name, kind in _NUMBERS}
    texts: dict[str, list[Any]] = {name: [] for name in ("likeness", "identity", "digest", "format", "beside")}
    for part in range(run.parts):
        found = tables.read(run.objects, PICTURES.format(part), _WANTED)
        listed, reasons = listing.files_of(found), found["reason"].to_pylist()
        digests, lasting = found["digest"].to_pylist(), found["lasting"].to_pylist()
        failures += [
            Failure(listed.paths[row], why, lasting[row], digests[row])
            for row, why in enumerate(reasons)
            if why is not None
        ]
        rows = [row for row, why in enumerate(reasons) if why is None]
        every += listed
        files += listed.take(rows)
        some = {
            name: column.take(np.array(rows, np.int64)) for name, column in found.items() if name not in listing.COLUMNS
        }
        for name, kind in _NUMBERS:
            columns[name].append(some[name].to_numpy(zero_copy_only=False).astype(kind))
        for name, values in texts.items():
            values += some[name].to_pylist()
        facts.append(_facts(part, some))
    plain = {name: np.concatenate(values) for name, values in columns.items()}
    gallery = Gallery(
        px_size=run.px_size,
        files=files,
        tensors=np.empty((len(files), 0, 0, 3), np.uint8),
        widths=plain["width"],
        heights=plain["height"],
        frames=plain["frames"],
        identities=texts["identity"],
        stances=plain["stance"],
        errors=np.zeros(len(files), np.float32),
        digests=texts["digest"],
        formats=texts["format"],
        exif_fields=plain["exif_fields"],
        gps=plain["gps"],
        other_fields=plain["other_fields"],
        notes=plain["notes"],
        lossless=plain["lossless"],
        vectors=np.empty((len(files), 0), np.float32),
        beside={row: beside for row, beside in enumerate(texts["beside"]) if beside},
    )
    failures.sort(key=lambda failure: failure.path)
    return Album(every, gallery, np.concatenate(facts), texts["likeness"], failures)


def _facts(part: int, columns: dict[str, Any]) -> npt.NDArray[np.void]:
    facts = np.zeros(len(columns["row"]), FACT)
    facts["part"] = part
    for name in ("row", "width", "height", "views", "viewed"):
        facts[name] = columns[name].to_numpy(zero_copy_only=False)
    facts["known"] = [identity is not None for identity in columns["identity"].to_pylist()]
    return facts
