"""Parsed arguments of a verb that acts, or decides; what it prints or writes, and an exit code, out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from difPy.commands.telling import agreed, gathered, say, tell, write
from difPy.commands.verbs import DONE, FAILED, searched
from difPy.errors import UsageError
from difPy.terminal import number, shown, since, size

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from difPy import act

_DONE = {
    "trash": "moved to the trash",
    "move": "moved",
    "delete": "deleted",
    "hardlink": "replaced by hard links",
    "symlink": "replaced by symbolic links",
    "reflink": "replaced by copies that share their blocks",
}


def plan(options: argparse.Namespace) -> int:
    """`difpy plan`."""
    from difPy import act, api, metadata, report

    if options.action == "move" and options.to is None:  # before hours of searching
        raise UsageError("a move needs a destination: --to DIRECTORY")
    if options.action != "move" and options.to is not None:
        raise UsageError(f"--to says where to move pictures, and --action is {options.action}: leave it out")
    if options.merge_metadata:
        metadata.require()
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
    write(options.output, formats[options.format](made), force=options.force)
    tell(f"to {options.action}: {act.stakes(made)}")
    for line in gathered(((held.path, held.why) for held in made.held), "held back", every=options.verbose):
        tell(line)
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
        question = f"{options.plan}: {act.stakes(made)}."
        if options.dry_run:
            tell(question)
        elif not agreed(question, yes=options.yes):
            return DONE
    try:
        with shown(True) as progress:
            outcome = api.apply(made, options.journal, dry_run=options.dry_run, progress=progress)
    except KeyboardInterrupt:
        tell("some steps may have been done: difpy journal lists them, and difpy undo takes them back")
        raise
    _print_done(outcome)
    for title, left in (("skipped", outcome.skipped), ("failed", outcome.failed)):
        causes = ((one.step.file.path, one.why) for one in left)
        for line in gathered(causes, title, every=options.verbose):
            say(line)
    lost = sum(not done.step.undoable for done in outcome.done)
    if outcome.journal and len(outcome.done) > lost:
        what = f"all but {lost:,}" if lost else "it" if len(outcome.done) == 1 else "them"
        say(f"To take {what} back:", f"difpy undo {outcome.journal}")
    if made.steps and not outcome.done:
        tell(f"{options.plan} is older than what is on the disk now, or is not true: make a new plan")
        return FAILED
    return FAILED if outcome.failed else DONE


def _print_done(outcome: act.Outcome) -> None:
    """What was done, a line for each action, and what is free now."""
    would = " would be" if outcome.dry_run else ""
    by_action: dict[str, list[act.Done]] = {}
    for done in outcome.done:
        by_action.setdefault(done.step.action, []).append(done)
    for action, some in by_action.items():
        freed = sum(done.freed for done in some)
        room = f"{size(freed)}{would} freed" if freed else size(sum(done.step.file.size for done in some))
        say(f"{number(len(some), 'file')}{would} {_DONE[action]}, {room}.")
    if not by_action:
        say(f"Nothing{would or ' was'} done.")
    if "trash" in by_action and not outcome.dry_run:
        say("The room is free when the trash is emptied.")
    for path in dict.fromkeys(done.step.merge.path for done in outcome.done if done.step.merge):
        say(f"What others said{would or ' was'} written to: {path}")


def undo(options: argparse.Namespace) -> int:
    """`difpy undo`."""
    from difPy import act

    path = options.journal
    if path is None:
        newest = _newest()
        if not agreed(f"To undo the newest job: {_job(newest)}.", yes=options.yes):
            return DONE
        path = newest.path
    with shown(True) as progress:
        undone = act.undo(path, progress=progress)
    if not undone.restored and not undone.failed:
        say("There is nothing to undo: the journal tells of nothing done that was not undone already.")
        return DONE
    say(f"{number(len(undone.restored), 'file')} restored.")
    causes = [(failure.path, failure.reason) for failure in undone.failed]
    for line in gathered(causes, "not restored", every=options.verbose):
        say(line)
    return FAILED if undone.failed else DONE


def _newest() -> act.Entry:
    """The last job begun; never another one in its place.

    Raises
    ------
    UsageError
        It cannot be undone, or there is none.
    """
    from difPy import act

    jobs = act.journals()
    if not jobs:
        raise UsageError("there is nothing to undo: no journal tells of anything done")
    newest = jobs[-1]
    if newest.trouble:
        raise UsageError(f"the newest journal is not obeyed: {newest.trouble}. Name the one to undo")
    if not newest.done and not newest.open:
        older = next((job for job in reversed(jobs) if job.done), None)
        way = f"the one before it: difpy undo {older.path}" if older else "difpy journal lists all"
        raise UsageError(f"there is nothing to undo in the newest job, {_job(newest)}; {way}")
    return newest


def _job(job: act.Entry) -> str:
    """What a job did, when and where, in words."""
    what = number(job.done or job.undone, "file")
    undone = ", undone already" if job.undone and not job.done else ""
    folder = f' in "{job.folder}"' if job.folder else ""
    return f"{what} {_DONE.get(job.action, job.action)} {since(job.at)}{folder}{undone}"


def journal(options: argparse.Namespace) -> int:
    """`difpy journal`."""
    from difPy import act

    failed = False
    jobs = act.journals()
    if not jobs:
        say("No journal tells of anything: nothing was done.")
    for entry in jobs:
        if entry.trouble:
            failed = True
            tell(entry.trouble)
        if not entry.at:
            continue
        state = f"{entry.done:,} done, {entry.undone:,} undone" + (f", {entry.open:,} cut off" if entry.open else "")
        if not (entry.done or entry.undone or entry.open):
            state = "nothing was done"
        say(f"{entry.at}  {entry.action:<8}  {state} ", entry.path)
        if options.recover and entry.open:
            mended = act.recover(entry.path)
            say(f"  {len(mended.ended):,} had been done, {len(mended.rolled_back):,} were taken back.")
            for failure in mended.failed:
                failed = True
                say(f"  Not clear: {failure.path}: {failure.reason}")
        elif entry.open:
            say("  A crash cut it off: difpy journal --recover")
    return FAILED if failed else DONE


def distinct(options: argparse.Namespace) -> int:
    """`difpy distinct`."""
    from difPy import act, contents
    from difPy.scan import given, scan

    if len(set(options.picture)) < 2 and not options.forget:
        raise UsageError("name at least two pictures")
    digests = []
    for file in scan(given(options.picture)).files:
        digest = contents.digest_of(file)
        if not isinstance(digest, bytes):
            raise UsageError(f"{digest.path}: {digest.reason}")
        digests.append(digest)
    decisions = act.Decisions()
    (decisions.forget if options.forget else decisions.remember)(digests)
    say("Forgotten." if options.forget else "Remembered: they are left out until another picture joins them.")
    return DONE
