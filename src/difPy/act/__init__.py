"""Acting on duplicates without fear: groups -> plan -> apply -> journal -> undo.

`plan` decides and changes nothing; `apply` does and decides nothing; `undo` takes back. The only room that changes,
moves or removes a user's file, and within it `disk` is the only place that calls the system to do so.
"""

from difPy.act.apply import Done, Outcome, Skipped, apply
from difPy.act.journal import journals
from difPy.act.plan import plan
from difPy.act.steps import Action, Companion, Held, Plan, Seen, Sidecars, Step
from difPy.act.undo import Recovered, Undone, recover, undo

__all__ = [
    "Action",
    "Companion",
    "Done",
    "Held",
    "Outcome",
    "Plan",
    "Recovered",
    "Seen",
    "Sidecars",
    "Skipped",
    "Step",
    "Undone",
    "apply",
    "journals",
    "plan",
    "recover",
    "undo",
]
