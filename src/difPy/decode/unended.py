"""A JPEG without an end in; the same with its end mark out, if that is all that it lacks.

What a decoder makes of a picture that is cut off depends on what comes next. So other bytes are put behind it, and the
end mark behind these: if the pixels are the same with any of them, all pixels were there. Two things are not seen that
way, and are looked at in the header: restart marks, behind which a decoder heeds nothing but the next one, and scans
that do not come at all.
"""

from __future__ import annotations

import io
import re
from math import ceil
from typing import TYPE_CHECKING

from blake3 import blake3
from PIL import Image

from difPy.decode import jpeg
from difPy.decode.refused import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterator

_SOF0, _SOF2, _SOS, _DRI = 0xC0, 0xC2, 0xDA, 0xDD
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")
_RUN = 16  # zeros that are no code
_LEAST_BITS = 3
"""All values of that many missing bits are tried ..."""
_BYTES = 256
"""... and others behind them: enough for some blocks."""


def ended(data: bytes) -> bytes | None:
    """The file with its end mark; None if it is no JPEG, if it has an end, or if it lacks more than that."""
    code = _without_tail(data)
    if not code.startswith(b"\xff\xd8") or not _has_all_scans(code):
        return None
    whole = code + jpeg.EOI
    pixels = _digest(whole)
    if pixels is None or any(_digest(code + filling + jpeg.EOI) != pixels for filling in _fillings()):
        return None
    return whole


def _has_all_scans(data: bytes) -> bool:
    """Whether there are scans of every bit of every coefficient, and all restart marks in the last one (ITU-T T.81)."""
    frame = b""
    interval = restarts = most = 0
    missing: set[tuple[int, int]] = set()  # component and frequency
    try:
        for marker, start, end in jpeg.segments(data):
            if _SOF0 <= marker <= _SOF2:
                frame = data[start:end]
                missing = {(component, k) for component in frame[10::3] for k in range(64)}
            elif marker == _DRI:
                interval = int.from_bytes(data[start + 4 : start + 6], "big")
            elif marker == _SOS:
                count = data[start + 4]
                components = data[start + 5 : start + 5 + 2 * count : 2]
                first, last, bits = data[start + 5 + 2 * count : start + 8 + 2 * count]
                if bits & 15 == 0:
                    missing -= {(component, k) for component in components for k in range(first, last + 1)}
                restarts = len(_RESTART.findall(data, end, jpeg.end_of_code(data, end)))
                most = (_units(frame, components) - 1) // interval if interval else 0
    except Damaged:  # the end
        pass
    except (LookupError, ValueError, ZeroDivisionError):
        return False
    return bool(frame) and not missing and restarts >= most


def _units(frame: bytes, components: bytes) -> int:
    """Units that a scan of these components is coded in: blocks, or groups of blocks that belong together."""
    height, width = int.from_bytes(frame[5:7], "big"), int.from_bytes(frame[7:9], "big")
    factors = {part[0]: (part[1] >> 4, part[1] & 15) for part in zip(frame[10::3], frame[11::3], strict=False)}
    across, down = max(h for h, _ in factors.values()), max(v for _, v in factors.values())
    if len(components) > 1:
        return ceil(width / (8 * across)) * ceil(height / (8 * down))
    h, v = factors[components[0]]
    return ceil(ceil(width * h / across) / 8) * ceil(ceil(height * v / down) / 8)


def _without_tail(data: bytes) -> bytes:
    """What there is of the code: no long run of zeros, which disks put where nothing is yet, and no half mark."""
    code = data.rstrip(b"\0")
    if len(data) - len(code) < _RUN:
        code = data
    if not code.endswith(b"\xff"):
        return code
    return code + b"\0" if len(code) < len(data) else code[:-1]


def _fillings() -> Iterator[bytes]:
    """Bytes that are no marks, and begin with every value of the first bits."""
    import random

    others = random.Random(0)
    for first in range(1 << _LEAST_BITS):
        yield bytes(
            [first << (8 - _LEAST_BITS) | others.randrange(31), *(others.randrange(255) for _ in range(_BYTES))]
        )


def _digest(data: bytes) -> bytes | None:
    """Digest of the pixels; None if they cannot be decoded."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            return blake3(image.tobytes()).digest()
    except MemoryError:
        raise
    except Exception:
        return None
