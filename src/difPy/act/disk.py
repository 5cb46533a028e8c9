"""What acting does to the disk, one function for one system call: the only place where files are changed.

Everything else here calls `disk.unlink(...)` and never `os.unlink(...)`, so a test can make any one call fail, or
be the last one the process ever makes.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHUNK = 1 << 20
_NO_SUCH_WAY = {errno.ENOSYS, errno.EINVAL, errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK}
_BINARY = getattr(os, "O_BINARY", 0)
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_FICLONE = 0x40049409  # <linux/fs.h>: _IOW(0x94, 9, int)


def lstat(path: str) -> os.stat_result:
    """Facts of what bears this name, a symbolic link included."""
    return os.lstat(path)


def stat(path: str) -> os.stat_result:
    """Facts of what this name leads to."""
    return os.stat(path)


def exists(path: str) -> bool:
    """Whether anything bears this name, a dangling link included."""
    try:
        lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def real(path: str) -> str:
    """The path without symbolic links."""
    return os.path.realpath(path)


def names(folder: str) -> list[str]:
    """Names in a folder."""
    return os.listdir(folder)


def read_link(path: str) -> str:
    """What a symbolic link says."""
    return os.readlink(path)


def chunks(path: str, *, through_links: bool = False) -> Iterator[bytes]:
    """Bytes of a file, a mebibyte at a time."""
    flags = os.O_RDONLY | _BINARY | (0 if through_links else _NOFOLLOW)
    descriptor = os.open(path, flags)
    try:
        while chunk := os.read(descriptor, CHUNK):
            yield chunk
    finally:
        os.close(descriptor)


def digest(path: str, *, through_links: bool = False) -> bytes:
    """BLAKE3 of a file's bytes, 32 bytes."""
    import blake3

    state = blake3.blake3()
    for chunk in chunks(path, through_links=through_links):
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


def unlink(path: str) -> None:
    """Remove a name."""
    os.unlink(path)


def link(source: str, target: str) -> None:
    """Give a file a further name, never one that is taken."""
    if os.link in os.supports_follow_symlinks:
        os.link(source, target, follow_symlinks=False)
    else:
        os.link(source, target)


def symlink(says: str, target: str) -> None:
    """Make a symbolic link, never over something."""
    os.symlink(says, target)


def replace(source: str, target: str) -> None:
    """Rename over what bears the name `target`, in one stroke."""
    os.replace(source, target)


def rename_new(source: str, target: str) -> None:
    """Rename, but never over something: FileExistsError where `target` is taken, whoever took it and when."""
    if os.name == "nt":
        os.rename(source, target)  # Windows refuses by itself
        return
    try:
        _rename_exclusively(source, target)
    except OSError as error:
        if error.errno not in _NO_SUCH_WAY:
            raise
        _rename_by_link(source, target)


def _rename_exclusively(source: str, target: str) -> None:
    rename = _renameat2()
    if rename is None:
        raise OSError(errno.ENOSYS, "no renameat2")
    here, no_replace = -100, 1  # AT_FDCWD, RENAME_NOREPLACE
    if rename(here, os.fsencode(source), here, os.fsencode(target), no_replace):
        import ctypes

        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), source, None, target)


@functools.cache
def _renameat2() -> Any:
    import ctypes

    function = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if function is not None:
        function.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint]
    return function


def _rename_by_link(source: str, target: str) -> None:
    try:
        link(source, target)
    except OSError as error:
        if error.errno not in _NO_SUCH_WAY:
            raise
        _rename_over_placeholder(source, target)
        return
    try:
        os.unlink(source)
    except OSError:
        os.unlink(target)
        raise


def _rename_over_placeholder(source: str, target: str) -> None:
    """For file systems without hard links: take the name with an empty file, then rename over our own."""
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    try:
        os.replace(source, target)
    except OSError:
        os.unlink(target)
        raise


def clone(source: str, descriptor: int) -> None:
    """Let a new, open file share the blocks of `source` until one of them is changed (reflink)."""
    try:
        import fcntl
    except ImportError:
        raise OSError(errno.ENOTSUP, "reflinks are made on Linux only") from None
    from_descriptor = os.open(source, os.O_RDONLY | _NOFOLLOW)
    try:
        fcntl.ioctl(descriptor, _FICLONE, from_descriptor)
    finally:
        os.close(from_descriptor)


def make_folder(path: str, mode: int) -> None:
    """Make one folder."""
    os.mkdir(path, mode)


def make_folders(path: str, tell: Callable[[str], None] = lambda folder: None, *, mode: int = 0o777) -> None:
    """Make a folder and those above it, telling of each before it is made."""
    try:
        stat(path)
        return
    except FileNotFoundError:
        make_folders(os.path.dirname(path), tell, mode=mode)
    tell(path)
    with contextlib.suppress(FileExistsError):  # somebody else was faster
        make_folder(path, mode)


def remove_folder(path: str) -> None:
    """Remove one empty folder."""
    os.rmdir(path)


def create(path: str) -> int:
    """Open a new file for writing, never one that is there; only its owner may read it until it is dressed."""
    return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | _BINARY | _NOFOLLOW, 0o600)


def append_to(path: str, *, new: bool) -> int:
    """Open a file to append to: one that must not be there yet, or one that may be."""
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | _BINARY | (os.O_EXCL if new else 0), 0o600)


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


def _lock_a_byte(descriptor: int, how: str) -> None:
    """On Windows, lock or unlock a byte that nobody reads."""
    import msvcrt

    os.lseek(descriptor, 1 << 30, os.SEEK_SET)
    msvcrt.locking(descriptor, getattr(msvcrt, how), 1)  # type: ignore[attr-defined,unused-ignore]


def write(descriptor: int, data: bytes) -> None:
    """Write all of it."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def sync(descriptor: int) -> None:
    """Wait until what was written is on the disk."""
    os.fsync(descriptor)


def close(descriptor: int) -> None:
    """Close a file."""
    os.close(descriptor)


def forget_cached(path: str) -> None:
    """Ask that the next read of a file come from the disk, not from memory."""
    if hasattr(os, "posix_fadvise"):
        descriptor = os.open(path, os.O_RDONLY | _NOFOLLOW)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


def sync_folder(path: str) -> None:
    """Wait until the names in a folder are on the disk; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


def set_owner(path: str, user: int, group: int) -> None:
    """Give a file to its owner."""
    if hasattr(os, "chown"):
        os.chown(path, user, group)


def set_mode(path: str, mode: int) -> None:
    """Set who may do what with a file."""
    os.chmod(path, mode)


def set_attribute(path: str, name: str, value: bytes) -> None:
    """Set an extended attribute."""
    if hasattr(os, "setxattr"):
        os.setxattr(path, name, value)


def set_times(path: str, atime_ns: int, mtime_ns: int) -> None:
    """Set when a file was read and changed last."""
    os.utime(path, ns=(atime_ns, mtime_ns))


def send_to_trash(path: str) -> None:
    """Move a file to the system's trash."""
    import send2trash

    send2trash.send2trash(path)
