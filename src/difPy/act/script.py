"""A plan -> a POSIX shell script that carries it out with the system's own tools, for those who would rather read."""

from __future__ import annotations

import json
import os
import shlex
from typing import TYPE_CHECKING

from difPy.act.acts import absolute
from difPy.act.steps import Action

if TYPE_CHECKING:
    from difPy.act.steps import Companion, Plan, Step

_HEAD = r"""#!/bin/sh
# A plan of difPy's. Read it, then run it:  sh THIS_FILE
# A picture is touched only if it and the one kept for it are there, have their sizes, and are two files.
# `difPy undo` knows nothing of what this script does: `difPy apply` with the plan's JSON can be undone.
set -u
acted=0 left=0

leave() { left=$((left + 1)); printf '%s\n' "left: $1 ($2)" >&2; return 1; }
size() { wc -c <"$1"; }
# may PICTURE BYTES KEPT BYTES
may() {
    if [ -L "$1" ] || [ ! -f "$1" ]; then leave "$1" "it is not there any more"
    elif [ ! -f "$3" ]; then leave "$1" "what is kept for it is not there any more"
    elif [ "$(size "$1")" -ne "$2" ]; then leave "$1" "it has changed"
    elif [ "$(size "$3")" -ne "$4" ]; then leave "$1" "what is kept for it has changed"
    elif [ "$1" -ef "$3" ]; then leave "$1" "it is the file that is kept for it"
    fi
}
# same PICTURE KEPT
same() { cmp -s -- "$1" "$2" || leave "$1" "it has not the bytes of what is kept for it"; }
# move FILE FOLDER STEM EXTENSION: under a numbered name where the name is taken
move() {
    mkdir -p -- "$2" || return
    to=$2/$3$4 n=2
    while [ -e "$to" ] || [ -L "$to" ]; do to="$2/$3 ($n)$4" n=$((n + 1)); done
    mv -n -- "$1" "$to" && [ ! -e "$1" ]
}
trash() {
    if command -v gio >/dev/null; then gio trash -- "$1"
    elif command -v trash-put >/dev/null; then trash-put -- "$1"
    else leave "$1" "no command for the trash: install glib or trash-cli"
    fi
}
# put LINK FILE: in one stroke
put() { mv -f -- "$1" "$2" || { rm -f -- "$1"; return 1; }; }
hardlink() { ln -- "$2" "$1.difpy" && put "$1.difpy" "$1"; }
symlink() { ln -s -- "$2" "$1.difpy" && put "$1.difpy" "$1"; }
reflink() { cp -p --reflink=always -- "$2" "$1.difpy" && put "$1.difpy" "$1"; }
count() { acted=$((acted + 1)); }

"""
_TAIL = """
echo "$acted done, $left left as they are"
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
    parts = [_HEAD]
    for number, step in enumerate(plan.steps):
        if number in refusals:
            parts.append(f"# left out: {json.dumps(step.file.path)}: {json.dumps(refusals[number])}\n")
        else:
            parts.append(_lines(step))
    return os.fsencode("".join(parts) + _TAIL)


def _lines(step: Step) -> str:
    picture, kept = absolute(step.file.path), absolute(step.keeper.path)
    checks = [f"may {_quoted(picture)} {step.file.size} {_quoted(kept)} {step.keeper.size}"]
    if step.identical or step.action.links:
        checks.append(f"same {_quoted(picture)} {_quoted(kept)}")
    checks += [
        f"same {_quoted(absolute(part.seen.path))} {_quoted(absolute(part.twin.path))}"
        for part in step.companions
        if part.twin and step.action is Action.DELETE
    ]
    doing = [_doing(step.action, picture, step.to, kept), *(_companion(step, part, kept) for part in step.companions)]
    return " &&\n    ".join([*checks, *doing, "count"]) + "\n"


def _companion(step: Step, part: Companion, kept: str) -> str:
    doing = _doing(step.action, absolute(part.seen.path), part.to, kept)
    others = "".join(f"[ -e {_quoted(absolute(path))} ] || " for path in part.shared_with)
    return f"{{ {others}{doing}; }}" if others else doing


def _doing(action: Action, path: str, to: str | None, kept: str) -> str:
    if action is Action.DELETE:
        return f"rm -- {_quoted(path)}"
    if action is Action.TRASH:
        return f"trash {_quoted(path)}"
    if action is Action.MOVE:
        folder, name = os.path.split(absolute(to or ""))
        return " ".join(["move", *map(_quoted, (path, folder, *os.path.splitext(name)))])
    return f"{action} {_quoted(path)} {_quoted(kept)}"


_quoted = shlex.quote
