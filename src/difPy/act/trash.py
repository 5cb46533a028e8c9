"""How a file goes to the system's trash, and is found there and taken out again."""

from __future__ import annotations

import contextlib
import os
import stat
import urllib.parse
from typing import TYPE_CHECKING

from difPy.act import carry, disk
from difPy.act.acts import Act, Now, Refusal, resembles, still

if TYPE_CHECKING:
    from collections.abc import Iterator


def do(act: Act) -> Now:
    """Send it to the trash, look whether it really went, and note where it is if the system lets us know."""
    if locked := not disk.is_writable(act.path):  # send2trash refuses what may not be written
        disk.set_mode(act.path, _unlocked(act))
    disk.send_to_trash(act.path)
    if still(act.path, act.was):
        raise Refusal("the system said it was put into the trash, but it is still there")
    place = find(act)
    if place is None:
        return Now()
    if locked:
        disk.set_mode(place, act.was.mode)
    facts = disk.lstat(place)
    return Now(place, facts.st_size, facts.st_mtime_ns)


def settled(act: Act) -> bool:
    """Whether it went; if not, its mode is as it was, and the note that was made of it in vain is taken away."""
    if not still(act.path, act.was):
        return True
    _lock_again(act)
    with contextlib.suppress(OSError):  # it does no harm, if it must stay
        _forget(act.path)
    return False


def undo(act: Act, now: Now) -> None:
    """Take it out of the trash."""
    was = act.was
    place = now.path if now.path is not None and _is(act, now.path) else find(act)
    if place is None:
        if resembles(act.path, was.size, was.mtime_ns, was.digest):
            return
        raise Refusal("it is not found in the trash: if the system has it, take it out by hand")
    carry.bring_back(place, act.path, act.temporary, was, lambda: _is(act, place), act.others)
    _lock_again(act)
    if os.path.basename(os.path.dirname(place)) == "files":
        carry.remove(_note(place))


def find(act: Act) -> str | None:
    """Where in the trash the file is: first under the names it would get, then by what the trash's notes say."""
    for folder, top in _trash_folders(act.path):
        for place in _places(folder, os.path.basename(act.path)):
            if still(place, act.was) and _origin(place, top) in (None, os.path.normpath(act.path)):
                return place
        for place in _told(folder):
            if _origin(place, top) == os.path.normpath(act.path) and _is(act, place):
                return place
    return None


def _lock_again(act: Act) -> None:
    """Give the file its mode back, if it was unlocked to go to the trash."""
    if stat.S_IMODE(disk.lstat(act.path).st_mode) == _unlocked(act) != act.was.mode:
        disk.set_mode(act.path, act.was.mode)


def _unlocked(act: Act) -> int:
    """The mode with which its owner may write it."""
    return act.was.mode | stat.S_IWUSR


def _is(act: Act, place: str) -> bool:
    return resembles(place, act.was.size, act.was.mtime_ns, act.was.digest)


def _trash_folders(path: str) -> Iterator[tuple[str, str]]:
    """Folders of trashed files, as freedesktop.org and macOS have them, and the folder their notes' paths begin at."""
    data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    yield os.path.join(data, "Trash", "files"), data
    yield os.path.expanduser("~/.Trash"), ""
    if hasattr(os, "getuid"):
        top = _top(os.path.dirname(path))
        yield os.path.join(top, ".Trash", str(os.getuid()), "files"), top
        yield os.path.join(top, f".Trash-{os.getuid()}", "files"), top


def _top(folder: str) -> str:
    """The folder where the file system begins."""
    folder = disk.real(folder)
    while not os.path.ismount(folder):
        folder = os.path.dirname(folder)
    return folder


def _places(folder: str, name: str) -> Iterator[str]:
    stem, extension = os.path.splitext(name)
    yield os.path.join(folder, name)
    try:
        names = disk.names(folder)
    except OSError:
        return
    yield from (os.path.join(folder, other) for other in names if other.startswith(stem) and other.endswith(extension))


def _told(folder: str) -> list[str]:
    """Files of which the trash has a note, the last one first."""
    notes = os.path.join(os.path.dirname(folder), "info")
    try:
        names = [name for name in disk.names(notes) if name.endswith(_INFO)]
        names.sort(key=lambda name: disk.lstat(os.path.join(notes, name)).st_mtime_ns, reverse=True)
    except OSError:
        return []
    return [os.path.join(folder, name.removesuffix(_INFO)) for name in names]


def _forget(path: str) -> None:
    """Remove notes of this file which say that it is in the trash, where it is not."""
    stem, extension = os.path.splitext(os.path.basename(path))
    for folder, top in _trash_folders(path):
        for place in _told(folder):
            named = os.path.basename(place).startswith(stem) and place.endswith(extension)
            if named and not disk.exists(place) and _origin(place, top) == os.path.normpath(path):
                carry.remove(_note(place))


def _origin(place: str, top: str) -> str | None:
    """The path that the trash's note says its file came from; None if there is none."""
    try:
        text = b"".join(disk.chunks(_note(place))).decode("ascii", "surrogateescape")
    except OSError:
        return None
    said = next((line[5:] for line in text.splitlines() if line.startswith("Path=")), None)
    if said is None:
        return None
    return os.path.normpath(os.path.join(top, os.fsdecode(urllib.parse.unquote_to_bytes(said))))


def _note(place: str) -> str:
    """Where freedesktop.org's trash notes what a file in it was."""
    folder, name = os.path.split(place)
    return os.path.join(os.path.dirname(folder), "info", name + _INFO)


_INFO = ".trashinfo"
