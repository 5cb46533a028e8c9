"""Why bytes cannot be had, as the exceptions that carry it."""

from __future__ import annotations


class Unreadable(Exception):
    """Bytes that cannot be had; the text says why."""


class Missing(Unreadable):
    """There is nothing of that name."""


class Damaged(Unreadable):
    """It is there, and is not what its name says, or not whole."""
