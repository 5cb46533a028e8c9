"""Groups and small pictures of them in, HTML out. Whatever stands in a name, it stays text."""

from __future__ import annotations

import base64
import hashlib
import os
from datetime import date
from html import escape
from importlib import resources
from typing import TYPE_CHECKING
from urllib.parse import quote as _quote

from difPy import __version__, difference
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
_SHORT = 24
"""A fact of so many letters is not broken in two."""
_FEW, _MANY = 4, ' class="many"'
"""Of more pictures with the bytes of others the names stand in columns of their own."""


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
    members = [member for group in groups for member in group.members]
    goes = [member.file.size for member in members if member.may_go]
    told = [_figures(len(groups), "group"), _figures(len(goes), "picture can go", "pictures can go")]
    told.append((size(sum(goes)), "can be freed"))
    if stays := len(members) - len(goes):
        told.append((f"{stays:,}", f"{'stays' if stays == 1 else 'stay'}: altered copies, or they hold more"))
    return (
        f'<div class="figures">{"".join(f"<div><b>{one}</b><span>{words}</span></div>" for one, words in told)}</div>'
    )


def _figures(count: int, noun: str, plural: str = "") -> tuple[str, str]:
    one, words = counted(count, noun, plural).split(" ", 1)
    return one, words


def group_html(group: Group, pictures: Mapping[object, Drawn]) -> str:
    """The pictures of a group: those with the bytes of another are named, not shown again."""
    shown, same = {content(group.keeper): ""}, []
    cells = [_figure(group.keeper, "Keep", difference.basics(group.keeper), pictures)]
    for member in group.members:
        becomes, key = "Goes" if member.may_go else "Stays", content(member.file)
        if key in shown:
            same.append(f"<li>{_becomes(becomes)} same bytes{shown[key]}{_path(member.file.path)}</li>")
            continue
        shown[key] = f" as {_text(os.path.basename(member.file.path))}"
        cells.append(_figure(member.file, becomes, _about(group, member), pictures))
    if same:
        cells.append(f"<ul{_MANY if len(same) > _FEW else ''}>{''.join(same)}</ul>")
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
    facts = ", ".join(filter(None, (words, size(file.size)))).split(", ")
    more = [f"taken {file.taken}" if file.taken else "", file.camera]
    return (
        f"<figure{' class=keep' if becomes == 'Keep' else ''}>{picture}<figcaption>{_becomes(becomes)} "
        f"{', '.join(map(_whole, facts))}{''.join(f'<br>{_text(one)}' for one in more if one)}"
        f"{_path(file.path)}</figcaption></figure>"
    )


def _about(group: Group, member: Member) -> str:
    only = f"only this one tells: {', '.join(member.more)}" if member.more else ""
    return ", ".join(
        filter(None, (difference.basics(member.file), difference.differs(group.keeper, member, formats=False), only))
    )


def _becomes(word: str) -> str:
    return f"<b{' class=stays' if word == 'Stays' else ''}>{word}</b>"


def _whole(fact: str) -> str:
    """A fact that is not broken where it is short: a number stays with what it is a number of."""
    return _text(fact).replace(" ", "&nbsp;") if len(fact) <= _SHORT else _text(fact)


def _path(path: str) -> str:
    """A path that is broken where its folder ends, if it is broken."""
    folder, name = os.path.split(path)
    return (
        f"<span>{_text(path.removesuffix(name))}<wbr>{_text(name)}</span>" if folder else f"<span>{_text(name)}</span>"
    )


def _said(groups: Sequence[Group]) -> str:
    roots = sorted({os.path.abspath(file.root) for group in groups for file in group.files if file.root})
    more = f" and {counted(len(roots) - _SHOWN, 'other')}" if len(roots) > _SHOWN else ""
    written = f"Written {date.today().isoformat()} by difPy {__version__}"
    return f"<p>{_text(', '.join(roots[:_SHOWN]))}{more}<br>{written}</p>"


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
