"""A calibration in, a page out: the histogram, what it says, and the pairs just below and just above a threshold."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import TYPE_CHECKING

from difPy.calibration.plot import SIMILAR, STYLE, plot
from difPy.calibration.words import sentences
from difPy.model import Group, Member
from difPy.reporting.drawn import Drawn, content, drawn
from difPy.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from difPy.calibration.measured import Calibration
    from difPy.files import File

PAIRS = 6
_BEST = ' class="best"'
_STYLE = (
    STYLE
    + """:root{color-scheme:light dark;--bg:light-dark(#fbfbfa,#161719);--text:light-dark(#1c1d20,#ececee);--soft:light-dark(#5a5d65,#a9acb4);--line:light-dark(#e3e3df,#2f3136)}
body{margin:0 auto;max-width:1060px;padding:36px 24px;background:var(--bg);color:var(--text);font:14px/1.5 Inter,ui-sans-serif,system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums}
a{color:inherit}h1{font-size:24px;letter-spacing:-.02em;margin:0 0 4px}h2{font-size:15px;margin:22px 0 10px}p{margin:0 0 18px;color:var(--soft);max-width:78ch}.said{font-size:16px;color:var(--text)}
table{border-collapse:collapse;margin:6px 0 10px}td,th{padding:5px 22px 5px 0;text-align:right;border-bottom:1px solid var(--line);font-weight:450}th{color:var(--soft)}tr.best td{font-weight:650}
.two{display:grid;grid-template-columns:1fr 1fr;gap:32px}figure{margin:0 0 16px}figure div{display:flex;gap:6px}figure img{border-radius:5px;max-width:50%;height:auto}figcaption{font-size:12.5px;color:var(--soft);margin-top:3px;overflow-wrap:anywhere;white-space:pre-wrap}
@media(max-width:700px){.two{grid-template-columns:1fr}}@media print{:root{color-scheme:light}figure{break-inside:avoid}}
"""  # noqa: E501 - a style sheet
)


POLICY = (
    "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
    f"style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"
)
"""What the page may do: nothing but show itself."""


def page(calibration: Calibration, *, back: str = "", processes: int | None = None) -> str:
    """The page: it needs neither a script nor a network.

    Parameters
    ----------
    calibration : Calibration
    back : str, optional
        An address that leads back to where one came from.
    processes : int, optional
        Worker processes that make small pictures; all cores by default.
    """
    threshold = calibration.recommended if calibration.recommended is not None else SIMILAR
    below = calibration.pairs(threshold, PAIRS, above=False)
    above = calibration.pairs(threshold, PAIRS, above=True)
    groups = [Group(one, (Member(two, distance, 0),)) for one, two, distance in (*below, *above)]
    pictures = drawn(groups, side=180, processes=processes)
    way = f'<p><a href="{escape(back)}">Back to the groups</a></p>' if back else ""
    sides = "".join(
        f"<section><h2>{words} {threshold:g}: {what}</h2>{_pairs(pairs, pictures)}</section>"
        for words, what, pairs in (("Just below", "would match", below), ("Just above", "would not", above))
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>Which threshold fits these pictures</title><style>{_STYLE}</style></head>
<body><main>{way}<h1>Which threshold fits these pictures</h1>
<p>Each bar counts pictures by how far the one most like them is. Copies stand on the left, other pictures on the right;
where nothing stands between them is the place to cut.</p>
<p class="said">{" ".join(map(escape, sentences(calibration)))}</p>{plot(calibration, style=False)}
{_table(calibration)}<div class="two">{sides}</div></main></body></html>
"""


def _table(calibration: Calibration) -> str:
    rows = "".join(
        f"<tr{_BEST if threshold == calibration.recommended else ''}><td>{threshold:g}</td><td>{count:,}</td></tr>"
        for threshold, count in calibration.added()
    )
    return f"<table><thead><tr><th>Threshold</th><th>Pictures that have one within it</th></tr></thead>{rows}</table>"


def _pairs(pairs: list[tuple[File, File, float]], pictures: Mapping[object, Drawn]) -> str:
    return (
        "".join(
            f"<figure><div>{_picture(one, pictures)}{_picture(two, pictures)}</div>"
            f"<figcaption>distance {distance:.3g}<br>{_text(one.path)}<br>{_text(two.path)}</figcaption></figure>"
            for one, two, distance in pairs
        )
        or "<p>None.</p>"
    )


def _picture(file: File, pictures: Mapping[object, Drawn]) -> str:
    found = pictures[content(file)]
    return f'<img alt="" width="{found.width}" height="{found.height}" src="{found.data}">' if found.data else ""


def _text(text: str) -> str:
    return escape(printable(text))
