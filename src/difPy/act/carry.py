"""A file and the path it shall have -> the file there, whole, on the disk, never over something else.

What an error left half-done `settled` takes away, the same way as after a crash.
"""

from __future__ import annotations

import errno
import functools
import os
from typing import TYPE_CHECKING

from difPy.act import disk
from difPy.act.acts import Refusal, Was, facts_of, first_like, is_same, resembles

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence

_CANNOT_KEEP = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS}
_NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


def beside(path: str, temporary: str) -> str:
    """Our own name in the folder of `path`."""
    return os.path.join(os.path.dirname(path), temporary)


def carry(
    source: str, target: str, temporary: str, was: Was, names: Sequence[str] = (), *, loosely: bool = False
) -> None:
    """Move a file, across file systems too.

    Within a file system the name changes in one stroke. Across, the bytes are copied to our own name beside the target,
    synced, read back and compared; then they get the target's name, and only then does the source go. Until it is gone
    our own name stays too, to tell a crash's finder that the file at `target` is ours. (Where there are no hard links,
    a crash at that very moment leaves a whole copy too many.)

    Parameters
    ----------
    names : sequence of str, optional
        Paths on the target's file system: where one bears the file already, `target` becomes another name of it.
    loosely : bool, optional
        Leave out attributes and modes that the target's file system cannot hold.

    Raises
    ------
    FileExistsError
        `target` is taken.
    OSError, Refusal
        Ask `settled` how far it came.
    """
    name = first_like(names, was)
    if name is None or is_same(name, source):
        try:
            disk.rename_new(source, target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
        else:
            return
    ours = beside(target, temporary)
    if name is None:
        copy(source, ours, was, loosely=loosely)
    else:
        disk.link(name, ours)
    try:
        disk.link(ours, target)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        disk.rename_new(ours, target)
    disk.sync_folder(os.path.dirname(target))
    disk.unlink(source)
    remove(ours)


def settled(
    source: str, target: str, temporary: str, *, is_here: Callable[[], bool], is_there: Callable[[], bool]
) -> bool:
    """Whether a `carry` that may have been cut off was done; if it was not, what it left is taken away.

    Parameters
    ----------
    is_here, is_there : callable
        Whether the file is at `source`, and at `target`.

    Raises
    ------
    Refusal
        The file is at neither place.
    """
    ours = beside(target, temporary)
    here = is_here()
    if here and (is_same(ours, target) or is_same(source, target)):
        disk.unlink(target)
    remove(ours)
    if here:
        return False
    if is_there():
        return True
    raise Refusal(f'it is neither at "{source}" nor at "{target}"')


def bring_back(
    source: str, target: str, temporary: str, was: Was, is_here: Callable[[], bool], names: Sequence[str] = ()
) -> None:
    """Carry a file to the path it once had; harmless if it is there already, and nothing is left of a failure.

    Raises
    ------
    OSError, Refusal
        It could not be.
    """

    def done() -> bool:
        return settled(
            source,
            target,
            temporary,
            is_here=is_here,
            is_there=lambda: resembles(target, was.size, was.mtime_ns, was.digest),
        )

    if done():
        return
    disk.make_folders(os.path.dirname(target))
    try:
        carry(source, target, temporary, was, names)
    except (OSError, Refusal) as error:
        if done():
            return
        if isinstance(error, FileExistsError):
            raise Refusal(taken(target)) from None
        raise


def taken(path: str) -> str:
    """Why something is not put there, in words."""
    return f'something else is at "{path}" now'


def copy(source: str, target: str, was: Was, *, through_links: bool = False, loosely: bool = False) -> None:
    """Make `target`, a new file, a verified copy of `source` with the times, mode, owner and attributes of `was`."""
    try:
        _copy(source, target, was, through_links=through_links)
        dress(target, was, loosely=loosely)
    except (OSError, Refusal):
        remove(target)
        raise


def _copy(source: str, target: str, was: Was, *, through_links: bool) -> None:
    import blake3

    state, size = blake3.blake3(), 0
    descriptor = disk.create(target)
    try:
        for chunk in disk.chunks(source, through_links=through_links):
            state.update(chunk)
            size += len(chunk)
            disk.write(descriptor, chunk)
        disk.sync(descriptor)
    finally:
        disk.close(descriptor)
    if size != was.size or (was.digest is not None and state.digest() != was.digest):
        raise Refusal(f'"{source}" has not the bytes any more that it had')
    disk.forget_cached(target)
    if disk.digest(target) != state.digest():
        raise Refusal(f'the copy of "{source}" does not read back as it was written: the disk may be failing')


def dress(path: str, was: Was, *, loosely: bool = False) -> None:
    """Give a file the owner (if we may), attributes, mode and times of `was`.

    Parameters
    ----------
    loosely : bool, optional
        Leave out what the file system cannot hold; the journal has it.
    """
    bearable = _CANNOT_KEEP if loosely else set()
    _bearing(_CANNOT_KEEP, lambda: disk.set_owner(path, was.user, was.group))
    for name, value in was.attributes.items():
        own = name.startswith("user.")  # others are the system's, which may keep them to itself
        _bearing(bearable if own else _CANNOT_KEEP, functools.partial(disk.set_attribute, path, name, value))
    _bearing(bearable, lambda: disk.set_mode(path, was.mode))
    disk.set_times(path, was.atime_ns, was.mtime_ns)


def put(ours: str, path: str) -> None:
    """Put a file that bears our own name in the place of what bears the other, in one stroke or not at all."""
    try:
        disk.replace(ours, path)
    except OSError:
        remove(ours)
        raise


def remove(path: str) -> None:
    """Remove a name of our own, if it is there."""
    if facts_of(path) is not None:
        disk.unlink(path)


def _bearing(errors: Container[int | None], call: Callable[[], object]) -> None:
    try:
        call()
    except OSError as error:
        if error.errno not in errors:
            raise
