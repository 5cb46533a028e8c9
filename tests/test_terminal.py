"""What a terminal of 80 and of 200 columns shows: a table that fits it, with no word broken in two."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from difPy.change import Change, Showing, Sides
from difPy.files import File
from difPy.listing import listing
from difPy.model import Group, Member
from difPy.policy.facts import Facts
from difPy.policy.rules import OLDEST
from difPy.report import junit, text
from difPy.terminal import printable
from difPy.terminal.lines import elided, folded, hanging, width, wrapped
from terminals import on_a_terminal, terminals

LONG = "Originals of the summer of 2024 from the big camera/Lake Garda/IMG_20240701_183000 (1).png"
ENDLESS = f"{'without_any_place_to_break_it_' * 4}0001.png"
JAPANESE = "日本の夏の写真/夜景と花火_とても長い名前のファイルです.png"
STYLES = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def pictures(tmp_path, photo, monkeypatch):
    """Names that are long in every way, with copies that differ in every way; the working directory is above them."""
    folder = tmp_path / "Pictures"
    for name in (LONG, JAPANESE, ENDLESS):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
    photo(1, (400, 300)).save(folder / LONG)
    photo(1, (400, 300)).resize((200, 150)).save(folder / "half.jpg", quality=90)
    photo(1, (400, 300)).rotate(90, expand=True).save(folder / JAPANESE)
    photo(2, (400, 300)).save(folder / ENDLESS)
    shutil.copy(folder / ENDLESS, folder / "copy.png")
    monkeypatch.chdir(tmp_path)
    return folder


def find(columns, **environment):
    shown, code = on_a_terminal("find", "Pictures", "-s", "20", "--quiet", columns=columns, **environment)
    assert code == 0
    return shown.replace("\r", "")


def words(shown):
    """All that is shown, one by one: of paths each folder and name."""
    return {word for word in re.split(r"[\s/]+", STYLES.sub("", shown)) if word}


@terminals
def test_a_table_fits_80_and_200_columns_and_breaks_no_word(pictures):
    everything = words(find(1000))
    assert "IMG_20240701_183000" in everything
    for columns in (80, 200):
        shown = find(columns)
        lines = STYLES.sub("", shown).splitlines()
        assert max(map(width, lines)) <= columns
        broken = words(shown) - everything - {"In", "Pictures:"}  # what all paths begin with may be said once
        assert all("..." in word for word in broken), broken  # of what is longer than a line the middle is left out
        assert len([line for line in lines if line.startswith("keep")]) == 2
        assert {"half.jpg", "copy.png", "same", "bytes", "400", "150", "JPEG", "PNG"} <= words(shown)


@terminals
def test_what_a_terminal_is_not_shows_no_styles_and_is_not_broken(pictures):
    """A pipe is for programs: one line for each picture, whatever a terminal shows."""
    assert STYLES.search(find(80))
    assert not STYLES.search(find(80, NO_COLOR="1")) and not STYLES.search(find(80, TERM="dumb"))
    run = [sys.executable, "-m", "difPy", "find", "Pictures", "-s", "20", "--quiet"]
    piped = subprocess.run(run, capture_output=True, text=True, check=True, env=os.environ | {"COLUMNS": "80"}).stdout
    assert f"Pictures/{LONG}  (400" in piped or f"    Pictures/{LONG}  (400" in piped
    assert len(piped.splitlines()) == 6 and not STYLES.search(piped)


@terminals
def test_a_terminal_without_our_signs_is_shown_plain_ones(pictures):
    assert "400 x 300" in find(120, LANG="C", PYTHONIOENCODING="ascii")
    assert "400 \N{MULTIPLICATION SIGN} 300" in find(120)


@terminals
def test_the_documented_command_shows_the_same_table(pictures):
    shown, code = on_a_terminal("-D", "Pictures", "-s", "20", "-Z", "out", "-p", "False", NO_COLOR="1")
    lines = shown.replace("\r", "").splitlines()
    assert code == 0 and max(map(width, lines)) <= 80
    assert [line for line in lines if re.match(r"keep  .*400 . 300 PNG", line)]


# Lines


def test_a_path_is_broken_between_folders_and_a_name_loses_its_middle():
    assert folded("a/b c/d.png", 8) == ["a/b c/", "d.png"]
    assert folded("Summer/" + ENDLESS, 30) == ["Summer/", elided(ENDLESS, 30)]
    assert elided(ENDLESS, 30).endswith("0001.png") and width(elided(ENDLESS, 30)) == 30
    assert all(width(line) <= 20 for line in folded(JAPANESE, 20))


@pytest.mark.skipif(os.sep != "/", reason="there, folders end with that sign")
def test_what_stands_for_a_sign_that_is_not_shown_stays_in_one_piece():
    for name in ("no\u200bwidth.png", "bad\udcff\udcfe name.png", "two\nlines.png", "gpj.\u202eexe.png"):
        shown = printable(f"a folder/{name}")
        for most in range(12, 40):
            lines = folded(shown, most)
            assert not any(line.endswith("\\") for line in lines), lines
        assert folded(shown, 30)[-1].endswith(printable(name))


def test_a_number_stays_with_what_it_is_a_number_of():
    assert wrapped("reduced to 67 %", 13) == ["reduced to", "67 %"]
    assert wrapped("half, MSE 0.25", 10) == ["half,", "MSE 0.25"]


def test_a_sentence_goes_on_a_little_to_the_right():
    assert hanging("difpy: one two three", 14) == ["difpy: one", "  two three"]
    assert hanging("difpy: one", 10) == ["difpy: one"]


def test_at_any_width_there_is_a_table():
    one, two = (File(f"folder/{name}.png", "", 2_100_000, 0, 1, 1, width=40, height=30) for name in "ab")
    group = Group(one, (Member(two, 0.25, 2),), "Kept because it is older.")
    for room in range(1, 120):
        shown = ["".join(piece for piece, _ in line) for line in listing([group], room)]
        assert any("b.png" in line for line in shown) and max(map(len, shown)) <= max(room, 26)


# What is said


def test_it_is_older_by_a_date_or_to_the_second():
    def older(*times):
        files = (File("a.png", "", 1, int(seconds * 1e9), 1, 1) for seconds in times)
        return OLDEST.words(*(Facts(file, 10, 10, "PNG") for file in files))

    assert re.fullmatch(r"it is older \(\d{4}-\d\d-\d\d against \d{4}-\d\d-\d\d\)", older(1e9, 1.1e9))
    assert older(1e9, 1e9 + 1.25).count(":") == 4
    assert re.fullmatch(r"it is older \(.*:\d\d, by less than a second\)", older(1e9 + 0.25, 1e9 + 0.5))


def altered(shows, **second):
    change = Change((1, 0, 0, 0, 1, 0, 0, 0, 1), Showing((400, 300)), Showing((400, 300), **second))
    one, two = (File(name, "", 10, 0, 1, at, format="PNG") for at, name in enumerate(("a.png", "b.png")))
    return Group(one, (Member(two, 9.0, 0, change=change, shows=shows),), "Kept because it shows more.")


@pytest.mark.parametrize(
    ("shows", "second"),
    [
        ("shows more than the kept one: left, 24 %", {"more": Sides(0.24, 0, 0, 0), "beyond": 0.24}),
        ("shows what the kept one does not: 5 %", {"over": 0.05}),
    ],
)
def test_what_holds_an_altered_copy_back_is_said_once(shows, second):
    group = altered(shows, **second)
    table = "\n".join("".join(piece for piece, _ in line) for line in listing([group], 200))
    for said in (text([group]), junit([group]), table):
        assert said.count(shows) == 1
        assert "shows more (" not in said and "with something over" not in said
    told = altered("", **second).members[0].likeness  # and where nothing holds it back, what was done to it is
    assert "shows more (left, 24 %)" in told or "with something over 5 %" in told
