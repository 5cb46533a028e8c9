"""What a person tries first works, or is told how: the command as people meet it."""

import csv
import json
import os
import subprocess
import sys

import pytest

from difPy import cli, commands
from difPy.cli import main
from terminals import on_a_terminal, terminals

RUN = [sys.executable, "-m", "difPy"]


@pytest.fixture
def pictures(tmp_path, photo, monkeypatch):
    """Three copies of a picture in a folder, and the folder above as the working directory."""
    folder = tmp_path / "Pictures"
    folder.mkdir()
    photo(1).save(folder / "a.png")
    photo(1).save(folder / "b.bmp")
    photo(2).save(folder / "c.png")
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def difpy(capfdbinary):
    """Runs the command; returns what it printed, and what it said beside."""

    def run(*arguments, code=0):
        ended = None
        try:
            ended = main(list(map(os.fspath, arguments)))
        except SystemExit as end:
            ended = end.code
        out, err = (text.decode() for text in capfdbinary.readouterr())
        assert ended == code, err
        return out, err

    return run


def test_a_folder_in_the_place_of_a_verb_is_searched(difpy, pictures):
    assert "1 match of 1 kept picture" in difpy("Pictures")[0]
    assert json.loads(difpy("Pictures", "-s", "similar", "--format", "json")[0])
    assert "No matches." in difpy(pictures / "a.png")[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["fnd"], "no verb 'fnd', and no such folder: did you mean find?"),
        (["udno"], "did you mean undo?"),
        (["Picturs"], "did you mean Pictures?"),
        (["find", "Pictures", "--exlude", "x"], "no option '--exlude': did you mean --exclude? (difpy find --help"),
        (["Pictures", "-mv", "aside"], "no option '-mv': it is one of difpy -D DIRECTORY (difpy find --help"),
        (["--similarty", "5"], "no option '--similarty': did you mean --similarity?"),
        (["plan", "Pictures"], "-a/--action (difpy plan --help says more)"),
        (["plan", "Pictures", "-a", "move"], "a move needs a destination: --to DIRECTORY"),
        (["plan", "Pictures", "-a", "trash", "--to", "x"], "--to says where to move pictures"),
        (["cache", "info", "--exact"], "no option '--exact'"),
        (["find", "Pictures", "--min-size", "big"], "min_size must be a number, such as '10k'"),
        (["find", "Pictures", "--newer-than", "soon"], "newer_than must be a date such as '2026-01-31'"),
        (["find", "Pictures", "--max-depth", "0"], "max_depth must be at least 1"),
        (["find", "Pictures", "--exclude", ""], "exclude '' is no pattern"),
    ],
)
def test_a_wrong_guess_is_told_the_way_in_one_line_with_one_prefix(difpy, pictures, arguments, words):
    said = difpy(*arguments, code=2)[1]
    assert said.startswith("difpy: ") and said.count("\n") == 1
    assert words in said


def test_help_of_a_verb_can_be_asked_for_in_both_ways(difpy):
    for verb in commands.NAMES:
        helped = difpy("help", verb)[0]
        assert helped == difpy(verb, "--help")[0]
        assert "\nexamples:\n  difpy " in helped
    assert difpy("help")[0] == difpy("--help")[0]


def test_help_lists_every_verb_with_a_sentence(difpy):
    helped = difpy("--help")[0]
    for verb, words in commands.VERBS.items():
        assert f"  {verb:<11} {words}\n" in helped


def test_examples_in_help_are_commands_that_there_are(difpy):
    for name in commands.NAMES:
        for line in commands._EXAMPLES[name].splitlines():
            words = line.split("   ")[0].split(">")[0].replace("'", "").split()
            commands.by_name(commands.parser())[words[1]].parse(words[2:])


def test_directories_may_be_given_in_turn(difpy, pictures, tmp_path, photo):
    (tmp_path / "More").mkdir()
    photo(2).save(tmp_path / "More" / "c.bmp")
    assert "Found 2 duplicates" in difpy("-D", "Pictures", "-D", "More", "-Z", "out", "-p", "False")[0]


