"""What acting does to the disk, one function for one system call: the only place where files are changed.

Everything else here calls `disk.unlink(...)` and never `os.unlink(...)`, so a test can make any one call fail, or
be the last one the process ever makes. Whatever a user's file may lie at is a `Place`, a name in an open folder.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat as kinds
import sys
import time
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from difPy.act import renames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from difPy.act.places import Place

    Where: TypeAlias = str | Place
    T = TypeVar("T")

CHUNK = 1 << 20
BY_DESCRIPTOR = os.open in os.supports_dir_fd
"""Whether the system has calls for a name in an open folder."""
_BINARY = getattr(os, "O_BINARY", 0)
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
# O_NONBLOCK: a FIFO would wait for somebody who writes. O_NOCTTY: a terminal would become ours.
_ONLY_READ = os.O_RDONLY | _BINARY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_FOLDER = getattr(os, "O_DIRECTORY", 0) | _NOFOLLOW | getattr(os, "O_PATH", os.O_RDONLY)
_FICLONE = 0x40049409  # <linux/fs.h>: _IOW(0x94, 9, int)
_GETFLAGS, _APPEND_ONLY = 0x80086601, 0x20  # FS_IOC_GETFLAGS, FS_APPEND_FL


def lstat(where: Where) -> os.stat_result:
    """Facts of what bears this name, a symbolic link included."""
    return _on(where, os.lstat)


def stat(where: Where) -> os.stat_result:
    """Facts of what this name leads to."""
    return _on(where, os.stat)


def facts(descriptor: int) -> os.stat_result:
    """Facts of an open file."""
    return os.fstat(descriptor)


def exists(where: Where) -> bool:
    """Whether anything bears this name, a dangling link included."""
    try:
        lstat(where)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def real(path: str) -> str:
    """The path without symbolic links."""
    return os.path.realpath(path)


def names(folder: str) -> list[str]:
    """Names in a folder."""
    return os.listdir(folder)


def read_link(where: Where) -> str:
    """What a symbolic link says."""
    said: str = _on(where, os.readlink)
    return said


def open_folder(path: str) -> int | None:
    """Open a folder by an absolute path of folders, of which none may be a symbolic link.

    Returns
    -------
    int or None
        A descriptor that serves to reach what is in it; None where the system has no such thing.
    """
    if not BY_DESCRIPTOR:
        os.stat(path)
        return None
    descriptor = os.open(os.sep, _FOLDER)
    for part in filter(None, path.split(os.sep)):
        above = descriptor
        try:
            descriptor = os.open(part, _FOLDER, dir_fd=above)
        except OSError as error:
            error.filename = path
            if error.errno == errno.ENOTDIR and kinds.S_ISLNK(os.lstat(part, dir_fd=above).st_mode):
                raise OSError(errno.ELOOP, f'"{part}" on the way to it is a symbolic link now', path) from None
            raise
        finally:
            os.close(above)
    return descriptor


def close_folder(descriptor: int | None) -> None:
    """Close a folder; nothing can be lost by it."""
    if descriptor is not None:
        os.close(descriptor)


def open_file(where: Where, *, through_links: bool = False) -> int:
    """Open a regular file to read it; whatever else bears the name is refused, and never waited for."""
    descriptor = _on(where, os.open, _ONLY_READ | (0 if through_links else _NOFOLLOW))
    if not kinds.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is not a regular file", where if isinstance(where, str) else where.path)
    return descriptor


@contextlib.contextmanager
def opened(where: Where, *, through_links: bool = False) -> Iterator[int]:
    """A regular file, open for as long as it is read."""
    descriptor = open_file(where, through_links=through_links)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def read(descriptor: int) -> Iterator[bytes]:
    """Bytes of an open file from its beginning on, a mebibyte at a time."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    while chunk := os.read(descriptor, CHUNK):
        yield chunk


def chunks(where: Where, *, through_links: bool = False) -> Iterator[bytes]:
    """Bytes of a file, a mebibyte at a time."""
    with opened(where, through_links=through_links) as descriptor:
        yield from read(descriptor)


def digest(where: Where, *, through_links: bool = False) -> bytes:
    """BLAKE3 of a file's bytes, 32 bytes."""
    with opened(where, through_links=through_links) as descriptor:
        return digest_of(descriptor)


