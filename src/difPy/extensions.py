"""Names of picture files: which extensions are looked at, and which of them need an optional library."""

from __future__ import annotations

import os

_CAMERA_RAW = """
3fr arw cr2 cr3 crw dcr dng erf fff iiq k25 kdc mef mos mrw nef nrw orf pef raf raw rw2 rwl sr2 srf srw x3f
"""
RAW = frozenset(_CAMERA_RAW.split())
"""What cameras write as raw: needs the extra `raw`."""

_DOCUMENTED = """
apng bw cdf cur dcx dds dib emf eps fli flc fpx ftex fits gd gd2 gif gbr icb icns iim ico im imt j2k jfif jfi jif jp2
jpe jpeg jpg jpm jpf jpx mic mpo msp nc pbm pcd pcx pgm png ppm psd pixar ras rgb rgba sgi spi spider sun tga tif tiff
vda vst wal webp xbm xpm
"""
_TODAY = """
avif avifs bmp heic heics heif heifs hif j2c jpc jxl pfm pnm psb pxr qoi
"""

SCALABLE = frozenset({"jfi", "jfif", "jif", "jpe", "jpeg", "jpg", "mpo"})
"""What is decoded at a fraction of its size, for a fraction of the time."""

EXTENSIONS = frozenset(_DOCUMENTED.split()) | frozenset(_TODAY.split()) | RAW
"""Extensions of picture files: lower case, without the dot."""


def extension(name: str) -> str:
    """Extension of a file's name: lower case, without the dot.

    Examples
    --------
    >>> extension("holiday/IMG_0001.JPEG")
    'jpeg'
    """
    return os.path.splitext(name)[1][1:].lower()
