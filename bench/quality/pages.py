"""Scores in, what the documentation shows of them out: the tables of docs/altered.md, and plots beside it."""

from __future__ import annotations

import importlib.metadata
import re
from collections import Counter
from pathlib import Path

from quality import plots, tables
from quality.corpus import ORIGINAL, Label
from quality.plots import Field
from quality.score import WITH_PARTS, Score

MADE_WITH = ("Pillow", "numpy", "opencv-python-headless")


def summary(labels: dict[str, Label]) -> str:
    """What a folder holds, in words."""
    photos = sum(label.alteration == ORIGINAL for label in labels.values())
    lookalikes = sum(bool(label.kind) for label in labels.values())
    altered = Counter(label.alteration for label in labels.values() if label.alteration not in ("", ORIGINAL))
    kinds = {label.kind for label in labels.values()} - {""}
    return (
        f"{len(labels):,} files: {photos:,} photos, {altered.total():,} altered copies of them in {len(altered)} ways,"
        f" {lookalikes:,} look-alikes of {len(kinds)} kinds"
    )


def write(docs: Path, scores: dict[str, Score], labels: dict[str, Label]) -> None:
    """Fill the tables of `docs`/altered.md, between their marks, and draw the plots in `docs`/altered/; no parts."""
    scores = {name: score for name, score in scores.items() if not name.endswith(WITH_PARTS)}
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in MADE_WITH)
    filled = {
        "files": f"{summary(labels)}. Made with {versions}.",
        "found": tables.markdown("found", scores, tables.found(scores)),
        "not looked for": tables.markdown("found", scores, tables.not_looked_for(scores)),
        "false": tables.markdown("files of this kind taken for copies", scores, tables.false(scores)),
        "totals": tables.markdown("in all", scores, tables.totals(scores)),
    }
    page = docs / "altered.md"
    text = page.read_text(encoding="utf-8")
    for name, content in filled.items():
        begin, end = f"<!-- {name}: written by bench/altered.py -->", f"<!-- end of {name} -->"
        text = re.sub(f"{begin}.*?{end}", f"{begin}\n{content}\n{end}", text, flags=re.DOTALL)
    page.write_text(text, encoding="utf-8")
    (docs / "altered").mkdir(exist_ok=True)
    (docs / "altered" / "found.svg").write_text(_found(scores), encoding="utf-8")
    (docs / "altered" / "false.svg").write_text(_false(scores), encoding="utf-8")


def _found(scores: dict[str, Score]) -> str:
    families = [_shares(rows) for rows in (tables.found(scores), tables.not_looked_for(scores))]
    sections = [families[0][:-1], families[0][-1:], families[1]]
    return plots.heatmap("Altered copies that are found", "per cent; more is better", list(scores), sections)


def _shares(rows: list[tables.Row]) -> plots.Section:
    fields = [[Field(int(cell.rstrip("%")) / 100, cell.rstrip("%")) for cell in cells] for _, cells in rows]
    return [(name.strip("*"), row) for (name, _), row in zip(rows, fields, strict=True)]


def _false(scores: dict[str, Score]) -> str:
    kinds: plots.Section = []
    for kind, share in next(iter(scores.values())).false.items():
        found = [score.false[kind] for score in scores.values()]
        kinds.append((kind, [Field(one.part, f"{one.found} of {share.all}" if one.found else "0") for one in found]))
    title, subtitle = "Look-alikes that are taken for copies", "files that are in a false pair; none is best"
    return plots.heatmap(title, subtitle, list(scores), [kinds[:-1], kinds[-1:]], plots.RED)
