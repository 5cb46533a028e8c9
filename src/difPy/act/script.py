"""A plan -> a POSIX shell script that carries it out with the system's own tools, for those who would rather read."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

from difPy.act.acts import absolute
from difPy.act.steps import Action
from difPy.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from difPy.act.steps import Plan, Step

_HEAD = r"""#!/bin/sh
# A plan of difPy's. Read it, then run it:  sh THIS_FILE
# A picture is touched only if it and the one kept for it are there, have their sizes, and are two files.
# `difPy undo` knows nothing of what this script does: `difPy apply` with the plan's JSON can be undone.
set -u
acted=0 left=0 failed=0

# First looking: what fails here leaves a picture as it is.
leave() { left=$((left + 1)); printf '%s\n' "left: $1 ($2)" >&2; return 1; }
has() { [ "$(wc -c <"$1")" -eq "$2" ]; }
# may PICTURE BYTES KEPT BYTES
may() {
    if [ -L "$1" ] || [ ! -f "$1" ]; then leave "$1" "it is not there any more"
    elif [ ! -f "$3" ]; then leave "$1" "what is kept for it is not there any more"
    elif ! has "$1" "$2"; then leave "$1" "it has changed"
    elif ! has "$3" "$4"; then leave "$1" "what is kept for it has changed"
    elif [ "$1" -ef "$3" ]; then leave "$1" "it is the file that is kept for it"
    fi
}
# same PICTURE KEPT
same() { cmp -s -- "$1" "$2" || leave "$1" "it has not the bytes of what is kept for it"; }
# name PICTURE PATH
name() { [ ! -L "$2" ] && [ "$1" -ef "$2" ] || leave "$1" "another name of it, $2, is another file now"; }
# beside PICTURE SIDECAR BYTES
beside() { [ ! -L "$2" ] && [ -f "$2" ] && has "$2" "$3" || leave "$1" "what goes with it, $2, has changed"; }

# Then doing.
delete() { rm -- "$1"; }
trash() {
    if command -v gio >/dev/null; then gio trash -- "$1"
    elif command -v trash-put >/dev/null; then trash-put -- "$1"
    else echo "no command for the trash: install glib or trash-cli" >&2; return 1
    fi
}
# move FOLDER STEM FILE ENDING...: all under the same number, where one of the names is taken
move() {
    folder=$1 to=$1/$2 stem=$2 number=1
    shift 2
    mkdir -p -- "$folder" || return
    until free "$@"; do number=$((number + 1)); to="$folder/$stem ($number)"; done
    while [ $# -gt 0 ]; do
        mv -n -- "$1" "$to$2" && [ ! -e "$1" ] || return
        shift 2
    done
}
free() {
    while [ $# -gt 0 ]; do
        if [ -e "$to$2" ] || [ -L "$to$2" ]; then return 1; fi
        shift 2
    done
}
# hardlink, symlink, reflink FILE KEPT: made under a new name, and put in the file's place in one stroke
new() { new=$1.difpy-$$; [ ! -e "$new" ] && [ ! -L "$new" ]; }
put() { mv -f -- "$new" "$1" || undone; }
undone() { rm -f -- "$new"; return 1; }
hardlink() { new "$1" && ln -L -- "$2" "$new" && put "$1"; }
symlink() { new "$1" && ln -s -- "$2" "$new" && put "$1"; }
reflink() { new "$1" && { cp --reflink=always -- "$2" "$new" && dressed "$1" || undone; } && put "$1"; }
dressed() { cp --attributes-only --preserve=all -- "$1" "$new"; }
count() { acted=$((acted + 1)); }
fail() { failed=$((failed + 1)); printf '%s\n' "failed: $1" >&2; }

"""
_TAIL = """
echo "$acted done, $left left as they are, $failed failed"
[ "$failed" -eq 0 ]
}
main
"""


def to_shell(plan: Plan) -> bytes:
    r"""The plan as a script for ``sh``.

    Returns
    -------
    bytes
        Bytes, because file names are: whatever they hold is quoted.

    Examples
    --------
    >>> from difPy.act import Plan
    >>> to_shell(Plan(())).startswith(b"#!/bin/sh\n")
    True
    """
    refusals = plan.refusals()
    parts = [_HEAD, "main() {\n"]
    for number, step in enumerate(plan.steps):
        if number in refusals:
            parts.append(f"# left out: {printable(step.file.path)}: {printable(refusals[number])}\n")
        elif step.merge:
            parts.append(f"# left out: {printable(step.file.path)}: what it says is to be merged, which apply does\n")
        else:
            doing = " &&\n    ".join([*_doing(step), f"count || fail {_quoted(step.file.path)}"])
            parts.append(f"# {printable(step.why)}\n" + " &&\n    ".join([*_checks(step), f"{{ {doing}; }}"]) + "\n")
    return os.fsencode("".join(parts) + _TAIL)


def _checks(step: Step) -> Iterator[str]:
    """What must be so before anything is done."""
    picture, kept = _quoted(step.file.path), _quoted(step.keeper.path)
    yield f"may {picture} {step.file.size} {kept} {step.keeper.size}"
    if step.identical or step.action.links:
        yield f"same {picture} {kept}"
    for part in step.companions:
        path = _quoted(part.seen.path)
        if not part.sidecar:
            yield f"name {picture} {path}"
        else:
            yield f"beside {picture} {path} {part.seen.size}"
            if part.twin and step.action is Action.DELETE:
                yield f"same {path} {_quoted(part.twin.path)}"


def _doing(step: Step) -> Iterator[str]:
    """What is done, in the order of `apply`: the picture is deleted or replaced last, else it goes first."""
    if step.action is Action.MOVE:
        yield from _moving(step)
        return
    kept = f" {_quoted(step.keeper.path)}" if step.action.links else ""
    goes = [f"{step.action} {_quoted(step.file.path)}{kept}"]
    others = [_unless(part.shared_with, f"{step.action} {_quoted(part.seen.path)}{kept}") for part in step.companions]
    yield from goes + others if step.action is Action.TRASH else others + goes


def _moving(step: Step) -> Iterator[str]:
    """The picture and its sidecars together; its other names go each by itself."""
    folder, name = os.path.split(absolute(step.to or ""))
    stem, ending = os.path.splitext(name)
    together = [shlex.quote(folder), shlex.quote(stem), _quoted(step.file.path), shlex.quote(ending)]
    yield f"set -- {' '.join(together)}"
    alone = []
    for part in step.companions:
        beside, name = os.path.split(absolute(part.to or ""))
        if part.sidecar and beside == folder and name.startswith(stem):
            pair = f"{_quoted(part.seen.path)} {shlex.quote(name[len(stem) :])}"
            yield _unless(part.shared_with, f'set -- "$@" {pair}')
        else:
            own, ending = map(shlex.quote, os.path.splitext(name))
            alone.append(f"move {shlex.quote(beside)} {own} {_quoted(part.seen.path)} {ending}")
    yield 'move "$@"'
    yield from alone


def _unless(others: Sequence[str], doing: str) -> str:
    """Do it unless one of the other pictures that need the file is still there."""
    there = "".join(f"[ -e {_quoted(path)} ] || " for path in others)
    return f"{{ {there}{doing}; }}" if there else doing


def _quoted(path: str) -> str:
    return shlex.quote(absolute(path))
