"""The command: arguments, result files, what it prints, exit codes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

import difPy

DIF = Path(difPy.__file__).with_name("dif.py")


def run(*arguments, cwd, command=(sys.executable, "-m", "difPy"), answer="", **environment):
    return subprocess.run(
        [*command, *map(os.fspath, arguments)],
        cwd=cwd,
        input=answer.encode(),
        capture_output=True,
        env=os.environ | environment,
        timeout=120,
        check=False,
    )


@pytest.fixture
def pictures(tmp_path, photo):
    folder = tmp_path / "pictures"
    folder.mkdir()
    photo(1).save(folder / "a.bmp")
    photo(1).save(folder / "b.png")
    photo(2).save(folder / "c.png")
    return folder


def outputs(folder):
    """The result files in a folder, by kind."""
    return {path.name.split("_", 2)[2]: path for path in sorted(folder.glob("difPy_*"))}


def test_without_a_directory_it_runs_on_the_working_directory(pictures):
    done = run(cwd=pictures)
    assert (done.returncode, done.stderr) == (0, b"")
    files = outputs(pictures)
    assert set(files) == {"results.json", "lower_quality.txt", "stats.json"}
    assert json.loads(files["results.json"].read_text()) == {"a.bmp": [["b.png", 0.0]]}
    assert files["lower_quality.txt"].read_text() == "b.png\n"
    assert json.loads(files["stats.json"].read_text())["process"]["search"]["matches_found"]["duplicates"] == 1


@pytest.mark.parametrize(
    "command",
    [
        (sys.executable, "-m", "difPy"),
        (sys.executable, str(DIF)),
        (str(Path(sys.executable).with_name("difPy")),),
        (str(Path(sys.executable).with_name("difpy")),),
    ],
)
def test_every_spelling_of_the_command_is_the_same_command(pictures, tmp_path, command):
    done = run("-D", pictures, "-Z", tmp_path / "out", cwd=tmp_path, command=command)
    assert (done.returncode, done.stderr) == (0, b"")
    assert outputs(tmp_path / "out")["lower_quality.txt"].read_text() == f"{pictures / 'b.png'}\n"
    assert b"1 duplicate " in done.stdout


def test_every_documented_argument_is_taken(pictures, tmp_path):
    arguments = (
        "-r False -i True -le False -px 40 -s similar -ro False -la False -proc 1 -ch 5 -d False -sd False -p False"
    )
    done = run("-D", pictures, pictures, "-Z", tmp_path / "out", *arguments.split(), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    stats = json.loads(outputs(tmp_path / "out")["stats.json"].read_text())
    build, search = stats["process"]["build"]["parameters"], stats["process"]["search"]["parameters"]
    given = {"recursive": False, "in_folder": True, "limit_extensions": False, "px_size": 40, "processes": 1}
    assert build == {**given, "exact": False}
    expected = {"similarity_mse": 5, "rotate": False, "lazy": False, "processes": 1, "chunksize": 5}
    assert expected.items() <= search.items()
    result = json.loads(outputs(tmp_path / "out")["results.json"].read_text())
    assert result == {str(pictures): {str(pictures / "a.bmp"): [[str(pictures / "b.png"), 0.0]]}}


def test_result_files_are_never_overwritten(pictures, tmp_path):
    for _ in range(3):
        assert run("-D", pictures, "-Z", tmp_path / "out", cwd=tmp_path).returncode == 0
    assert len(list((tmp_path / "out").glob("difPy_*"))) == 9


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-D", "missing"], b"missing"),
        (["-px", "9"], b"px_size"),
        (["-px", "many"], b"many"),
        (["-s", "-1"], b"similarity"),
        (["-s", "high"], b"high"),
        (["-r", "perhaps"], b"perhaps"),
        (["-mv", "x", "-d", "True"], b"--delete"),
        (["-Z", "c.png"], b"c.png"),
        (["--nonsense"], b"--nonsense"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_what_is_wrong(pictures, arguments, words):
    done = run(*arguments, cwd=pictures)
    assert done.returncode == 2
    assert words in done.stderr
    assert b"Traceback" not in done.stderr
    assert outputs(pictures) == {}


def test_moving_leaves_the_best_picture_and_says_so(pictures, tmp_path):
    done = run("-D", pictures, "-Z", tmp_path / "out", "-mv", tmp_path / "moved", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert sorted(os.listdir(pictures)) == ["a.bmp", "c.png"]
    assert os.listdir(tmp_path / "moved") == ["b.png"]
    assert f'Moved 1 files(s) to "{tmp_path / "moved"}"'.encode() in done.stdout


@pytest.mark.parametrize(("answer", "left"), [("y\n", 2), ("n\n", 3), ("", 3), ("what?\n", 3)])
def test_deleting_asks_first(pictures, tmp_path, answer, left):
    done = run("-D", pictures, "-Z", tmp_path / "out", "-d", "True", cwd=tmp_path, answer=answer)
    assert done.returncode == 0
    assert len(os.listdir(pictures)) == left
    assert (b"Deleted 1 file(s)" if left == 2 else b"canceled") in done.stdout


def test_silent_del_does_not_ask(pictures, tmp_path):
    done = run("-D", pictures, "-Z", tmp_path / "out", "-d", "True", "-sd", "True", cwd=tmp_path)
    assert b"Deleted 1 file(s)" in done.stdout
    assert sorted(os.listdir(pictures)) == ["a.bmp", "c.png"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "ascii"])
def test_any_file_name_survives_any_console(tmp_path, photo, encoding):
    folder = os.fsencode(tmp_path / "pictures")
    os.mkdir(folder)
    photo(1).save(tmp_path / "pictures" / "a.bmp")
    odd = sorted([b"two\nlines.png", "🌵 ü.png".encode(), b"caf\xe9.png", b'"quoted".png', b" .png"])
    for name in odd:
        with open(folder + b"/" + name, "wb") as file:
            photo(1).save(file, "PNG")
    done = run("-D", folder, "-Z", tmp_path / "out", cwd=tmp_path, PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (0, b"")
    ((_, found),) = json.loads(outputs(tmp_path / "out")["results.json"].read_text()).items()
    assert sorted(os.path.basename(os.fsencode(path)) for path, _ in found) == odd
    lines = outputs(tmp_path / "out")["lower_quality.txt"].read_bytes().splitlines()
    paths = [os.fsencode(json.loads(line)) if line.startswith(b'"') else line for line in lines]
    assert sorted(map(os.path.basename, paths)) == odd


def test_a_folder_without_pictures_is_no_failure(tmp_path):
    done = run(cwd=tmp_path)
    assert done.returncode == 0
    assert b"No pictures were found" in done.stdout


def test_help_names_every_documented_argument(tmp_path):
    text = run("--help", cwd=tmp_path).stdout.decode()
    flags = "D Z r i le px s ro la dim proc ch mv d sd p"
    for flag in [f"-{letters}" for letters in flags.split()]:
        assert f"{flag}, --" in text or f"{flag} " in text


@pytest.mark.skipif(os.name == "nt", reason="POSIX limits")
def test_memory_that_the_machine_does_not_have_is_a_sentence(tmp_path):
    script = "from difPy import cli, commands; commands.run = lambda *_: bytearray(1 << 60); cli.main_exit()"
    done = run("find", tmp_path, cwd=tmp_path, command=(sys.executable, "-c", script))
    assert (done.returncode, done.stdout) == (3, b"")
    assert done.stderr.startswith(b"difpy: this takes more memory than there is")


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_ctrl_c_while_something_is_loaded_ends_the_command_as_at_any_other_time(tmp_path):
    """A dataclass is made by exec, and what ends one of these Python takes for unhandled, whoever has handled it."""
    (tmp_path / "slow.py").write_text("exec('import os, signal; os.kill(os.getpid(), signal.SIGINT); [] and 0')")
    script = """if True:
        import importlib, sys
        from difPy import cli, commands
        commands.run = lambda *_: importlib.import_module("slow")
        sys.argv[1:] = ["find", "."]
        cli.main_exit()"""
    (tmp_path / "program.py").write_text(script)
    done = run(cwd=tmp_path, command=(sys.executable, "-m", "program"), PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stderr) == (130, b"difpy: stopped\n")


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("amid", ["difPy.cli", "difPy.files", "argparse", "dataclasses"])
@pytest.mark.parametrize("script", [(sys.executable, "-m", "difPy"), (Path(sys.executable).with_name("difpy"),)])
def test_ctrl_c_before_the_command_is_loaded_ends_it_without_a_word_of_python(tmp_path, amid, script):
    """Python itself loads what is named `sitecustomize` before anything of ours: here, what presses Ctrl-C in time."""
    (tmp_path / "sitecustomize.py").write_text(f"""if True:
        import os, signal, sys
        class Impatient:
            def find_spec(self, name, *_):
                if name == {amid!r}:
                    os.kill(os.getpid(), signal.SIGINT)
        sys.meta_path.insert(0, Impatient())""")
    done = run("find", tmp_path, cwd=tmp_path, command=script, PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"difpy: stopped\n")


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_ctrl_c_while_it_is_answered_is_no_matter_either(tmp_path):
    (tmp_path / "sitecustomize.py").write_text("""if True:
        import os, signal, sys
        class Impatient:
            def find_spec(self, name, *_):
                if name == "difPy.cli":
                    os.kill(os.getpid(), signal.SIGINT)
            def write(self, text):
                os.write(2, text.encode())
                os.kill(os.getpid(), signal.SIGINT)
        sys.stderr = Impatient()
        sys.meta_path.insert(0, sys.stderr)""")
    done = run("find", tmp_path, cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"difpy: stopped")


@pytest.mark.skipif(os.name == "nt", reason="standard streams are closed by a shell")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_standard_stream_that_is_closed_is_no_file_of_ours_and_no_failure(pictures, tmp_path, closed):
    command = (
        f"{sys.executable} -m difPy find {pictures} --cache {tmp_path / 'cache'} -o {tmp_path / 'found.csv'} {closed}"
    )
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    assert "Traceback" not in done.stderr
    assert (tmp_path / "found.csv").read_text().startswith("group")
    info = run("cache", "info", "--cache", tmp_path / "cache", cwd=tmp_path)
    assert info.returncode == 0, info.stderr


def test_results_that_cannot_be_written_are_a_failure_with_3(pictures, tmp_path):
    limited = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)); from difPy.cli import main; "
    )
    done = run("-c", limited + "sys.exit(main(['-Z', 'out']))", cwd=pictures, command=(sys.executable,))
    assert done.returncode == 3
    assert b"File too large" in done.stderr and b"Traceback" not in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a disk that is full")
@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ((sys.executable, "-m", "difPy"), ("find", "pictures")),
        ((sys.executable, "-m", "difPy"), ("--version",)),
        ((str(Path(sys.executable).with_name("difpy")),), ("find", "--help")),
    ],
)
def test_a_disk_that_is_full_is_a_sentence_and_3(pictures, tmp_path, command, arguments):
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*command, *arguments], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, env=buffered, check=False
        )
    *others, said = done.stderr.decode().splitlines()
    assert (done.returncode, said) == (3, "difpy: [Errno 28] No space left on device")
    assert others in ([], ["difpy: compared 3 pictures"])


def test_the_end_waits_for_threads_and_does_what_is_to_be_done_then(tmp_path):
    """What is loaded is not taken apart, which takes Python long; all else is as at the end of any program."""
    script = """if True:
        import atexit, sys, threading, time
        from difPy import cli
        atexit.register(print, "at exit", end="")
        threading.Thread(target=lambda: (time.sleep(0.2), print("a thread"))).start()
        sys.argv[1:] = sys.argv[1:] or ["--version"]
        cli.main_exit()"""
    done = run(cwd=tmp_path, command=(sys.executable, "-c", script))
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().split("\n")[1:] == ["a thread", "at exit"]
    done = run("find", "nowhere", cwd=tmp_path, command=(sys.executable, "-c", script))
    assert (done.returncode, done.stdout) == (2, b"a thread\nat exit")


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
@pytest.mark.parametrize("amid", ["at the end", "what is said"])
def test_who_asks_twice_for_an_end_breaks_nothing_off_that_is_done_at_it(tmp_path, amid, name, code):
    """`timeout` sends its signal to the command, and to all of its group: twice."""
    script = f"""if True:
        import atexit, os, signal, sys
        from difPy import cli, commands
        def ask(*_):
            os.kill(os.getpid(), signal.{name})
        class Stream:
            isatty = lambda self: False
            flush = lambda self: None
            def write(self, text):
                ask()
        commands.run = ask
        atexit.register(print, "done", end="", flush=True)
        if {amid!r} == "at the end":
            atexit.register(ask)
        else:
            sys.stderr = Stream()
        sys.argv[1:] = ["find", "."]
        cli.main_exit()"""
    done = run(cwd=tmp_path, command=(sys.executable, "-c", script))
    said = b"difpy: stopped\n" if amid == "at the end" else b""
    assert (done.returncode, done.stdout, done.stderr) == (code, b"done", said)


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_what_asks_for_an_end_stops_the_command_and_its_workers(tmp_path, photo, name, code):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(60):
        photo(number, (1500, 1000)).save(folder / f"{number}.png", compress_level=0)
    command = subprocess.Popen(
        [sys.executable, "-m", "difPy", "-D", folder, "-Z", tmp_path, "-proc", "2"],
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    process = psutil.Process(command.pid)
    while command.poll() is None and not process.children():
        time.sleep(0.01)
    workers = process.children()
    assert workers
    os.killpg(command.pid, getattr(signal, name))
    _, said = command.communicate(timeout=30)
    assert command.returncode == code
    assert said == b"difpy: stopped\n"
    assert psutil.wait_procs(workers, timeout=10)[1] == []
    assert outputs(tmp_path) == {}
