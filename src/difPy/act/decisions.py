"""What a person has decided of groups, remembered by content: it survives a rescan, a rename and a crash.

"These are not duplicates", "I agree", "this one stays", "keep that one instead". A group so decided is known again by
what its pictures hold; one that another picture has joined is shown to have changed. One JSON line for each decision,
in the state folder.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, TypeGuard

from difPy import memory
from difPy.act import disk
from difPy.act.chain import encode, ends_torn
from difPy.act.decided import Apart, Choice, Judged, Judgement
from difPy.act.journal import state_folder
from difPy.act.places import make_folders
from difPy.errors import JournalBroken
from difPy.private import Untrusted, trusted_file, user_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


__all__ = ["Choice", "Decisions", "Judgement"]


class Decisions:
    """The decisions in a file.

    Parameters
    ----------
    path : path, optional
        By default ``decisions.jsonl`` in the user's state folder; made with the first decision.

    Raises
    ------
    JournalBroken
        If the file is there but cannot be read or written.

    Examples
    --------
    >>> import tempfile, os
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     decisions = Decisions(os.path.join(folder, "decisions.jsonl"))
    ...     decisions.remember([b"a", b"b", b"c"])
    ...     decisions.suppressed([b"a", b"c"]), decisions.suppressed([b"a", b"b", b"c", b"d"])
    (True, False)
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self._folder = user_folder("state") if path is None else os.path.dirname(os.path.abspath(path))
        self.path = os.path.join(self._folder, "decisions.jsonl") if path is None else os.path.abspath(path)
        self._apart, self._judged = Apart(), Judged()
        with memory.garbage_left():
            for record in _records(self._lines()):
                self._take(record)

    def __len__(self) -> int:
        return len(self._apart) + len(self._judged)

    def remember(self, group: Sequence[bytes]) -> None:
        """These are not duplicates of each other.

        Parameters
        ----------
        group : sequence of bytes
            The pictures' digests; one that comes twice stands for two files with the same bytes.
        """
        self._say([{"apart": [digest.hex() for digest in group]}])

    def forget(self, group: Sequence[bytes]) -> None:
        """Take back that exactly these, or any group that holds them all, are no duplicates."""
        self._say([{"forget": [digest.hex() for digest in group]}])

    def suppressed(self, group: Sequence[bytes]) -> bool:
        """Whether all of a group has been decided: any two of its pictures were said not to be duplicates."""
        return self._apart.holds([digest.hex() for digest in group])

    def judge(self, judgements: Iterable[Judgement]) -> None:
        """What becomes of groups; what was said before of the very same ones no longer holds.

        Parameters
        ----------
        judgements : iterable of Judgement
            Written together, and at once.
        """
        self._say([judgement.record() for judgement in judgements])

    def judgement(self, group: Sequence[bytes]) -> Judgement | None:
        """What was said last of a group, or of one that it has grown from.

        Parameters
        ----------
        group : sequence of bytes
            The pictures' digests.

        Returns
        -------
        Judgement or None
            None if nothing was said. `changed` if it is not the group that was judged: then nobody has agreed to it.

        Examples
        --------
        >>> import tempfile, os
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     decisions = Decisions(os.path.join(folder, "decisions.jsonl"))
        ...     decisions.judge([Judgement((b"a", b"b"), agreed=True)])
        ...     same, grown = decisions.judgement([b"b", b"a"]), decisions.judgement([b"a", b"b", b"c"])
        >>> (same.agreed, same.changed), (grown.agreed, grown.changed)
        ((True, False), (False, True))
        """
        return self._judged.of([digest.hex() for digest in group])

    def _say(self, records: Sequence[dict[str, Any]]) -> None:
        lines = b"".join(map(encode, records))
        if not lines:
            return
        try:
            if self._folder == user_folder("state"):
                state_folder()
            else:
                make_folders(self._folder)
            descriptor = disk.append_to(self.path, new=False)
            try:
                disk.write(descriptor, b"\n" + lines if ends_torn(self.path) else lines)
                disk.sync(descriptor)
            finally:
                disk.close(descriptor)
        except OSError as error:
            raise JournalBroken(f'the decision cannot be written to "{self.path}": {error.strerror}') from error
        for record in records:
            self._take(record)

    def _lines(self) -> list[bytes]:
        if not os.path.lexists(self.path):
            return []
        try:
            return b"".join(disk.chunks(trusted_file(self.path))).split(b"\n")
        except (FileNotFoundError, NotADirectoryError):
            return []
        except Untrusted as error:
            raise JournalBroken(
                f'the decisions in "{self.path}" are not trusted: {error}; or set DIFPY_STATE_DIR'
            ) from error
        except OSError as error:
            raise JournalBroken(f'the decisions in "{self.path}" cannot be read: {error.strerror}') from error

    def _take(self, record: Any) -> None:
        """Add a decision; what is none, as what a crash cut off, decides nothing."""
        if not isinstance(record, dict):
            return
        if _are_digests(record.get("judged")):
            self._judged.add(record)
        elif _are_digests(group := record.get("apart")):
            self._apart.add(group)
        elif _are_digests(group := record.get("forget")):
            self._apart.remove(group)


def _records(lines: Sequence[bytes]) -> list[Any]:
    """What the lines say: at one go, or one by one where some of them say nothing."""
    whole = [line for line in lines if line]
    try:
        return list(json.loads(b"[" + b",".join(whole) + b"]"))
    except ValueError:
        return [record for line in whole if (record := _record(line)) is not None]


def _record(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _are_digests(value: Any) -> TypeGuard[list[str]]:
    try:
        return isinstance(value, list) and bytes.fromhex("".join(value)) is not None
    except (TypeError, ValueError):
        return False
