"""A step and the disk -> why it must not be done, asked right before it would be."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from difPy.act import disk
from difPy.act.acts import differs, is_same
from difPy.act.steps import Action, Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from difPy.act.steps import Seen
    from difPy.act.straight import Straight

_Stamp = tuple[int, int, int, int, int]


class Checker:
    """Compares steps with the disk.

    Parameters
    ----------
    straight : Straight
        Tells which folders are symbolic links.
    reread : bool or None
        Whether to read the contents again where the scan's digest is known; None: where it matters, which is before
        deleting and linking.
    """

    def __init__(self, straight: Straight, reread: bool | None = None) -> None:
        self._reread = reread
        self._digests: dict[str, tuple[_Stamp, bytes]] = {}
        self._straight = straight

    def changed(self, step: Step) -> str | None:
        """Why the step must not be done, as far as the files' facts tell; None if it may.

        Raises
        ------
        OSError
            If the disk does not answer.
        """
        if step.action is Action.MOVE and self._in_one_folder(step.file.path, step.to or ""):
            return "it is in the destination already"
        files = [step.file, *(companion.seen for companion in step.companions)]
        for seen in files:
            name = "it" if seen is step.file else f'"{seen.path}"'
            if reason := self._unlike(seen, disk.lstat):
                return f"{name} {reason}"
            if self._straight.path(seen) is None:
                return f"{name} is reached through a symbolic link"
        names = [companion.seen for companion in step.companions if not companion.sidecar]
        if names and disk.lstat(step.file.path).st_nlink <= len(names):
            return f'"{names[0].path}" is another way to the same name, as where a folder is mounted twice'
        for seen in (step.keeper, *(companion.twin for companion in step.companions if companion.twin is not None)):
            if reason := self._unlike(seen, disk.stat):
                return f'what is kept for it, "{seen.path}", {reason}'
            if any(seen.identity == file.identity for file in files):
                return f'what is kept for it, "{seen.path}", is the same file'
        return None

    def why_not(self, step: Step) -> str | None:
        """Why the step must not be done, contents read again where that matters; None if it may.

        Raises
        ------
        OSError
            If the disk does not answer.
        """
        reason = self.changed(step)
        if reason is None and self._is_to_be_read(step):
            reason = self._other_bytes(step) or self.changed(step)
        return reason

    def _is_to_be_read(self, step: Step) -> bool:
        return self._reread if self._reread is not None else step.action is Action.DELETE or step.action.links

    def _unlike(self, seen: Seen, look: Callable[[str], os.stat_result]) -> str | None:
        try:
            return differs(seen, look(seen.path))
        except (FileNotFoundError, NotADirectoryError):
            return "is not there any more"

    def _in_one_folder(self, path: str, to: str) -> bool:
        """Whether both lie in one folder, which may have two names: mounted twice, or written in another case."""
        folder, destination = (self._straight.folder(os.path.dirname(one)) for one in (path, to))
        return folder == destination or is_same(folder, destination)

    def _other_bytes(self, step: Step) -> str | None:
        digest = self._digest(step.file) if step.file.digest or step.action.links else None
        kept = self._digest(step.keeper) if step.keeper.digest or step.action.links else None
        if step.file.digest and digest != step.file.digest:
            return "it has other contents than the scan saw"
        if step.keeper.digest and kept != step.keeper.digest:
            return f'what is kept for it, "{step.keeper.path}", has other contents than the scan saw'
        if step.action.links and digest != kept:
            return f'it has not the same bytes as "{step.keeper.path}", and a link would replace them'
        for companion in step.companions:
            if companion.twin and self._digest(companion.seen) != self._digest(companion.twin):
                return f'its sidecar "{companion.seen.path}" differs from "{companion.twin.path}" and would be lost'
        return None

    def _digest(self, seen: Seen) -> bytes:
        """Digest of the bytes, read again unless nothing has touched the file since: one is kept for many."""
        facts = disk.stat(seen.path)
        stamp = (facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)
        known = self._digests.get(seen.path)
        if known is None or known[0] != stamp:
            known = self._digests[seen.path] = (stamp, disk.digest(seen.path, through_links=True))
        return known[1]
