"""The drawings of `how-it-works.md`, as SVG, from what difPy finds: `python docs/drawings.py` makes them anew."""

from __future__ import annotations

import tempfile
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

import difPy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HERE = Path(__file__).parent / "drawings"
INK, PALE, KEPT, GONE, WARM = "#334155", "#e2e8f0", "#15803d", "#b45309", "#fef3c7"


def svg(width: int, height: int, parts: Sequence[str]) -> str:
    """A drawing on a ground of its own, so that it can be read on dark pages too."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        f'font-size="13" fill="{INK}">\n<rect width="{width}" height="{height}" rx="8" fill="white"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def text(x: float, y: float, words: str, anchor: str = "middle", colour: str = INK, size: int = 13) -> str:
    """Words."""
    about = f'text-anchor="{anchor}" fill="{colour}" font-size="{size}"'
    return f'<text x="{x:g}" y="{y:g}" {about}>{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, colour: str = INK, width: float = 1.5, more: str = "") -> str:
    """A line."""
    return f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{colour}" stroke-width="{width:g}" {more}/>'


def arrow(x1: float, y: float, x2: float, colour: str = INK) -> str:
    """An arrow from left to right, or back."""
    back = 6 if x2 > x1 else -6
    head = f'<path d="M{x2:g} {y:g} l{-back} -4 v8 z" fill="{colour}"/>'
    return line(x1, y, x2 - back, y, colour) + head


def boxes(names: Sequence[tuple[str, str]], top: float, width: float = 112, gap: float = 26) -> list[str]:
    """Boxes in a row, with arrows between them: what each is called, and what comes out of it."""
    parts = []
    for number, (name, out) in enumerate(names):
        x = 14 + number * (width + gap)
        parts.append(f'<rect x="{x:g}" y="{top:g}" width="{width:g}" height="44" rx="6" fill="{PALE}"/>')
        parts.append(text(x + width / 2, top + 19, name))
        parts.append(text(x + width / 2, top + 36, out, size=11))
        if number:
            parts.append(arrow(x - gap + 3, top + 22, x - 3))
    return parts


def flow() -> str:
    """Rooms, in the order in which pictures go through them."""
    rooms = [
        ("scan", "files"),
        ("decode", "tensors"),
        ("join", "pairs"),
        ("group", "who is kept"),
        ("plan", "what may go"),
        ("apply", "journal"),
    ]
    parts = boxes(rooms, 18)
    parts += [text(290, 92, "the index remembers every tensor: the second time this is skipped", size=11, colour=GONE)]
    parts += [line(152, 78, 424, 78, GONE, 1.5, 'stroke-dasharray="4 3"')]
    parts += [text(704, 92, "nothing has changed until here", size=11, colour=GONE), line(828 - 124, 66, 704, 80, GONE)]
    return svg(842, 106, parts)


def bounds() -> str:
    """What is known of a pair before it is decoded in full, and what follows."""
    threshold, scale, left = 5.0, 38.0, 190
    pairs = [
        ("sketches far apart", 11.0, 2.4),
        ("perhaps", 5.6, 1.9),
        ("perhaps", 3.1, 2.6),
        ("decoded in full", 2.2, 0.0),
    ]
    parts = [line(left + threshold * scale, 16, left + threshold * scale, 150, GONE, 1.5, 'stroke-dasharray="4 3"')]
    parts.append(text(left + threshold * scale, 168, "threshold", colour=GONE))
    for row, (words, distance, error) in enumerate(pairs):
        y = 34 + row * 32
        low, high = distance - error, distance + error
        what = "no match" if low > threshold else "match" if not error and high <= threshold else "decode both in full"
        colour = {"no match": INK, "match": KEPT}.get(what, GONE)
        parts += [text(left - 14, y + 4, words, "end"), text(left + 15 * scale, y + 4, what, "end", colour)]
        parts.append(line(left + low * scale, y, left + high * scale, y, colour, 5, 'stroke-linecap="round"'))
        parts.append(f'<circle cx="{left + distance * scale:g}" cy="{y}" r="5" fill="{colour}"/>')
    parts.append(text(left, 168, "MSE 0"))
    return svg(780, 182, parts)


def groups() -> str:
    """Who is kept for whom of seven grey pictures: as difPy finds it."""
    levels = {"a": 100, "b": 102, "c": 104, "d": 106, "e": 120, "f": 122, "g": 140}
    with tempfile.TemporaryDirectory() as folder:
        for name, level in levels.items():
            Image.new("RGB", (40, 40), (level,) * 3).save(Path(folder) / f"{name}.bmp")
        found = difPy.find(difPy.index(folder, cache=False, processes=1), similarity=5, keep="path=[be].bmp").groups
        stars = {Path(group.keeper.path).stem: [Path(one.file.path).stem for one in group.members] for group in found}
    x = {name: 60 + (level - 100) * 16 for name, level in levels.items()}
    parts = [line(40, 80, 720, 80, PALE, 3)]
    for kept, members in stars.items():
        for member in members:
            middle, height = (x[kept] + x[member]) / 2, 80 - abs(x[kept] - x[member]) * 0.9
            path = f"M{x[kept]} 80 Q{middle:g} {height:g} {x[member]} 80"
            parts.append(f'<path d="{path}" fill="none" stroke="{GONE}" stroke-width="1.5"/>')
    gone = {member for members in stars.values() for member in members}
    for name, level in levels.items():
        colour = KEPT if name in stars else GONE if name in gone else INK
        parts.append(f'<circle cx="{x[name]}" cy="80" r="10" fill="{colour}"/>')
        parts.append(text(x[name], 84, name, colour="white", size=11))
        parts.append(text(x[name], 110, str(level), size=11))
    parts.append(text(60, 136, "green is kept, brown goes for the one it is joined to, blue matches nobody", "start"))
    return svg(760, 150, parts)


def acting() -> str:
    """A plan, applied and taken back."""
    parts = boxes(
        [
            ("plan", "data: edit it"),
            ("look again", "still the same?"),
            ("journal", "said first"),
            ("act", "one file"),
            ("journal", "said after"),
        ],
        18,
    )
    parts += [
        arrow(622, 96, 300, KEPT),
        text(461, 114, "undo: from the last line back to the first", colour=KEPT, size=11),
    ]
    parts += [text(208, 84, "if not: left, with the reason", size=11, colour=GONE)]
    return svg(706, 128, parts)


DRAWINGS: dict[str, Callable[[], str]] = {"flow": flow, "bounds": bounds, "groups": groups, "acting": acting}


def main() -> None:
    """Write all of them."""
    HERE.mkdir(exist_ok=True)
    for name, draw in DRAWINGS.items():
        (HERE / f"{name}.svg").write_text(draw(), encoding="utf-8")


if __name__ == "__main__":
    main()
