"""Facts of pictures and a keep policy -> the order in which they are kept, best first, and why, in words.

A policy is a key function with words. Policies combine in order: the first that tells two pictures apart decides.
Behind all of them stands the documented order: the larger file, then more pixels, then the older file, then the path.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from difPy.errors import WrongValue
from difPy.policy.facts import Facts, Policy
from difPy.policy.rules import (
    IS_LOSSLESS,
    METADATA,
    NEWEST,
    OLDEST,
    PATH,
    RESOLUTION,
    SHORTEST,
    SIZE,
    in_folders,
    matching,
    referred,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "BY_NAME",
    "DOCUMENTED",
    "IS_LOSSLESS",
    "OLDEST",
    "PATH",
    "RESOLUTION",
    "SIZE",
    "Facts",
    "Policy",
    "in_folders",
    "matching",
    "order",
    "policy",
    "referred",
    "why",
]

DOCUMENTED = (SIZE, RESOLUTION, OLDEST, PATH)
BY_NAME = {policy.name: policy for policy in (SIZE, RESOLUTION, IS_LOSSLESS, METADATA, OLDEST, NEWEST, SHORTEST)}


def policy(text: str) -> Policy:
    """The policy of that name.

    Parameters
    ----------
    text : str
        'size', 'resolution', 'lossless', 'metadata', 'oldest', 'newest', 'shortest', 'folder=PATH' or 'path=PATTERN'.

    Raises
    ------
    WrongValue
        For any other text.

    Examples
    --------
    >>> policy("lossless").name, policy("folder=/archive").name
    ('lossless', 'folder')
    """
    name, _, value = text.partition("=")
    if name == "folder" and value:
        return in_folders([value])
    if name == "path" and value:
        return matching(value)
    if text in BY_NAME:
        return BY_NAME[text]
    raise WrongValue(f"keep must be one of {', '.join(BY_NAME)}, folder=PATH or path=PATTERN, not {text!r}")


def order(facts: Facts, policies: Sequence[Policy] = ()) -> tuple[Any, ...]:
    """Sort key of a picture: the least is kept.

    Parameters
    ----------
    facts : Facts
    policies : sequence of Policy, optional
        Asked in order, before the documented ones.

    Examples
    --------
    >>> from difPy.files import File
    >>> small, large = (Facts(File(name, "", size, 0, 1, size), 9, 9, "PNG") for name, size in (("a", 1), ("b", 2)))
    >>> [facts.file.path for facts in sorted([small, large], key=order)]
    ['b', 'a']
    """
    return tuple(policy.key(facts) for policy in (*policies, *DOCUMENTED))


def why(kept: Facts, others: Sequence[Facts], policies: Sequence[Policy] = ()) -> str:
    """Why a picture is kept rather than the others of its group, a sentence.

    Examples
    --------
    >>> from difPy.files import File
    >>> kept = Facts(File("a.png", "", 2048, 0, 1, 1), 8, 8, "PNG")
    >>> why(kept, [Facts(File("b.jpg", "", 1024, 0, 1, 2), 8, 8, "JPEG")], [IS_LOSSLESS])
    'Kept because PNG keeps every pixel and JPEG does not.'
    """
    reasons: dict[str, str] = {}
    for other in sorted(others, key=lambda facts: order(facts, policies)):
        for policy in (*policies, *DOCUMENTED):
            mine, theirs = policy.key(kept), policy.key(other)
            if mine < theirs:
                reasons.setdefault(policy.name, policy.words(kept, other))
            if mine != theirs:
                break
    if not reasons:
        return "Kept because it was chosen." if others else "Kept because nothing is like it."
    return f"Kept because {', and '.join(reasons.values())}."
