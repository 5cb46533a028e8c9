"""A group in, a record that holds all that is known of it out, ready for JSON; and back."""

from __future__ import annotations

from typing import Any

from difPy import orientation
from difPy.address import Address
from difPy.files import File
from difPy.model import Group, Member


def record(found: Group) -> dict[str, Any]:
    """All that is known of a group."""
    return {
        "kept": found.keeper.path,
        "why": found.why,
        "px_size": found.px_size,
        "keeper": facts(found.keeper),
        "matches": [
            {
                "path": member.file.path,
                "mse": member.distance,
                "turns": member.orientation & 3,
                "mirrored": member.orientation >= orientation.MIRRORED,
                "more_metadata": list(member.more),
                "note": member.note,
                "holds": member.holds,
                "differs": member.differs,
                "verdict": member.verdict,
                "change": member.change.numbers() | {"words": member.change.words()} if member.change else None,
                "shows": member.shows,
            }
            | facts(member.file)
            for member in found.members
        ],
    }


def facts(file: File) -> dict[str, Any]:
    """What is known of a file beside its path: the figures last that no person reads."""
    known: dict[str, Any] = {"bytes": file.size, "width": file.width or None, "height": file.height or None}
    known |= {"format": file.format}
    known |= {"taken": file.taken, "camera": file.camera}
    known |= {"digest": file.digest.hex() if file.digest else None, "root": file.root}
    known |= {name: getattr(file, name) for name in ("mtime_ns", "device", "inode")}
    if (at := file.address) is not None:
        names = ("uri", "member", "offset", "size", "version", "column")
        known |= {"address": {name: getattr(at, name) for name in names}}
    if file.hard_links or file.symlinks or file.linked:
        known |= {"hard_links": file.hard_links, "symlinks": file.symlinks, "linked": file.linked}
    return known


def group(one: dict[str, Any]) -> Group:
    """The group that has such a record.

    Raises
    ------
    KeyError, TypeError, ValueError, AttributeError
        It is none of a group.
    """
    from difPy import change  # here: who searches reads no records

    members = tuple(
        Member(
            _file(match["path"], match),
            float(match["mse"]),
            int(match["turns"]) + orientation.MIRRORED * bool(match["mirrored"]),
            tuple(match["more_metadata"]),
            match["holds"],
            match["differs"],
            change.read(match["change"]) if match["change"] else None,
            match["shows"],
        )
        for match in one["matches"]
    )
    return Group(_file(one["kept"], one["keeper"]), members, one["why"], int(one["px_size"]))


def _file(path: str, facts: dict[str, Any]) -> File:
    digest = facts["digest"]
    return File(
        path,
        facts["root"],
        facts["bytes"],
        facts["mtime_ns"],
        facts["device"],
        facts["inode"],
        tuple(facts.get("hard_links", ())),
        tuple(facts.get("symlinks", ())),
        bool(facts.get("linked")),
        digest and bytes.fromhex(digest),
        facts["width"] or 0,
        facts["height"] or 0,
        facts["format"],
        facts["taken"],
        facts["camera"],
        Address(**facts["address"]) if "address" in facts else None,
    )
