"""The pictures of a folder, and the name of another file there -> the pictures that file belongs to, by names alone.

``IMG_1.jpg.xmp`` belongs to ``IMG_1.jpg``; ``IMG_1.xmp``, its raw and its film to every picture called ``IMG_1``.
Google Takeout cuts the names of its notes after 46 characters, moves the number of ``IMG(1).jpg`` to
``IMG.jpg(1).json``, and writes one note for a picture and its edited version. An iPhone calls the edited ``IMG_1234``
``IMG_E1234``, and has ``IMG_O1234.AAE`` for it. Whatever may belong to several pictures belongs to all of them.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NOTES = frozenset(
    {".xmp", ".aae", ".json", ".pp3", ".arp", ".dop", ".on1", ".vrd", ".dr4", ".mie"}  # of editors and phones
    | {".txt", ".caption"}  # captions, as training data has them
    | {".wav", ".thm"}  # spoken notes and small versions, of cameras
)
_RAWS = """
3fr arw cr2 cr3 crw dcr dng erf fff gpr iiq k25 kdc mef mos mrw nef nrw orf pef raf raw rw2 rwl sr2 srf srw x3f
"""
RAWS = frozenset(f".{extension}" for extension in _RAWS.split())
FILMS = frozenset({".mov", ".mp4", ".mp", ".mv", ".mp~2"})
_PICTURES = """
apng avif avifs bmp bw cdf cur dcx dds dib emf eps fits flc fli fpx ftex gbr gd gd2 gif heic heics heif heifs hif icb
icns ico iim im imt j2c j2k jfi jfif jif jp2 jpc jpe jpeg jpf jpg jpm jpx jxl mic mpo msp nc pbm pcd pcx pfm pgm pixar
png pnm ppm psb psd pxr qoi ras rgb rgba sgi spi spider sun tga tif tiff vda vst wal webp xbm xpm
"""
_WORKS = """
af afdesign afphoto ai cap cdr clip cr eip exr hdr insp jxr kra ora pdf pdn procreate psdt psp pspimage pxd svg svgz wdp
xcf
"""
PICTURES = frozenset(f".{extension}" for extension in [*_PICTURES.split(), *_WORKS.split()])
"""What has notes of its own: pictures, whether they are searched or not, and what editors and scanners save."""
APPLE_DOUBLE = "._"
"""What macOS puts before the name of a file, on disks that cannot hold what it knows of it."""
_EDITED = (
    *("-edited", "-effects", "-smile", "-mix", "-bearbeitet", "-modifié", "-modificato", "-editado", "-ha editado"),
    *("-editat", "-bewerkt", "-edytowane", "-編集済み"),
)
_CUT = range(45, 52)
"""How many characters of a note's name stand before .json where it was cut: 46 mostly, some more or less elsewhere."""
_MOST_ALIKE = 16  # pictures whose names begin alike: of more, a beginning says nothing
_SUPPLEMENT = ".supplemental-metadata"
_NUMBER = re.compile(r"\(\d+\)$")
_IPHONE = re.compile(r"IMG_([EO]?)(\d{4}.*)", re.IGNORECASE | re.DOTALL)


class Pictures:
    """The pictures of one folder, to be found by what belongs to them.

    Parameters
    ----------
    names : iterable of str

    Examples
    --------
    >>> pictures = Pictures(["IMG_1.jpg", "IMG_1.heic", "IMG_1-edited.jpg"])
    >>> pictures.of("IMG_1.xmp"), pictures.of("IMG_1.jpg.xmp"), pictures.of("IMG_1.jpg.suppl.json")
    (['IMG_1.jpg', 'IMG_1.heic'], ['IMG_1.jpg'], ['IMG_1.jpg', 'IMG_1-edited.jpg'])
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._named: defaultdict[str, list[str]] = defaultdict(list)
        self._called: defaultdict[str, list[str]] = defaultdict(list)
        self._edited: defaultdict[str, list[str]] = defaultdict(list)
        self._cut: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for name in names:
            stem, extension = os.path.splitext(_composed(name))
            self._named[_plain(name)].append(name)
            self._called[_plain(stem)].append(name)
            for original in _originals(stem):
                self._edited[_plain(original)].append(name)
            bare, number = _numbered(stem)
            for whole, apart in {(stem + extension, ""), (bare + extension, number)}:
                for length in _CUT:
                    if len(whole) > length:
                        self._cut[_plain(whole[:length]), apart].append(name)

    def of(self, name: str) -> list[str]:
        """Names of the pictures that a file of this name belongs to; none, if it is nothing that goes with pictures."""
        if name.startswith(APPLE_DOUBLE):
            own = name.removeprefix(APPLE_DOUBLE)
            return self._named.get(_plain(own), []) or self.of(own)
        base, extension = os.path.splitext(_composed(name))
        extension = extension.lower()
        found = dict.fromkeys(self._named.get(_plain(base), [])) if extension in NOTES else {}
        if not found and extension in NOTES | RAWS | FILMS:
            found |= dict.fromkeys(self._called.get(_plain(base), []))
        if extension in FILMS:  # PXL_1.MP.jpg and PXL_1.MP
            found |= dict.fromkeys(self._called.get(_plain(name), []))
        if extension == ".json":
            found |= dict.fromkeys(self._of_takeout(base))
        if extension == ".aae" and (known := _IPHONE.fullmatch(base)):
            for stem in (f"IMG_{known[2]}", f"IMG_E{known[2]}"):
                found |= dict.fromkeys(self._called.get(_plain(stem), []))
        if extension in RAWS:
            return [one for one in found if os.path.splitext(one)[1].lower() not in RAWS]
        return list(found)

    def _of_takeout(self, base: str) -> Iterator[str]:
        """Pictures that a note of Takeout's, of this name before .json, belongs to."""
        rest, number = _numbered(base)
        stem, last = os.path.splitext(rest)
        whole = [stem] if last and _SUPPLEMENT.startswith(last) else []
        found = False
        for name in [rest, *whole]:
            stem, extension = os.path.splitext(name)
            if extension:
                known = [*self._named.get(_plain(stem + number + extension), ())]
                known += self._edited.get(_plain(stem + number), ())
                found |= bool(known)
                yield from known
        cut = self._cut.get((_plain(rest), number), ()) if not found and len(rest) in _CUT else ()
        if len(cut) <= _MOST_ALIKE:
            yield from cut


def _originals(stem: str) -> Iterator[str]:
    """What a picture is called of which this one, by its name, is an edited version; the word may have been cut.

    Examples
    --------
    >>> list(_originals("a-edited")), list(_originals("a-bearbeitet(1)")), list(_originals("a-edit"))
    (['a'], ['a(1)'], [])
    """
    bare, number = _numbered(stem)
    original, dash, word = bare.rpartition("-")
    if not original:
        return
    said = (dash + word).lower()
    if said in _EDITED or (len(bare) in _CUT and word and any(one.startswith(said) for one in _EDITED)):
        yield original + number


def _numbered(text: str) -> tuple[str, str]:
    """The text without the number at its end, and the number.

    Examples
    --------
    >>> _numbered("a.jpg(1)"), _numbered("a.jpg")
    (('a.jpg', '(1)'), ('a.jpg', ''))
    """
    number = _NUMBER.search(text)
    return (text[: number.start()], number[0]) if number else (text, "")


def _composed(name: str) -> str:
    """Accents written as macOS does not: there, names are longer."""
    return unicodedata.normalize("NFC", name)


def _plain(name: str) -> str:
    """Names that differ only in case, or in how an accent is written, may be meant to be the same."""
    return _composed(name).casefold()
