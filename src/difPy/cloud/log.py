"""What became of block after block of a join: written once, in their order, and read again by whoever comes later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from difPy.cloud.columns import packed_together
from difPy.cloud.joining import BLOCKS
from difPy.cloud.stored import arrays

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from difPy.cloud.joining import Join


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """What the rows of a block took, as columns, in ranks."""

    end: int
    """The first rank behind it: all before have asked, and are found no more."""
    compared: int
    """Candidates there were."""
    size: int
    """How many rows ask in the next block."""
    taken: npt.NDArray[np.int64]
    """Rows that were taken ..."""
    keeper: npt.NDArray[np.int64]
    """... for whom ..."""
    distance: npt.NDArray[np.float64]
    """... how far from it ..."""
    orientation: npt.NDArray[np.uint8]
    """... and how turned."""


def commit(join: Join, number: int, block: Block) -> Block:
    """Write a block. Where another driver was first, the one that it wrote stands, and is given back."""
    data = packed_together(
        end=np.array([block.end, block.compared, block.size]),
        taken=block.taken,
        keeper=block.keeper,
        distance=block.distance,
        orientation=block.orientation,
    )
    name = join.at(BLOCKS, number)
    return block if join.objects.create(name, data) else _read(join, name)


def committed(join: Join, first: int = 0) -> Iterator[Block]:
    """The blocks that there are, from some number on."""
    number = first
    while True:
        try:
            block = _read(join, join.at(BLOCKS, number))
        except FileNotFoundError:
            return
        yield block
        number += 1


def finished(join: Join) -> bool:
    """Whether all blocks are committed."""
    last = len(join.names(BLOCKS)) - 1
    return last >= 0 and _read(join, join.at(BLOCKS, last)).end >= join.rows


def _read(join: Join, name: str) -> Block:
    found = arrays(join.objects, name)
    end, compared, size = found.pop("end").tolist()
    return Block(end, compared, size, **found)