def digest_of(descriptor: int) -> bytes:
    """BLAKE3 of an open file's bytes, 32 bytes."""
    import blake3

    state = blake3.blake3()
    for chunk in read(descriptor):
        state.update(chunk)
    return state.digest()


def attributes(path: str) -> dict[str, bytes]:
    """Extended attributes of a file; none where the system has no such thing."""
    if not hasattr(os, "listxattr"):
        return {}
    try:
        return {name: os.getxattr(path, name, follow_symlinks=False) for name in listed(path)}
    except OSError as error:
        if error.errno in (errno.ENOTSUP, errno.ENODATA):
            return {}
        raise


def listed(path: str) -> list[str]:
    """Names of a file's extended attributes."""
    return os.listxattr(path, follow_symlinks=False)


def keep_writers_out(descriptor: int) -> bool:
    """From now on, until the file is closed, let nobody open it to write without our noticing (Linux: a lease).

    Who tries waits until we have closed it, which may not take long.

    Returns
    -------
    bool
        Whether that can be had on this file system.

    Raises
    ------
    BlockingIOError
        Somebody has it open to write.
    """
    if sys.platform == "linux":
        import fcntl
        import signal

        try:
            fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)  # which nobody notices who does not ask for it
            fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
            return True
        except BlockingIOError:
            raise
        except OSError:
            return False
    return False


def are_writers_kept_out(descriptor: int) -> bool:
    """Whether nobody has come to write since, and waits."""
    import fcntl

    return fcntl.fcntl(descriptor, fcntl.F_GETLEASE) == fcntl.F_RDLCK


def is_append_only(where: Where) -> bool:
    """Whether files can be added to the folder of this name, and none taken away (Linux: ``chattr +a``)."""
    if sys.platform == "linux":
        import fcntl

        try:
            folder = _open_beside(where)
        except PermissionError:
            return False  # it may be written and not be looked into
        try:
            flags = fcntl.ioctl(folder, _GETFLAGS, bytes(8))
        except OSError:
            return False  # this file system has no such flags
        finally:
            os.close(folder)
        return bool(int.from_bytes(flags[:4], sys.byteorder) & _APPEND_ONLY)
    return False


def unlink(where: Where) -> None:
    """Remove a name."""
    _on(where, os.unlink)


def link(source: Place, target: Place) -> None:
    """Give a file a further name, never one that is taken."""
    _on_both(renames.link, source, target)


def symlink(says: str, target: Place) -> None:
    """Make a symbolic link, never over something."""
    _on(target, lambda name, dir_fd: os.symlink(says, name, dir_fd=dir_fd))


def rename_new(source: Place, target: Place) -> None:
    """Rename, but never over something: FileExistsError where `target` is taken, whoever took it and when."""
    _on_both(renames.rename_new, source, target)


def rename_over(source: Place, target: Place) -> None:
    """Rename, over a file that bears the name: only for what a person has told difPy to write."""
    _on_both(renames.rename_over, source, target)


def exchange(one: Place, other: Place) -> None:
    """Exchange what two names bear, in one stroke. OSError with a number of `UNSUPPORTED`: that cannot be done here."""
    _on_both(renames.exchange, one, other)


def clone(source: Place, descriptor: int) -> None:
    """Let a new, open file share the blocks of `source` until one of them is changed (reflink)."""
    try:
        import fcntl
    except ImportError:
        raise OSError(errno.ENOTSUP, "reflinks are made on Linux only") from None
    with opened(source) as from_descriptor:
        fcntl.ioctl(descriptor, _FICLONE, from_descriptor)


def make_folder(where: Where, mode: int) -> None:
    """Make one folder."""
    _on(where, os.mkdir, mode)


def shut(folder: str) -> None:
    """Let nobody but us into a folder of ours, where its file system knows such a thing."""
    descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _NOFOLLOW)
    try:
        if kinds.S_IMODE(os.fstat(descriptor).st_mode) & 0o077:
            with contextlib.suppress(OSError):
                os.chmod(descriptor, 0o700)
    finally:
        os.close(descriptor)


def remove_folder(place: Place) -> None:
    """Remove one empty folder."""
    _on(place, os.rmdir)


def create(place: Place, mode: int = 0o600) -> int:
    """Open a new file for writing, never one that is there; only its owner may read it until it is dressed."""
    return _on(place, os.open, os.O_CREAT | os.O_EXCL | os.O_WRONLY | _BINARY | _NOFOLLOW, mode)


