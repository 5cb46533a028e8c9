"""The scan: what is found, under which name, and what is said of the rest."""

import os
import socket
import stat
import subprocess

import pytest
from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as st

from difPy.errors import DifPyError, NoSuchDirectory, WrongType, WrongValue
from difPy.files import UNSUPPORTED
from difPy.scan import given, scan

PICTURES = frozenset({"jpg", "png"})


def touch(path, content=b"x"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return str(path)


def paths(found):
    return [file.path for file in found.files]


def reasons(found):
    return {failure.path: failure.reason for failure in found.failures}


def test_finds_files_in_subfolders_sorted_by_path(tmp_path):
    expected = sorted(touch(tmp_path / name) for name in ("b.jpg", "a/z.jpg", "a/b/c.jpg", "c.jpg"))
    assert paths(scan([str(tmp_path)])) == expected


def test_not_recursive_stays_in_the_folder(tmp_path):
    top = touch(tmp_path / "a.jpg")
    touch(tmp_path / "sub" / "b.jpg")
    assert paths(scan([str(tmp_path)], recursive=False)) == [top]


def test_a_file_knows_its_size_and_time(tmp_path):
    path = touch(tmp_path / "a.jpg", b"12345")
    os.utime(path, ns=(1_000, 2_000_000_000_123_456_789))
    (file,) = scan([str(tmp_path)]).files
    assert (file.size, file.mtime_ns, file.inode) == (5, 2_000_000_000_123_456_789, os.stat(path).st_ino)


def test_folders_may_be_named_like_patterns_or_hidden(tmp_path):
    expected = sorted(touch(tmp_path / folder / "a.jpg") for folder in ("[2020]", ".hidden", "what?", "*"))
    assert paths(scan([str(tmp_path)])) == expected
    assert paths(scan([str(tmp_path / "[2020]")])) == [str(tmp_path / "[2020]" / "a.jpg")]


TRASHES = [".Trash/9/files", ".Trash-9/files", "share/Trash/files", ".Trashes/501", "$RECYCLE.BIN/S-1-5", "#recycle"]


@pytest.mark.parametrize("folder", TRASHES)
def test_what_lies_in_the_trash_is_not_found(tmp_path, folder):
    """Or a picture might be removed because of a copy of it that will be gone when the trash is emptied."""
    picture = touch(tmp_path / "a.jpg")
    trashed = touch(tmp_path / folder / "a.jpg")
    touch(tmp_path / "share" / "Trash" / "info" / "a.jpg.trashinfo")
    assert paths(scan([str(tmp_path)], extensions=PICTURES)) == [picture]
    assert paths(scan([os.path.dirname(trashed)])) == [trashed], "unless it is asked for"


LEFT_OUT = {
    ".trashed-1735689600-a.jpg": "the trash of Android",
    "a (2021_03_04 05_06_07 UTC).jpg": "an old version, of the File History of Windows",
    ".dtrash/files/a.jpg": "the trash of digiKam",
    ".recycle/ann/a.jpg": "the recycle bin of a network drive",
    ".Recycle.Bin/a.jpg": "the recycle bin of a network drive",
    "RECYCLER/S-1-5/a.jpg": "the recycle bin of Windows",
    "files_trashbin/files/a.jpg": "the trash of Nextcloud or ownCloud",
    "files_versions/a.jpg": "old versions, of Nextcloud or ownCloud",
    ".stversions/a~20240101-120000.jpg": "old versions, of Syncthing",
    ".sync/Archive/a.jpg": "old versions, of Resilio Sync",
    "Backups.backupdb/mac/2020/a.jpg": "copies of Time Machine",
    "2024-01-01-120000.backup/Data/a.jpg": "copies of Time Machine",
    ".snapshots/1/snapshot/a.jpg": "snapshots",
    ".snapshot/hourly.0/a.jpg": "snapshots",
    "#snapshot/GMT-2024/a.jpg": "snapshots of a network drive",
    "~snapshot/daily/a.jpg": "snapshots of a network drive",
    "@Recently-Snapshot/a.jpg": "snapshots of a network drive",
    ".zfs/snapshot/d/a.jpg": "snapshots of ZFS",
    "@GMT-2024.01.01-00.00.00/a.jpg": "a shadow copy of Windows",
    "timeshift/snapshots/2024/a.jpg": "snapshots of Timeshift",
}


@pytest.mark.parametrize("place", LEFT_OUT)
def test_what_is_not_live_is_left_out_and_said_to_be(tmp_path, place):
    picture = touch(tmp_path / "a.jpg")
    copy = touch(tmp_path / place)
    found = scan([str(tmp_path)])
    assert paths(found) == [picture]
    ((path, what),) = found.left_out.items()
    assert copy.startswith(path)
    assert what == LEFT_OUT[place]
    asked = scan([os.path.dirname(copy) if "/" in place else copy])
    assert (paths(asked), asked.left_out) == ([copy], {}), "unless it is asked for"


def test_a_file_named_as_thrown_away_is_searched_if_it_is_named_beside_its_folder(tmp_path):
    picture, copy = touch(tmp_path / "a.jpg"), touch(tmp_path / ".trashed-1735689600-a.jpg")
    assert paths(scan([str(tmp_path), copy])) == sorted([picture, copy])


@pytest.mark.parametrize("link", ["old", "old.jpg"])
def test_no_symbolic_link_leads_into_snapshots(tmp_path, link):
    """Or what is found there might be kept for a live picture."""
    copy = touch(tmp_path / "disk" / ".zfs" / "snapshot" / "daily" / "a.jpg")
    (tmp_path / "in").mkdir()
    os.symlink(copy if link == "old.jpg" else os.path.dirname(copy), tmp_path / "in" / link)
    found = scan([str(tmp_path / "in")])
    assert (paths(found), found.left_out) == ([], {str(tmp_path / "in" / link): "snapshots of ZFS"})
    asked = scan([os.path.dirname(copy)])
    assert paths(asked) == [copy]


@pytest.mark.parametrize("name", ["recycled", "snapshots", "versions", "Archive", "zfs", "MobileBackups", "@home"])
def test_folders_that_only_sound_so_are_searched(tmp_path, name):
    picture = touch(tmp_path / name / "a.jpg")
    assert paths(scan([str(tmp_path)])) == [picture]


def test_a_folder_called_trash_need_not_be_one(tmp_path):
    expected = sorted(touch(tmp_path / name / "a.jpg") for name in ("Trash", ".Trash-old", "Trash-1000", "recycle"))
    assert paths(scan([str(tmp_path)])) == expected


def test_other_extensions_are_reported_as_unsupported(tmp_path):
    picture, text = touch(tmp_path / "a.JPG"), touch(tmp_path / "notes.txt")
    found = scan([str(tmp_path)], extensions=PICTURES)
    assert paths(found) == [picture]
    assert reasons(found) == {text: UNSUPPORTED}


@pytest.mark.parametrize("name", ["two\nlines.jpg", "emoji 🌵.jpg", " .jpg", "-rf.jpg", "日本.jpg"])
def test_any_name_is_found(tmp_path, name):
    assert paths(scan([str(tmp_path)])) == []
    assert paths(scan([os.path.dirname(touch(tmp_path / name))])) == [str(tmp_path / name)]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_names_that_are_not_utf8_are_found(tmp_path):
    raw = os.fsencode(tmp_path) + b"/caf\xe9.jpg"
    with open(raw, "wb") as file:
        file.write(b"x")
    (file,) = scan([str(tmp_path)]).files
    assert os.fsencode(file.path) == raw


def test_the_same_directory_twice_is_one_directory(tmp_path, monkeypatch):
    touch(tmp_path / "a" / "x.jpg")
    monkeypatch.chdir(tmp_path)
    assert paths(scan(["a", "a/", "./a", str(tmp_path / "a")])) == [os.path.join("a", "x.jpg")]


def test_overlapping_directories_give_each_file_to_the_innermost(tmp_path):
    outer, inner = touch(tmp_path / "x.jpg"), touch(tmp_path / "sub" / "deep" / "y.jpg")
    roots = [str(tmp_path), str(tmp_path / "sub")]
    for given_roots in (roots, roots[::-1]):
        files = scan(given_roots).files
        assert {file.path: file.root for file in files} == {outer: roots[0], inner: roots[1]}


def test_a_file_given_beside_its_directory_is_one_file(tmp_path, monkeypatch):
    path = touch(tmp_path / "x.jpg")
    monkeypatch.chdir(tmp_path)
    found = scan([str(tmp_path), path, "x.jpg"])
    assert paths(found) == [path]
    assert found.files[0].hard_links == ()


def test_a_single_file_may_be_given(tmp_path):
    path = touch(tmp_path / "x.jpg")
    touch(tmp_path / "y.jpg")
    assert paths(scan([path, path])) == [path]


def test_hard_links_are_one_file_with_several_names(tmp_path):
    first = touch(tmp_path / "b.jpg")
    os.link(first, tmp_path / "a.jpg")
    os.link(first, tmp_path / "c.jpg")
    (file,) = scan([str(tmp_path)]).files
    assert file.path == str(tmp_path / "a.jpg")
    assert file.hard_links == (str(tmp_path / "b.jpg"), str(tmp_path / "c.jpg"))


def test_a_symbolic_link_is_a_note_on_the_real_file(tmp_path):
    real = touch(tmp_path / "z.jpg")
    os.symlink(real, tmp_path / "a.jpg")
    (file,) = scan([str(tmp_path)]).files
    assert (file.path, file.linked, file.symlinks) == (real, False, (str(tmp_path / "a.jpg"),))


def test_a_file_outside_reached_by_a_link_is_found_and_marked(tmp_path):
    touch(tmp_path / "outside" / "x.jpg")
    (tmp_path / "root").mkdir()
    os.symlink(tmp_path / "outside", tmp_path / "root" / "to-folder")
    (file,) = scan([str(tmp_path / "root")]).files
    assert (file.path, file.linked) == (str(tmp_path / "root" / "to-folder" / "x.jpg"), True)
    os.symlink(tmp_path / "outside" / "x.jpg", tmp_path / "root" / "a.jpg")
    (file,) = scan([str(tmp_path / "root")]).files
    assert (file.path, file.linked) == (str(tmp_path / "root" / "a.jpg"), True)


def test_links_in_a_circle_end(tmp_path):
    path = touch(tmp_path / "a" / "x.jpg")
    os.symlink(tmp_path, tmp_path / "a" / "up")
    os.symlink(tmp_path / "loop", tmp_path / "loop")
    found = scan([str(tmp_path)])
    assert paths(found) == [path]
    assert "leads nowhere" in reasons(found)[str(tmp_path / "loop")]


def test_a_root_may_be_a_symbolic_link(tmp_path):
    touch(tmp_path / "real" / "x.jpg")
    os.symlink(tmp_path / "real", tmp_path / "link")
    (file,) = scan([str(tmp_path / "link")]).files
    assert (file.path, file.linked) == (str(tmp_path / "link" / "x.jpg"), False)


def test_pipes_sockets_and_devices_are_failures_never_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket.jpg"))
        found = scan([str(tmp_path)], extensions=PICTURES)
    assert found.files == []
    assert reasons(found) == {
        str(tmp_path / "pipe.jpg"): "not a regular file but a named pipe",
        str(tmp_path / "socket.jpg"): "not a regular file but a socket",
    }
    assert stat.S_ISFIFO(os.stat(tmp_path / "pipe.jpg").st_mode)


def test_a_folder_twelve_hundred_levels_deep_does_not_stop_the_run(tmp_path):
    beside = touch(tmp_path / "x.jpg")
    here = os.open(tmp_path, os.O_RDONLY)
    try:
        for _ in range(1_200):
            os.mkdir("a" * 8, dir_fd=here)
            below = os.open("a" * 8, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
    finally:
        os.close(here)
    found = scan([str(tmp_path)])
    subprocess.run(["rm", "-rf", tmp_path / ("a" * 8)], check=True)  # too deep for Python's own clean-up
    assert paths(found) == [beside]
    ((_, reason),) = reasons(found).items()
    assert "cannot be read" in reason


def test_nothing_given_and_nonsense_given_are_clear_errors(tmp_path):
    with pytest.raises(WrongValue, match="no directory was given"):
        given([])
    with pytest.raises(WrongType, match="not 3"):
        given([3])
    missing = str(tmp_path / "missing")
    with pytest.raises(NoSuchDirectory, match="missing") as caught:
        given([missing])
    assert isinstance(caught.value, FileNotFoundError) and isinstance(caught.value, DifPyError)
    with pytest.raises(NoSuchDirectory):
        given(["a\0b"])


def test_paths_and_lists_may_be_mixed(tmp_path):
    assert given([tmp_path, [str(tmp_path), [tmp_path]]]) == (str(tmp_path),) * 3


@settings(max_examples=30, deadline=None)
@forall(st.data())
def test_the_order_of_the_roots_does_not_matter(tmp_path_factory, data):
    top = tmp_path_factory.mktemp("tree")
    folders = ["a", "a/b", "a/b/c", "d"]
    for folder in folders:
        touch(top / folder / "x.jpg")
    os.symlink(top / "a", top / "d" / "link")
    os.link(top / "a" / "x.jpg", top / "d" / "y.jpg")
    roots = data.draw(st.lists(st.sampled_from(folders), min_size=1, max_size=5))
    roots = [str(top / root) for root in roots]
    assert scan(roots) == scan(data.draw(st.permutations(roots)))
