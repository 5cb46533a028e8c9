"""Groups and small pictures of them in, HTML out. Whatever stands in a name, it stays text."""

from __future__ import annotations

import base64
import hashlib
import os
from html import escape
from importlib import resources
from typing import TYPE_CHECKING
from urllib.parse import quote as _quote

from difPy import difference
from difPy.reporting.drawn import Drawn, content
from difPy.terminal import number as counted
from difPy.terminal import printable, size

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from difPy.files import File
    from difPy.model import Group, Member

_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'sha256-{hash}'">
<title>{title}</title><style>{style}</style></head>
"""
_SHOWN = 5
"""Directories that are named."""


def page(
    groups: Sequence[Group],
    pictures: Mapping[object, Drawn],
    title: str,
    *,
    all_groups: Sequence[Group],
    first: int,
    number: int,
    names: Sequence[str],
) -> str:
    """One page of a report.

    Parameters
    ----------
    groups : sequence of Group
        Those of this page.
    pictures : mapping
        By `drawn.content`.
    title : str
    all_groups : sequence of Group
        Of all pages.
    first : int
        How many groups come before.
    number : int
        Which page it is, from 0.
    names : sequence of str
        Of all files of the report: the pages, and the last two for programs.
    """
    style = (resources.files("difPy.reporting") / "style.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    sections = "\n".join(_section(group, pictures, at) for at, group in enumerate(groups, first + 1))
    links, last = _links(number, names), _links(number, names) if len(names) > 3 else ""
    return (
        _HEAD.format(hash=digest, title=_text(title), style=style)
        + f"<body><header><h1>{_text(title)}</h1>{_said(all_groups)}{figures(all_groups)}{links}</header>"
        + f"<main>{sections}</main>{last}</body></html>\n"
    )


def figures(groups: Sequence[Group]) -> str:
    """What was found, in figures."""
    goes = sum(len(group.members) for group in groups)
    freed = sum(member.file.size for group in groups for member in group.members)
    told = ((f"{len(groups):,}", "groups"), (f"{goes:,}", "pictures can go"), (size(freed), "can be freed"))
    return (
        f'<div class="figures">{"".join(f"<div><b>{one}</b><span>{words}</span></div>" for one, words in told)}</div>'
    )


def group_html(group: Group, pictures: Mapping[object, Drawn]) -> str:
    """The pictures of a group: those with the bytes of another are named, not shown again."""
    shown, same = {content(group.keeper)}, []
    cells = [_figure(group.keeper, "Keep", difference.basics(group.keeper), pictures)]
    for member in group.members:
        if content(member.file) in shown:
            same.append(f"<li><b>Goes</b> same bytes<br><span>{_text(member.file.path)}</span></li>")
            continue
        shown.add(content(member.file))
        cells.append(_figure(member.file, "Goes", _about(group, member), pictures))
    if same:
        cells.append(f"<ul>{''.join(same)}</ul>")
    return f"<div>{''.join(cells)}</div>"


def _section(group: Group, pictures: Mapping[object, Drawn], number: int) -> str:
    heading = f'<h2><a href="#{number}">{number:,}</a> {_text(group.why)}</h2>'
    return f'<section id="{number}">{heading}{group_html(group, pictures)}</section>'


def _figure(file: File, becomes: str, words: str, pictures: Mapping[object, Drawn]) -> str:
    """A picture with its facts. It is not loaded lazily: those not yet seen would not be printed."""
    found = pictures.get(content(file), Drawn(why="not shown"))
    picture = (
        f'<img alt="" width="{found.width}" height="{found.height}" src="{found.data}">'
        if found.data
        else f'<div class="none">cannot be shown: {_text(found.why)}</div>'
    )
    facts = ", ".join(filter(None, (words, size(file.size))))
    more = "<br>".join(_text(one) for one in (file.taken and f"taken {file.taken}", file.camera) if one)
    return (
        f'<figure class="{becomes.lower()}">{picture}<figcaption><b>{becomes}</b> {_text(facts)}<br>'
        f"{more + '<br>' if more else ''}<span>{_text(file.path)}</span></figcaption></figure>"
    )


def _about(group: Group, member: Member) -> str:
    only = f"only this one tells: {', '.join(member.more)}" if member.more else ""
    return ", ".join(
        filter(None, (difference.basics(member.file), difference.differs(group.keeper, member, formats=False), only))
    )


def _said(groups: Sequence[Group]) -> str:
    roots = sorted({os.path.abspath(file.root) for group in groups for file in group.files if file.root})
    more = f" and {counted(len(roots) - _SHOWN, 'other')}" if len(roots) > _SHOWN else ""
    return f"<p>{_text(', '.join(roots[:_SHOWN]))}{more}</p>"


def _links(number: int, names: Sequence[str]) -> str:
    *pages, json, csv = names
    numbered = [
        f"<b>{at + 1}</b>" if at == number else f'<a href="{quote(name)}">{at + 1}</a>' for at, name in enumerate(pages)
    ]
    several = f"<span>Pages {' '.join(numbered)}</span>" if len(pages) > 1 else ""
    programs = f'For programs: <a href="{quote(json)}">JSON</a> <a href="{quote(csv)}">CSV</a>'
    return f"<nav>{several}<span>{programs}</span></nav>"


def _text(text: str) -> str:
    return escape(printable(text))


def quote(name: str) -> str:
    """A name as an address, whatever bytes it has."""
    return _quote(os.fsencode(name))
