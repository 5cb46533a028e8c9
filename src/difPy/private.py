"""A path in, the same without symbolic links out: if nobody but us and the system can have changed what lies there.

What others may write, others may have written. The rule is OpenSSH's for keys: the file, the folder that holds it and
every folder above, up to the home folder or the root, belong to us or to root, and nobody else may write there. Above
the holding folder a sticky one will do, as /tmp is: nobody renames there what is not his. Nor does a group that is
ours alone count as others, for where every person has such a group, new folders may be written by it. A link is
followed if it is ours or root's.

Windows knows neither such owners nor modes: there the folders of a profile are its owner's, and nothing is asked.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from typing import Literal

from difPy.errors import WrongValue

DECISIONS = "decisions.jsonl"
"""Name of the file, in the state folder, of what a person has decided."""
_LINKS = 40  # symbolic links on one way, as many as Linux follows


class Untrusted(Exception):
    """Others may have changed what lies there; the text names the place, who or what says so, and the way out."""


def user_folder(kind: Literal["cache", "config", "state"]) -> str:
    """Where such things of a person are: ``$DIFPY_CACHE_DIR``, ``$DIFPY_STATE_DIR``, ... or the system's place.

    Raises
    ------
    WrongValue
        It is relative: every folder that difPy is called in would get one.

    Examples
    --------
    >>> os.path.isabs(user_folder("cache"))
    True
    """
    variable = f"DIFPY_{kind.upper()}_DIR"
    folder = os.environ.get(variable) or _of_the_system(kind)
    if not os.path.isabs(folder):
        raise WrongValue(
            f"the folder for difPy's {kind} would be {folder!r}, which is not an absolute path: set {variable} to one, "
            f"or mend HOME and XDG_{kind.upper()}_HOME"
        )
    return os.path.normpath(folder)


def _of_the_system(kind: Literal["cache", "config", "state"]) -> str:
    import platformdirs

    places = {
        "cache": platformdirs.user_cache_dir,
        "config": platformdirs.user_config_dir,
        "state": platformdirs.user_state_dir,
    }
    return places[kind]("difPy", appauthor=False)


def private_folder(path: str) -> str:
    """Take a folder that nobody else may write, or make it, with those above that are missing: for us alone, 0700.

    One that is there is left as it is: it may be somebody's home, and it is not ours to shut.

    Parameters
    ----------
    path : str
        Absolute.

    Returns
    -------
    str
        Without symbolic links: what to use from now on.

    Raises
    ------
    Untrusted
        Others may write in it, or rename it.
    OSError
        It cannot be made or looked at, or is no folder.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     os.path.isdir(private_folder(os.path.join(folder, "deep", "below")))
    True
    """
    if not _owned():
        os.makedirs(path, 0o700, exist_ok=True)
        return path
    real = _followed(path)
    _make(real)
    _require(real, os.lstat(real))
    return real


def trusted_file(path: str, *, sticky: bool = False) -> str:
    """Take a file, or a place for one, that nobody else may write.

    Parameters
    ----------
    path : str
        Absolute. It need not exist; what kind of file it is, the caller asks.
    sticky : bool, optional
        A folder like /tmp will do: others can put other files beside it there, and neither rename nor replace it.

    Returns
    -------
    str
        Without symbolic links: what to use from now on.

    Raises
    ------
    Untrusted
        Others may write it, put other files beside it, or rename a folder above.
    OSError
        It cannot be looked at.
    """
    if not _owned():
        return path
    real = _followed(path)
    for place in (os.path.dirname(real), real):
        with suppress(FileNotFoundError):
            _require(place, os.lstat(place), sticky=sticky and place != real)
    return real


def _owned() -> bool:
    """Whether the system knows owners and modes."""
    return hasattr(os, "geteuid")


def _make(folder: str) -> None:
    try:
        status = os.lstat(folder)
    except FileNotFoundError:
        _make(os.path.dirname(folder))
        with suppress(FileExistsError):  # somebody else was faster: whoever it was shows
            os.mkdir(folder, 0o700)
        status = os.lstat(folder)
    if not stat.S_ISDIR(status.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), folder)
    _require(folder, status, sticky=True)


def _followed(path: str) -> str:
    """The path without links. Whoever may rename a folder or a link on the way is one of those who may."""
    at, ahead, links = os.sep, _parts(path), 0
    above_home = _above_home()
    while ahead:
        part = ahead.pop()
        if part == os.pardir:
            at = os.path.dirname(at)
            continue
        if at not in above_home:
            _require(at, os.lstat(at), sticky=True)
        place = os.path.join(at, part)
        try:
            status = os.lstat(place)
        except FileNotFoundError:
            return os.path.normpath(os.path.join(place, *reversed(ahead)))
        if not stat.S_ISLNK(status.st_mode):
            at = place
            continue
        _require(place, status)
        links += 1
        if links > _LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
        target = os.readlink(place)
        ahead += _parts(target)
        at = os.sep if os.path.isabs(target) else at
    return at


def _parts(path: str) -> list[str]:
    """Names of a path, the last one first."""
    return [part for part in reversed(path.split(os.sep)) if part not in ("", os.curdir)]


def _above_home() -> set[str]:
    """Folders above the home folder: whoever could change those could change all that is ours."""
    home = os.path.expanduser("~")
    if not os.path.isabs(home):
        return set()
    folders, folder = set(), os.path.realpath(home)
    while folder != (folder := os.path.dirname(folder)):
        folders.add(folder)
    return folders


def _require(path: str, status: os.stat_result, *, sticky: bool = False) -> None:
    """Ask that a place is ours or root's, and that nobody else may write it; or only what is his, if that will do."""
    if status.st_uid not in (0, os.geteuid()):
        raise Untrusted(f"{path} belongs to {_name(status.st_uid)}, not to you")
    if stat.S_ISLNK(status.st_mode) or (sticky and status.st_mode & stat.S_ISVTX):
        return
    if others_may_write(status):
        mode = f"{stat.S_IMODE(status.st_mode):o}"
        ours = status.st_uid == os.geteuid() and not status.st_mode & stat.S_ISVTX  # nobody should shut /tmp
        import shlex

        advice = f"; chmod go-w {shlex.quote(path)} would end that" if ours else ""
        raise Untrusted(f"{path} may be written by others (its mode is {mode}){advice}")


def others_may_write(status: os.stat_result) -> bool:
    """Whether somebody else than its owner may write a file or folder: all, or a group that has others in it."""
    return bool(status.st_mode & stat.S_IWOTH or (status.st_mode & stat.S_IWGRP and not _ours_alone(status.st_gid)))


def _ours_alone(group: int) -> bool:
    """Whether it is the group that some systems give each person, of the same name, and has no other members."""
    import grp
    import pwd

    try:
        person, known = pwd.getpwuid(os.geteuid()), grp.getgrgid(group)
    except KeyError:
        return False
    ours = (person.pw_gid, person.pw_name) == (group, known.gr_name) and set(known.gr_mem) <= {person.pw_name}
    return ours and all(one.pw_gid != group or one.pw_uid == person.pw_uid for one in pwd.getpwall())


def _name(user: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"
