"""The snippets of the user's document, each as a plain script without a `__main__` guard, under each start method."""

import os
import subprocess
import sys

import pytest

BEGIN = "import multiprocessing\nmultiprocessing.set_start_method({method!r})\nprint('once')\n"
SNIPPETS = {  # name -> (the snippet, what it prints)
    "basic usage": (
        "import difPy\ndif = difPy.build({a!r})\n"
        'search_duplicates = difPy.search(dif, similarity="duplicates")\n'
        'search_similar = difPy.search(dif, similarity= "similar")\n'
        "search_duplicates.result\nsearch_similar.result\n"
        "print(len(search_duplicates.result), len(search_similar.result))\n",
        "1 1",
    ),
    "single folder": (
        "import difPy\ndif = difPy.build({a!r})\nsearch = difPy.search(dif)\nprint(len(search.result))\n",
        "1",
    ),
    "several folders": (
        "import difPy\ndif = difPy.build({a!r}, {b!r})\nsearch = difPy.search(dif)\nprint(len(search.lower_quality))\n",
        "2",
    ),
    "list of folders": (
        "import difPy\ndif = difPy.build([{a!r}, {b!r}])\n"
        "search = difPy.search(dif)\nprint(len(search.lower_quality))\n",
        "2",
    ),
    "move_to": (
        "import difPy\ndif = difPy.build({a!r})\nsearch = difPy.search(dif)\n"
        "search.move_to(destination_path={to!r} + '/')\n",
        'Moved 1 files(s) to "{to}"',
    ),
    "delete": (
        "import difPy\ndif = difPy.build({a!r})\nsearch = difPy.search(dif)\nsearch.delete(silent_del=True)\n",
        "Deleted 1 file(s)",
    ),
}


@pytest.fixture
def folders(tmp_path, photo):
    a, b, to = tmp_path / "A", tmp_path / "B", tmp_path / "to"
    a.mkdir()
    b.mkdir()
    photo(1).save(a / "one.bmp")
    photo(1).save(a / "one.png")
    photo(1).save(b / "one.webp", lossless=True)
    photo(2).save(b / "two.png")
    return {"a": str(a) + os.sep, "b": str(b) + os.sep, "to": str(to)}


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.parametrize("name", SNIPPETS)
def test_documented_snippet_runs_as_a_plain_script(tmp_path, folders, name, method):
    snippet, printed = SNIPPETS[name]
    begin = BEGIN.format(method=method)
    assert run(tmp_path, begin + snippet.format(**folders)) == ["once", printed.format(**folders)]


@pytest.mark.parametrize("pool", ["multiprocessing.Pool(1)", "concurrent.futures.ProcessPoolExecutor(1)"])
def test_inside_somebody_elses_pool_it_runs_serially(tmp_path, folders, pool):
    (tmp_path / "counting.py").write_text(
        "import difPy\ndef count(folder):\n    return len(difPy.search(difPy.build(folder)).result)\n"
    )
    script = "import concurrent.futures, counting, multiprocessing\n"
    script += f"with {pool} as pool:\n    print(list(pool.map(counting.count, [{folders['a']!r}])))\n"
    assert run(tmp_path, script) == ["[1]"]


def run(folder, text):
    """Lines that the script prints; it must end well and complain of nothing."""
    script = folder / "script.py"
    script.write_text(text)
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()
