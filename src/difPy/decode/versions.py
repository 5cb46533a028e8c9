"""Names of packages in, their versions out, as far as they are installed; and what pictures are decoded with.

Installing a package leaves a folder with both in its name. To ask `importlib.metadata` for that takes 30 ms, in which
ten photos are decoded.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_RECIPE = 9
"""To be raised whenever the same bytes and decoders would give another picture than before."""
_DECODERS = ("pillow", "pillow-heif", "rawpy", "pillow-jxl-plugin", "imagecodecs")
_INSTALLED = (".dist-info", ".egg-info")


def decoders() -> str:
    """What pictures are decoded with: where this text differs, the same file may decode differently."""
    from PIL import __version__, _imaging  # whose `features` would load nearly all of Pillow, to say the same

    jpeg = _imaging.libjpeg_turbo_version if _imaging.HAVE_LIBJPEGTURBO else _imaging.jpeglib_version
    known = {"pillow": __version__} | versions(_DECODERS)
    found = [f"difPy {_RECIPE}", f"libjpeg {jpeg}"]
    found += [f"{package} {known[package]}" if package in known else f"no {package}" for package in _DECODERS]
    return ", ".join(found)


def versions(packages: Sequence[str]) -> dict[str, str]:
    """Version of each of the packages that is installed.

    Examples
    --------
    >>> list(versions(["numpy", "no-such-package"]))
    ['numpy']
    """
    wanted = {package.replace("-", "_").lower(): package for package in packages}
    found: dict[str, str] = {}
    for folder in sys.path:
        try:
            names = os.listdir(folder or os.curdir)
        except OSError:  # an archive, or gone
            continue
        for name in names:
            if name.endswith(_INSTALLED):
                package, version = f"{name.rpartition('.')[0]}-".split("-")[:2]
                if known := wanted.get(package.lower()):
                    found.setdefault(known, version)
    return found
