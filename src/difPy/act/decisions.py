"""What a person has decided, "these are not duplicates", remembered by content: it survives moving and renaming.

A group so decided comes back only when a new picture joins it. One JSON line for each decision, in the state folder.
"""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

from difPy.act import disk
from difPy.act.chain import encode, ends_torn
from difPy.act.journal import state_folder
from difPy.act.places import make_folders
from difPy.errors import JournalBroken
from difPy.private import Untrusted, trusted_file, user_folder

if TYPE_CHECKING:
    from collections.abc import Sequence


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
        self._apart: dict[int, Counter[bytes]] = {}
        self._by_digest: defaultdict[bytes, set[int]] = defaultdict(set)
        for line in self._lines():
            self._take(line)

    def __len__(self) -> int:
        return len(self._apart)

    def remember(self, group: Sequence[bytes]) -> None:
        """These are not duplicates of each other.

        Parameters
        ----------
        group : sequence of bytes
            The pictures' digests; one that comes twice stands for two files with the same bytes.
        """
        self._say("apart", group)

    def forget(self, group: Sequence[bytes]) -> None:
        """Take back what was decided of exactly these, or of any group that holds them all."""
        self._say("forget", group)

    def suppressed(self, group: Sequence[bytes]) -> bool:
        """Whether all of a group has been decided: any two of its pictures were said not to be duplicates."""
        counted = Counter(group)
        known = [self._by_digest.get(digest, set()) for digest in counted]
        if not all(known):
            return False
        if any(counted <= self._apart[number] for number in set.intersection(*known)):
            return True
        return self._twice(counted) and all(one & two for one, two in combinations(known, 2))

    def _twice(self, counted: Counter[bytes]) -> bool:
        """Whether files with the same bytes were decided to be as many."""
        return all(
            count == 1 or any(self._apart[number][digest] >= count for number in self._by_digest[digest])
            for digest, count in counted.items()
        )

    def _say(self, what: str, group: Sequence[bytes]) -> None:
        line = encode({what: [digest.hex() for digest in group]})
        try:
            if self._folder == user_folder("state"):
                state_folder()
            else:
                make_folders(self._folder)
            descriptor = disk.append_to(self.path, new=False)
            try:
                disk.write(descriptor, b"\n" + line if ends_torn(self.path) else line)
                disk.sync(descriptor)
            finally:
                disk.close(descriptor)
        except OSError as error:
            raise JournalBroken(f'the decision cannot be written to "{self.path}": {error.strerror}') from error
        self._take(line)

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

    def _take(self, line: bytes) -> None:
        """Add a line; one that a crash cut off decides nothing."""
        try:
            record = json.loads(line)
            what, digests = next(iter(record.items()))
            group = Counter(bytes.fromhex(digest) for digest in digests)
        except (ValueError, TypeError, AttributeError, StopIteration):
            return
        if what == "apart":
            number = max(self._apart, default=-1) + 1
            self._apart[number] = group
            for digest in group:
                self._by_digest[digest].add(number)
        elif what == "forget":
            for number in [number for number, apart in self._apart.items() if group <= apart]:
                for digest in self._apart.pop(number):
                    self._by_digest[digest].discard(number)
