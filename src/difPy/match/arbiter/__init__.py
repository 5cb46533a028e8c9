"""Two small pictures and a map from one to the other in, the verdict on them, and what was done to the one, out.

judge: align, warp, compare patch by patch; detail: how much of a picture's resolution is real
"""

from difPy.change import Verdict
from difPy.match.arbiter.detail import detail
from difPy.match.arbiter.judging import RECIPE, Judgement, judge

__all__ = ["RECIPE", "Judgement", "Verdict", "detail", "judge"]
