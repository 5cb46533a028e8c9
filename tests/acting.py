"""Helpers of the tests of act: real trees, groups found by scanning them, and pictures of a tree to compare."""

import errno
import os
import stat
from collections import Counter, defaultdict
from pathlib import Path

from blake3 import blake3

from difPy import act
from difPy.act import disk
from difPy.act.belonging import FILMS, NOTES
from difPy.model import Group, Member
from difPy.policy import Facts, order
from difPy.scan import scan

HOUR = 3_600_000_000_000
NOON = 1_500_000_000_000_000_000


def write(path, data, *, hours=0, mode=0o644, attributes=None):
    """A file with these bytes, and these attributes where the file system can hold any; returns its path as str."""
    path = os.fspath(path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
    os.chmod(path, mode)
    for name, value in (attributes or {}).items() if hasattr(os, "setxattr") else ():
        try:
            os.setxattr(path, name, value)
        except OSError as error:
            if error.errno != errno.ENOTSUP:
                raise
    os.utime(path, ns=(NOON + hours * HOUR + 11, NOON + hours * HOUR + 7))
    return path


def family(data):
    """Pictures are alike if their bytes begin with the same letter."""
    return data[:1]


def find(*roots):
    """Groups of the files below the roots: a scan, and then the rule of the group room (best first, direct matches)."""
    files = [file for file in scan([os.fspath(root) for root in roots]).files if not is_sidecar(file.path)]
    bytes_of = {file.path: Path(file.path).read_bytes() for file in files}
    families = defaultdict(list)
    for file in sorted(files, key=lambda file: order(Facts(file, 1, 1, "PNG"))):
        families[family(bytes_of[file.path])].append(file)
    groups = []
    for kept, *others in families.values():
        members = [Member(file, 0.0 if bytes_of[file.path] == bytes_of[kept.path] else 1.5, 0) for file in others]
        if members:
            groups.append(Group(kept, tuple(members)))
    return groups, {path: blake3(data).digest() for path, data in bytes_of.items()}


def is_sidecar(path):
    name = os.path.basename(path)
    return name.startswith("._") or os.path.splitext(name)[1].lower() in NOTES | FILMS | {".cr2"}


def picture(*roots):
    """Everything there is below the roots, by path: kind, bytes, mode, times, attributes, and who shares a file."""
    found, names = {}, defaultdict(list)
    for root in roots:
        for folder, folders, files in os.walk(root):
            for name in folders + files:
                path = os.path.join(folder, name)
                facts = os.lstat(path)
                if stat.S_ISLNK(facts.st_mode):
                    found[path] = ("link", os.readlink(path))
                elif stat.S_ISREG(facts.st_mode):
                    found[path] = ("file", Path(path).read_bytes(), facts.st_mode, facts.st_mtime_ns, attributes(path))
                    names[facts.st_dev, facts.st_ino].append(path)
                else:
                    found[path] = ("folder", facts.st_mode)
    for together in names.values():
        for path in together:
            found[path] = (*found[path], tuple(sorted(together)))
    return found


def attributes(path):
    return tuple(sorted(disk.attributes(path).items()))


def apply(plan, journal=None, **options):
    """Apply a plan of files that are no pictures: who decides whether they are alike is the first letter."""
    return act.apply(plan, journal, verify=lambda steps: [None] * len(steps), **options)


def contents(*roots):
    """How often each content is there, as a file of its own."""
    seen, counted = set(), Counter()
    for root in roots:
        for folder, _, files in os.walk(root):
            for name in files:
                path = os.path.join(folder, name)
                facts = os.lstat(path)
                if stat.S_ISREG(facts.st_mode) and (facts.st_dev, facts.st_ino) not in seen:
                    seen.add((facts.st_dev, facts.st_ino))
                    counted[Path(path).read_bytes()] += 1
    return counted


def litter(*roots):
    """Temporary names left behind."""
    return [path for path in picture(*roots) if os.path.basename(path).startswith(".difpy-")]


def trash():
    """Folder of the trash of this test."""
    return os.path.join(os.environ["XDG_DATA_HOME"], "Trash")


def calls():
    """Names of the functions of `disk` that call the system."""
    composed = {"attributes", "chunks", "close_folder", "digest", "digest_of", "exists", "opened"}
    return [
        name
        for name, value in vars(disk).items()
        if callable(value)
        and not name.startswith("_")
        and getattr(value, "__module__", "") == disk.__name__
        and name not in composed
    ]


class Tap:
    """Stands between the package and the system: counts calls, and lets one of them fail or be the last.

    Parameters
    ----------
    patch : callable
        ``patch(module, name, value)``, as monkeypatch.setattr.
    before : callable
        ``before(number, name, *arguments)``, called before each call.
    """

    def __init__(self, patch, before=lambda number, name, *arguments: None):
        self.seen = []
        for name in calls():
            patch(disk, name, self._tapped(name, getattr(disk, name), before))

    def _tapped(self, name, function, before):
        def call(*arguments, **options):
            self.seen.append(name)
            before(len(self.seen) - 1, name, *arguments)
            return function(*arguments, **options)

        return call
