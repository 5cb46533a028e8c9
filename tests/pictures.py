"""Picture files of our own making: each function writes a real file, or gives the image to write, for tests to read."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFile

ImageFile.MAXBLOCK = 1 << 26  # bytes: a progressive JPEG of noise must fit to be written

EXIF_ORIENTATION = 0x0112
# EXIF orientation -> how to store an upright picture, so that the tag shows it upright again.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def scene(seed: int = 0, size: tuple[int, int] = (120, 80)) -> Image.Image:
    """A landscape with a sun, hills and some grain: like no other seed's, and like none of its own turns."""
    random = np.random.default_rng(seed)
    width, height = size
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    sky, ground = random.uniform(40, 230, (2, 3))
    pixels = sky * (1 - y[..., None]) + random.uniform(20, 200, 3) * y[..., None]
    for _ in range(3):
        base, swing, waves, phase = random.uniform((0.4, 0.02, 1, 0), (0.9, 0.15, 9, 7))
        pixels[y > base + swing * np.sin(waves * x + phase)] = (ground := ground * random.uniform(0.6, 1.2, 3))
    sun_x, sun_y, radius = random.uniform((0.1, 0.05, 0.05), (0.9, 0.35, 0.12))
    pixels[(x - sun_x) ** 2 + (y - sun_y) ** 2 < radius**2] = random.uniform(180, 255, 3)
    pixels += random.normal(0, 3, pixels.shape)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def busy(seed: int = 0, size: tuple[int, int] = (480, 360)) -> Image.Image:
    """Shapes of all sizes, thrown together: as full of corners and edges as a photo of a market."""
    random = np.random.default_rng(seed)
    image = scene(seed, size)
    draw = ImageDraw.Draw(image)
    for reach in np.geomspace(max(size) / 4, 6, 140):
        x, y = random.uniform((0, 0), size)
        colour = tuple(random.integers(0, 256, 3).tolist())
        angles = np.sort(random.uniform(0, 2 * np.pi, int(random.integers(3, 7))))
        corners = [(x + reach * np.cos(a) * random.uniform(0.4, 1), y + reach * np.sin(a)) for a in angles]
        draw.polygon(corners, fill=colour)
    grain = random.normal(0, 4, (size[1], size[0], 1))
    return Image.fromarray((np.asarray(image) + grain).clip(0, 255).astype(np.uint8))


def cutout(seed: int = 0, size: tuple[int, int] = (120, 80)) -> Image.Image:
    """A scene that fades to full transparency at its right."""
    image = scene(seed, size).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").rotate(90).resize(size))
    return image


