"""Acting on duplicates without fear: groups -> plan -> apply -> journal -> undo.

`plan` decides and changes nothing; `apply` does and decides nothing; `undo` takes back. The only room that changes,
moves or removes a user's file, and within it `disk` is the only place that calls the system to do so.
"""

from difPy.act.apply import apply
from difPy.act.decided import Choice, Judgement
from difPy.act.decisions import Decisions
from difPy.act.document import to_csv, to_json
from difPy.act.merging import merging
from difPy.act.outcome import Done, Outcome, Skipped
from difPy.act.outputs import write_new
from difPy.act.plan import plan
from difPy.act.reading import from_json, read_plan
from difPy.act.script import to_shell
from difPy.act.stakes import stakes
from difPy.act.steps import Action, Companion, Held, Merge, Plan, Seen, Sidecars, Step
from difPy.act.story import Entry, journals
from difPy.act.undo import Recovered, Undone, recover, undo

__all__ = [
    "Action",
    "Choice",
    "Companion",
    "Decisions",
    "Done",
    "Entry",
    "Held",
    "Judgement",
    "Merge",
    "Outcome",
    "Plan",
    "Recovered",
    "Seen",
    "Sidecars",
    "Skipped",
    "Step",
    "Undone",
    "apply",
    "from_json",
    "journals",
    "merging",
    "plan",
    "read_plan",
    "recover",
    "stakes",
    "to_csv",
    "to_json",
    "to_shell",
    "undo",
    "write_new",
]
