"""An open file and a place -> a verified copy there, with the times, mode, owner and attributes that a file had."""

from __future__ import annotations

import errno
import functools
from typing import TYPE_CHECKING

from difPy.act import disk
from difPy.act.acts import Refusal, facts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable

    from difPy.act.acts import Was
    from difPy.act.places import Place

_CANNOT_KEEP = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS})


def copy(source: int, target: Place, was: Was, *, loosely: bool = False) -> None:
    """Make `target`, a new file, a copy of an open one: written out, read back and compared, dressed like `was`.

    Nothing is left of a failure.

    Parameters
    ----------
    loosely : bool, optional
        Leave out attributes and modes that the file system cannot hold; the journal has them.
    """
    put(disk.read(source), target, was, loosely=loosely)


def put(chunks: Iterable[bytes], target: Place, was: Was, *, loosely: bool = False) -> None:
    """The same of bytes at hand."""
    try:
        digest = _written(chunks, target, was, loosely=loosely)
        if _read_back(target) != digest:
            raise Refusal(f'the copy at "{target.path}" does not read back as it was written: the disk may be failing')
    except (OSError, Refusal):
        remove(target)
        raise


def dress(place: Place, descriptor: int, was: Was, *, loosely: bool = False) -> None:
    """Give an open file of ours the owner (if we may), attributes, mode and times of `was`."""
    bearable = _CANNOT_KEEP if loosely else frozenset()
    _bearing(_CANNOT_KEEP, lambda: disk.set_owner(descriptor, was.user, was.group))
    for name, value in was.attributes.items():
        own = name.startswith("user.")  # others are the system's, which may keep them to itself
        set_it = functools.partial(disk.set_attribute, descriptor, name, value)
        _bearing(bearable if own else _CANNOT_KEEP, set_it)
    _bearing(bearable, lambda: disk.set_mode(place, descriptor, was.mode))
    disk.set_times(place, descriptor, was.atime_ns, was.mtime_ns)


def remove(place: Place) -> None:
    """Remove a name of our own, if it is there."""
    if facts_of(place) is not None:
        disk.unlink(place)


def _written(chunks: Iterable[bytes], target: Place, was: Was, *, loosely: bool) -> bytes:
    import blake3

    state, size = blake3.blake3(), 0
    descriptor = disk.create(target)
    try:
        for chunk in chunks:
            state.update(chunk)
            size += len(chunk)
            disk.write(descriptor, chunk)
        dress(target, descriptor, was, loosely=loosely)
        disk.sync(descriptor)
    finally:
        disk.close(descriptor)
    if size != was.size or (was.digest is not None and state.digest() != was.digest):
        raise Refusal("what was to be copied has not the bytes any more that it had")
    return state.digest()


def _read_back(target: Place) -> bytes:
    """Digest of a file, read from the disk and not from memory."""
    with disk.opened(target) as descriptor:
        disk.forget_cached(descriptor)
        return disk.digest_of(descriptor)


def _bearing(errors: Container[int | None], call: Callable[[], object]) -> None:
    try:
        call()
    except OSError as error:
        if error.errno not in errors:
            raise
