"""A device in, whether it is a disk that turns out: where files are best read in the order in which they lie on it."""

from __future__ import annotations

import os
from functools import cache

_DEVICES = "/sys/dev/block"  # of Linux; no other system says it where anybody may read it


@cache
def turns(device: int, devices: str = _DEVICES) -> bool:
    """Whether a device, as `os.stat` numbers it, is known to be a disk that turns.

    Of a file system over several devices, or on the network, it is not known.

    Examples
    --------
    >>> turns(0)
    False
    """
    try:
        place = os.path.realpath(os.path.join(devices, f"{os.major(device)}:{os.minor(device)}"))
    except (AttributeError, OverflowError, ValueError):  # Windows has no such numbers
        return False
    for folder in (place, os.path.dirname(place)):  # of a part of a disk, the disk
        try:
            with open(os.path.join(folder, "queue", "rotational"), encoding="ascii") as file:
                return file.read().strip() == "1"
        except OSError:
            continue
    return False
