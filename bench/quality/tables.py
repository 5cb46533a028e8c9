"""Scores in, tables out: for a terminal, and in Markdown."""

from __future__ import annotations

from collections.abc import Callable

from rich.table import Table

from quality import heavy
from quality.corpus import FAMILIES, FAMILY
from quality.score import PHOTOS, Score

Scores = dict[str, Score]
Row = tuple[str, list[str]]


def found(scores: Scores) -> list[Row]:
    """By family of alterations, the share that each tool found; all that is looked for in the last row."""
    there = next(iter(scores.values())).by_family
    families = [family for family in FAMILIES if family in there and family not in heavy.NOT_LOOKED_FOR]
    rows = [(family, [percent(score.by_family[family].part) for score in scores.values()]) for family in families]
    return [*rows, ("**all of these**", [percent(score.recall.part) for score in scores.values()])]


def not_looked_for(scores: Scores) -> list[Row]:
    there = next(iter(scores.values())).by_family
    families = [family for family in heavy.NOT_LOOKED_FOR if family in there]
    return [(family, [percent(score.by_family[family].part) for score in scores.values()]) for family in families]


def false(scores: Scores) -> list[Row]:
    """By kind of look-alike, how many of its files are taken for a copy of something else."""
    kinds = next(iter(scores.values())).false
    names = [*(kind for kind in kinds if kind != PHOTOS), PHOTOS]
    return [
        (f"{'photos and their copies' if kind == PHOTOS else kind}, {kinds[kind].all:,}", _counts(scores, kind))
        for kind in names
    ]


def _counts(scores: Scores, kind: str) -> list[str]:
    return [f"{score.false[kind].found:,}" for score in scores.values()]


def totals(scores: Scores) -> list[Row]:
    lines: dict[str, Callable[[Score], str]] = {
        "pairs": lambda score: f"{score.pairs:,}",
        "false pairs": lambda score: f"{score.false_pairs:,}",
        "groups": lambda score: f"{score.groups:,}",
        "groups that mix pictures": lambda score: f"{score.false_groups:,}",
        "precision of groups": lambda score: "" if score.group_precision is None else f"{score.group_precision:.1%}",
        "seconds of a processor": lambda score: f"{score.cpu:,.0f}",
    }
    return [(name, [show(score) for score in scores.values()]) for name, show in lines.items()]


def by_alteration(scores: Scores) -> list[Row]:
    names = sorted(next(iter(scores.values())).by_alteration, key=lambda name: list(FAMILY).index(name))
    return [(name, [str(score.by_alteration[name]) for score in scores.values()]) for name in names]


def percent(share: float) -> str:
    """Rounded down: only all is 100 %."""
    return f"{int(share * 100)}%"


def markdown(title: str, scores: Scores, rows: list[Row]) -> str:
    head = [f"| {title} | {' | '.join(scores)} |", f"|---|{'---|' * len(scores)}"]
    return "\n".join([*head, *(f"| {name} | {' | '.join(cells)} |" for name, cells in rows)])


def terminal(title: str, scores: Scores, *sections: list[Row]) -> Table:
    table = Table(title, *scores, title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    for rows in sections:
        table.add_section()
        for name, cells in rows:
            table.add_row(name.strip("*"), *cells)
    return table
