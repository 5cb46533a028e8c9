"""What others may write is not taken for ours, whichever folder, link or file on the way it is that they may write."""

import os
import subprocess
import sys

import pytest

import second_user
from difPy.errors import WrongValue
from difPy.private import Untrusted, private_folder, trusted_file, user_folder

pytestmark = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="there are no owners and modes here")


@pytest.fixture
def folder(tmp_path):
    """A folder of ours, two deep, with a file in it."""
    deep = tmp_path / "above" / "folder"
    deep.mkdir(parents=True)
    for place in (deep, deep.parent):
        place.chmod(0o700)
    (deep / "file").write_text("ours")
    (deep / "file").chmod(0o600)
    return deep


def test_missing_folders_are_made_for_us_alone(tmp_path):
    before = os.umask(0)
    try:
        assert private_folder(str(tmp_path / "a" / "b" / "c")) == str(tmp_path / "a" / "b" / "c")
    finally:
        os.umask(before)
    for name in ("a", "a/b", "a/b/c"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o700


def test_a_folder_that_is_there_keeps_its_mode(folder):
    folder.chmod(0o755)
    assert private_folder(str(folder)) == str(folder)
    assert folder.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("mode", [0o777, 0o702, 0o1777], ids=oct)
@pytest.mark.parametrize("of", ["folder", "above", "file"])
def test_what_everybody_may_write_is_not_trusted(folder, of, mode):
    place = {"folder": folder, "above": folder.parent, "file": folder / "file"}[of]
    place.chmod(mode)
    if (of, mode) == ("above", 0o1777):  # as /tmp: others may make files there, and rename none of ours
        assert trusted_file(str(folder / "file")) == str(folder / "file")
        return
    with pytest.raises(Untrusted, match=f"{place} may be written by others .*{mode:o}"):
        trusted_file(str(folder / "file"))
    assert place.stat().st_mode & 0o7777 == mode


def test_who_can_mend_it_is_told_how(folder):
    folder.chmod(0o777)
    with pytest.raises(Untrusted, match=f"chmod go-w {folder} would end that"):
        private_folder(str(folder))
    folder.chmod(0o1777)  # but nobody is told to shut /tmp
    with pytest.raises(Untrusted) as raised:
        private_folder(str(folder))
    assert "chmod" not in str(raised.value)


def test_a_folder_of_files_may_not_even_be_a_sticky_one(folder):
    """Others could put there what an index or a journal has beside it."""
    folder.chmod(0o1777)
    for asked, path in ((private_folder, folder), (trusted_file, folder / "new"), (trusted_file, folder / "file")):
        with pytest.raises(Untrusted, match="1777"):
            asked(str(path))


def test_nothing_is_made_where_everybody_may_rename(folder):
    folder.chmod(0o777)
    with pytest.raises(Untrusted, match="777"):
        private_folder(str(folder / "new" / "below"))
    assert not (folder / "new").exists()


def test_what_lies_above_the_home_folder_is_not_asked(folder, monkeypatch):
    """On Android, and in containers, it belongs to users of whom nothing is known."""
    folder.parent.chmod(0o777)
    monkeypatch.setenv("HOME", str(folder))
    assert trusted_file(str(folder / "file")) == str(folder / "file")
    folder.chmod(0o777)
    with pytest.raises(Untrusted, match=f"{folder} may"):
        trusted_file(str(folder / "file"))


def test_a_link_of_ours_is_followed_to_what_is_used_from_then_on(folder, tmp_path):
    (tmp_path / "link").symlink_to("above")
    (tmp_path / "file").symlink_to("link/../above/folder/file")
    assert trusted_file(str(tmp_path / "file")) == str(folder / "file")
    assert private_folder(str(tmp_path / "link" / "folder")) == str(folder)
    (folder / "file").unlink()
    assert trusted_file(str(tmp_path / "file")) == str(folder / "file")  # where it would be


def test_links_in_a_ring_are_an_error_and_end(tmp_path):
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    for asked in (private_folder, trusted_file):
        with pytest.raises(OSError, match="symbolic links"):
            asked(str(tmp_path / "one"))


def test_a_file_in_the_place_of_a_folder_is_an_error(folder):
    for path in (folder / "file", folder / "file" / "below"):
        with pytest.raises(NotADirectoryError):
            private_folder(str(path))


@second_user.needed
@pytest.mark.parametrize("of", ["folder", "above", "file"])
def test_what_belongs_to_another_user_is_not_trusted(folder, of):
    place = {"folder": folder, "above": folder.parent, "file": folder / "file"}[of]
    second_user.give(place)
    with pytest.raises(Untrusted, match=f"{place} belongs to .*, not to you"):
        trusted_file(str(folder / "file"))


@second_user.needed
def test_a_link_that_another_user_planted_is_not_followed(folder, reachable):
    reachable.chmod(0o1777)
    second_user.python("os.symlink(*sys.argv[1:])", folder, reachable / "link", check=True)
    for asked, path in ((private_folder, "link"), (private_folder, "link/new"), (trusted_file, "link/file")):
        with pytest.raises(Untrusted, match="link belongs to"):
            asked(str(reachable / path))
    assert sorted(os.listdir(folder)) == ["file"]


@second_user.needed
def test_a_group_that_is_not_ours_alone_counts_as_others(folder):
    folder.chmod(0o775)
    assert trusted_file(str(folder / "file"))  # root's own group
    os.chown(folder, -1, second_user.OTHER)
    with pytest.raises(Untrusted, match="775"):
        trusted_file(str(folder / "file"))


@second_user.needed
def test_what_is_roots_is_trusted_by_all(reachable):
    (reachable / "file").touch(0o644)
    code = "print(difPy.private.trusted_file(sys.argv[1]))"
    done = second_user.python(code, reachable / "file", imports="difPy.private")
    assert done.stdout == f"{reachable / 'file'}\n", done.stderr


@pytest.mark.parametrize("kind", ["cache", "state"])
def test_no_folder_of_ours_is_relative(kind, monkeypatch, tmp_path):
    monkeypatch.setenv(f"DIFPY_{kind.upper()}_DIR", "scattered")
    with pytest.raises(WrongValue, match=f"'scattered', which is not an absolute path: set DIFPY_{kind.upper()}_DIR"):
        user_folder(kind)
    monkeypatch.delenv(f"DIFPY_{kind.upper()}_DIR")
    monkeypatch.setenv(f"XDG_{kind.upper()}_HOME", "scattered")
    assert os.path.isabs(user_folder(kind))


@pytest.mark.parametrize("home", ["", ".", "scattered"])
def test_a_relative_home_scatters_nothing(home, tmp_path):
    code = "from difPy.private import user_folder; print(user_folder('cache'), user_folder('state'))"
    environment = {"PATH": os.environ["PATH"], "HOME": home}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    if done.returncode:
        assert "not an absolute path" in done.stderr
    else:
        assert all(os.path.isabs(folder) for folder in done.stdout.split())
    assert os.listdir(tmp_path) == []
