"""Parsed arguments of `difpy step` in; a share of a phase of a run past one machine done, and an exit code, out."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from difPy.commands.clouding import PLACE
from difPy.commands.verbs import DONE
from difPy.errors import RunRefused, UsageError
from difPy.terminal import number, printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from difPy.cloud import Run

_RANK = re.compile(r"(\d+)/(\d+)", re.ASCII)
_NAMES = ("decode", "rows", "cut", "scatter", "fill", "plan", "join")
_ABOUT = """
The phases of a run, in their order. Each but the last needs all of the one before:

  decode    decode the pictures of a part         after difpy cloud index --only-list
  rows      gather the vectors of a batch         after difpy cloud find --only-order
  cut       cut their space into cells            one step: rank 0
  scatter   sort a batch by cell
  fill      gather the pictures of a cell
  plan      pack the cells by their load          one step: rank 0
  join      ask, answer and take, until all is done; what others leave undone for a while, too
"""


def add(to: Any, verb: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the verb to a parser."""
    found = verb(to, "step", step)
    found.description = f"{found.description}\n{_ABOUT}"
    add = found.add_argument
    add("name", choices=_NAMES, metavar="NAME", help="of the phase: " + ", ".join(_NAMES))
    add("place", help=PLACE)
    add("--of", metavar="JOIN", help="as difpy cloud find --only-order has named it; default: the only one")
    add("--rank", metavar="K/N", default="0/1", help="which share of the work this is, from 0/N on; default: all")
    add("--processes", type=int, metavar="N", help="cores it may use; default: all it is given")
    add("--patience", type=float, default=60.0, metavar="S", help="seconds until the share of others is done, too")


def step(options: argparse.Namespace) -> int:
    """`difpy step`."""
    from difPy.cloud import Run

    share = _RANK.fullmatch(options.rank)
    rank, count = map(int, share.groups()) if share else (0, 0)
    if rank >= count:
        raise UsageError(f"--rank must be K/N with K below N, as 3/1000, not {options.rank!r}")
    run = Run.read(options.place)
    made = _decoded(run, options, rank, count) if options.name == "decode" else _joined(run, options, rank, count)
    print(printable(f"{options.name}: {number(made, 'step')} done: {run.place}"))
    return DONE


def _decoded(run: Run, options: argparse.Namespace, rank: int, count: int) -> int:
    from difPy import cloud
    from difPy.model import cores

    mine = [part for part in cloud.undone(run) if part % count == rank]
    for part in mine:
        if (why := cloud.decoded(run, options.processes or cores(), part)) is not None:
            raise RunRefused(why)
    return len(mine)


def _joined(run: Run, options: argparse.Namespace, rank: int, count: int) -> int:
    from difPy import workers
    from difPy.cloud.joining import Join
    from difPy.cloud.phases import PHASES
    from difPy.cloud.settling import settling
    from difPy.cloud.sharing import share
    from difPy.model import cores

    join = Join.read(run.place, options.of or _only(run), options.processes or cores())
    if options.name == "join":
        PHASES["plan"].require_done(join, "join")
        settle = partial(settling, run, workers.executor(options.processes))
        return share(join, rank, count, settle, patience=options.patience)
    phase = PHASES[options.name]
    phase.require(join)
    mine = [one for one in phase.missing(join) if one % count == rank]
    for one in mine:
        phase.step(join, one)
    return len(mine)


def _only(run: Run) -> str:
    """The only join of a run."""
    begun = [f"found/{name[:-5]}" for name in run.objects.names("found") if name.endswith(".json")]
    if len(begun) != 1:
        told = ", ".join(begun) or "none"
        raise UsageError(f"say which join, --of NAME, of those that difpy cloud find --only-order has begun: {told}")
    return begun[0]
