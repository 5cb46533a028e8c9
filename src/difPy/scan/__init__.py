"""Given directories and files in, `Files` and `Failure`s out: one walk, one `File` however many names a file has.

folder: what lies in one folder, and what the system says of it
held: the same as here of data sets, which hold pictures that are no files of their own
"""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from datetime import datetime
from stat import S_IFDIR, S_IFLNK, S_IFMT, S_ISDIR, S_ISREG
from typing import TYPE_CHECKING, NamedTuple

from difPy import discarded
from difPy.errors import NoSuchDirectory, WrongType, WrongValue
from difPy.files import UNSUPPORTED, File, Files
from difPy.model import Failure
from difPy.scan.folder import UNKNOWN, entries, status_of
from difPy.scan.held import listed
from difPy.selection import Selection
from difPy.sources import Source, source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from difPy.scan.folder import Status

_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
_NO_STEM = {"", ".", os.sep, os.altsep}
_VALUES = (File, Failure, Source)
"""Named tuples that are one thing each, and no list of such."""


class Scan(NamedTuple):
    """What was found: files sorted by path, then what data sets hold, in the order in which they were given."""

    files: Files
    failures: list[Failure]
    left_out: dict[str, str]
    """Folders and files that were passed over on purpose -> what they are: no live pictures, or not wanted."""


def given(directories: Iterable[object]) -> tuple[str | Source, ...]:
    """Paths a caller gave (str, PathLike, or lists of these), as strings, checked to exist; and data sets.

    Raises
    ------
    WrongValue
        Nothing was given.
    WrongType
        Something given is no path.
    NoSuchDirectory
        A path does not exist.
    SourceFailed
        A data set has no column of pictures.

    Examples
    --------
    >>> given(["."])
    ('.',)
    """
    roots = tuple(_flatten(directories))
    if not roots:
        raise WrongValue("no directory was given: name at least one, e.g. difPy.build('C:/Path/to/Folder/')")
    for root in roots:
        if isinstance(root, Source):
            continue
        try:
            os.stat(root)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise NoSuchDirectory(f"directory {root!r} cannot be searched: {reason}") from None
    return roots


def _flatten(directories: Iterable[object]) -> Iterator[str | Source]:
    for directory in directories:
        if isinstance(directory, (list, tuple, set, frozenset)) and not isinstance(directory, _VALUES):
            yield from _flatten(directory)
        elif isinstance(directory, dict):  # splits of a data set, by name
            yield from _flatten(directory.values())
        elif (held := source(directory)) is not None:
            yield held
        elif isinstance(directory, (str, bytes, os.PathLike)):
            yield os.fsdecode(directory)
        else:
            raise WrongType(f"directories must be of type str, pathlib.Path or list of these, not {directory!r}")


def scan(
    roots: Iterable[str | Source],
    *,
    recursive: bool = True,
    extensions: frozenset[str] | None = None,
    selection: Selection = Selection(),  # noqa: B008 - a frozen value
    all_times: Iterable[str] = (),
    found: Callable[[int], None] = lambda count: None,
) -> Scan:
    """Files below the roots.

    A file belongs to the innermost root it lies in. What lies in a trash, or is an old version or a snapshot, is left
    out, unless a root lies there itself. Symbolic links are followed, after everything that is reached without one: so
    a file has its real name where it has one, and a link to it is only noted.

    Parameters
    ----------
    roots : iterable of str or Source
        Directories and files; data sets.
    recursive : bool, optional
        Whether to look into subfolders.
    extensions : frozenset of str, optional
        Lower-case extensions without the dot; other files become Failures. None takes every file.
    selection : Selection, optional
        What a person wants looked at. A root is always looked at itself.
    all_times : iterable of str, optional
        Roots of which files are wanted whenever they were changed.
    found : callable, optional
        Told now and then how many files were found.

    Returns
    -------
    Scan
    """
    given = tuple(dict.fromkeys(roots))
    here = tuple(root for root in given if isinstance(root, str))
    walked = _Walk(here, recursive, extensions, selection, frozenset(all_times), found).run()
    held = [root for root in given if isinstance(root, Source)]
    if not held:
        return walked
    count = len(walked.files)
    files, failures = listed(held, extensions, selection, walked.left_out, lambda more: found(count + more))
    return Scan(walked.files + files, walked.failures + failures, walked.left_out)


