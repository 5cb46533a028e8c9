"""Bytes and a path -> a new file with them, whole or not at all."""

from __future__ import annotations

import os
import secrets

from difPy.act import disk
from difPy.act.copying import remove
from difPy.act.places import Places


def write_new(path: str | os.PathLike[str], data: bytes, *, over: bool = False) -> None:
    """Write a file that is not there yet, or one in the place of another.

    Until it is whole, and on the disk, it has a name of ours; nothing is left of a failure.

    Parameters
    ----------
    path : path
    data : bytes
    over : bool, optional
        Write over a file that bears the name, in one stroke.

    Raises
    ------
    FileExistsError
        Something bears the name.
    OSError
        It cannot be written: the disk is full, say.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_new(os.path.join(folder, "plan.json"), b"{}")
    ...     os.listdir(folder)
    ['plan.json']
    """
    folder, name = os.path.split(os.path.abspath(path))
    with Places() as at:
        place = at(os.path.join(disk.real(folder), name))
        ours = place.beside(f".difpy-{secrets.token_hex(4)}")
        try:
            descriptor = disk.create(ours, 0o666)
            try:
                disk.write(descriptor, data)
                disk.sync(descriptor)
            finally:
                disk.close(descriptor)
            (disk.rename_over if over else disk.rename_new)(ours, place)
        except OSError:
            remove(ours)
            raise
        disk.sync_folder(place)
