"""One folder: the names in it, and what is said of each, whether one look or one loop in C asks for it."""

import os
import socket

import pytest

from difPy.scan import folder, scan
from difPy.scan.folder import UNKNOWN, entries, status_of

MANY = 3000  # more than are listed, or looked at, at once


@pytest.fixture(autouse=True, params=["in C", "one by one"])
def _way(request, monkeypatch):
    if request.param == "one by one":
        monkeypatch.setattr(folder, "_LOOK", None)
    else:
        assert folder._LOOK is not None, "the build has compiled nothing: make, or sh tools/setup.sh"


def told(top):
    """What is said of all that lies in a folder, beside what the system says of each path."""
    names = os.listdir(top)
    return sorted(entries(str(top))), sorted((name, status_of(os.lstat(os.path.join(top, name)))) for name in names)


def test_of_whatever_lies_there_the_system_is_quoted(tmp_path, monkeypatch):
    (tmp_path / "file.jpg").write_bytes(b"12345")
    (tmp_path / "folder").mkdir()
    (tmp_path / "to the file").symlink_to("file.jpg")
    (tmp_path / "to nowhere").symlink_to("gone")
    os.link(tmp_path / "file.jpg", tmp_path / "the same.jpg")
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)  # the name of a socket may not be long
    with socket.socket(socket.AF_UNIX) as there:
        there.bind("socket")
    (tmp_path / os.fsdecode(b"\xff\xfe\n.jpg")).touch()
    (tmp_path / ("ü" * 127)).touch()
    found, expected = told(tmp_path)
    assert found == expected and len(found) == 9


def test_an_empty_folder_holds_nothing(tmp_path):
    assert list(entries(str(tmp_path))) == []


@pytest.mark.parametrize("seconds", [-2_000_000_000, -1, 0, 13_569_465_600])
def test_a_time_may_be_before_1970_or_after_2262(tmp_path, seconds):
    path = tmp_path / "a.jpg"
    path.touch()
    os.utime(path, ns=(0, seconds * 10**9 + 123_456_789))
    ((_, status),) = entries(str(tmp_path))
    time = os.stat(path).st_mtime_ns
    assert status in (status_of(os.stat(path)), UNKNOWN) and (status != UNKNOWN or time > 1 << 62)
    assert [file.mtime_ns for file in scan([str(tmp_path)]).files] == [time]


def test_many_are_all_there(tmp_path):
    for number in range(MANY):
        (tmp_path / str(number)).write_bytes(bytes(number % 7))
    found, expected = told(tmp_path)
    assert found == expected and len(found) == MANY


def test_what_is_gone_before_it_was_looked_at_is_a_failure_and_nothing_else_is_lost(tmp_path):
    for number in range(MANY):
        (tmp_path / f"{number}.jpg").touch()
    going = entries(str(tmp_path))
    first = next(going)[0]
    for path in tmp_path.iterdir():
        if path.name != first:
            path.unlink()
    assert [status for _, status in going][-1] == UNKNOWN
    assert [os.path.basename(file.path) for file in scan([str(tmp_path)]).files] == [first]


@pytest.mark.parametrize("name", ["gone", "file"])
def test_what_is_no_folder_says_so(tmp_path, name):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=name):
        list(entries(str(tmp_path / name)))


def test_a_search_that_is_broken_off_leaves_no_folder_open(tmp_path):
    (tmp_path / "a.jpg").touch()
    before = len(os.listdir("/proc/self/fd"))
    found = entries(str(tmp_path))
    next(found)
    found.close()
    assert len(os.listdir("/proc/self/fd")) == before
