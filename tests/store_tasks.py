"""What the tests of the index do in processes of their own, and the pictures they do it with: made, never decoded.

python store_tasks.py fill PATH FIRST LAST BATCH    index made files; say "ready", then how many are put, line by line
python store_tasks.py look PATH ROWS                what is known of made files, as JSON; then try to clear the index
"""

import json
import sqlite3
import sys

import numpy as np
from blake3 import blake3

from difPy import store
from difPy.clues import CLUE, WHOLE
from difPy.errors import IndexUnusable
from difPy.files import File
from difPy.model import Picture
from difPy.traits import Lossless, Notes

PX = 10
DECODERS = "made 1"
LONG_AGO = 1_600_000_000_123_456_789


def file(row, **changes):
    facts = {
        "path": f"/made/IMG_{row}.jpg",
        "root": "/made",
        "size": 1000 + row,
        "mtime_ns": LONG_AGO + row,
        "device": 7,
        "inode": 100 + row,
    }
    return File(**{**facts, **changes})


def digest(row):
    return blake3(f"content {row}".encode()).digest()


def picture(row, *, exact=True, begun=False, px_size=PX, **changes):
    rng = np.random.default_rng(row)
    facts = {
        "width": 100 + row,
        "height": 50,
        "frames": 1 + row % 3,
        "tensor": rng.integers(0, 256, (px_size, px_size, 3), np.uint8),
        "views": rng.integers(0, 256, (2, px_size, px_size, 3), np.uint8) if row % 5 == 4 else None,
        "identity": blake3(f"pixels {row}".encode()).digest(CLUE if begun else WHOLE) if exact else None,
        "stance": 1 + row % 255,
        "error": 0.0 if exact else 0.1 + row,
        "format": "JPEG" if row % 2 else "PNG",
        "exif_fields": row % 40,
        "gps": row % 3 == 0,
        "digest": digest(row),
        "other_fields": row % 7,
        "notes": Notes(row % 512),
        "lossless": Lossless(row % 3),
        "beside": f"a film: {row:016x}" if row % 7 == 3 else "",
    }
    return Picture(**{**facts, **changes})


def vector(row):
    return np.random.default_rng(row + 1_000_000).normal(size=7).astype(np.float32)


def found(row, *, exact=True, begun=False, **changes):
    """What the made file is: mostly a picture; every seventh content is none, every eleventh file is poison."""
    if row % 11 == 10:
        return store.Found(file(row, **changes), None, reason=f"decoding file {row} ended its worker")
    if row % 7 == 6:
        return store.Found(file(row, **changes), digest(row), reason=f"content {row} is no picture")
    return store.Found(file(row, **changes), digest(row), picture(row, exact=exact, begun=begun), vector(row))


def opened(path, warn=print, **options):
    return store.open_index(path, **{"px_size": PX, "decoders": DECODERS, "warn": warn, **options})


def fill(path, first, last, batch, say=lambda what: None):
    """Index the made files that are not known yet."""
    with opened(path) as index:
        files = [file(row) for row in range(first, last)]
        states = index.known(files).states
        new = [row for row, state in zip(range(first, last), states, strict=True) if state in (store.NEW, store.LIKELY)]
        say("ready")
        for start in range(0, len(new), batch):
            some = new[start : start + batch]
            index.put([found(row) for row in some])
            say(last - first - len(new) + start + len(some))


def dump(path):
    """All that is in the file, as rows by table."""
    connection = sqlite3.connect(path)
    try:
        tables = ("recipe", "picture", "tensor", "views", "failure", "file", "poison")
        return {table: sorted(connection.execute(f"SELECT * FROM {table}"), key=repr) for table in tables}
    finally:
        connection.close()


def look(path, rows):
    told = []
    with opened(path, warn=told.append) as index:
        known = index.known([file(row) for row in range(rows)])
        index.put([store.Found(file(rows), digest(rows), picture(rows), vector(rows))])
        there = [at for at, state in enumerate(known.states) if state == store.PICTURE]
        files, digests = [file(at) for at in [*there, rows]], [*(known.digests[at] for at in there), digest(rows)]
        gallery = index.gallery(files, digests)
        right = all(np.array_equal(gallery.tensors[at], picture(row).tensor) for at, row in enumerate([*there, rows]))
        try:
            refused = index.clear()
        except IndexUnusable as error:
            refused = str(error)
    return {"told": told, "states": known.states.tolist(), "right": right, "refused": refused}


if __name__ == "__main__":
    task, path, *numbers = sys.argv[1:]
    if task == "fill":
        fill(path, *map(int, numbers), say=lambda what: print(what, flush=True))
    else:
        print(json.dumps(look(path, *map(int, numbers))))
