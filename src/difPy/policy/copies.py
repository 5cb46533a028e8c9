"""A path in, whether its name is one that a system gives to a copy out.

Said is nothing but that: a picture may well be called so and be the only one. It counts among equals alone.
"""

from __future__ import annotations

import os
import re
import unicodedata
from functools import cache

_WORDS = frozenset(
    {"copy", "copie", "copia", "còpia", "cópia", "kopie", "kopia", "kopi", "kopio", "kopija", "kopja", "koopia",
     "kópia", "másolat", "másolata", "kopya", "kopyas\u0131", "afrit", "eintak", "salinan", "duplicate", "duplikat",
     "duplicado", "duplicata", "копия", "копія", "копие", "копија", "αντίγραφο", "עותק", "نسخة", "نسخ", "प्रतिलिपि",
     "สำเนา", "bản sao"}
)  # fmt: skip
"""A copy, as file managers say it, set off from the name of what it is a copy of."""
_WORDS_UNSPACED = ("副本", "拷贝", "複製", "复制", "コピー", "복사본", "사본")
"""The same in languages that set nothing off."""

_WORD = "|".join(map(re.escape, sorted(_WORDS)))
_UNSPACED = "|".join(_WORDS_UNSPACED)
_NUMBER = r"[ _-]?\(?\d{1,3}\)?"


@cache
def _copy() -> re.Pattern[str]:
    """The names of copies: made when they are asked for, which most searches never do."""
    return re.compile(
        rf"""
        .* \S \ ? \(\d{{1,3}}\)                                    # IMG_1 (1), IMG_1(1)
        | (?!.*\d{{4}}-\d\d-\d\d$) .* \S (-|\ |~) \d{{1,2}}         # IMG_1-1, IMG_1 2; but no date
        | .* [ _.(\[\u2014\u2013-] (\w+\ )? ({_WORD}) \)? ({_NUMBER})?  # IMG_1 - Copy (2), IMG_1 (another copy)
        | ({_WORD}) ({_NUMBER})? ([ _-] .*)?                       # Copy of IMG_1, Copy (2) of IMG_1, copy
        | .* ({_UNSPACED}) ({_NUMBER})? [)\uff09]?                  # IMG_1 - 副本 (2), IMG_1のコピー
        | ({_UNSPACED}) .*                                         # 副本 IMG_1, コピー ~ IMG_1
        """,
        re.IGNORECASE | re.VERBOSE | re.DOTALL,
    )


def is_copy(path: str) -> bool:
    """Whether a file is named as a copy.

    Examples
    --------
    >>> [is_copy(name) for name in ("IMG_1 (1).jpg", "Kopie von IMG_1.jpg", "IMG_1.jpg", "photocopy.jpg")]
    [True, True, False, False]
    """
    stem = os.path.splitext(os.path.basename(path))[0]
    return _copy().fullmatch(unicodedata.normalize("NFC", stem)) is not None
