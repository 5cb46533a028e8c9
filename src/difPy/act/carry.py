"""A file and the path it shall have -> the file there, whole, on the disk, never over something else.

Nothing here tidies up after an error: `settled` does, the same way after an error as after a crash.
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from difPy.act import disk
from difPy.act.acts import Refusal, Was, facts_of, is_same, resembles

if TYPE_CHECKING:
    from collections.abc import Callable

_CANNOT_KEEP = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS}
_NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


def beside(path: str, temporary: str) -> str:
    """Our own name in the folder of `path`."""
    return os.path.join(os.path.dirname(path), temporary)


def carry(source: str, target: str, temporary: str, was: Was) -> None:
    """Move a file, across file systems too.

    Within a file system the name changes in one stroke. Across, the bytes are copied to our own name beside the target,
    synced, read back and compared; then they get the target's name, and only then does the source go. Until it is gone
    our own name stays too, to tell a crash's finder that the file at `target` is ours.

    Raises
    ------
    FileExistsError
        `target` is taken.
    OSError, Refusal
        Ask `settled` how far it came.
    """
    try:
        disk.rename_new(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
    else:
        return
    ours = beside(target, temporary)
    copy(source, ours, was)
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


def bring_back(source: str, target: str, temporary: str, was: Was, is_here: Callable[[], bool]) -> None:
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
        carry(source, target, temporary, was)
    except (OSError, Refusal) as error:
        if done():
            return
        if isinstance(error, FileExistsError):
            raise Refusal(taken(target)) from None
        raise


def taken(path: str) -> str:
    """Why something is not put there, in words."""
    return f'something else is at "{path}" now'


def copy(source: str, target: str, was: Was, *, through_links: bool = False) -> None:
    """Make `target`, a new file, a verified copy of `source` with the times, mode, owner and attributes of `was`."""
    try:
        _copy(source, target, was, through_links=through_links)
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
    dress(target, was)


def dress(path: str, was: Was) -> None:
    """Give a file the owner, mode, attributes and times of `was`, as far as the file system can hold them."""
    _if_possible(lambda: disk.set_owner(path, was.user, was.group))
    for name, value in was.attributes.items():
        _if_possible(lambda name=name, value=value: disk.set_attribute(path, name, value))  # type: ignore[misc]
    _if_possible(lambda: disk.set_mode(path, was.mode))
    disk.set_times(path, was.atime_ns, was.mtime_ns)


def remove(path: str) -> None:
    """Remove a name of our own, if it is there."""
    if facts_of(path) is not None:
        disk.unlink(path)


def _if_possible(call: Callable[[], None]) -> None:
    try:
        call()
    except OSError as error:
        if error.errno not in _CANNOT_KEEP:
            raise