def test_the_documented_command_leaves_out_and_compares_with_a_reference(difpy, pictures, tmp_path, photo):
    (tmp_path / "Archive").mkdir()
    photo(1).save(tmp_path / "Archive" / "old.png")
    out = difpy("-D", "Pictures", "--exclude", "*.bmp", "--reference", "Archive", "-Z", "out", "-d", "y", "-sd", "y")[0]
    assert "Deleted 1 file(s)" in out
    assert sorted(os.listdir(pictures)) == ["b.bmp", "c.png"] and os.listdir("Archive") == ["old.png"]


# What is written


def test_a_file_that_is_there_is_written_over_only_by_force(difpy, pictures, tmp_path):
    (tmp_path / "found").write_text("precious")
    assert "or say --force" in difpy("find", "Pictures", "-o", "found", code=2)[1]
    difpy("find", "Pictures", "-o", "found", "--force")
    assert (tmp_path / "found").read_text().endswith("can be freed.\n")
    assert sorted(os.listdir(tmp_path)) == ["Pictures", "found"]


@pytest.mark.skipif(os.name == "nt", reason="POSIX devices")
def test_devices_and_pipes_are_no_files_that_could_be_lost(difpy, pictures, tmp_path):
    assert difpy("find", "Pictures", "-o", "/dev/null")[0] == ""
    run = subprocess.run([*RUN, "find", "Pictures", "-o", "/dev/stdout"], capture_output=True, check=True)
    assert b"1 match of 1 kept picture" in run.stdout
    os.mkfifo(tmp_path / "pipe")
    reader = subprocess.Popen(["cat", tmp_path / "pipe"], stdout=subprocess.PIPE)
    difpy("plan", "Pictures", "-a", "trash", "-o", "pipe")
    assert json.loads(reader.communicate(timeout=30)[0])["difPy"] == "plan"


@pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")
@pytest.mark.parametrize("arguments", [["find", "Pictures"], ["journal"], ["--help"]])
def test_when_nobody_reads_any_more_it_ends_in_silence(pictures, arguments):
    run = subprocess.Popen([*RUN, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    run.stdout.close()
    said = run.stderr.read()
    run.stderr.close()
    assert run.wait(timeout=60) == (0 if arguments == ["--help"] else cli.BROKEN_PIPE)
    assert said in (b"", b"difpy: compared 3 pictures\n")


def test_no_cell_of_a_table_is_a_formula(difpy, pictures, monkeypatch, photo):
    monkeypatch.chdir(pictures)
    for number, begin in enumerate("=+@-"):
        for end in (".png", ".bmp"):
            photo(10 + number).save(f"{begin}cmd{end}")
    for table in (difpy("find", ".", "--format", "csv")[0], difpy("plan", ".", "-a", "delete", "--format", "csv")[0]):
        cells = [cell for row in csv.reader(table.splitlines()) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "-"))]
        paths = [cell for cell in cells if cell.startswith("./")]
        assert len(paths) == 8 and all(map(os.path.exists, paths))


@terminals
@pytest.mark.parametrize("shape", ["text", "csv", "junit", "json"])
def test_nothing_in_a_name_reaches_a_terminal_raw(pictures, photo, shape):
    for name in ("\x1b]0;owned\x07.png", "\u202egnp.exe.png", "two\nlines.png"):
        photo(1).save(pictures / name)
    shown, code = on_a_terminal("find", "Pictures", "--format", shape, "--quiet", NO_COLOR="1")
    assert code == 0 and "owned" in shown
    assert not set(shown) & {"\x1b", "\x07", "\u202e"}


# What is said


def test_find_says_how_many_it_compared(difpy, pictures):
    assert "difpy: compared 3 pictures\n" in difpy("find", "Pictures", "--format", "json")[1]
    (pictures / "empty").mkdir()
    assert "difpy: compared 0 pictures\n" in difpy("find", pictures / "empty")[1]


