"""`make demo`: draw pictures, hide copies among them, find them all with difPy, and say what to do next.

`make demo DIR=FOLDER` looks into a folder of yours instead, and changes nothing there. Writes to ./demo/ only. Exits
with 1 if a planted copy was not found, anything else was, or a copy was kept before the picture it was made of.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageEnhance, ImageOps
from rich.console import Console
from rich.progress import track

import difPy
from difPy.terminal import size
from difPy.terminal.lines import columns as terminal_columns
from difPy.terminal.lines import folded, wrapped
from difPy.terminal.table import Column, Row, lines, show
from pictures import draw, name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

COUNT = 60
PICTURES, RESULTS = Path("demo/pictures"), Path("demo/results")
COMMAND = os.path.relpath(Path(sys.executable).with_name("difpy"))
"""As it can be typed here, where nobody has put it on the path."""
ALBUMS = ("Summer 2024", "Winter 2024", "Scans", "Phone")


@dataclass(frozen=True)
class Trick:
    """A way to make a copy that is hard to notice."""

    words: str
    folder: str
    suffix: str
    make: Callable[[Path, Path], object]
    identical: bool
    """Whether every pixel survives it."""


def _save(change: Callable[[Image.Image], Image.Image], **options: object) -> Callable[[Path, Path], None]:
    def make(original: Path, copy: Path) -> None:
        with Image.open(original) as picture:
            change(picture).save(copy, **options)

    return make


def _turned(way: Image.Transpose) -> Callable[[Image.Image], Image.Image]:
    return lambda picture: picture.transpose(way)


def _scaled(factor: float) -> Callable[[Image.Image], Image.Image]:
    return lambda picture: ImageOps.scale(picture, factor, Image.Resampling.LANCZOS)


def _touched(picture: Image.Image) -> Image.Image:
    levels = np.array(picture)
    levels[40:44, 40:44] = levels[36:40, 40:44]
    return Image.fromarray(levels)


SIDEWAYS = Image.Exif()
SIDEWAYS[0x0112] = 6  # "turn me a quarter to the right to see me upright"

TRICKS = (
    Trick("same bytes, other name", "Backup/2024", ".jpg", shutil.copyfile, identical=True),
    Trick("as PNG", "Converted", ".png", _save(lambda picture: picture), identical=True),
    Trick(
        "saved as lossless WebP", "Converted", ".webp", _save(lambda picture: picture, lossless=True), identical=True
    ),
    Trick("turned to the left", "To sort [old]", ".png", _save(_turned(Image.Transpose.ROTATE_90)), identical=True),
    Trick("upside down", "To sort [old]", ".png", _save(_turned(Image.Transpose.ROTATE_180)), identical=True),
    Trick("turned to the right", "To sort [old]", ".png", _save(_turned(Image.Transpose.ROTATE_270)), identical=True),
    Trick(
        "turned by an EXIF note",
        "Phone",
        ".png",
        _save(_turned(Image.Transpose.ROTATE_90), exif=SIDEWAYS),
        identical=True,
    ),
    Trick("JPEG again, quality 80", "Mail", ".jpg", _save(lambda p: p, quality=80), identical=False),
    Trick("lossy WebP, quality 80", "Mail", ".webp", _save(lambda p: p, quality=80), identical=False),
    Trick("half its size", "Mail/small", ".jpg", _save(_scaled(1 / 2), quality=90), identical=False),
    Trick("a third of its size", "Mail/small", ".png", _save(_scaled(1 / 3)), identical=False),
    Trick("a spot retouched", "Edited", ".jpg", _save(_touched, quality=85), identical=False),
)
DECOYS = (  # look alike, and are not copies: nobody may find these
    ("mirrored", _save(ImageOps.mirror, quality=92)),
    ("brighter", _save(lambda picture: ImageEnhance.Brightness(picture).enhance(1.25), quality=92)),
    ("cropped", _save(lambda picture: ImageOps.crop(picture, 90), quality=92)),
)


@dataclass(frozen=True)
class Planted:
    """A copy that difPy has to find."""

    original: str
    copy: str
    trick: Trick


def main() -> int:
    """Draw, hide, find, explain; or look into a folder of the person's own."""
    console = Console(highlight=False)
    for kind in ("cache", "config", "state"):  # what difPy remembers of a demo
        os.environ[f"DIFPY_{kind.upper()}_DIR"] = os.path.abspath(f"demo/{kind}")
    if sys.argv[1:]:
        return _look_into(console, os.path.expanduser(sys.argv[1]))
    start = time.monotonic()
    originals = _draw(console)
    planted = _hide(originals)
    console.print(
        f"Drew {len(originals)} pictures, hid {len(planted)} copies of them in {PICTURES}/, and added {len(DECOYS)} "
        f"pictures that only look like copies. ({time.monotonic() - start:.0f} s)\n"
    )

    console.print('[bold]dif = difPy.build("demo/pictures")')
    dif = difPy.build(str(PICTURES))
    console.print('[bold]duplicates = difPy.search(dif, keep="best")')
    duplicates = difPy.search(dif, keep="best")
    console.print('[bold]similar = difPy.search(dif, similarity="similar", keep="best")\n')
    similar = difPy.search(dif, similarity="similar", keep="best")
    _show(similar.result, planted)

    faults = [
        *_faults("duplicates", duplicates.result, [plant for plant in planted if plant.trick.identical]),
        *_faults("similar", similar.result, planted),
        *_command_faults(console, similar.result),
    ]
    for fault in faults:
        console.print(f"[red]{fault}")
    if faults:
        return 1
    console.print(
        f"\n[green]All {len(planted)} copies were found and nothing else[/]: {len(duplicates.lower_quality)} are "
        f"identical in every pixel (MSE 0), {len(similar.lower_quality) - len(duplicates.lower_quality)} are similar.\n"
    )
    for block in NEXT.split("\n\n"):
        console.print(block, soft_wrap=block.startswith("  "), end="\n\n")  # a command stays on its line
    return 0


