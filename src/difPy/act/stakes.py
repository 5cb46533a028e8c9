"""A plan -> how much goes, and how much of that cannot be had back, in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from difPy.terminal import number, size

if TYPE_CHECKING:
    from difPy.act.steps import Plan


def stakes(plan: Plan) -> str:
    """What a person should know before a plan is carried out.

    Examples
    --------
    >>> from difPy.act import Plan
    >>> stakes(Plan(()))
    'nothing'
    """
    if not plan.steps:
        return "nothing"
    lost = [step.file.size for step in plan.steps if not step.undoable]
    whole = f"{number(len(plan.steps), 'file')}, {size(plan.size)}"
    if not lost:
        return f"{whole}: all can be undone"
    if len(lost) == len(plan.steps):
        return f"{whole}: this CANNOT be undone"
    back = number(len(plan.steps) - len(lost), "file")
    return f"{whole}: difpy undo can bring back {back}; {len(lost):,}, {size(sum(lost))}, CANNOT be had back"
