"""Progress is shown where a person looks, a terminal or a notebook, and nowhere else."""

import subprocess
import sys

import pytest

SCRIPT = "import difPy; print(len(difPy.build({folder!r}, cache=False, processes=1)._library))"


@pytest.fixture
def folder(tmp_path, photo):
    (tmp_path / "pictures").mkdir()
    for number in range(3):
        photo(number).save(tmp_path / "pictures" / f"{number}.png")
    return str(tmp_path / "pictures")


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore:.*TCP:UserWarning")
def test_a_notebook_shows_one_line_that_goes_away_at_the_end(folder):
    from jupyter_client.manager import start_new_kernel

    said = {"stdout": "", "stderr": ""}

    def hear(message):
        if message["msg_type"] == "stream":
            said[message["content"]["name"]] += message["content"]["text"]

    manager, client = start_new_kernel(kernel_name="python3")
    try:
        client.execute_interactive(SCRIPT.format(folder=folder), output_hook=hear, timeout=60)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert said["stdout"] == "3\n"
    assert "\rdifPy decoding 3 of 3" in said["stderr"] and "\n" not in said["stderr"]
    assert said["stderr"].split("\r")[-2:] == [" " * len("difPy decoding 3 of 3"), ""]


def test_a_pipe_hears_nothing(folder):
    run = subprocess.run([sys.executable, "-c", SCRIPT.format(folder=folder)], capture_output=True, timeout=60)
    assert (run.stdout, run.stderr) == (b"3\n", b"")
