"""A name, or a path, in; what kind of trash, old versions or snapshot lies there out, or None: it is live.

What is thrown away is gone when the trash is emptied, and an old version or a snapshot when its time has come. So for a
copy there no live picture may go.
"""

from __future__ import annotations

import os
import re
from functools import cache, lru_cache

_FOLDERS = {
    r"\.Trash(es|-\d+)?": "the trash of a drive",
    r"\.(global)?Trash(Bin)?|Network Trash Folder": "a trash",
    r"\$Recycle\.Bin|(?-i:RECYCLE[RD])": "the recycle bin of Windows",
    r"[#@.]recycled?|\.Recycle[._]?Bin": "the recycle bin of a network drive",
    r"\.dtrash": "the trash of digiKam",
    r"files_trashbin": "the trash of Nextcloud or ownCloud",
    r"\.MobileBackups(\.trash)?": "local copies of Time Machine",
    r"files_versions": "old versions, of Nextcloud or ownCloud",
    r"\.stversions": "old versions, of Syncthing",
    r"\.SyncArchive": "old versions, of Resilio Sync",
    r"_gsdata_": "old versions, of GoodSync",
    r"\.dropbox\.cache": "what Dropbox deletes soon",
    r"\.DocumentRevisions-V100": "old versions, of macOS",
    r"Backups\.backupdb|\.timemachine|[\d-]+\.(backup|previous|interrupted|inProgress)": "copies of Time Machine",
    r"\.snapshots?|\.snap|\.ckpt": "snapshots",
    r"[#~]snapshot|@(Recently-)?Snapshots?|@sharesnap": "snapshots of a network drive",
    r"\.zfs": "snapshots of ZFS",
    r"@GMT-\d{4}\.\d\d\.\d\d-\d\d\.\d\d\.\d\d": "a shadow copy of Windows",
    r"System Volume Information": "shadow copies of Windows",
}
"""Names of folders, in any letter case unless they are words that people use, too -> what lies there."""

_BELOW = {
    r"\.sync/Archive": "old versions, of Resilio Sync",
    r"(?-i:Trash/files)": "the trash of a user",
    r"timeshift(-btrfs)?/snapshots(-\w+)?": "snapshots of Timeshift",
}
"""Names that say so only together with that of the folder above."""

_FILES = {
    r"\.trashed-\d+-.+": "the trash of Android",
    r".+ \(\d{4}_\d\d_\d\d \d\d_\d\d_\d\d UTC\)(\.[^.]*)?": "an old version, of the File History of Windows",
}
"""Names of files."""


def folder(path: str) -> str | None:
    """What the name of a folder says that lies in it.

    Examples
    --------
    >>> folder("Pictures/.stversions"), folder("Pictures/Versions")
    ('old versions, of Syncthing', None)
    """
    name = os.path.basename(path)
    return _told("folder", name) or _told("two", f"{os.path.basename(os.path.dirname(path))}/{name}")


def file(name: str) -> str | None:
    """What the name of a file says that it is.

    Examples
    --------
    >>> file(".trashed-1735689600-IMG_1.jpg"), file("IMG_1.jpg")
    ('the trash of Android', None)
    """
    return _told("file", name) if name[:1] == "." or "UTC)" in name else None  # a million times: most are plain


def of(path: str) -> str | None:
    """What a folder or a file is, by its own name or that of a folder above it.

    Examples
    --------
    >>> of(os.path.join("share", ".zfs", "snapshot", "daily", "IMG_1.jpg"))
    'snapshots of ZFS'
    """
    return within(path) or file(os.path.basename(path))


@lru_cache(maxsize=4096)
def within(path: str) -> str | None:
    """What a folder is, by its own name or that of one above it.

    Examples
    --------
    >>> within(os.path.join("share", ".zfs", "snapshot", "daily"))
    'snapshots of ZFS'
    """
    while (above := os.path.dirname(path)) != path:
        if what := folder(path):
            return what
        path = above
    return None


def _told(kind: str, name: str) -> str | None:
    found = _any_of(kind).fullmatch(name)
    return None if found is None else _WHAT[found.lastgroup or ""]


@cache
def _any_of(kind: str) -> re.Pattern[str]:
    """One pattern for all names of a kind, made when one is looked at first; the group that matched tells which."""
    names = enumerate(_TABLES[kind])
    return re.compile("|".join(f"(?P<{kind}{at}>(?:{name}))" for at, name in names), re.IGNORECASE)


_TABLES = {"folder": _FOLDERS, "two": _BELOW, "file": _FILES}
_WHAT = {f"{kind}{at}": what for kind, table in _TABLES.items() for at, what in enumerate(table.values())}