def test_a_gate_does_not_pass_what_was_not_compared(difpy, pictures, tmp_path):
    (tmp_path / "empty").mkdir()
    for arguments in (["empty"], ["Pictures", "--reference", "empty"], ["Pictures", "empty"]):
        said = difpy("find", *arguments, "--fail-on-duplicates", code=3)[1]
        assert 'no picture was found in "empty": nothing there was compared' in said


def test_many_of_one_cause_are_one_line(difpy, pictures, photo):
    for number in range(40):
        (pictures / f"broken {number}.png").write_bytes((pictures / "a.png").read_bytes()[:100])
        photo(1).save(pictures / f"copy {number}.png")
    said = difpy("plan", "Pictures", "-a", "trash", "--protect", "Pictures", "-o", "plan.json")[1].splitlines()
    assert [line for line in said if "held back" in line] == [
        'difpy: 41 held back: it is protected by "Pictures"; the first is Pictures/copy 0.png (-v lists them)'
    ]
    assert len([line for line in said if "not compared" in line]) == 1 and len(said) < 8
    assert len(difpy("find", "Pictures", "-v")[1].splitlines()) > 40


def test_a_plan_of_which_nothing_is_true_any_more_says_so_and_fails(difpy, pictures, photo):
    for number in range(9):
        photo(1).save(pictures / f"copy {number}.png")
    difpy("plan", "Pictures", "-a", "trash", "-o", "plan.json")
    for path in pictures.glob("*copy*"):
        path.unlink()
    (pictures / "b.bmp").unlink()
    out, said = difpy("apply", "plan.json", code=3)
    assert "10 skipped: it is not there any more; the first is " in out
    assert "plan.json is older than what is on the disk now" in said


def test_what_was_done_is_said_in_words(difpy, pictures):
    difpy("plan", "Pictures", "-a", "trash", "-o", "plan.json")
    out = difpy("apply", "plan.json")[0]
    assert out.startswith("1 file moved to the trash, 28.9 kB.\n")
    assert "1 file restored.\n" in difpy("undo", "--yes")[0]


def test_no_journal_is_said_to_be_none(difpy):
    assert difpy("journal")[0] == "No journal tells of anything: nothing was done.\n"
    assert "nothing to undo: no journal" in difpy("undo", code=2)[1]


def test_undo_never_passes_from_the_newest_job_to_an_older_one(difpy, pictures):
    for folder in ("one", "two"):
        difpy("plan", "Pictures", "-a", "move", "--to", folder, "-o", f"{folder}.json")
        difpy("apply", f"{folder}.json")
        if folder == "one":
            difpy("undo", "--yes")
            difpy("apply", "one.json")
            (pictures / "d.bmp").write_bytes((pictures / "a.png").read_bytes())
    assert "d.bmp" not in os.listdir(pictures)
    difpy("undo", "--yes")
    said = difpy("undo", "--yes", code=2)[1]
    assert "1 file moved just now in " in said and "undone already; the one before it: difpy undo /" in said
    assert os.listdir("one") == ["b.bmp"]
    older = said.split("difpy undo ")[1].strip()
    assert "1 file restored" in difpy("undo", older)[0]
    assert "nothing to undo" in difpy("undo", older)[0]


# What asks


@terminals
@pytest.mark.parametrize(("answer", "left"), [("y\n", 2), ("n\n", 3), ("\n", 3)])
def test_apply_asks_before_what_cannot_be_undone(difpy, pictures, answer, left):
    difpy("plan", "Pictures", "-a", "delete", "-o", "plan.json")
    shown, code = on_a_terminal("apply", "plan.json", answer=answer)
    assert "plan.json: 1 file, 28.9 kB: this CANNOT be undone. Go on? [y/N]" in shown
    assert (code, len(os.listdir(pictures))) == (0, left)
    assert ("nothing was done" in shown) == (left == 3)


@terminals
def test_apply_does_not_ask_before_what_can_be_undone(difpy, pictures):
    difpy("plan", "Pictures", "-a", "trash", "-o", "plan.json")
    shown, code = on_a_terminal("apply", "plan.json")
    assert "Go on?" not in shown and "1 file moved to the trash" in shown and code == 0


