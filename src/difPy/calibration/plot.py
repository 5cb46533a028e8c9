"""A calibration in, a histogram of its distances out: SVG, on a logarithmic scale."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from difPy.calibration.measured import Calibration

SIMILAR = 5.0
"""The threshold that is called 'similar'."""
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 980, 400, 48, 24, 84, 56
_FLOOR, _CUT = _HEIGHT - _BOTTOM, 12
"""Where bars stand; and, from its top, where one is broken that is higher than there is room for."""
_LEAST, _MOST, _BARS = 0.004, 20000.0, 64
_TICKS = ((0.004, "0"), (0.1, "0.1"), (1.0, "1"), (10.0, "10"), (100.0, "100"), (1000.0, "1,000"), (10000.0, "10,000"))
STYLE = """
.calibration{--text:light-dark(#1c1d20,#ececee);--soft:light-dark(#5a5d65,#a9acb4);--line:light-dark(#e3e3df,#2f3136);--copies:light-dark(#14753d,#5fd08c);--between:light-dark(#4f9d6f,#3c8a5b);--others:light-dark(#b9bcc3,#555860);--mark:light-dark(#1f5fd0,#8ab4ff);width:100%;height:auto;display:block;font:12px Inter,ui-sans-serif,system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
.calibration .grid{stroke:var(--line)}.calibration text{fill:var(--soft)}.calibration .copies{fill:var(--copies)}.calibration .between{fill:var(--between)}.calibration .others{fill:var(--others)}
.calibration .name{font-size:14px;font-weight:650;fill:var(--text)}.calibration .name.best{fill:var(--mark)}.calibration line.similar{stroke:var(--text);stroke-width:1.5}.calibration line.best{stroke:var(--mark);stroke-width:2;stroke-dasharray:5 4}
"""  # noqa: E501 - a style sheet


def plot(calibration: Calibration, *, style: bool = True) -> str:
    """The histogram.

    Parameters
    ----------
    calibration : Calibration
    style : bool, optional
        Whether it brings its style along; a page that has it already forbids others.
    """
    distances = np.clip(calibration.distance, _LEAST, _MOST)
    edges = np.geomspace(_LEAST, _MOST, _BARS + 1)
    counts, _ = np.histogram(distances, edges)
    usual = counts[1:]  # identical ones may be so many that the others do not show
    top = max(1.0, float(usual.max(initial=0)) * 1.15)
    best = calibration.recommended
    parts = [*_grid(top), *_bars(counts.tolist(), edges.tolist(), top, best if best is not None else SIMILAR)]
    within = f"{calibration.within(SIMILAR):,} pictures have one within it"
    parts.append(_mark(SIMILAR, "similar: 5", within, "similar", left=True))
    if best is not None:
        more = calibration.within(best) - calibration.within(SIMILAR)
        parts.append(
            _mark(
                best,
                f"recommended: {best:g}",
                f"{more:+,} pictures" if more else "no more pictures",
                "best",
                left=best < SIMILAR,
            )
        )
    said = (
        f"recommended threshold {best:g}" if best is not None else f"no threshold recommended: {calibration.advice.why}"
    )
    return (
        f'<svg class="calibration" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" xmlns="http://www.w3.org/2000/svg">'
        f"<title>Distance of each picture to the one most like it; {said}</title>"
        f"{f'<style>{STYLE}</style>' if style else ''}{''.join(parts)}</svg>"
    )


def _x(distance: float) -> float:
    part = math.log(max(distance, _LEAST) / _LEAST) / math.log(_MOST / _LEAST)
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * part


def _y(count: float, top: float) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _BOTTOM - _TOP) * min(count, top) / top


def _grid(top: float) -> list[str]:
    step = max(1, round(top / 4, -int(math.log10(max(top / 4, 1)))))
    parts = []
    for count in range(0, int(top) + 1, int(step)):
        y = _y(count, top)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{count:,}</text>')
    for distance, text in _TICKS:
        parts.append(f'<text x="{_x(distance):.1f}" y="{_HEIGHT - _BOTTOM + 20}" text-anchor="middle">{text}</text>')
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    axis = "Distance to the most similar other picture (mean squared error, logarithmic)"
    return [*parts, f'<text x="{middle}" y="{_HEIGHT - 10}" text-anchor="middle">{axis}</text>']


def _bars(counts: list[int], edges: list[float], top: float, best: float) -> list[str]:
    parts = []
    for count, low, high in zip(counts, edges, edges[1:], strict=False):
        if count:
            kind = "copies" if high <= SIMILAR * 1.1 else "between" if low < best else "others"
            x, y, width = _x(low) + 1, _y(count, top), _x(high) - _x(low) - 2
            for start, end in ((y, y + _CUT), (y + 1.5 * _CUT, _FLOOR)) if count > top else ((y, _FLOOR),):
                parts.append(
                    f'<rect class="{kind}" x="{x:.1f}" y="{start:.1f}" width="{width:.1f}" '
                    f'height="{end - start:.1f}" rx="1.5"/>'
                )
            if count > top:
                parts.append(f'<text x="{x + width + 4:.1f}" y="{y + 10:.1f}">{count:,}</text>')
    return parts


def _mark(distance: float, name: str, more: str, kind: str, *, left: bool) -> str:
    x, by, anchor = _x(distance), -8 if left else 8, "end" if left else "start"
    return (
        f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="24" y2="{_HEIGHT - _BOTTOM}"/>'
        f'<text class="name {kind}" x="{x + by:.1f}" y="36" text-anchor="{anchor}">{name}</text>'
        f'<text x="{x + by:.1f}" y="52" text-anchor="{anchor}">{more}</text>'
    )
