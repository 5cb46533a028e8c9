"""Facts of pictures and a keep policy -> the order in which they are kept, best first, and why, in words.

A policy is a key function with words. Policies combine in order: the first that tells two pictures apart decides. What
is live comes before all, and some whole order behind what a person asked for: see `ORDERS`.

facts: what policies look at; rules: the policies; copies: names of copies
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from difPy.errors import WrongType, WrongValue
from difPy.policy.facts import ENLARGED, Facts, Policy
from difPy.policy.rules import (
    CAMERA,
    CLEAN,
    DETAIL,
    FAITHFUL,
    IS_LOSSLESS,
    LEAST,
    LIVE,
    METADATA,
    NEWEST,
    NO_COPY,
    OLDEST,
    ORIGIN,
    ORIGINAL,
    PATH,
    RESOLUTION,
    SHORT_NAME,
    SHORTEST,
    SIZE,
    SMALLEST,
    UNDATED,
    WHOLE,
    in_folders,
    matching,
    referred,
)

__all__ = [
    "BEST",
    "BY_NAME",
    "CAMERA",
    "CLEAN",
    "DETAIL",
    "DOCUMENTED",
    "ENLARGED",
    "FAITHFUL",
    "IS_LOSSLESS",
    "LEAST",
    "LIVE",
    "METADATA",
    "OLDEST",
    "ORDERS",
    "ORIGIN",
    "ORIGINAL",
    "RESOLUTION",
    "SIZE",
    "SMALLEST",
    "TIES",
    "UNDATED",
    "WHOLE",
    "WHOLE_FIRST",
    "Facts",
    "Keep",
    "Policy",
    "among_copies",
    "chosen",
    "in_folders",
    "listed",
    "matching",
    "order",
    "policy",
    "ranked",
    "referred",
    "why",
]

TIES = (NO_COPY, SHORT_NAME, PATH)
"""What every order ends in: no two files have the same path."""
DOCUMENTED = (SIZE, RESOLUTION, OLDEST, *TIES)
"""The order of the documented difPy: the larger file."""
BEST = (RESOLUTION, ORIGIN, LEAST, METADATA, CAMERA, SMALLEST, OLDEST, *TIES)
"""The order of the verbs. What the first three look at is the same for pictures that are identical: among them the
others decide, and size is no gain."""
WHOLE_FIRST = (WHOLE, CLEAN, DETAIL, ORIGINAL, FAITHFUL, LEAST, *BEST[3:])
"""The order among altered copies, whoever asks: what shows most, then what is not written over, then pixels of what
both show, but for those that an enlarged picture has more than it shows; a frame has none."""
OF_CONTENT = frozenset(
    (SIZE, SMALLEST, LEAST, RESOLUTION, WHOLE, CLEAN, DETAIL, ORIGINAL, IS_LOSSLESS, ORIGIN, FAITHFUL, METADATA, CAMERA)
)
"""What hangs on the bytes of a file alone: the same for all that have them."""
ORDERS = {"best": BEST, "documented": DOCUMENTED}
BY_NAME = {policy.name: policy for policy in (SIZE, RESOLUTION, IS_LOSSLESS, METADATA, OLDEST, NEWEST, SHORTEST, WHOLE)}

Keep = str | Policy | Sequence[str | Policy]
"""What a person asks to keep."""


def policy(text: str) -> Policy:
    """The policy of that name.

    Parameters
    ----------
    text : str
        'size', 'resolution', 'lossless', 'metadata', 'oldest', 'newest', 'shortest', 'whole', 'folder=PATH' or
        'path=PATTERN'.

    Raises
    ------
    WrongValue
        For any other text, and for a folder that there is not.

    Examples
    --------
    >>> policy("lossless").name, policy("folder=.").name
    ('lossless', 'folder')
    """
    name, _, value = text.partition("=")
    if name == "folder" and "://" in value:
        raise WrongValue(f"keep {text!r} names no folder of this disk: name a pattern, as path={value}*")
    if name == "folder" and value:
        if not os.path.isdir(value):
            raise WrongValue(f"keep {text!r} names no folder: there is none at {os.path.abspath(value)!r}")
        return in_folders([value])
    if name == "path" and value:
        return matching(value)
    if text in BY_NAME:
        return BY_NAME[text]
    names = ", ".join((*ORDERS, *BY_NAME))
    raise WrongValue(f"keep must be one of {names}, folder=PATH or path=PATTERN, not {text!r}")


def chosen(keep: Keep = (), default: Sequence[Policy] = BEST) -> tuple[Policy, ...]:
    """All policies that decide, in their order.

    Parameters
    ----------
    keep : str, Policy, or sequence of these, optional
        As `policy` takes them, or the name of one of the `ORDERS`; the most important first.
    default : sequence of Policy, optional
        The order behind these.

    Examples
    --------
    >>> [one.name for one in chosen("oldest", DOCUMENTED)]
    ['live', 'oldest', 'size', 'resolution', 'oldest', 'copy', 'name', 'path']
    """
    found: list[Policy] = [LIVE]
    for one in listed(keep):
        if isinstance(one, str) and one in ORDERS:
            return (*found, *ORDERS[one])  # a whole order: nothing is left to be decided behind it
        found.append(policy(one) if isinstance(one, str) else one)
    return (*found, *default)


def listed(keep: Keep) -> list[str | Policy]:
    """What a person asks to keep, one by one.

    Raises
    ------
    WrongType
        It is no text, and no list of such.

    Examples
    --------
    >>> listed("oldest")
    ['oldest']
    """
    found = [keep] if isinstance(keep, (str, Policy)) else list(keep) if isinstance(keep, Iterable) else [keep]
    for one in found:
        if not isinstance(one, (str, Policy)):
            raise WrongType(f"keep must be text, such as 'oldest', or a list of such, not {one!r}")
    return found


def order(facts: Facts, policies: Sequence[Policy] = DOCUMENTED) -> tuple[Any, ...]:
    """Sort key of a picture: the least is kept.

    Parameters
    ----------
    facts : Facts
    policies : sequence of Policy, optional
        Asked in order.

    Examples
    --------
    >>> from difPy.files import File
    >>> small, large = (Facts(File(name, "", size, 0, 1, size), 9, 9, "PNG") for name, size in (("a", 1), ("b", 2)))
    >>> [facts.file.path for facts in sorted([small, large], key=order)]
    ['b', 'a']
    """
    return tuple(policy.key(facts) for policy in policies)


def among_copies(policies: Sequence[Policy], references: Sequence[str] = ()) -> tuple[Policy, ...]:
    """Those that may tell files of the same bytes apart; what hangs on the given directory is asked once for each.

    Parameters
    ----------
    policies : sequence of Policy
    references : sequence of str, optional
        Directories whose files come first.

    Examples
    --------
    >>> [one.name for one in among_copies(chosen())]
    ['live', 'oldest', 'copy', 'name', 'path']
    """
    left = (one for one in policies if one not in OF_CONTENT)
    first = (referred(references),) if references else ()
    return asked_once((*first, *left))


def asked_once(policies: Sequence[Policy]) -> tuple[Policy, ...]:
    """The same policies; what hangs on the given directory, for which the disk is asked, is asked once for each."""
    live: dict[str, Any] = {}

    def key(facts: Facts) -> Any:
        if facts.file.address is not None:
            return LIVE.key(facts)
        root = facts.file.root
        if root not in live:
            live[root] = LIVE.key(facts)
        return live[root]

    return tuple(LIVE._replace(key=key) if one is LIVE else one for one in policies)


def ranked(some: Sequence[Facts], policies: Sequence[Policy]) -> list[Facts]:
    """Pictures, the one to keep first: as sorted by `order`, with no policy asked of what those before it tell apart.

    Examples
    --------
    >>> from difPy.files import File
    >>> few = [Facts(File(name, "", size, 0, 1, size), 9, 9, "PNG") for name, size in (("a", 1), ("c", 2), ("b", 2))]
    >>> [facts.file.path for facts in ranked(few, DOCUMENTED)]
    ['b', 'c', 'a']
    """
    if len(some) < 2 or not policies:
        return list(some)
    first, *others = policies
    keyed = sorted(((first.key(facts), facts) for facts in some), key=itemgetter(0))
    alike = ([facts for _, facts in run] for _, run in groupby(keyed, itemgetter(0)))
    return [facts for run in alike for facts in ranked(run, others)]


def why(kept: Facts, others: Sequence[Facts], policies: Sequence[Policy] = DOCUMENTED) -> str:
    """Why a picture is kept rather than the others of its group, a sentence.

    Examples
    --------
    >>> from difPy.files import File
    >>> kept = Facts(File("a.png", "", 2048, 0, 1, 1), 8, 8, "PNG")
    >>> why(kept, [Facts(File("b.jpg", "", 1024, 0, 1, 2), 8, 8, "JPEG")])
    'Kept because it is the larger file (2,048 bytes against 1,024 bytes).'
    """
    reasons: dict[str, str] = {}
    for other in ranked(others, policies):
        for policy in policies:
            mine, theirs = policy.key(kept), policy.key(other)
            if mine < theirs and policy.name not in reasons:
                reasons[policy.name] = policy.words(kept, other)
            if mine != theirs:
                break
    if not reasons:
        return "Kept because it was chosen." if others else "Kept because nothing is like it."
    return f"Kept because {', and '.join(reasons.values())}."
