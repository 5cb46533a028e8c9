"""Decisions one by one in; what they say of a group out: whether it is none, and what a person wants to become of it.

Digests are texts here, as in the file: of 200,000 decisions hardly one is ever looked at.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Choice:
    """A picture that a person chose: by content, and where several have the same, by where it was."""

    digest: bytes
    path: str = ""

    def among(self, digests: Sequence[bytes], paths: Sequence[str]) -> list[int]:
        """Which of a group's pictures it is: that with the most of its path, from the end; several if nothing tells.

        Examples
        --------
        >>> Choice(b"a", "/old/2024/one.jpg").among([b"b", b"a", b"a"], ["/x/one.jpg", "/x/two.jpg", "/x/one.jpg"])
        [2]
        """
        alike = [at for at, digest in enumerate(digests) if digest == self.digest]
        common = {at: _common_end(self.path, paths[at]) for at in alike}
        return [at for at in alike if common[at] == max(common.values())]


def _common_end(one: str, other: str) -> int:
    """How many of the last parts of two paths are the same."""
    count = 0
    for mine, theirs in zip(reversed(_parts(one)), reversed(_parts(other)), strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def _parts(path: str) -> list[str]:
    return path.replace("\\", "/").split("/")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a person said of a group."""

    group: tuple[bytes, ...]
    """Digests of its pictures; one that comes twice stands for two files with the same bytes."""
    agreed: bool = False
    """What is not kept may go."""
    keeper: Choice | None = None
    """Another one to keep than difPy would."""
    stays: tuple[Choice, ...] = ()
    """Pictures that are not kept for others, and stay all the same."""
    changed: bool = False
    """Another picture has joined the group, or one has left it, since: nobody has agreed to what it is now."""

    def record(self) -> dict[str, Any]:
        """What is written."""
        record: dict[str, Any] = {"judged": [digest.hex() for digest in self.group], "agreed": self.agreed}
        record |= {"keeper": [self.keeper.digest.hex(), self.keeper.path]} if self.keeper else {}
        return record | ({"stays": [[one.digest.hex(), one.path] for one in self.stays]} if self.stays else {})


Record = dict[str, Any]


def key(digests: Iterable[str]) -> tuple[str, ...]:
    """The same for the same pictures, in whatever order."""
    return tuple(sorted(digests))


class Judged:
    """What was said last of each group."""

    def __init__(self) -> None:
        self._by_group: dict[tuple[str, ...], Record] = {}
        self._latest: dict[str, tuple[str, ...]] = {}

    def __len__(self) -> int:
        return len(self._by_group)

    def add(self, record: Record) -> None:
        """What is said now holds, and nothing that was said before of the same group."""
        group = key(record["judged"])
        self._by_group[group] = record
        for digest in group:
            self._latest[digest] = group

    def of(self, digests: Sequence[str]) -> Judgement | None:
        """What was said of the group, or last of one that has more than one picture in common with it."""
        group = key(digests)
        if (record := self._by_group.get(group)) is not None:
            return _judgement(record, tuple(map(bytes.fromhex, group)), changed=False)
        held = set(group)
        others = {other for digest in held if (other := self._latest.get(digest)) and len(held & set(other)) > 1}
        if not others:
            return None
        nearest = max(others, key=lambda other: (len(held & set(other)), other))
        return _judgement(self._by_group[nearest], tuple(map(bytes.fromhex, group)), changed=True)


def _judgement(record: Record, group: tuple[bytes, ...], *, changed: bool) -> Judgement | None:
    keeper = _choice(record.get("keeper"))
    listed = record.get("stays")
    stays = tuple(filter(None, map(_choice, listed if isinstance(listed, list) else [])))
    agreed = record.get("agreed") is True and not changed
    if not (agreed or keeper or stays) and record.get("agreed") is not True:
        return None
    return Judgement(group, agreed, keeper, stays, changed)


def _choice(written: Any) -> Choice | None:
    try:
        digest, path = written
        return Choice(bytes.fromhex(digest), str(path))
    except (TypeError, ValueError):
        return None


class Apart:
    """Groups that are none."""

    def __init__(self) -> None:
        self._groups: dict[int, list[str]] = {}
        self._next = 0
        self._first: dict[str, int] = {}
        self._further: defaultdict[str, set[int]] = defaultdict(set)  # hardly a picture is in more than one group

    def __len__(self) -> int:
        return len(self._groups)

    def add(self, group: list[str]) -> None:
        """These are no duplicates of each other."""
        number = self._next
        self._next += 1
        self._groups[number] = group
        for digest in group:
            if self._first.setdefault(digest, number) != number:
                self._further[digest].add(number)

    def remove(self, group: list[str]) -> None:
        """Nobody says so any more: of exactly these, or of any group that holds them all."""
        counted = Counter(group)
        known = [self._with(digest) for digest in counted]
        for number in set.intersection(*known) if known else set(self._groups):
            if counted <= Counter(self._groups[number]):
                del self._groups[number]

    def holds(self, group: Sequence[str]) -> bool:
        """Whether any two of the group were said to be none."""
        counted = Counter(group)
        known = {digest: self._with(digest) for digest in counted}
        if not all(known.values()):
            return False
        if any(counted <= Counter(self._groups[number]) for number in set.intersection(*known.values())):
            return True
        twice = all(
            count == 1 or any(self._groups[number].count(digest) >= count for number in known[digest])
            for digest, count in counted.items()
        )  # files with the same bytes were decided to be as many
        return twice and all(one & two for one, two in combinations(known.values(), 2))

    def _with(self, digest: str) -> set[int]:
        """Numbers of the groups that hold it."""
        if digest not in self._first:
            return set()
        return {self._first[digest], *self._further.get(digest, ())} & self._groups.keys()