class _Walk:
    def __init__(
        self,
        roots: tuple[str, ...],
        recursive: bool,
        extensions: frozenset[str] | None,
        selection: Selection,
        all_times: frozenset[str],
        found: Callable[[int], None],
    ) -> None:
        self.recursive = recursive
        self.extensions = extensions
        self.selection = selection
        self.all_times = all_times
        self.found = found
        self.row_of: defaultdict[int, dict[int, int]] = defaultdict(dict)  # device -> inode -> row
        self.paths: list[str] = []
        self.under: list[str] = []  # the roots they were found under
        self.sizes: list[int] = []
        self.times: list[int] = []
        self.devices: list[int] = []
        self.inodes: list[int] = []
        self.names: dict[int, list[tuple[str, str]]] = {}  # row -> all (path, root) of a file that has several
        self.symlinks: dict[int, list[str]] = {}
        self.linked: set[int] = set()  # rows reached through a link only
        self.failures: dict[str, str] = {}
        self.left_out: dict[str, str] = {}
        self.visited: set[tuple[int, int]] = set()
        self.links: list[tuple[str, str]] = []  # (path, root) of symbolic links, for later
        self.roots: dict[tuple[int, int], str] = {}  # a directory given by two names is one root: the first
        self.single: list[str] = []
        for root in roots:
            status = os.stat(root)
            if stat.S_ISDIR(status.st_mode):
                self.roots.setdefault((status.st_dev, status.st_ino), root)
            else:
                self.single.append(root)

    def run(self) -> Scan:
        for key, root in self.roots.items():
            self.visited.add(key)
            self.take(self.walk(_tidy(root), root), root, linked=False)
        self.take_single()
        while self.links:
            links, self.links = sorted(self.links), []
            for path, root in links:
                self.follow(path, root)
        failures = [Failure(path, reason) for path, reason in sorted(self.failures.items())]
        return Scan(self.files(), failures, dict(sorted(self.left_out.items())))

    def files(self) -> Files:
        """What was found, by column, sorted by path."""
        hard: dict[int, tuple[str, ...]] = {}
        for row, names in self.names.items():
            (self.paths[row], self.under[row]), *others = sorted(names)
            hard[row] = tuple(path for path, _ in others)
        order = sorted(range(len(self.paths)), key=self.paths.__getitem__)
        links = {
            row: (hard.get(row, ()), tuple(sorted(self.symlinks.get(row, ()))), row in self.linked)
            for row in hard.keys() | self.symlinks.keys() | self.linked
        }
        return Files(self.paths, self.under, self.sizes, self.times, self.devices, self.inodes, links).take(order)

    def take_single(self) -> None:
        """Files given by name, unless the walk or an earlier spelling of the name led to them."""
        seen = set()
        for root in self.single:
            path = _tidy(root)
            parent, name = os.path.split(path)
            folder = os.stat(parent or os.curdir)
            key = (folder.st_dev, folder.st_ino)
            walked = key in self.visited and discarded.file(name) is None
            if walked or (key, name) in seen:
                continue
            seen.add((key, name))
            if os.path.islink(path):
                self.links.append((path, root))
            else:
                self.take([(path, status_of(os.stat(path)))], root, linked=False)

    def walk(self, top: str, root: str) -> Iterator[tuple[str, Status]]:
        """What lies below a folder and is neither a folder nor a symbolic link: these are noted, for later."""
        folders = [top]
        while folders:
            folder = folders.pop()
            prefix = "" if folder == os.curdir else os.path.join(folder, "")
            try:
                for name, status in entries(folder):
                    path = prefix + name
                    if status == UNKNOWN:
                        try:
                            status = status_of(os.lstat(path))
                        except OSError as error:
                            self.failures[path] = f"this file cannot be read: {error.strerror}"
                            continue
                    kind = S_IFMT(status[0])
                    if kind == S_IFDIR:
                        what = discarded.folder(path if folder != top else name)  # a root may be a trash
                        if self.may_enter(path, what, root, status):
                            folders.append(path)
                    elif kind == S_IFLNK:
                        self.links.append((path, root))
                    elif not self.leave_out(path, discarded.file(name), status):
                        yield path, status
            except OSError as error:
                self.failures[folder] = f"this folder cannot be read: {error.strerror}"
            self.found(len(self.paths))

    def follow(self, path: str, root: str) -> None:
        """Look through a symbolic link, now that all that has a real name is known."""
        try:
            status = status_of(os.stat(path))
        except OSError as error:
            if self.wanted(path):
                self.failures[path] = f"a symbolic link that leads nowhere: {error.strerror}"
            return
        mode, _, _, device, inode = status
        is_folder = S_ISDIR(mode)
        row = None if is_folder else self.row_of[device].get(inode)
        if row is not None:
            self.symlinks.setdefault(row, []).append(path)
        elif self.leave_out(path, _led_astray(path, root), status):
            pass
        elif not is_folder:
            self.take([(path, status)], root, linked=True)
        elif self.may_enter(path, None, root, status):
            self.take(self.walk(path, root), root, linked=True)

    def may_enter(self, folder: str, what: str | None, root: str, status: Status) -> bool:
        """Whether to look into a folder, which may not be live, or not wanted; not twice."""
        if not self.recursive or self.too_deep(folder, root):
            return False
        what = what or self.selection.off(_below(folder, root) + "/", folder + "/")
        return not self.leave_out(folder, what, status) and self.new_folder(status)

    def leave_out(self, path: str, what: str | None, status: Status) -> bool:
        """Note what is passed over because of what it is; a root inside a root never is."""
        if what is None or status[3:] in self.roots:
            return False
        self.left_out[path] = what
        return True

    def too_deep(self, folder: str, root: str) -> bool:
        """Whether what lies in a folder is deeper below the root than a person wants."""
        deepest = self.selection.max_depth
        return deepest is not None and _below(folder, root).count("/") + 2 > deepest

    def unwanted(self, path: str, root: str, status: Status) -> str | None:
        """Why a person does not want a file looked at that lies below a root."""
        chosen = self.selection
        if path != _tidy(root) and chosen.by_name and (what := chosen.off(_below(path, root), path)):
            return what
        _, size, time, _, _ = status
        if what := chosen.too_small(size):
            return what
        if time < chosen.since and root not in self.all_times:
            return f"changed before {datetime.fromtimestamp(chosen.since / 1e9):%Y-%m-%d %H:%M}"
        return None

    def new_folder(self, status: Status) -> bool:
        key = status[3:]
        if key in self.visited or key in self.roots:  # a root inside a root is walked as itself
            return False
        self.visited.add(key)
        return True

    def take(self, found: Iterable[tuple[str, Status]], root: str, *, linked: bool) -> None:
        """Enter into the columns what is a file, wanted, and not there yet."""
        row_of, wanted = self.row_of, self.wanted  # a million times: what is looked up once need not be again
        paths, under, sizes = self.paths, self.under, self.sizes
        times, devices, inodes = self.times, self.devices, self.inodes
        choosy = self.selection.by_name or self.selection.min_size or self.selection.since
        for path, status in found:
            if not wanted(path):
                continue
            if choosy and (what := self.unwanted(path, root, status)):
                self.left_out[path] = what
                continue
            mode, size, time, device, inode = status
            if not S_ISREG(mode):
                kind = _KINDS.get(S_IFMT(mode), "something else")
                self.failures[path] = f"not a regular file but {kind}"
                continue
            row = len(paths)
            known = row_of[device].setdefault(inode, row)
            if known == row:
                paths.append(path)
                under.append(root)
                sizes.append(size)
                times.append(time)
                devices.append(device)
                inodes.append(inode)
                if linked:
                    self.linked.add(row)
            elif (known in self.linked) == linked:  # a further name reached through a link is no name to act on
                self.names.setdefault(known, [(paths[known], under[known])]).append((path, root))

    def wanted(self, path: str) -> bool:
        if self.extensions is None:
            return True
        stem, _, extension = path.rpartition(".")
        if extension.lower() in self.extensions and (
            stem[-1:] not in _NO_STEM or os.path.basename(stem).strip(".")  # ".jpg" has no extension
        ):
            return True
        self.failures[path] = UNSUPPORTED
        return False


def _below(path: str, root: str) -> str:
    """A path below a root, from there, with ``/`` between names."""
    top = _tidy(root)
    below = path if top == os.curdir else path[len(top) :]
    return below.replace(os.sep, "/").lstrip("/")


def _led_astray(link: str, root: str) -> str | None:
    """What no live picture is that a symbolic link leads to, out of a root that is live."""
    what = discarded.of(os.path.realpath(link))
    return what if what is None or discarded.of(os.path.realpath(root)) is None else None


def _tidy(root: str) -> str:
    """The root without doubled or trailing slashes; left alone where `..` could follow a symbolic link."""
    return root if os.pardir in root.split(os.sep) else os.path.normpath(root)
