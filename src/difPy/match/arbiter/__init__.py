"""Two small pictures and a map from one to the other in, the verdict on them out."""

from difPy.match.arbiter.judging import Judgement, Verdict, judge

__all__ = ["Judgement", "Verdict", "judge"]
