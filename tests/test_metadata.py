"""What a picture's metadata tell, and whether its file keeps every pixel: told by what the file is."""

import io
import struct
from importlib import import_module

import pytest
from PIL import Image, PngImagePlugin

import pictures
from difPy import decode
from difPy.decode import xmp
from difPy.model import Picture
from difPy.traits import Lossless, Notes

PX = 20
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SPACES = {
    "rdf": RDF,
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
    "stEvt": "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#",
    "mwg-rs": "http://www.metadataworkinggroup.com/schemas/regions/",
}


def packet(attributes="", elements="", before=""):
    """An XMP packet as programs write it."""
    spaces = " ".join(f'xmlns:{name}="{space}"' for name, space in SPACES.items())
    return (
        f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>{before}<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        f'<rdf:RDF {spaces}><rdf:Description rdf:about="" {attributes}>{elements}</rdf:Description></rdf:RDF>'
        '</x:xmpmeta>\n   \n<?xpacket end="w"?>'
    ).encode()


def bag(name, *words):
    return f"<{name}><rdf:Bag>{''.join(f'<rdf:li>{word}</rdf:li>' for word in words)}</rdf:Bag></{name}>"


def iptc(**sets):
    """The APP13 segment of a JPEG with data sets of IPTC."""
    body = b"".join(
        struct.pack(">BBBH", 0x1C, 2, number, len(value)) + value
        for number, value in ((int(name[1:]), value) for name, value in sets.items())
    )
    block = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(body)) + body + b"\0" * (len(body) % 2)
    data = b"Photoshop 3.0\0" + block
    return b"\xff\xed" + struct.pack(">H", len(data) + 2) + data


def with_text(png, texts, *, later):
    """A PNG with chunks of text before its pixels or behind them."""
    place = png.index(b"IEND" if later else b"IDAT") - 4
    chunks = b"".join(pictures.png_chunk(b"tEXt", key + b"\0" + value) for key, value in texts.items())
    return png[:place] + chunks + png[place:]


def look(data, name="a.jpg", *, exact=True):
    picture = decode.decode(data, name, PX, exact=exact)
    assert isinstance(picture, Picture), picture
    return picture


def jpeg(size=(40, 30), **options):
    return pictures.encode(pictures.scene(1, size), "JPEG", **options)


@pytest.mark.parametrize(
    ("made", "fields", "notes"),
    [
        (packet('xmp:Rating="4"'), 1, Notes.RATING),
        (packet("", "<xmp:Rating>3</xmp:Rating>"), 1, Notes.RATING),
        (packet('xmp:Rating="0" xmp:CreatorTool="an editor"'), 1, Notes.NOTHING),
        (packet('exif:GPSLatitude="47,6N" exif:GPSLongitude="8,30E"'), 2, Notes.PLACE),
        (packet('photoshop:City="Basel"'), 1, Notes.PLACE),
        (packet("", bag("dc:subject", "beach", "sea")), 1, Notes.KEYWORDS),
        (packet("", bag("dc:subject")), 0, Notes.NOTHING),
        (packet("", '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">At sea</rdf:li></rdf:Alt></dc:title>'), 1,
         Notes.DESCRIPTION),
        (packet("", '<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:Name>Ann</mwg-rs:Name></mwg-rs:Regions>'), 1,
         Notes.PEOPLE),
        (packet("", bag("xmpMM:History", "opened", "saved", "saved again")), 0, Notes.NOTHING),
        (packet('xmp:CreateDate="2020-01-01"', bag("dc:creator", "Ann")), 2, Notes.DATE | Notes.AUTHOR),
    ],
)  # fmt: skip
def test_properties_of_xmp_are_counted_if_they_say_something(made, fields, notes):
    assert xmp.told(made) == (fields, notes)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_xmp_is_found_in_every_format_that_has_it(form):
    made = packet('xmp:Rating="5"', bag("dc:subject", "beach"))
    options = {"xmp": made}
    if form == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_itxt("XML:com.adobe.xmp", made.decode())
        options = {"pnginfo": info}
    elif form == "TIFF":
        options = {"tiffinfo": {700: made}}
    if form == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    picture = look(pictures.encode(pictures.scene(1, (40, 30)), form, **options), f"a.{form.lower()}")
    assert (picture.other_fields, picture.notes) == (2, Notes.RATING | Notes.KEYWORDS)


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "hostile",
    [
        packet("", "<xmp:Rating>&b;</xmp:Rating>", LAUGHS),
        packet("", "<dc:title>&c;</dc:title>", LAUGHS),
        packet("", "<dc:title>" * 100_000),
        b'<?xml version="1.0" encoding="klingon"?><a/>',
        b"\xff\xfe<\0",
        b"\0" * 1000,
        b"<" * 1000,
        b"",
    ],
)
def test_hostile_xmp_tells_nothing_and_harms_nothing(hostile):
    assert xmp.told(hostile)[0] <= 1
    if hostile and len(hostile) < 60_000:
        assert look(jpeg(xmp=hostile)).width == 40


def test_damaged_xmp_tells_what_stands_before_the_damage():
    made = packet('xmp:Rating="5"', bag("dc:subject", "beach"))
    assert xmp.told(made[: made.index(b"<dc:subject>")]) == (1, Notes.RATING)