def _draw(console: Console) -> list[str]:
    """Draw the originals into the albums."""
    shutil.rmtree(PICTURES, ignore_errors=True)
    for folder in {*ALBUMS, *(trick.folder for trick in TRICKS)}:
        (PICTURES / folder).mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor() as executor:
        jobs = executor.map(_draw_one, range(COUNT))
        return list(track(jobs, "Drawing", COUNT, console=console, transient=True, disable=not console.is_terminal))


def _draw_one(number: int) -> str:
    path = PICTURES / ALBUMS[number % len(ALBUMS)] / f"{name(number)}.jpg"
    draw(number).save(path, quality=92)
    return str(path)


def _hide(originals: list[str]) -> list[Planted]:
    """Plant every trick twice; some pictures get several copies."""
    planted = []
    for number, trick in enumerate(TRICKS * 2):
        original = originals[number * 5 % 16]
        copy = PICTURES / trick.folder / f"IMG_{4000 + 17 * number}{trick.suffix}"
        trick.make(Path(original), copy)
        planted.append(Planted(original, str(copy), trick))
    for original, (word, make) in zip(originals[-len(DECOYS) :], DECOYS, strict=True):
        make(Path(original), PICTURES / f"{Path(original).stem}-{word}.jpg")
    return planted


def _show(result: dict[str, list[list]], planted: Iterable[Planted]) -> None:
    """The groups as `difpy find` shows them, with what is known of how each picture came to be."""
    words = {plant.copy: plant.trick.words for plant in planted}
    columns = (
        Column("", style="green"),
        Column("picture", folded, 24),
        Column("size", spare=True, right=True),
        Column("MSE", spare=True),
        Column("how it was made", wrapped, 16),
    )
    rows = []
    for kept, members in result.items():
        for path, distance in [(kept, None), *members]:
            first = distance is None
            cells = ["keep" if first else "", str(Path(path).relative_to(PICTURES)), size(Path(path).stat().st_size)]
            cells += ["" if first else f"{distance:.2f}" if distance else "0", words.get(path, "the original")]
            rows.append(Row(tuple(cells), "bold" if first else "", first=first))
    show(lines(columns, rows, terminal_columns(sys.stdout)), sys.stdout)
    print()


def _faults(search: str, result: dict[str, list[list]], planted: Iterable[Planted]) -> list[str]:
    """What is not as it was planted."""
    expected: dict[str, set[str]] = {}
    for plant in planted:
        expected.setdefault(plant.original, {plant.original}).add(plant.copy)
    found = [{kept, *(path for path, _ in members)} for kept, members in result.items()]
    originals = {plant.original for plant in planted}
    wrong = [f"{search}: this is kept, and is a copy: {kept}" for kept in result if kept not in originals]
    missed = [
        f"{search}: this group was not found: {sorted(group)}" for group in expected.values() if group not in found
    ]
    false = [f"{search}: this is no group: {sorted(group)}" for group in found if group not in expected.values()]
    return missed + false + wrong


def _command_faults(console: Console, result: dict[str, list[list]]) -> list[str]:
    """Run the command on the same pictures and compare what it wrote with the result of the library."""
    shutil.rmtree(RESULTS, ignore_errors=True)
    arguments = ["-D", str(PICTURES), "-s", "similar", "--keep", "best", "-Z", str(RESULTS)]
    console.print(f"The same from the command line: [bold]{COMMAND} {' '.join(arguments)}")
    run = subprocess.run([sys.executable, "-m", "difPy", *arguments], capture_output=True, text=True)
    if run.returncode:
        return [f"difpy ended with {run.returncode}:\n{run.stdout}{run.stderr}"]
    (written,) = RESULTS.glob("difPy_*_results.json")
    console.print(f"[dim]{run.stdout.splitlines()[0]} Its result is in {written}.")
    return [] if json.loads(written.read_text()) == result else [f"the library's result is not that in {written}"]


def _look_into(console: Console, folder: str) -> int:
    """Find duplicates and similar pictures in a folder of the person's own; nothing is changed there."""
    find = [sys.executable, "-m", "difPy", "find", folder]
    for words, similarity in (("Duplicates, identical in every pixel:", "duplicates"), ("Similar:", "similar")):
        console.print(f"[bold]{words}")
        run = subprocess.run([*find, "-s", similarity])
        if run.returncode:
            return run.returncode
        console.print()
    shown = shlex.quote(folder)
    console.print(
        "[bold]Nothing was changed.[/] To act on it, decide first, and look at what was decided:\n\n"
        f"  {COMMAND} plan {shown} -a trash -o plan.json\n  {COMMAND} apply plan.json\n  {COMMAND} undo",
        soft_wrap=True,
    )
    return 0


NEXT = f"""\
[bold]What to do next[/]

Look at the pictures in demo/pictures. Of each group the first, marked "keep", is the one of most pixels and least \
loss; the others are in search.lower_quality. Nothing was changed so far. To put the others aside, and have them back:

  {COMMAND} -D demo/pictures -s similar --keep best -mv demo/aside
  {COMMAND} undo

In Python the first of these is search.move_to("demo/aside"). With -d True they are deleted; difPy asks first. Before \
it touches a file, difPy looks again whether that file and the one it keeps for it are still what they were. Without \
"-s similar" only identical pictures are taken: the cautious choice. A number finds more, "-s 50" for example; \
docs/similar.md says how to choose one. To look into a folder of your own, and change nothing there:

  make demo DIR=/path/to/your/pictures"""


if __name__ == "__main__":
    sys.exit(main())
