"""What was found, a group or a plan in; HTML that a notebook shows out: no script in it, whatever is in a name."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from difPy.reporting.drawn import drawn
from difPy.reporting.pages import figures, group_html
from difPy.terminal import number, printable, size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from difPy.act import Plan
    from difPy.model import Group

GROUPS = 5
"""Of what was found, so many are shown with pictures."""
STEPS = 10
_SIDE = 140
_STYLE = """<style>
.difpy{font-size:13px;line-height:1.45}.difpy .figures{display:flex;gap:32px;margin:4px 0 10px}.difpy .figures b{display:block;font-size:20px}
.difpy section{border-top:1px solid #8884;padding:8px 0}.difpy section>div{display:flex;flex-wrap:wrap;gap:12px}.difpy p{margin:0 0 6px;opacity:.75}
.difpy figure{margin:0;max-width:200px}.difpy figure img{display:block;max-width:100%;height:auto;border-radius:5px}.difpy figure.keep img{outline:3px solid #2f9e5f;outline-offset:-3px}
.difpy figcaption,.difpy li{font-size:12px;margin-top:4px;overflow-wrap:anywhere;break-inside:avoid}.difpy figcaption span,.difpy li span{display:block;white-space:pre-wrap;opacity:.7}.difpy ul{list-style:none;margin:0;padding:0;max-width:260px}.difpy ul.many{max-width:none;flex:1 1 100%;columns:200px}
.difpy td{white-space:pre-wrap}.difpy td,.difpy th{text-align:left;padding:3px 12px 3px 0;vertical-align:top;overflow-wrap:anywhere}
</style>"""  # noqa: E501 - a style sheet


def found(groups: Sequence[Group]) -> str:
    """A summary, and the first groups with their pictures.

    Examples
    --------
    >>> "No duplicates" in found([])
    True
    """
    if not groups:
        return _framed("<p>No duplicates were found.</p>")
    more = len(groups) - GROUPS
    rest = f"<p>and {number(more, 'more group', 'more groups')}: <code>.report(path)</code> writes all of them.</p>"
    return _framed(f"{figures(groups)}{_sections(groups[:GROUPS])}{rest if more > 0 else ''}")


def group(one: Group) -> str:
    """A group with its pictures."""
    return _framed(_sections([one]))


def plan(made: Plan) -> str:
    """What a plan would do, in figures, and its first steps."""
    facts = [number(len(made.steps), "picture goes", "pictures go"), size(made.size), f"{len(made.held):,} held back"]
    facts.append(f"{made.not_undoable:,} cannot be undone")
    rows = "".join(
        f"<tr><td>{escape(step.action)}</td><td>{_text(step.file.path)}</td><td>{_text(step.why)}</td></tr>"
        for step in made.steps[:STEPS]
    )
    more = len(made.steps) - STEPS
    rest = f"<p>and {number(more, 'more step', 'more steps')}</p>" if more > 0 else ""
    head = "<tr><th>Action</th><th>Picture</th><th>Why it may go</th></tr>"
    return _framed(f"<p>Nothing has happened yet: {', '.join(facts)}.</p><table>{head}{rows}</table>{rest}")


def _sections(groups: Sequence[Group]) -> str:
    pictures = drawn(groups, side=_SIDE, processes=1)
    return "".join(f"<section><p>{_text(one.why)}</p>{group_html(one, pictures)}</section>" for one in groups)


def _framed(inner: str) -> str:
    return f'<div class="difpy">{_STYLE}{inner}</div>'


def _text(text: str) -> str:
    return escape(printable(text))