def append_to(path: str, *, new: bool) -> int:
    """Open a file to append to: one that must not be there yet, or one that may be."""
    return os.open(
        path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | _BINARY | _NOFOLLOW | (os.O_EXCL if new else 0), 0o600
    )


def lock(descriptor: int, *, wait: bool = False) -> None:
    """Let no other process lock this open file until we unlock or close it, or end.

    If one has: wait until it has not, or raise BlockingIOError.
    """
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        return
    while True:
        try:
            _lock_a_byte(descriptor, "LK_NBLCK")
            return
        except PermissionError as error:
            if not wait:
                raise BlockingIOError(errno.EAGAIN, "locked") from error
            time.sleep(0.001)


def unlock(descriptor: int) -> None:
    """Let others lock this open file, which we have locked."""
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_UN)
    else:
        _lock_a_byte(descriptor, "LK_UNLCK")


def write(descriptor: int, data: bytes) -> None:
    """Write all of it."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def append_whole(descriptor: int, data: bytes) -> None:
    """Append all of it to a file that we have locked, and wait until it is on the disk; or none of it, and raise."""
    before = facts(descriptor).st_size
    try:
        write(descriptor, data)
        sync(descriptor)
    except BaseException:
        os.ftruncate(descriptor, before)
        raise


def sync(descriptor: int) -> None:
    """Wait until what was written is on the disk."""
    os.fsync(descriptor)


def close(descriptor: int) -> None:
    """Close a file."""
    os.close(descriptor)


def forget_cached(descriptor: int) -> None:
    """Ask that the next read of an open file come from the disk, not from memory."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def sync_folder(where: Where) -> None:
    """Wait until the names in the folder of this name are on the disk; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    try:
        descriptor = _open_beside(where)
    except PermissionError:
        return  # it may be written and not be looked into: then the system must do
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def set_owner(descriptor: int, user: int, group: int) -> None:
    """Give an open file to its owner."""
    if hasattr(os, "fchown"):
        os.fchown(descriptor, user, group)


def set_mode(place: Place, descriptor: int, mode: int) -> None:
    """Set who may do what with an open file."""
    os.chmod(descriptor if os.chmod in os.supports_fd else place.path, mode)


def set_attribute(descriptor: int, name: str, value: bytes) -> None:
    """Set an extended attribute of an open file."""
    if hasattr(os, "setxattr"):
        os.setxattr(descriptor, name, value)


def set_times(place: Place, descriptor: int, atime_ns: int, mtime_ns: int) -> None:
    """Set when an open file was read and changed last."""
    os.utime(descriptor if os.utime in os.supports_fd else place.path, ns=(atime_ns, mtime_ns))


def send_to_trash(path: str) -> None:
    """Move a file to the system's trash."""
    import send2trash

    send2trash.send2trash(path)


def _on(where: Where, call: Callable[..., T], *arguments: Any) -> T:
    """Call the system for a path, or for a name in an open folder; an error names the whole path."""
    name, folder = (where, None) if isinstance(where, str) else (where.name, where.folder)
    try:
        return call(name, *arguments, dir_fd=folder) if folder is not None else call(name, *arguments)
    except OSError as error:
        error.filename = name if isinstance(where, str) else where.path
        raise


def _on_both(call: Callable[[renames.Name, renames.Name], None], one: Place, other: Place) -> None:
    """Call the system for two names in open folders; an error names both paths."""
    first, second = (one.name, one.folder), (other.name, other.folder)
    try:
        call(first, second)
    except OSError as error:
        error.filename, error.filename2 = one.path, other.path
        raise


def _open_beside(where: Where) -> int:
    """Open the folder of a name, for calls that ask for more than to reach what is in it."""
    if isinstance(where, str) or where.folder is None:
        path = where if isinstance(where, str) else where.path
        return os.open(os.path.dirname(path) or os.curdir, os.O_RDONLY)
    return os.open(os.curdir, os.O_RDONLY, dir_fd=where.folder)


def _lock_a_byte(descriptor: int, how: str) -> None:
    """On Windows, lock or unlock a byte that nobody reads."""
    import msvcrt

    os.lseek(descriptor, 1 << 30, os.SEEK_SET)
    msvcrt.locking(descriptor, getattr(msvcrt, how), 1)  # type: ignore[attr-defined,unused-ignore]