def test_xmp_is_read_within_bounds():
    long = packet('xmp:Rating="5"', "<dc:title>" + "x" * xmp.LONGEST + "</dc:title>")
    assert Notes.RATING in xmp.told(long)[1]
    many = packet('xmp:Rating="5"', bag("dc:subject", *("x",) * xmp.MOST) + "<photoshop:City>Basel</photoshop:City>")
    assert Notes.PLACE not in xmp.told(many)[1]


def test_iptc_of_a_jpeg_counts():
    data = jpeg()
    tagged = data[:2] + iptc(_0=b"\0\4", _25=b"beach", _90=b"Basel", _120=b"  ") + data[2:]
    picture = look(tagged)
    assert (picture.other_fields, picture.notes) == (2, Notes.KEYWORDS | Notes.PLACE)


@pytest.mark.parametrize("later", [False, True])
def test_text_of_a_png_counts_wherever_it_stands(later):
    texts = {b"Description": b"At sea", b"parameters": b"a cat", b"Software": b"an editor", b"date:create": b"2024"}
    picture = look(with_text(pictures.encode(pictures.scene(1), "PNG"), texts, later=later), "a.png")
    assert (picture.other_fields, picture.notes) == (2, Notes.DESCRIPTION | Notes.TEXT)


def test_a_comment_counts_unless_a_program_left_it():
    assert look(jpeg(comment=b"Grandmother, 1950")).notes == Notes.TEXT
    assert look(jpeg(comment=b"CREATOR: gd-jpeg v1.0")).notes == Notes.NOTHING
    assert look(jpeg(comment=b"   ")).other_fields == 0


def test_exif_is_told_by_what_it_says():
    exif = Image.Exif()
    exif[0x010F], exif[0x010E], exif[0x4746] = "maker", "                ", 0
    exif.get_ifd(0x8769)[0x9003] = "2026:11:22 10:00:00"
    assert look(jpeg(exif=exif)).notes == Notes.CAMERA | Notes.DATE
    exif[0x4746], exif[0x9C9E] = 5, "beach".encode("utf-16le")
    assert look(jpeg(exif=exif)).notes == Notes.CAMERA | Notes.DATE | Notes.RATING | Notes.KEYWORDS


def test_a_sketch_tells_what_a_full_decode_tells():
    import_module("difPy.decode.bounds")  # which is loaded for many large pictures only
    large, made = pictures.scene(1, (460, 275)).resize((1840, 1100)), packet('xmp:Rating="5"')
    for options in ({}, {"progressive": True}):
        data = pictures.encode(large, "JPEG", xmp=made, **options)
        sketch, full = look(data, exact=False), look(data)
        assert sketch.error > 0 == full.error
        for fact in ("exif_fields", "gps", "other_fields", "notes", "lossless"):
            assert getattr(sketch, fact) == getattr(full, fact), (options, fact)


def test_metadata_are_those_of_the_first_frame(tmp_path):
    frames = [pictures.scene(seed, (40, 30)) for seed in range(3)]
    path = pictures.animation(tmp_path / "a.tif", frames, tiffinfo={270: "At sea"})
    assert Notes.DESCRIPTION in look(path.read_bytes(), "a.tif").notes
    path = pictures.animation(tmp_path / "a.gif", frames, comment=b"At sea")
    assert look(path.read_bytes(), "a.gif").notes == Notes.TEXT


# Whether a file keeps every pixel

YES, MAYBE, NO = Lossless.YES, Lossless.MAYBE, Lossless.NO


@pytest.mark.parametrize(
    ("form", "options", "expected"),
    [
        ("JPEG", {"quality": 100}, NO),
        ("PNG", {}, YES),
        ("BMP", {}, YES),
        ("QOI", {}, YES),
        ("TIFF", {}, YES),
        ("TIFF", {"compression": "tiff_lzw"}, YES),
        ("TIFF", {"compression": "jpeg"}, NO),
        ("WEBP", {"lossless": True}, YES),
        ("WEBP", {"quality": 100}, NO),
        ("WEBP", {"lossless": True, "exif": b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0"}, YES),
        ("JPEG2000", {}, MAYBE),
        ("JPEG2000", {"no_jp2": True}, MAYBE),
        ("JPEG2000", {"irreversible": True}, NO),
        ("AVIF", {"quality": 100}, NO),
        ("HEIF", {}, NO),
        ("JXL", {"lossless": True}, MAYBE),
        ("JXL", {"quality": 80}, NO),
        ("DDS", {}, YES),
        ("DDS", {"pixel_format": "DXT1"}, NO),
        ("GIF", {}, MAYBE),
    ],
)
def test_whether_a_file_keeps_every_pixel_is_not_told_by_its_container(form, options, expected):
    if form == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    if form == "JXL":
        pytest.importorskip("pillow_jxl")
    data = pictures.encode(pictures.scene(1, (40, 30)), form, **options)
    assert look(data, f"a.{form.lower()}").lossless is expected


def test_of_an_animation_the_least_frame_counts():
    frames = [pictures.scene(seed, (40, 30)) for seed in range(3)]
    for options, expected in (({"lossless": True}, YES), ({"quality": 90}, NO)):
        stream = io.BytesIO()
        frames[0].save(stream, "WEBP", save_all=True, append_images=frames[1:], **options)
        assert look(stream.getvalue(), "a.webp").lossless is expected


def test_a_palette_may_be_all_colours_there_were_or_not():
    few = pictures.scene(1, (40, 30)).quantize(16)
    for form in ("PNG", "BMP", "TIFF"):
        assert look(pictures.encode(few, form), f"a.{form.lower()}").lossless is MAYBE, form
