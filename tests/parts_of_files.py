"""Files that hold more than the picture they show, of our own making: bytes in, bytes with more of them out."""

from __future__ import annotations

import struct

import numpy as np


def film(seed: int = 0, size: int = 3000) -> bytes:
    """An MP4 as programs tell one: its first boxes, then noise."""
    noise = np.random.default_rng(seed).bytes(size)
    return box(b"ftyp", b"mp42\0\0\0\0isommp42") + box(b"mdat", noise)


def box(kind: bytes, content: bytes) -> bytes:
    """A box of ISO/IEC 14496-12."""
    return struct.pack(">I4s", 8 + len(content), kind) + content


def movie() -> bytes:
    """The box `moov` of a film of five seconds: its header, and no track."""
    matrix = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    header = bytes(4) + struct.pack(">4IIH10x", 0, 0, 1000, 5000, 0x10000, 0x100) + matrix + bytes(24) + b"\0\0\0\2"
    return box(b"moov", box(b"mvhd", header))


def after_start(jpeg: bytes, marker: int, content: bytes) -> bytes:
    """A JPEG with one more segment behind its first two bytes."""
    return jpeg[:2] + struct.pack(">BBH", 0xFF, marker, 2 + len(content)) + content + jpeg[2:]


def with_xmp(jpeg: bytes, text: bytes) -> bytes:
    """A JPEG with an XMP note."""
    return after_start(jpeg, 0xE1, b"http://ns.adobe.com/xap/1.0/\0" + text)


def layered_psd(
    merged: bytes,
    size: tuple[int, int],
    colours: list[tuple[int, int, int]],
    *,
    deep: bool = False,
    large: bool = False,
) -> bytes:
    """A Photoshop file of layers of one colour each; its merged picture has these planes. A large one is a PSB."""
    length = struct.Struct(">Q" if large else ">I")
    width, height = size
    records, planes = b"", b""
    for colour in colours:
        channels = b"".join(struct.pack(">h", i) + length.pack(2 + width * height) for i in range(3))
        records += struct.pack(">4iH", 0, 0, height, width, 3) + channels + b"8BIMnorm" + bytes([255, 0, 0, 0])
        records += struct.pack(">III", 12, 0, 0) + b"\3L 1"
        planes += b"".join(struct.pack(">H", 0) + bytes([level]) * (width * height) for level in colour)
    info = struct.pack(">h", len(colours)) + records + planes
    info += b"\0" * (len(info) % 2)
    if deep:  # as with 16 bits: in a block of its own, and none where 8 bits have theirs
        section = length.pack(0) + bytes(4) + b"8BIMLr16" + length.pack(len(info)) + info
    else:
        section = length.pack(len(info)) + info + struct.pack(">I", 0)
    header = struct.pack(">4sH6xHIIHH", b"8BPS", 2 if large else 1, 3, height, width, 8, 3)
    return header + struct.pack(">II", 0, 0) + length.pack(len(section)) + section + struct.pack(">H", 0) + merged


def ico(versions: list[bytes], sizes: list[int], kind: int = 1) -> bytes:
    """An icon (kind 1) or a cursor (2) of PNGs or bitmaps."""
    start, entries = 6 + 16 * len(versions), b""
    for version, size in zip(versions, sizes, strict=True):
        depth = (0, 0) if kind == 2 else (1, 32)
        entries += struct.pack("<BBBBHHII", size, size, 0, 0, *depth, len(version), start)
        start += len(version)
    return struct.pack("<HHH", 0, kind, len(versions)) + entries + b"".join(versions)


def icns(versions: dict[bytes, bytes]) -> bytes:
    """An icon of macOS."""
    body = b"".join(kind + struct.pack(">I", 8 + len(data)) + data for kind, data in versions.items())
    return b"icns" + struct.pack(">I", 8 + len(body)) + body


def with_property(heif: bytes, kind: bytes, content: bytes) -> bytes:
    """A HEIF or AVIF whose items, all of them, have one more property."""
    new, places = box(kind, content), {}

    def walk(start: int, end: int, path: tuple[bytes, ...]) -> None:
        while start < end:
            size, name = struct.unpack_from(">I4s", heif, start)
            places[(*path, name)] = start
            if name in (b"meta", b"iprp"):
                walk(start + (12 if name == b"meta" else 8), start + size, (*path, name))
            start += size

    walk(0, len(heif), ())
    ipco, ipma = places[b"meta", b"iprp", b"ipco"], places[b"meta", b"iprp", b"ipma"]
    size, _ = struct.unpack_from(">I4s", heif, ipco)
    held, at = 0, ipco + 8
    while at < ipco + size:
        held, at = held + 1, at + struct.unpack_from(">I", heif, at)[0]
    (count,), at, entries = struct.unpack_from(">I", heif, ipma + 12), ipma + 16, b""
    for _ in range(count):
        owned = heif[at + 2]
        entries += heif[at : at + 2] + bytes([owned + 1]) + heif[at + 3 : at + 3 + owned] + bytes([0x80 | held + 1])
        at += 3 + owned
    grown = len(new) + count
    data = bytearray(heif[: ipco + size] + new + heif[ipco + size : ipma + 16] + entries + heif[at:])
    for place, more in (
        (places[(b"meta",)], grown),
        (places[b"meta", b"iprp"], grown),
        (ipco, len(new)),
        (ipma + len(new), count),
    ):
        struct.pack_into(">I", data, place, struct.unpack_from(">I", data, place)[0] + more)
    _move_code(data, places[b"meta", b"iloc"] + (grown if places[b"meta", b"iloc"] > ipco else 0), grown)
    return bytes(data)


def _move_code(data: bytearray, iloc: int, by: int) -> None:
    """Have items point behind what has grown: by their base where they have one, else extent by extent."""
    assert data[iloc + 8] == 0 and data[iloc + 12 : iloc + 14] in (b"\x44\x00", b"\x44\x40")
    base = data[iloc + 13] == 0x40
    (count,), at = struct.unpack_from(">H", data, iloc + 14), iloc + 16
    for _ in range(count):
        (extents,) = struct.unpack_from(">H", data, at + (8 if base else 4))
        places = [at + 4] if base else [at + 6 + 8 * number for number in range(extents)]
        for place in places:
            struct.pack_into(">I", data, place, struct.unpack_from(">I", data, place)[0] + by)
        at += (10 if base else 6) + 8 * extents


def with_tag(tiff: bytes, tag: int, text: bytes) -> bytes:
    """A little-endian TIFF whose first directory has one more tag of text, as programs add it: behind all else."""
    (start,) = struct.unpack_from("<I", tiff, 4)
    (count,) = struct.unpack_from("<H", tiff, start)
    entries = [tiff[start + 2 + 12 * i : start + 14 + 12 * i] for i in range(count)]
    rest = tiff[start + 2 + 12 * count : start + 6 + 12 * count]
    data = tiff + b"\0" * (len(tiff) % 2) + text + b"\0" * (len(text) % 2)
    at = len(data) - len(text) - len(text) % 2
    entries.append(struct.pack("<HHII", tag, 2, len(text), at))
    entries.sort(key=lambda entry: struct.unpack_from("<H", entry))
    directory = struct.pack("<H", len(entries)) + b"".join(entries) + rest
    return data[:4] + struct.pack("<I", len(data)) + data[8:] + directory
