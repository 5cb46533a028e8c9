"""A file in, a `Picture` out, or a `Failure` that says why not: never an exception, but where memory runs out.

files -> opening (raw, jpeg_xl, rarer, quick) -> frames (depth, exif) -> identity, views -> full     all pixels
                                           |--> sketch                                        a short cut, with a bound
                                           |--> colour (icc)                                  how the numbers look
                                           |--> beside, payload (boxes, items, dng)           what else the file holds
                                           `--> metadata (xmp), fidelity                      what is not in the pixels
views: tensors (pixels, kernel)
sketch: scans (jpeg, entropy) -> blocks -> bounds (weights, bicubic, bands, clipping)
tasks: what workers are handed; pictures: what they do with it
small: what a person sees of the first frame, small; browsers: the same for a browser
taken: when it was taken, and with what
plain_jpeg: what nearly all files are, opened the short way
unended: a JPEG without its end mark
rules: what Pillow may take, and that it says nothing
kernel: loops over pixels (across, down, packing); all `*.c` are compiled when difPy is built (`compiled`)
versions: what all this is done with
distance: two pictures at full resolution
named, refused: why not
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from difPy.later import later

if TYPE_CHECKING:
    from difPy.decode.browsers import Shown
    from difPy.decode.pictures import decode, full_resolution_distance, glance, is_readable, look, shown, thumbnail
    from difPy.decode.tasks import FullDistance, Look, Tell, Told, is_slow, load
    from difPy.decode.versions import decoders
    from difPy.extensions import EXTENSIONS

__all__ = [
    "EXTENSIONS",
    "FullDistance",
    "Look",
    "Shown",
    "Tell",
    "Told",
    "decode",
    "decoders",
    "full_resolution_distance",
    "glance",
    "is_readable",
    "is_slow",
    "load",
    "look",
    "shown",
    "thumbnail",
]

_HOMES = {
    "EXTENSIONS": "difPy.extensions",
    "FullDistance": "difPy.decode.tasks",
    "Look": "difPy.decode.tasks",
    "Shown": "difPy.decode.browsers",
    "Tell": "difPy.decode.tasks",
    "Told": "difPy.decode.tasks",
    "decoders": "difPy.decode.versions",
    "is_slow": "difPy.decode.tasks",
    "load": "difPy.decode.tasks",
}
__getattr__ = later(__name__, {name: _HOMES.get(name, "difPy.decode.pictures") for name in __all__})
