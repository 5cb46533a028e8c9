"""What a report costs: 2,000 groups of real pictures, from the groups to a page that a browser has loaded.

    python bench/report.py [GROUPS] [--corpus DIR]

Beside it stands what the prototype's small pictures would take of the same files: 128 pixels high, WebP of quality 40.
"""

from __future__ import annotations

import argparse
import base64
import io
import shutil
import sys
import tempfile
from pathlib import Path

import psutil
from PIL import Image, ImageOps

import difPy
from bare import bare
from difPy import reporting
from difPy.act import write_new
from difPy.files import File
from difPy.model import Group, Member
from photos import add_argument, corpus

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from browsing import NAMES

TWICE = 5
"""Of so many groups one has a third picture."""
_SEEN = """window.seen = new Promise(done => {
  const look = () => {
    const first = [...document.images].slice(0, 4);
    if (first.length === 4 && first.every(image => image.complete && image.naturalWidth)) {
      requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())));
    } else {
      requestAnimationFrame(look);
    }
  };
  requestAnimationFrame(look);
})"""
_LOADED = "performance.getEntriesByType('navigation')[0].loadEventEnd"
_PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}


def groups(folder: Path, photos: list[Path], count: int) -> list[Group]:
    """Groups of two or three files each, cut from the photos so that no two have the same picture."""
    found = []
    for number in range(count):
        with Image.open(photos[number % len(photos)]) as photo:
            cut = 2 * (number // len(photos))
            picture = photo.convert("RGB").crop((cut, cut, photo.width - cut, photo.height - cut))
        kinds = [("", picture, 92), (" again", picture, 70)]
        if number % TWICE == 0:
            kinds.append((" half", picture.resize((picture.width // 2, picture.height // 2)), 85))
        files = [_saved(folder / f"{number:05}{name}.jpg", image, quality) for name, image, quality in kinds]
        members = tuple(Member(file, 1.25, 0) for file in files[1:])
        found.append(Group(files[0], members, "Kept because it is the larger file."))
    return found


def _saved(path: Path, picture: Image.Image, quality: int) -> File:
    picture.save(path, quality=quality)
    at = path.stat()
    size = {"width": picture.width, "height": picture.height, "format": "JPEG"}
    return File(str(path), str(path.parent), at.st_size, at.st_mtime_ns, at.st_dev, at.st_ino, **size)


def prototype(found: list[Group]) -> int:
    """Bytes of the same pictures as the prototype made them, as they stand in a page."""
    total = 0
    for file in (file for group in found for file in group.files):
        with Image.open(file.path) as image:
            image.draft("RGB", (128, 128))
            small = ImageOps.exif_transpose(image).convert("RGB")
        small.thumbnail((256, 128))
        stream = io.BytesIO()
        small.save(stream, "WEBP", quality=40, method=3)
        total += len(base64.b64encode(stream.getvalue()))
    return total


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("groups", type=int, nargs="?", default=reporting.GROUPS)
    add_argument(parser)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / "pictures").mkdir()
        found = groups(Path(home) / "pictures", corpus(options.corpus), options.groups)
        path, start = Path(home) / "report.html", _cpu()
        reporting.report(found, path, write=write_new)
        pictures = sum(len(group.files) for group in found)
        print(f"{len(found):,} groups, {pictures:,} pictures, difPy {difPy.__version__}: {_cpu() - start:.1f} s of CPU")
        text = path.read_bytes()
        shown = sum(len(part.partition(b'"')[0]) for part in text.split(b"base64,")[1:])
        print(
            f"{len(text) / 1e6:.1f} MB; {shown / 1e6:.1f} of it pictures, {shown / pictures / 1e3:.2f} kB each ", end=""
        )
        print(f"(as the prototype made them: {prototype(found) / 1e6:.1f} MB)")
        _look(path)


def _look(path: Path) -> None:
    if (program := next(filter(None, map(shutil.which, NAMES)), None)) is None:
        raise SystemExit("no Chromium is installed: the page is not looked at")
    with bare(program) as browser:
        start = browser.cpu()
        browser.go(path.as_uri(), first=_SEEN)
        taken = browser.cpu() - start
        seen, loaded = browser.value("window.seen") / 1e3, browser.value(_LOADED) / 1e3
        print(f"first pictures after {seen:.2f} s, loaded after {loaded:.2f} s: ", end="")
        print(f"{taken:.2f} s of CPU, {browser.value('document.querySelectorAll(`*`).length'):,} nodes")
        browser.ask("Emulation.setDeviceMetricsOverride", **_PHONE)
        print(f"on a phone of 390 pixels it is {browser.value('document.documentElement.scrollWidth')} wide")
        pdf = base64.b64decode(browser.ask("Page.printToPDF")["data"])
        printed = pdf.count(b"/Subtype /Image") + pdf.count(b"/Subtype/Image")
        print(f"printed: {printed:,} pictures, {len(pdf) / 1e6:.0f} MB")


def _cpu() -> float:
    """Seconds of this process and of all that it has started."""
    own = psutil.Process()
    everybody = [own, *own.children(recursive=True)]
    times = [one.cpu_times() for one in everybody]
    gone = own.cpu_times()
    return sum(one.user + one.system for one in times) + gone.children_user + gone.children_system


if __name__ == "__main__":
    main()