@terminals
@pytest.mark.parametrize(("answer", "back"), [("y\n", True), ("n\n", False)])
def test_undo_names_the_job_and_asks(difpy, pictures, answer, back):
    difpy("plan", "Pictures", "-a", "move", "--to", "aside", "-o", "plan.json")
    difpy("apply", "plan.json")
    shown, code = on_a_terminal("undo", answer=answer, columns=300)
    assert f'To undo the newest job: 1 file moved just now in "{pictures}". Go on? [y/N]' in shown
    assert (code, (pictures / "b.bmp").exists()) == (0, back)


# What is set once for all


def test_settings_of_a_person_and_of_a_project_are_the_defaults(difpy, pictures, tmp_path):
    config = tmp_path / "project"
    config.mkdir()
    own = commands.settings.own_file()
    os.makedirs(os.path.dirname(own))
    with open(own, "w", encoding="utf-8") as file:
        file.write('keep = ["path=*.bmp"]\nexclude = ["c.png"]\n')
    (tmp_path / "pyproject.toml").write_text("[tool.difpy]\nsimilarity = 7\nno_rotate = true\n")
    out, said = difpy("find", "Pictures", "--format", "json")
    assert json.loads(out)[0]["kept"] == os.path.join("Pictures", "b.bmp")
    assert "compared 2 pictures" in said and "sets similarity, no-rotate (--no-config passes over it)" in said
    assert json.loads(difpy("find", "Pictures", "--format", "json", "--keep", "path=*.png")[0])[0]["kept"].endswith(
        "a.png"
    )
    assert "compared 3 pictures" in difpy("find", "Pictures", "--no-config")[1]
    shown = difpy("config", "--show")[0]
    assert f'keep = ["path=*.bmp"]    # {own}' in shown
    assert f"similarity = 7    # {tmp_path / 'pyproject.toml'}" in shown


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("similarty = 5", "sets 'similarty', which there is not: did you mean similarity?"),
        ("no-rotate = 1", "sets no-rotate to 1: true or false expected"),
        ("action = 'burn'", 'sets action to "burn": one of trash, move'),
        ("px-size = 'large'", "a whole number expected"),
        ("yes = true", "sets 'yes', which there is not"),
        ("altered = true", "sets 'altered', which there is not"),
        ("even = ['*']", "sets 'even', which there is not"),
        ("= 5", "cannot be read"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_with_its_file(difpy, pictures, text, words):
    (pictures.parent / "pyproject.toml").write_text(f"[tool.difpy]\n{text}\n")
    said = difpy("find", "Pictures", code=2)[1]
    assert words in said and "pyproject.toml" in said


# Shells


def test_a_script_for_each_shell(difpy):
    for shell in ("bash", "zsh", "fish"):
        assert "difpy" in difpy("completion", shell)[0]


@pytest.mark.skipif(os.name == "nt", reason="descriptors of POSIX")
@pytest.mark.parametrize(
    ("typed", "among"),
    [
        ("difpy ", {"find", "plan", "undo"}),
        ("difpy fi", {"find"}),
        ("difpy find --ex", {"--exclude", "--exact"}),
        ("difpy plan Pictures -a tr", {"trash"}),
        ("difpy --simil", {"--similarity"}),
    ],
)
def test_a_shell_is_told_what_may_follow(typed, among, tmp_path):
    asked = {"_ARGCOMPLETE": "1", "COMP_LINE": typed, "COMP_POINT": str(len(typed)), "_ARGCOMPLETE_IFS": "\n"}
    script = f"exec {sys.executable} -m difPy 8>{tmp_path / 'told'} 9>/dev/null"
    subprocess.run(["sh", "-c", script], env=os.environ | asked, check=True, timeout=60)
    told = {word.strip() for word in (tmp_path / "told").read_text().split("\n")}
    assert among <= told


@terminals
def test_help_has_colours_on_a_terminal_that_wants_them():
    assert "\x1b[" in on_a_terminal("find", "--help")[0]
    assert "\x1b[" not in on_a_terminal("find", "--help", NO_COLOR="1")[0]
