"""What a file holds beside the picture that is shown, as a text; two such texts in, what tells them apart out.

A text has a line for each part, its name and the beginning of its digest; it is empty for nearly all pictures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_DIGITS = 16
"""Hexadecimal digits of a digest that are kept: they say what differs; whether something does, identities say."""


_WORK = frozenset({"layers"})
"""Parts of which another one is no substitute, however alike the pictures: somebody made them."""


def written(parts: Mapping[str, bytes]) -> str:
    r"""Parts of a file as a text.

    Parameters
    ----------
    parts : mapping of str to bytes
        Name, as "a film" -> digest.

    Examples
    --------
    >>> written({"a gain map": bytes(32), "a film": bytes(range(32))})
    'a film: 0001020304050607\na gain map: 0000000000000000'
    """
    return "\n".join(f"{name}: {digest.hex()[:_DIGITS]}" for name, digest in sorted(parts.items()))


def lacking(text: str, kept: str) -> str:
    """What one file holds and the other, that is kept, does not: in words, empty if there is none.

    Examples
    --------
    >>> lacking("a film: 00", ""), lacking("a film: 00", "a film: 11")
    ('a film', '')
    >>> lacking("layers: 00", "layers: 11")
    'layers'
    """
    return _words([name for name, digest in _parts(text).items() if _lacks(name, digest, _parts(kept))])


def differing(text: str, kept: str) -> str:
    """What both files hold, and not quite the same: in words, empty if there is none.

    Examples
    --------
    >>> differing("a film: 00", "a film: 11"), differing("a film: 00", "a film: 00")
    ('a film', '')
    """
    held = _parts(kept)
    return _words(
        [name for name, digest in _parts(text).items() if not _lacks(name, digest, held) and held[name] != digest]
    )


def _lacks(name: str, digest: str, held: Mapping[str, str]) -> bool:
    return name not in held or (name in _WORK and held[name] != digest)


def _parts(text: str) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)


def _words(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
