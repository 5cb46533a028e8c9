"""What a person has decided of groups, remembered by content: it survives a rescan, a rename and a crash.

"These are not duplicates", "I agree", "this one stays", "keep that one instead". A group so decided is known again by
what its pictures hold; one that another picture has joined is shown to have changed. One JSON line for each decision,
in the state folder.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any, TypeGuard

from difPy import memory
from difPy.act import disk
from difPy.act.chain import encode, ends_torn
from difPy.act.decided import Apart, Choice, Judged, Judgement
from difPy.act.journal import state_folder
from difPy.act.places import make_folders
from difPy.act.telling import Telling
from difPy.errors import JournalBroken
from difPy.private import DECISIONS, Untrusted, trusted_file, user_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


__all__ = ["Choice", "Decisions", "Judgement"]
_KINDS = ("judged", "apart", "forget")


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
    ...     a, b, c, d = (letter * 32 for letter in (b"a", b"b", b"c", b"d"))
    ...     decisions.remember([a, b, c])
    ...     decisions.suppressed([a, c]), decisions.suppressed([a, b, c, d])
    (True, False)
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self._folder = user_folder("state") if path is None else os.path.dirname(os.path.abspath(path))
        self.path = os.path.join(self._folder, DECISIONS) if path is None else os.path.abspath(path)
        self._told = Telling(self._written())
        self._all: _Replayed | None = None

    def __len__(self) -> int:
        """How many hold."""
        everything = self._everything()
        return len(everything.apart) + len(everything.judged)

    def __bool__(self) -> bool:
        """Whether anything was ever decided."""
        return bool(self._told)

    @property
    def read(self) -> int:
        """Decisions that were read: work, not time."""
        return self._told.read

    def say(
        self,
        *,
        judged: Iterable[Judgement] = (),
        apart: Iterable[Sequence[bytes]] = (),
        forgotten: Iterable[Sequence[bytes]] = (),
    ) -> None:
        """Several decisions at once: all of them are written, or none is.

        Parameters
        ----------
        judged : iterable of Judgement
            See `judge`.
        apart, forgotten : iterable of sequences of bytes
            See `remember` and `forget`.

        Raises
        ------
        JournalBroken
            They cannot be written, as on a full disk: then nothing is decided.
        """
        records: list[dict[str, Any]] = [{"apart": [digest.hex() for digest in group]} for group in apart]
        records += [{"forget": [digest.hex() for digest in group]} for group in forgotten]
        self._write([*records, *(judgement.record() for judgement in judged)])

    def remember(self, group: Sequence[bytes]) -> None:
        """These are not duplicates of each other.

        Parameters
        ----------
        group : sequence of bytes
            The pictures' digests, of 32 bytes; one that comes twice stands for two files with the same bytes.
        """
        self.say(apart=[group])

    def forget(self, group: Sequence[bytes]) -> None:
        """Take back that exactly these, or any group that holds them all, are no duplicates."""
        self.say(forgotten=[group])

    def suppressed(self, group: Sequence[bytes]) -> bool:
        """Whether all of a group has been decided: any two of its pictures were said not to be duplicates."""
        digests = [digest.hex() for digest in group]
        return self._about(digests).apart.holds(digests)

    def judge(self, judgements: Iterable[Judgement]) -> None:
        """What becomes of groups; what was said before of the very same ones no longer holds.

        Parameters
        ----------
        judgements : iterable of Judgement
            Written together, and at once.
        """
        self.say(judged=judgements)

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
        digests = [digest.hex() for digest in group]
        return self._about(digests).judged.of(digests)

    def _about(self, digests: list[str]) -> _Replayed:
        """All that was decided of some pictures, and of those that were ever in a group with them."""
        if self._all is None and self._told.read > len(self._told):  # who asks for so many is better off with all
            self._everything()
        if self._all is not None:
            return self._all
        near = _digests(self._told.of(digests))
        return _Replayed(self._told.of(near) if near else ())

    def _everything(self) -> _Replayed:
        if self._all is None:
            with memory.garbage_left():
                self._all = _Replayed(self._told)
        return self._all

    def _write(self, records: Sequence[dict[str, Any]]) -> None:
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
                with contextlib.suppress(OSError):  # a file system without locks keeps nobody out
                    disk.lock(descriptor, wait=True)
                disk.append_whole(descriptor, b"\n" + lines if ends_torn(self.path) else lines)
            finally:
                disk.close(descriptor)
        except OSError as error:
            raise JournalBroken(f'the decision cannot be written to "{self.path}": {error.strerror}') from error
        self._told.add(records)
        if self._all is not None:
            for record in records:
                self._all.take(record)

    def _written(self) -> bytes:
        if not os.path.lexists(self.path):
            return b""
        try:
            return b"".join(disk.chunks(trusted_file(self.path)))
        except (FileNotFoundError, NotADirectoryError):
            return b""
        except Untrusted as error:
            raise JournalBroken(
                f'the decisions in "{self.path}" are not trusted: {error}; or set DIFPY_STATE_DIR'
            ) from error
        except OSError as error:
            raise JournalBroken(f'the decisions in "{self.path}" cannot be read: {error.strerror}') from error


class _Replayed:
    """Decisions, one after the other; and what holds of them."""

    def __init__(self, records: Iterable[Any]) -> None:
        self.apart, self.judged = Apart(), Judged()
        for record in records:
            self.take(record)

    def take(self, record: Any) -> None:
        """Add a decision; what is none, as what a crash cut off, decides nothing."""
        if not isinstance(record, dict):
            return
        if _are_digests(record.get("judged")):
            self.judged.add(record)
        elif _are_digests(group := record.get("apart")):
            self.apart.add(group)
        elif _are_digests(group := record.get("forget")):
            self.apart.remove(group)


def _digests(records: Iterable[Any]) -> set[str]:
    """Of all pictures that some decisions are of."""
    found = (record.get(kind) for record in records if isinstance(record, dict) for kind in _KINDS)
    return {digest for digests in found if _are_digests(digests) for digest in digests}


def _are_digests(value: Any) -> TypeGuard[list[str]]:
    try:
        return isinstance(value, list) and bytes.fromhex("".join(value)) is not None
    except (TypeError, ValueError):
        return False
