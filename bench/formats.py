"""Formats: milliseconds of a processor a megapixel, by Pillow alone and by difPy, which hashes it too.

    python bench/formats.py [--pixels 1.5] [--runs 3]

pillow   `Image.open(...).load()`, with the decoders of Pillow and its plug-ins
difPy    `decode(..., exact=True)`: digest, pixels, identity, tensor: all that there is to do with a file's bytes
longest  seconds that difPy takes for the largest picture of the format that it reads, by its limits of memory
"""

from __future__ import annotations

import argparse
import io
import math
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from difPy import decode, memory
from difPy.decode import opening, raw
from difPy.model import Failure

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import pictures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pixels", type=float, default=1.5, help="megapixels (default 1.5)")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    side = math.isqrt(int(options.pixels * 1e6 / 12))
    table = Table("format", "pillow", "difPy", "longest", title=f"ms a megapixel; medians of {options.runs}")
    print(decode.decoders())
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files(Path(folder), (4 * side, 3 * side)):
            megapixels = 12 * side * side / 1e6
            by_pillow, by_us = times(name, data, options.runs)
            most = min(raw.MAX_PIXELS / 1e6, megapixels * memory.MOST / opening.opened(data, file(name)).needed)
            theirs = "-" if by_pillow is None else f"{1e3 * by_pillow / megapixels:,.0f}"
            table.add_row(name, theirs, f"{1e3 * by_us / megapixels:,.0f}", f"{by_us / megapixels * most:,.0f} s")
    Console().print(table)
    return 0


def files(folder: Path, size: tuple[int, int]):
    """Name and bytes of a file of each format."""
    scene = pictures.scene(1, size)
    for name, options in {
        "JPEG.jpg": {},
        "JPEG, progressive.jpg": {"progressive": True},
        "PNG.png": {},
        "GIF.gif": {},
        "WebP.webp": {},
        "WebP, lossless.webp": {"lossless": True, "method": 0},
        "AVIF.avif": {"speed": 8},
        "HEIC.heic": {},
        "JPEG XL.jxl": {},
        "JPEG 2000.jp2": {},
        "TIFF, LZW.tif": {"compression": "tiff_lzw"},
        "BMP.bmp": {},
        "TGA, packed.tga": {"compression": "tga_rle"},
        "PCX.pcx": {},
        "SGI.sgi": {},
        "QOI.qoi": {},
        "DDS.dds": {},
        "DDS, DXT5.dds": {"pixel_format": "DXT5"},
        "PPM.ppm": {},
    }.items():
        yield Path(name).stem, pictures.saved(scene, folder / name, **options).read_bytes()
    samples = np.asarray(scene).astype(np.uint16)
    text = b"\n".join(b" ".join(b"%d" % n for n in row) for row in samples.reshape(size[1], -1).tolist())
    yield "PPM, in words", b"P3 %d %d 255\n" % size + text
    yield "PPM, 10 bits", pictures.ppm16(folder / "ten.ppm", samples * 4, 1023).read_bytes()
    yield "XBM", pictures.saved(scene.convert("1"), folder / "a.xbm").read_bytes()
    yield "PSD, 16 bits", pictures.psd(folder / "a.psd", scene, bits=16, packed=True).read_bytes()
    yield "camera raw", pictures.camera_raw(folder / "a.dng", size=size).read_bytes()


def file(name: str) -> str:
    """What the file is called: a camera's raw file begins as a TIFF does."""
    return "a.dng" if name == "camera raw" else "a"


def times(name: str, data: bytes, runs: int) -> tuple[float | None, float]:
    """Median seconds, by Pillow (None if it cannot) and by difPy, in turns."""
    theirs: list[float] = []
    ours: list[float] = []
    for _ in range(runs):
        start = time.process_time()
        try:
            Image.open(io.BytesIO(data)).load()
            theirs.append(time.process_time() - start)
        except OSError:
            pass
        start = time.process_time()
        found = decode.decode(data, file(name), 50, exact=True)
        ours.append(time.process_time() - start)
        if isinstance(found, Failure):
            raise SystemExit(f"{name}: {found.reason}")
    return statistics.median(theirs) if theirs else None, statistics.median(ours)


if __name__ == "__main__":
    sys.exit(main())
