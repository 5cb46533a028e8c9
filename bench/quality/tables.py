"""Scores in, tables out: for a terminal, and in Markdown."""

from __future__ import annotations

from collections.abc import Callable

from rich.table import Table

from quality import heavy
from quality.score import Score, Share

Scores = dict[str, Score]
Row = tuple[str, list[str]]


def found(scores: Scores) -> list[Row]:
    """By family of alterations, the share that each tool found; of all that is looked for in the last row."""
    rows = [row for row in _families(scores) if row[0] not in heavy.NOT_LOOKED_FOR]
    return [*rows, ("**all of these**", [percent(score.recall) for score in scores.values()])]


def not_looked_for(scores: Scores) -> list[Row]:
    """Those that no tool claims to find."""
    return [row for row in _families(scores) if row[0] in heavy.NOT_LOOKED_FOR]


def _families(scores: Scores) -> list[Row]:
    families = next(iter(scores.values())).by_family
    return [(family, [percent(score.by_family[family]) for score in scores.values()]) for family in families]


def false(scores: Scores) -> list[Row]:
    """By kind of look-alike, how many of its files are taken for a copy of something else."""
    kinds = next(iter(scores.values())).false
    return [
        (f"{kind}, {share.all:,}", [f"{score.false[kind].found:,}" for score in scores.values()])
        for kind, share in kinds.items()
    ]


def totals(scores: Scores) -> list[Row]:
    lines: dict[str, Callable[[Score], str]] = {
        "pairs": lambda score: f"{score.pairs:,}",
        "false pairs": lambda score: f"{score.false_pairs:,}",
        "groups": lambda score: f"{score.groups:,}",
        "groups that mix pictures": lambda score: f"{score.false_groups:,}",
        "precision of groups": lambda score: f"{int(score.group_precision * 1000) / 10}%",
        "seconds of a processor": lambda score: f"{score.cpu:,.0f}",
    }
    return [(name, [show(score) for score in scores.values()]) for name, show in lines.items()]


def by_alteration(scores: Scores) -> list[Row]:
    names = next(iter(scores.values())).by_alteration
    return [(name, [str(score.by_alteration[name]) for score in scores.values()]) for name in names]


def percent(share: Share) -> str:
    """Rounded down: only all is 100%."""
    return f"{share.found * 100 // share.all}%"


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
