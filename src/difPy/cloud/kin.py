"""The rows that show one picture, pixel for pixel, as others do in another orientation: few, as twins take no part."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from difPy.cloud.columns import packed_together
from difPy.cloud.joining import KIN
from difPy.cloud.stored import arrays
from difPy.cloud.tensors import rows
from difPy.match.mse.exact import Triples
from difPy.match.mse.twins import Identical

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.cloud.columns import Facts
    from difPy.cloud.joining import Join


@dataclass(frozen=True)
class Kin:
    """Such rows, ascending by rank."""

    facts: Facts
    code: npt.NDArray[np.int64]
    """Equal for rows of one identity."""
    stance: npt.NDArray[np.uint8]
    """See `Picture.stance`."""
    join: Join

    @classmethod
    def read(cls, join: Join) -> Kin:
        """Those of a join."""
        return cls(**arrays(join.objects, join.at(KIN)), join=join)

    def write(self) -> None:
        """Write them, if nobody has."""
        data = packed_together(facts=self.facts, code=self.code, stance=self.stance)
        self.join.objects.create(self.join.at(KIN), data)

    def after(self, asking: npt.NDArray[np.int64]) -> Triples:
        """Each of some ranks with every later one that is identical, in ranks."""
        ranks = self.facts["rank"]
        near = self._identical.after(np.flatnonzero(np.isin(ranks, asking)))
        return Triples(ranks[near.first], ranks[near.second], near.orientation)

    def facts_of(self, ranks: npt.NDArray[np.int64]) -> Facts:
        """What is known of some of them, each once."""
        return self.facts[np.isin(self.facts["rank"], ranks)]

    @cached_property
    def _identical(self) -> Identical:
        codes = [code.to_bytes(8, "little") for code in self.code.tolist()]
        known = replace(rows(self.join.objects, self.facts), identities=codes, stances=self.stance)
        return Identical(known, np.arange(len(codes)), self.join.criterion.orientations)
