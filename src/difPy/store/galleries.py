"""Digests in, a `Gallery` out: small columns in memory, tensors and views left where they are until asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from difPy.errors import IndexUnusable
from difPy.model import Gallery
from difPy.store.reading import many
from difPy.store.rows import COLUMNS, FACTS, as_rows, checked, require_plausible
from difPy.store.tensors import Pixels, StoredTensors, StoredViews
from difPy.store.troubles import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt

    from difPy.files import Files
    from difPy.store.database import Database
    from difPy.store.rows import Checked
    from difPy.store.values import Found, Recipe

_SLAB = 1000  # rows checked at a time


def gallery(
    database: Database | None,
    recipe: Recipe,
    kept: Mapping[bytes, Found],
    files: Files,
    digests: Sequence[bytes],
) -> Gallery:
    """Columns of the pictures with these digests, in this order.

    Parameters
    ----------
    database : Database or None
    recipe : Recipe
    kept : mapping of bytes to Found
        Digest -> a picture that is not in the index but in memory.
    files, digests
        As `Index.gallery` takes them.

    Raises
    ------
    Damaged, IndexUnusable
    """
    return _Columns(database, recipe, kept, digests).gallery(files)


class _Columns:
    def __init__(
        self, database: Database | None, recipe: Recipe, kept: Mapping[bytes, Found], digests: Sequence[bytes]
    ) -> None:
        n = len(digests)
        self.recipe = recipe
        self.digests = digests
        self.pixels = Pixels(database, recipe.px_size)
        self.facts = np.zeros(n, FACTS)  # an id is never 0: such a row is not filled yet
        self.identities: list[bytes | None] = [None] * n
        self.formats = [""] * n
        self.beside: dict[int, str] = {}
        self.vectors = np.zeros((n, 0), np.float32)
        self.views: dict[int, int] = {}
        self.first: dict[bytes, int] = {}  # digest -> its first row
        copies = [at for at, digest in enumerate(digests) if self.first.setdefault(digest, at) != at]
        for rows in self.kept_rows(kept):
            self.fill(checked(rows, recipe.seed))
        wanted = {digest for digest, at in self.first.items() if not self.facts["id"][at]}
        if database is not None and wanted:
            self.look_up(database, wanted)
        if missing := np.count_nonzero(self.facts["id"][list(self.first.values())] == 0):
            raise IndexUnusable(
                f"{missing} pictures are not in the index any more: it was damaged, or others removed them; run again"
            )
        self.copy(copies)

    def kept_rows(self, kept: Mapping[bytes, Found]) -> Iterator[list[tuple[Any, ...]]]:
        """Rows of the pictures in memory, some at a time."""
        held = [kept[digest] for digest in self.first.keys() & kept.keys()]
        pictures = [(one.picture, one.vector) for one in held if one.picture is not None and one.vector is not None]
        for start in range(0, len(pictures), _SLAB):
            some, vectors = zip(*pictures[start : start + _SLAB], strict=True)
            yield as_rows([self.pixels.keep(one.tensor) for one in some], some, vectors, self.recipe.seed)
            for one in some:
                if one.views is not None:
                    self.views[self.first[one.digest]] = self.pixels.keep(one.views)

    def look_up(self, database: Database, wanted: set[bytes]) -> None:
        """Fill the rows of these digests from the index."""
        select, number = f"SELECT {COLUMNS} FROM picture", (self.recipe.number(database),)
        whole = many(database, len(wanted))
        for way in (whole, not whole):  # both only if a damaged digest hides a row from one of them
            for rows in database.matching(select, "recipe = ?", number, "digest", wanted, whole=way):
                if rows:
                    found = checked(rows, self.recipe.seed)
                    require_plausible(found)
                    self.fill(found)
            wanted = {digest for digest in wanted if not self.facts["id"][self.first[digest]]}
            if not wanted:
                break

    def fill(self, rows: Checked) -> None:
        """Put rows in their places, but for those that were not asked for or are in memory."""
        places = np.fromiter((self.first.get(digest, -1) for digest in rows.digests), np.int64, len(rows.digests))
        taken = np.flatnonzero((places >= 0) & (self.facts["id"][places] >= 0))
        at = places[taken]
        width = rows.vectors.shape[1]
        if not self.vectors.shape[1]:
            self.vectors = np.zeros((len(self.digests), width), np.float32)
        if width != self.vectors.shape[1] or width != (self.recipe.width or width):
            raise Damaged(f"a picture's vector has {width} numbers")
        self.facts[at] = rows.facts[taken]
        self.vectors[at] = rows.vectors[taken]
        for place, source in zip(at.tolist(), taken.tolist(), strict=True):
            self.identities[place] = rows.identities[source]
            self.formats[place] = rows.formats[source]
            if rows.beside[source]:
                self.beside[place] = rows.beside[source]
        for place in at[(self.facts["views"][at] > 0) & (self.facts["id"][at] > 0)].tolist():
            self.views[place] = int(self.facts["id"][place])

    def copy(self, copies: list[int]) -> None:
        """Fill the rows of files whose bytes another file has too."""
        originals = [self.first[self.digests[at]] for at in copies]
        self.facts[copies] = self.facts[originals]
        self.vectors[copies] = self.vectors[originals]
        for at, original in zip(copies, originals, strict=True):
            self.identities[at] = self.identities[original]
            self.formats[at] = self.formats[original]
            if original in self.views:
                self.views[at] = self.views[original]
            if original in self.beside:
                self.beside[at] = self.beside[original]

    def gallery(self, files: Files) -> Gallery:
        facts = self.facts
        return Gallery(
            px_size=self.recipe.px_size,
            files=files,
            tensors=StoredTensors(self.pixels, facts["id"].copy()),
            widths=facts["width"].astype(np.int32),
            heights=facts["height"].astype(np.int32),
            frames=facts["frames"].astype(np.int32),
            identities=self.identities,
            stances=facts["stance"].astype(np.uint8),
            errors=_upward(facts["error"]),
            digests=list(self.digests),
            formats=self.formats,
            exif_fields=facts["exif_fields"].astype(np.int32),
            gps=facts["gps"].astype(np.bool_),
            other_fields=facts["other_fields"].astype(np.int32),
            notes=facts["notes"].astype(np.int32),
            lossless=facts["lossless"].astype(np.uint8),
            vectors=self.vectors,
            views=StoredViews(self.pixels, self.views, facts["views"]),
            beside=self.beside,
        )


def _upward(errors: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Bounds in single precision, never rounded down."""
    rounded = errors.astype(np.float32)
    return np.where(rounded < errors, np.nextafter(rounded, np.float32(np.inf)), rounded)