def text(size: tuple[int, int] = (600, 800), seed: int = 0) -> Image.Image:
    """A page of sharp black letters on white."""
    random = np.random.default_rng(seed)
    page = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(page)
    for line in range(10, size[1] - 20, 14):
        letters = "".join(map(chr, random.integers(33, 127, size[0] // 7)))
        draw.text((10, line), letters[: int(random.integers(10, len(letters)))], fill="black")
    return page


def saved(image: Image.Image, path: str | os.PathLike[str], **options: Any) -> Path:
    """Write an image as Pillow does, the format told by the name."""
    path = Path(path)
    if path.suffix in (".heic", ".heif"):
        import pillow_heif

        pillow_heif.register_heif_opener()
    elif path.suffix == ".jxl":
        import pillow_jxl  # noqa: F401  (makes itself known to Pillow)
    image.save(path, **options)
    return path


def with_exif_orientation(image: Image.Image, path: str | os.PathLike[str], orientation: int, **options: Any) -> Path:
    """Write an upright image stored as a camera held that way stores it, and tagged so."""
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = orientation
    transpose = STORED[orientation]
    return saved(image if transpose is None else image.transpose(transpose), path, exif=exif.tobytes(), **options)


def animation(path: str | os.PathLike[str], frames: list[Image.Image], **options: Any) -> Path:
    """Write the frames of an animation, or the pages of a TIFF."""
    return saved(frames[0], path, save_all=True, append_images=frames[1:], **options)


def png16(path: str | os.PathLike[str], samples: np.ndarray, colour_key: tuple[int, ...] | None = None) -> Path:
    """Write 16-bit samples of shape (h, w, 1, 2, 3 or 4) as a PNG: grey, grey and alpha, RGB or RGBA."""
    height, width, bands = samples.shape
    header = struct.pack(">IIBBBBB", width, height, 16, {1: 0, 2: 4, 3: 2, 4: 6}[bands], 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
    key = b"" if colour_key is None else png_chunk(b"tRNS", struct.pack(f">{len(colour_key)}H", *colour_key))
    return _png(path, png_chunk(b"IHDR", header) + key + png_chunk(b"IDAT", zlib.compress(rows)))


def tiff16(
    path: str | os.PathLike[str], samples: np.ndarray, *, big_endian: bool = False, deflated: bool = False
) -> Path:
    """Write 16-bit samples of shape (h, w, 1, 3 or 4) as a TIFF."""
    order = ">" if big_endian else "<"
    height, width, bands = samples.shape
    pixels = samples.astype(f"{order}u2").tobytes()
    return tiff(
        path,
        [(zlib.compress(pixels) if deflated else pixels, {})],
        width=width,
        height=height,
        bands=bands,
        bits=16,
        order=order,
        compression=8 if deflated else 1,
    )


def tiff(
    path: str | os.PathLike[str],
    pages: list[tuple[bytes, dict[int, int]]],
    *,
    width: int,
    height: int,
    bands: int = 3,
    bits: int = 8,
    order: str = "<",
    compression: int = 1,
    endless: bool = False,
) -> Path:
    """Write the pages of a TIFF by hand, each with its pixels and own tags; endless: the last leads to the first."""
    file = bytearray((b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 0))
    link = 4
    directories = []
    for pixels, own_tags in pages:
        tags: dict[int, tuple[int, ...]] = {
            256: (width,),
            257: (height,),
            258: (bits,) * bands,
            259: (compression,),
            262: (2 if bands >= 3 else 1,),
            273: (len(file),),
            277: (bands,),
            278: (height,),
            279: (len(pixels),),
        }
        if bands == 4:
            tags[338] = (2,)
        tags |= {tag: (value,) for tag, value in own_tags.items()}
        file += pixels + b"\0" * (len(pixels) % 2)
        places = {}
        for tag, values in tags.items():
            if len(values) > 2:
                places[tag] = len(file)
                file += struct.pack(f"{order}{len(values)}H", *values) + b"\0" * (len(values) * 2 % 4)
        directories.append(len(file))
        struct.pack_into(order + "I", file, link, directories[-1])
        file += struct.pack(order + "H", len(tags))
        for tag, values in sorted(tags.items()):
            if tag in places:
                file += struct.pack(order + "HHII", tag, 3, len(values), places[tag])
            elif len(values) == 2:
                file += struct.pack(order + "HHIHH", tag, 3, 2, *values)
            else:
                file += struct.pack(order + "HHII", tag, 4, 1, values[0])
        link = len(file)
        file += struct.pack(order + "I", directories[0] if endless else 0)
    return _written(path, bytes(file))


def ppm16(path: str | os.PathLike[str], samples: np.ndarray, maxval: int = 65535) -> Path:
    """Write samples of shape (h, w, 1 or 3) as a binary PGM or PPM of two bytes a sample."""
    height, width, bands = samples.shape
    header = f"P{5 if bands == 1 else 6} {width} {height} {maxval}\n".encode()
    return _written(path, header + samples.astype(">u2").tobytes())


def mpo(path: str | os.PathLike[str], images: list[Image.Image]) -> Path:
    """Write a JPEG with further images behind the one it shows, as phones do."""
    return saved(images[0], path, format="MPO", save_all=True, append_images=images[1:])


def psd(
    path: str | os.PathLike[str], image: Image.Image, *, bits: int = 8, large: bool = False, packed: bool = False
) -> Path:
    """Write a Photoshop file without layers; large: a PSB; of 16 bits: each byte twice."""
    mode = {"L": 1, "RGB": 3, "RGBA": 3, "CMYK": 4}[image.mode]
    bands = (ImageChops.invert(image) if mode == 4 else image).split()
    planes = [np.repeat(np.asarray(band), bits // 8, axis=1) for band in bands]
    header = struct.pack(">4sH6xHIIHH", b"8BPS", 1 + large, len(bands), *image.size[::-1], bits, mode)
    header += bytes(4 + 4 + (8 if large else 4))
    if not packed:
        return _written(path, header + b"\0\0" + b"".join(plane.tobytes() for plane in planes))
    rows = [_packed(row.tobytes()) for plane in planes for row in plane]
    lengths = struct.pack(f">{len(rows)}{'I' if large else 'H'}", *map(len, rows))
    return _written(path, header + b"\0\1" + lengths + b"".join(rows))


def _packed(row: bytes) -> bytes:
    """A row as literal runs of PackBits."""
    return b"".join(bytes([len(run) - 1]) + run for run in (row[i : i + 128] for i in range(0, len(row), 128)))


def bmp_with_masks(path: str | os.PathLike[str], pixels: np.ndarray, masks: tuple[int, ...], header: int) -> Path:
    """Write integers of shape (h, w), uint16 or uint32, as a BMP whose channels are these bits of them."""
    height, width = pixels.shape
    info = struct.pack("<IiiHHI20x", header, width, height, 1, 8 * pixels.itemsize, 3) + struct.pack("<4I", *masks)
    info = info[: 52 if header == 40 else 56].ljust(header, b"\0")
    rows = b"".join(row.tobytes() + bytes(-len(row.tobytes()) % 4) for row in pixels[::-1])
    return _written(path, b"BM" + struct.pack("<I4xI", 0, 14 + len(info)) + info + rows)


def bigtiff(path: str | os.PathLike[str], image: Image.Image, pages: int = 1) -> Path:
    """Write an image, once or several times, as a big-endian BigTIFF with LONG8 where that may be."""
    short, long, long8 = 3, 4, 16
    bits = image.tobytes()
    file = bytearray(b"MM\0+\0\x08\0\0" + bytes(8))
    link = 8
    for _ in range(pages):
        place = len(file)
        file += bits
        entries = [
            (256, long, 1, struct.pack(">I", image.width)),
            (257, long, 1, struct.pack(">I", image.height)),
            (258, short, 3, struct.pack(">3H", 8, 8, 8)),
            (259, short, 1, struct.pack(">H", 1)),
            (262, short, 1, struct.pack(">H", 2)),
            (273, long8, 1, struct.pack(">Q", place)),
            (274, short, 1, struct.pack(">H", 1)),
            (277, short, 1, struct.pack(">H", 3)),
            (278, long, 1, struct.pack(">I", image.height)),
            (279, long8, 1, struct.pack(">Q", len(bits))),
        ]
        file[link : link + 8] = struct.pack(">Q", len(file))
        file += struct.pack(">Q", len(entries))
        for tag, kind, count, value in entries:
            file += struct.pack(">HHQ", tag, kind, count) + value.ljust(8, b"\0")
        link = len(file)
        file += bytes(8)
    return _written(path, bytes(file))


def arithmetic_jpeg(path: str | os.PathLike[str], rows: int = 64, code: int = 2000, seed: int = 0) -> Path:
    """Write a grey JPEG with arithmetic coding: any bytes are code, so the picture is whatever random ones say."""
    random = np.random.default_rng(seed)
    width, height = 512, 8 * rows
    steps = b"\xff\xdb" + struct.pack(">HB", 67, 0) + bytes([16] * 64)
    frame = b"\xff\xc9" + struct.pack(">HBHHBBBB", 11, 8, height, width, 1, 1, 0x11, 0)
    restarts = b"\xff\xdd" + struct.pack(">HH", 4, width // 8)
    scan = b"\xff\xda" + struct.pack(">HBBBBBB", 8, 1, 1, 0, 0, 63, 0)
    parts = [random.integers(0, 255, code).astype(np.uint8).tobytes() for _ in range(rows)]
    coded = b"".join(part + bytes([0xFF, 0xD0 + row % 8]) for row, part in enumerate(parts))[:-2]
    return _written(path, b"\xff\xd8" + steps + frame + restarts + scan + coded + b"\xff\xd9")


def avif_without_size_of_alpha(path: str | os.PathLike[str], image: Image.Image) -> Path:
    """Write an AVIF as early encoders did: the size of the transparency is not noted, for it is the picture's."""
    data = encode(image, "AVIF")
    noted = b"\0\2\x04\x01\x05"  # item 2 has four properties: the first is the size
    assert data.count(noted) == 1
    return _written(path, data.replace(noted, b"\0\2\x04\x05\x05"))


def dcx(path: str | os.PathLike[str], pages: list[Image.Image]) -> Path:
    """Write the pages of a fax."""
    encoded = [encode(page, "PCX") for page in pages]
    starts = [4 + 4 * (len(pages) + 1) + sum(map(len, encoded[:i])) for i in range(len(pages))]
    return _written(path, struct.pack(f"<I{len(pages) + 1}I", 0x3ADE68B1, *starts, 0) + b"".join(encoded))


def fli(path: str | os.PathLike[str], frames: list[np.ndarray]) -> Path:
    """Write frames of grey levels, shape (h, w), as an Autodesk animation."""
    height, width = frames[0].shape
    palette = b"".join(bytes([level // 4] * 3) for level in range(256))
    body = b""
    for number, frame in enumerate(frames):
        chunks = [struct.pack("<IH", 6 + frame.size, 16) + frame.astype(np.uint8).tobytes()]
        if number == 0:
            chunks.insert(0, struct.pack("<IHHBB", 6 + 4 + len(palette), 11, 1, 0, 0) + palette)
        content = b"".join(chunks)
        body += struct.pack("<IHH8x", 16 + len(content), 0xF1FA, len(chunks)) + content
    header = struct.pack("<IHHHHHHH", 128 + len(body), 0xAF11, len(frames), width, height, 8, 3, 5)
    return _written(path, header.ljust(128, b"\0") + body)


def camera_raw(path: str | os.PathLike[str], seed: int = 0, size: tuple[int, int] = (128, 96)) -> Path:
    """Write a photo as a camera's sensor saw it, as a DNG: red, green and blue in a mosaic, 16 bits."""
    width, height = size
    colours = np.asarray(scene(seed, size)).astype(np.uint16) * 257
    mosaic = colours[..., 1].copy()
    mosaic[::2, ::2], mosaic[1::2, 1::2] = colours[::2, ::2, 0], colours[1::2, 1::2, 2]
    short, long, byte, rational, signed = 3, 4, 1, 5, 10
    model = b"difPy camera\0"
    matrix = struct.pack("<18i", *[v for i in range(9) for v in (int(i in (0, 4, 8)), 1)])
    white = struct.pack("<6I", 1, 1, 1, 1, 1, 1)
    offsets, blob = {}, mosaic.astype("<u2").tobytes()
    for name, data in (("model", model), ("matrix", matrix), ("white", white)):
        blob += b"\0" * (len(blob) % 2)
        offsets[name] = 8 + len(blob)
        blob += data
    blob += b"\0" * (len(blob) % 2)
    entries = [
        (254, long, 1, 0),
        (256, long, 1, width),
        (257, long, 1, height),
        (258, short, 1, 16),
        (259, short, 1, 1),
        (262, short, 1, 32803),
        (271, 2, len(model), offsets["model"]),
        (272, 2, len(model), offsets["model"]),
        (273, long, 1, 8),
        (274, short, 1, 1),
        (277, short, 1, 1),
        (278, long, 1, height),
        (279, long, 1, width * height * 2),
        (33421, short, 2, 2 | 2 << 16),
        (33422, byte, 4, 0 | 1 << 8 | 1 << 16 | 2 << 24),
        (50706, byte, 4, 1 | 4 << 8),
        (50708, 2, len(model), offsets["model"]),
        (50717, long, 1, 65535),
        (50721, signed, 9, offsets["matrix"]),
        (50728, rational, 3, offsets["white"]),
    ]
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return _written(path, b"II*\0" + struct.pack("<I", 8 + len(blob)) + blob + directory + struct.pack("<I", 0))


def camera_raw_with_preview(path: str | os.PathLike[str], preview: Image.Image, orientation: int = 1) -> Path:
    """Write a raw file whose mosaic is black and whose preview is that image: what viewers show."""
    jpeg = encode(preview, "JPEG", quality=95)
    width, height = preview.size
    mosaic = b"\0" * (width * height * 2)
    model = b"difPy camera\0\0"
    first = 8 + len(jpeg) + len(jpeg) % 2
    at_model = first + len(mosaic)
    raw_directory = at_model + len(model)
    raw_entries = [
        (254, 4, 1, 0),
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 1, 16),
        (259, 3, 1, 1),
        (262, 3, 1, 32803),
        (273, 4, 1, first),
        (277, 3, 1, 1),
        (278, 4, 1, height),
        (279, 4, 1, len(mosaic)),
        (33421, 3, 2, 2 | 2 << 16),
        (33422, 1, 4, 0 | 1 << 8 | 1 << 16 | 2 << 24),
    ]
    main_entries = [
        (254, 4, 1, 1),
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 1, 8),
        (259, 3, 1, 7),
        (262, 3, 1, 6),
        (271, 2, len(model), at_model),
        (272, 2, len(model), at_model),
        (273, 4, 1, 8),
        (274, 3, 1, orientation),
        (277, 3, 1, 3),
        (278, 4, 1, height),
        (279, 4, 1, len(jpeg)),
        (330, 4, 1, raw_directory),
        (50706, 1, 4, 1 | 4 << 8),
        (50708, 2, len(model), at_model),
    ]
    tables = []
    for entries in (raw_entries, main_entries):
        packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
        tables.append(struct.pack("<H", len(entries)) + packed + struct.pack("<I", 0))
    body = jpeg + b"\0" * (len(jpeg) % 2) + mosaic + model + b"".join(tables)
    return _written(path, b"II*\0" + struct.pack("<I", raw_directory + len(tables[0])) + body)


# What nobody would call a picture


def truncated(source: str | os.PathLike[str], path: str | os.PathLike[str], fraction: float = 0.5) -> Path:
    """Write the first part of a file."""
    data = Path(source).read_bytes()
    return _written(path, data[: int(len(data) * fraction)])


def png_bomb(path: str | os.PathLike[str], width: int = 60_000, height: int = 60_000) -> Path:
    """Write a PNG of a few bytes that promises 3.6 gigapixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return _png(path, png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(b"\0" * 1000)))


def png_with_chunk(path: str | os.PathLike[str], kind: bytes, content: bytes) -> Path:
    """Write a PNG of one red pixel with a chunk before its pixels."""
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return _png(
        path, png_chunk(b"IHDR", header) + png_chunk(kind, content) + png_chunk(b"IDAT", zlib.compress(b"\0\xff\0\0"))
    )


def gif_of_many_frames(path: str | os.PathLike[str], count: int, size: tuple[int, int] = (1, 1)) -> Path:
    """Write a GIF of equal frames of one pixel each on a canvas of that size."""
    frame = b"!\xf9\x04\0\x01\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0"
    header = b"GIF89a" + struct.pack("<HH", *size) + b"\x80\0\0" + b"\0\0\0\xff\xff\xff"
    return _written(path, header + frame * count + b";")


def sparse(path: str | os.PathLike[str], size: int, start: bytes = b"") -> Path:
    """Write a file of that size that takes no room on the disk."""
    path = _written(path, start)
    os.truncate(path, size)
    return path


def encode(image: Image.Image, format: str, **options: Any) -> bytes:  # noqa: A002  (Pillow's name for it)
    """Bytes of an image as Pillow writes them."""
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def png_chunk(kind: bytes, content: bytes) -> bytes:
    """One chunk of a PNG, with its length and checksum."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _png(path: str | os.PathLike[str], chunks: bytes) -> Path:
    return _written(path, b"\x89PNG\r\n\x1a\n" + chunks + png_chunk(b"IEND", b""))


def _written(path: str | os.PathLike[str], data: bytes) -> Path:
    path = Path(path)
    path.write_bytes(data)
    return path


def bomb(path: Path, side: int, frames: int, shade: int = 0) -> Path:
    """An animated WebP of one colour: large squares in few bytes, each frame other by its duration alone."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)

    def three(number: int) -> bytes:
        return struct.pack("<I", number)[:3]

    still = io.BytesIO()
    Image.new("RGB", (side, side), (shade, 90, 30)).save(still, "WEBP", lossless=True, method=0, quality=0)
    picture = still.getvalue()[12:]  # behind RIFF, size and WEBP
    shape = three(side - 1) * 2
    canvas = chunk(b"VP8X", b"\x02\0\0\0" + shape) + chunk(b"ANIM", bytes(6))
    each = (chunk(b"ANMF", bytes(6) + shape + three(40 + number) + b"\x02" + picture) for number in range(frames))
    body = b"WEBP" + canvas + b"".join(each)
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    return path
