"""Parsed arguments of a verb that acts, or decides; what it prints or writes, and an exit code, out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from difPy.commands.verbs import DONE, FAILED, searched, tell, write
from difPy.errors import UsageError
from difPy.terminal import number, printable, shown, size

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from difPy import act


def plan(options: argparse.Namespace) -> int:
    """`difpy plan`."""
    from difPy import act, api, metadata, report

    if options.merge_metadata:
        metadata.require()  # before hours of searching
    groups = searched(options).groups
    made = api.plan(
        groups,
        options.action,
        destination=options.to,
        keep_structure=options.keep_structure,
        protect=options.protect,
        sidecars=options.sidecars,
        decisions=act.Decisions(),
        altered=options.altered,
        even=options.even,
        warn=tell,
        merge_metadata=options.merge_metadata,
        references=options.reference,
        processes=options.processes,
    )
    formats: dict[str, Callable[[act.Plan], str | bytes]] = {"json": act.to_json, "csv": act.to_csv, "sh": act.to_shell}
    write(options.output, formats[options.format](made))
    last = f"; {made.not_undoable:,} CANNOT be undone" if made.not_undoable else ""
    steps = f"{number(len(made.steps), 'picture')} to {options.action} ({size(made.size)})"
    tell(f"{steps}, {len(made.held):,} held back{last}")
    gone = {step.file.path for step in made.steps}
    if warning := report.more_to_go(group.only(gone) for group in groups):
        tell(warning)
    if merged := len({step.merge.path for step in made.steps if step.merge}):
        tell(f"what they say will be written beside {number(merged, 'kept picture')}")
    if options.format == "json" and options.output and made.steps:
        tell(f"nothing was changed: look at it, then difpy apply {options.output}")
    return DONE


def apply(options: argparse.Namespace) -> int:
    """`difpy apply`."""
    from difPy import act, api

    made = act.read_plan(options.plan)
    if made.not_undoable:
        tell(f"{made.not_undoable:,} of {number(len(made.steps), 'step')} CANNOT be undone")
    try:
        with shown(True) as progress:
            outcome = api.apply(made, options.journal, dry_run=options.dry_run, progress=progress)
    except KeyboardInterrupt:
        tell("some steps may have been done: difpy journal lists them, and difpy undo takes them back")
        raise
    would = "would be " if outcome.dry_run else ""
    print(f"{number(len(outcome.done), 'step')} {would}done, {size(outcome.bytes_freed)} {would}freed.")
    for path in dict.fromkeys(done.step.merge.path for done in outcome.done if done.step.merge):
        print(printable(f"What others said {would or 'was '}written to: {path}"))
    for title, left in (("Skipped", outcome.skipped), ("Failed", outcome.failed)):
        for one in left:
            print(printable(f"{title}: {one.step.file.path}: {one.why}"))
    lost = sum(not done.step.undoable for done in outcome.done)
    if outcome.journal and len(outcome.done) > lost:
        what = f"all but {lost:,}" if lost else "it"
        print(printable(f"To take {what} back: difpy undo {outcome.journal}"))
    if made.steps and not outcome.done:
        tell(f"nothing {would}done: the plan is older than what is on the disk now, or is not true; make a new one")
        return FAILED
    return FAILED if outcome.failed else DONE


def undo(options: argparse.Namespace) -> int:
    """`difpy undo`."""
    from difPy import act

    path = options.journal
    if path is None:
        done = [entry for entry in act.journals() if entry.done or entry.trouble]
        if done and done[-1].trouble:
            raise UsageError(f"the newest journal is not obeyed: {done[-1].trouble}. Name the one to undo")
        if not done:
            raise UsageError("there is nothing to undo: no journal tells of anything done (`difpy journal` lists them)")
        path = done[-1].path
    with shown(True) as progress:
        undone = act.undo(path, progress=progress)
    print(f"Restored: {number(len(undone.restored), 'file')}.")
    for failure in undone.failed:
        print(printable(f"Not restored: {failure.path}: {failure.reason}"))
    return FAILED if undone.failed else DONE


def journal(options: argparse.Namespace) -> int:
    """`difpy journal`."""
    from difPy import act

    failed = False
    for entry in act.journals():
        if entry.trouble:
            failed = True
            tell(entry.trouble)
        if not entry.at:
            continue
        state = f"{entry.done:,} done, {entry.undone:,} undone" + (f", {entry.open:,} cut off" if entry.open else "")
        print(printable(f"{entry.at}  {entry.action:<8}  {state}  {entry.path}"))
        if options.recover and entry.open:
            mended = act.recover(entry.path)
            print(f"  {len(mended.ended):,} had been done, {len(mended.rolled_back):,} were taken back.")
            for failure in mended.failed:
                failed = True
                print(printable(f"  Not clear: {failure.path}: {failure.reason}"))
        elif entry.open:
            print("  A crash cut it off: difpy journal --recover")
    return FAILED if failed else DONE


def distinct(options: argparse.Namespace) -> int:
    """`difpy distinct`."""
    from difPy import act, decode
    from difPy.scan import given, scan

    if len(set(options.picture)) < 2 and not options.forget:
        raise UsageError("name at least two pictures")
    digests = []
    for file in scan(given(options.picture)).files:
        digest = decode.digest_of(file)
        if not isinstance(digest, bytes):
            raise UsageError(f"{digest.path}: {digest.reason}")
        digests.append(digest)
    decisions = act.Decisions()
    (decisions.forget if options.forget else decisions.remember)(digests)
    print("Forgotten." if options.forget else "Remembered: they are left out until another picture joins them.")
    return DONE
