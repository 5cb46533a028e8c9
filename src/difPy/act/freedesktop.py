"""The trash of Linux and the BSDs: where a file goes in it, and the note there that says where it was.

After the Desktop Trash Can specification 1.0 of freedesktop.org. A note is made before its file comes, and never over
another one, so that whoever uses the trash at the same time finds the name taken. Ours bear a mark, by which they are
known after a crash.
"""

from __future__ import annotations

import datetime
import os
import stat
import sys
import urllib.parse

from difPy.act import disk
from difPy.act.acts import Refusal, facts_of, nearest
from difPy.act.copying import remove
from difPy.act.names import LONGEST, listed
from difPy.act.places import Places
from difPy.private import others_may_write

_NOTE = ".trashinfo"
_MARK = "X-difPy="

LONGEST_NAME = LONGEST - len(_NOTE)
"""Bytes of a name in the trash: its note must have a name, too."""


def is_used() -> bool:
    """Whether this system's trash is of this kind."""
    return sys.platform not in ("win32", "darwin")


def folder_for(folder: str) -> str:
    """Where the files of a folder go when they are thrown away, whether that is there already or not.

    That is in the user's own trash, or else in one on their file system, so that none need be copied: of those that all
    users share, if it is one that nobody else can take from, or in one of the user's own.

    Raises
    ------
    Refusal
        There is none that others could not have made, or read.
    """
    own = _own()
    if disk.stat(folder).st_dev == nearest(own).st_dev:
        _require_ours(os.path.dirname(own))
        return own
    top = _top(disk.real(folder))
    shared = facts_of(os.path.join(top, ".Trash"))
    if shared is not None and stat.S_ISDIR(shared.st_mode) and shared.st_mode & stat.S_ISVTX:
        trash = os.path.join(top, ".Trash", str(os.getuid()))
        if _trouble(trash) is None:
            return os.path.join(trash, "files")
    trash = os.path.join(top, f".Trash-{os.getuid()}")
    _require_ours(trash)
    return os.path.join(trash, "files")


def names(folder: str) -> list[str]:
    """Names that are taken in a folder of the trash: by a file, or by a note."""
    return [*listed(folder), *(name.removesuffix(_NOTE) for name in listed(_notes(folder)))]


def announce(at: Places, place: str, path: str, mark: str) -> None:
    """Note in the trash that what will be at `place` was at `path`.

    Parameters
    ----------
    at : Places
        The folders of the act.
    mark : str
        A file name of our own, for this note alone.

    Raises
    ------
    FileExistsError
        There is such a note already.
    OSError, Refusal
        Ask `forget` to take away what was begun.
    """
    text = f"[Trash Info]\nPath={_quoted(place, path)}\nDeletionDate={_now()}\n{_MARK}{mark}\n"
    note = at(_note(place))
    for folder in (os.path.dirname(place), os.path.dirname(note.path)):
        try:
            at.make(folder, mode=0o700)
        except OSError as error:
            why = f'the trash "{folder}" cannot be made ({error.strerror})'
            raise Refusal(f"{why}: move it to a folder, or delete it") from error
    trash = os.path.dirname(os.path.dirname(place))
    _require_ours(trash)
    if _is_of_drive(trash):
        disk.shut(trash)
    ours = note.beside(mark)
    descriptor = disk.create(ours)
    try:
        disk.write(descriptor, text.encode())
    finally:
        disk.close(descriptor)
    disk.rename_new(ours, note)


def forget(place: str, mark: str) -> None:
    """Remove the note with that mark, and what was begun of it."""
    with Places() as at:
        note = at(_note(place))
        remove(note.beside(mark))
        if facts_of(note) is not None and f"\n{_MARK}{mark}\n".encode() in b"".join(disk.chunks(note)):
            disk.unlink(note)


def _is_of_drive(trash: str) -> bool:
    """Whether it is one at the top of a drive, and not the user's own."""
    folder, name = os.path.split(trash)
    return name.startswith(".Trash-") or os.path.basename(folder) == ".Trash"


def _require_ours(trash: str) -> None:
    why = _trouble(trash)
    if why is not None:
        raise Refusal(f'the trash "{trash}" is not used: {why}. Move the files to a folder, or delete them')


def _trouble(trash: str) -> str | None:
    """Why a trash, if there is one, could have been made by others, or what is in it taken."""
    facts = facts_of(trash)
    if facts is None:
        return None
    if not stat.S_ISDIR(facts.st_mode):
        return "it is a symbolic link, or no folder"
    if facts.st_uid != os.geteuid():
        return f"it belongs to user {facts.st_uid}"
    if others_may_write(facts):
        return f"others may write there (its mode is {stat.S_IMODE(facts.st_mode):03o}: chmod 700 makes it yours alone)"
    return None


def _own() -> str:
    """The folder of files in the user's own trash."""
    data = os.environ.get("XDG_DATA_HOME", "")
    data = data if os.path.isabs(data) else os.path.expanduser("~/.local/share")
    return os.path.join(disk.real(os.path.join(data, "Trash")), "files")


def _top(folder: str) -> str:
    """The folder where the file system begins, above one without symbolic links."""
    while not os.path.ismount(folder):
        folder = os.path.dirname(folder)
    return folder


def _notes(folder: str) -> str:
    """The folder of the notes of a folder of files."""
    return os.path.join(os.path.dirname(folder), "info")


def _note(place: str) -> str:
    """Of a file in the trash."""
    folder, name = os.path.split(place)
    return os.path.join(_notes(folder), name + _NOTE)


def _quoted(place: str, path: str) -> str:
    """The path as a note has it: on a drive from its top on, since the drive may be elsewhere the next time."""
    if _is_of_drive(os.path.dirname(os.path.dirname(place))):
        folder, name = os.path.split(path)
        folder = disk.real(folder)
        path = os.path.relpath(os.path.join(folder, name), _top(folder))
    return urllib.parse.quote(os.fsencode(path))


def _now() -> str:
    return datetime.datetime.now().isoformat(timespec="seconds")
