"""Two names -> one of them changed, or both exchanged, never over something: by what the system has for that.

Names are given as the system takes them: a name in an open folder, and the folder's descriptor; or a path, and None.
"""

from __future__ import annotations

import errno
import functools
import os
from typing import Any

Name = tuple[str, int | None]

UNSUPPORTED = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP})
"""What a file system answers that does not know the call, or this kind of it."""
NO_HARD_LINKS = UNSUPPORTED | {errno.EPERM, errno.EMLINK}
"""What it answers that cannot give a file a further name."""

_NO_REPLACE, _EXCHANGE = 1, 2  # <linux/fs.h>
_HERE = -100  # AT_FDCWD


def rename_new(source: Name, target: Name) -> None:
    """Rename, but never over something: FileExistsError where `target` is taken, whoever took it and when."""
    if os.name == "nt":
        os.rename(source[0], target[0])  # Windows refuses by itself
        return
    try:
        _renameat2(source, target, _NO_REPLACE)
    except OSError as error:
        if error.errno not in UNSUPPORTED:
            raise
        _rename_by_link(source, target)


def rename_over(source: Name, target: Name) -> None:
    """Rename, over a file that bears the name."""
    os.replace(source[0], target[0], src_dir_fd=source[1], dst_dir_fd=target[1])


def exchange(one: Name, other: Name) -> None:
    """Exchange what two names bear, in one stroke. OSError with a number of `UNSUPPORTED`: that cannot be done here."""
    _renameat2(one, other, _EXCHANGE)


def link(source: Name, target: Name) -> None:
    """Give a file a further name, never one that is taken."""
    follow = {"follow_symlinks": False} if os.link in os.supports_follow_symlinks else {}
    os.link(source[0], target[0], src_dir_fd=source[1], dst_dir_fd=target[1], **follow)


def _renameat2(source: Name, target: Name, flags: int) -> None:
    function = _of_the_system()
    if function is None:
        raise OSError(errno.ENOSYS, "no renameat2")
    (old, old_folder), (new, new_folder) = source, target
    old_folder, new_folder = (_HERE if folder is None else folder for folder in (old_folder, new_folder))
    if function(old_folder, os.fsencode(old), new_folder, os.fsencode(new), flags):
        import ctypes

        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


@functools.cache
def _of_the_system() -> Any:
    import ctypes

    function = None if os.name == "nt" else getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if function is not None:
        function.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint]
    return function


def _rename_by_link(source: Name, target: Name) -> None:
    try:
        link(source, target)
    except OSError as error:
        if error.errno not in NO_HARD_LINKS:
            raise
        _rename_over_placeholder(source, target)
        return
    try:
        if not os.path.samestat(_facts(source), _facts(target)):
            raise OSError(errno.EBUSY, "another file has taken its name at this moment")
        os.unlink(source[0], dir_fd=source[1])
    except OSError:
        os.unlink(target[0], dir_fd=target[1])
        raise


def _rename_over_placeholder(source: Name, target: Name) -> None:
    """For file systems without hard links: take the name with an empty file, then rename over our own."""
    os.close(os.open(target[0], os.O_CREAT | os.O_EXCL | os.O_WRONLY, dir_fd=target[1]))
    try:
        os.replace(source[0], target[0], src_dir_fd=source[1], dst_dir_fd=target[1])
    except OSError:
        os.unlink(target[0], dir_fd=target[1])
        raise


def _facts(name: Name) -> os.stat_result:
    return os.stat(name[0], dir_fd=name[1], follow_symlinks=False)
