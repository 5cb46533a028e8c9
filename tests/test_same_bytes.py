"""Files of the same bytes: found without decoding any, as exactly and as safely as duplicates are."""

import json
import os
import subprocess
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import difPy
from data_sets import as_folder, as_parquet, as_tar
from difPy import act, cli, contents, results
from difPy.contents import LONG, SAMPLE, SMALL
from difPy.decode import files as decoder_files
from difPy.decode.refused import Refused
from difPy.errors import UsageError
from difPy.files import Files
from difPy.scan import scan
from difPy.store import open_index

OLD = time.time() - 3600


def write(folder, **files):
    """Files of these bytes, each a second older than the one before it, and old enough for the index to trust."""
    folder.mkdir(parents=True, exist_ok=True)
    for age, (name, data) in enumerate(files.items()):
        path = folder / name.replace("__", ".")
        path.write_bytes(data)
        os.utime(path, (OLD - age, OLD - age + 0.25))
    return folder


def found(*roots, cache=False, **options):
    """Names of kept files and of those that match them; what could not be read."""
    looking = {name: options.pop(name) for name in ("reference", "limit_extensions") if name in options}
    library = difPy.index(*roots, cache=cache, decode=False, **looking)
    answer = difPy.find(library, "files", **options)
    failures = {os.path.basename(one.path): one.reason for one in (*library.failures, *answer.failures)}
    groups = {name(group.keeper): sorted(name(member.file) for member in group.members) for group in answer.groups}
    return groups, failures


def name(file):
    return os.path.basename(file.path)


def reads(monkeypatch):
    """Paths that are opened to be compared from now on."""
    opened, really = [], os.open

    def noted(path, flags, *more, **others):
        if flags == contents.FLAGS:
            opened.append(os.path.basename(path))
        return really(path, flags, *more, **others)

    monkeypatch.setattr(os, "open", noted)
    return opened


def test_files_of_the_same_bytes_are_found_and_no_others(tmp_path):
    long = bytes(LONG + 5 * SAMPLE)
    middle, end = bytearray(long), bytearray(long)
    middle[len(long) // 2 + 9] = end[-1] = 1
    between = bytearray(long)
    between[SAMPLE * 3] = 1
    write(
        tmp_path,
        a__jpg=b"one" * 5000,
        b__jpg=b"one" * 5000,
        c__jpg=b"one" * 4999 + b"two",
        d__jpg=b"three",
        e__jpg=b"three",
        f__jpg=b"threes",
        g__png=bytes(middle),
        h__png=bytes(end),
        i__png=long,
        j__png=bytes(between),
        k__png=long,
    )
    assert found(tmp_path) == ({"b.jpg": ["a.jpg"], "e.jpg": ["d.jpg"], "k.png": ["i.png"]}, {})


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([1, 7, SAMPLE, SMALL - 1, SMALL, SMALL + 1, 3 * SMALL, LONG + 1]),
            st.sampled_from([0, 1, SAMPLE - 1, SAMPLE, SMALL, LONG // 2, LONG]),
            st.booleans(),
        ),
        max_size=9,
    )
)
def test_digests_say_what_comparing_all_bytes_says(tmp_path_factory, drawn):
    """Every file is zeros but for one byte somewhere, which is what samples are likely to miss."""
    folder = tmp_path_factory.mktemp("drawn")
    bytes_of = defaultdict(set)
    for number, (size, place, differs) in enumerate(drawn):
        data = bytearray(size)
        data[place % size] = differs
        (folder / f"{number}.jpg").write_bytes(data)
        bytes_of[bytes(data)].add(f"{number}.jpg")
    files = scan([str(folder)]).files
    alike = defaultdict(set)
    for file, digest in zip(files, contents.compare(files, [None] * len(files)).digests, strict=True):
        alike[digest].add(name(file))
    alike.pop(None, None)
    several = [names for names in alike.values() if len(names) > 1]
    assert sorted(map(sorted, several)) == sorted(sorted(names) for names in bytes_of.values() if len(names) > 1)


def test_no_picture_is_decoded_no_process_started_and_nothing_imported_for_it(tmp_path):
    write(tmp_path / "in", a__jpg=b"no picture at all", b__jpg=b"no picture at all")
    code = """
import sys

class Refuses:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("PIL", "loky", "multiprocessing", "concurrent", "cv2"):
            raise AssertionError(f"{name} was imported")

sys.meta_path.insert(0, Refuses())
started = []
sys.addaudithook(lambda event, _: event in ("os.fork", "os.posix_spawn", "subprocess.Popen") and started.append(event))
from difPy.cli import main
codes = [
    main(["find", "-s", "files", "in", "--quiet"]),
    main(["find", "-s", "files", "in", "--quiet", "--format", "csv"]),
    main(["plan", "-s", "files", "in", "--quiet", "-a", "trash", "-o", "plan.json"]),
    main(["-D", "in", "-s", "files", "-Z", "out", "-p", "False"]),
]
assert codes == [0, 0, 0, 0] and not started, (codes, started)
"""
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert "b.jpg" in run.stdout
    (step,) = act.read_plan(tmp_path / "plan.json").steps
    assert (os.path.basename(step.file.path), os.path.basename(step.keeper.path)) == ("a.jpg", "b.jpg")


def test_a_file_of_a_size_that_no_other_has_is_not_opened(tmp_path, monkeypatch):
    write(tmp_path, a__jpg=b"one", b__jpg=b"two", c__jpg=b"three", d__jpg=b"fifteen")
    opened = reads(monkeypatch)
    found(tmp_path)
    assert sorted(opened) == ["a.jpg", "b.jpg"]


def test_a_second_run_opens_nothing_and_a_third_what_is_new_and_what_may_be_like_it(tmp_path, monkeypatch):
    folder, cache = tmp_path / "in", tmp_path / "cache"
    write(folder, a__jpg=bytes(SMALL + 1), b__jpg=bytes(SMALL + 1))
    first, opened = found(folder, cache=cache), reads(monkeypatch)
    assert found(folder, cache=cache) == first
    assert not opened
    write(folder, c__jpg=b"of another size", d__jpg=bytes(SMALL) + b"d")
    assert found(folder, cache=cache) == first
    assert set(opened) == {"a.jpg", "b.jpg", "d.jpg"}
    assert [opened.count(one) for one in ("a.jpg", "b.jpg")] == [1, 1]  # their beginnings, not all of them


def test_what_a_search_for_duplicates_has_read_is_not_read_again(tmp_path, photo, monkeypatch):
    folder, cache = tmp_path / "in", tmp_path / "cache"
    folder.mkdir()
    for which in "ab":
        photo(1).save(folder / f"{which}.png")
        os.utime(folder / f"{which}.png", (OLD, OLD + 0.5))
    difPy.index(folder, cache=cache)
    opened = reads(monkeypatch)
    assert found(folder, cache=cache)[0] == {"a.png": ["b.png"]}
    assert not opened


def test_what_a_search_for_files_has_read_counts_for_one_for_duplicates(tmp_path, photo):
    folder, cache = tmp_path / "in", tmp_path / "cache"
    folder.mkdir()
    for which in "ab":
        photo(1).save(folder / f"{which}.png")
        os.utime(folder / f"{which}.png", (OLD, OLD + 0.5))
    found(folder, cache=cache)
    library = difPy.index(folder, cache=cache)
    assert (len(library), library.decoded) == (2, 1)
    with open_index(cache, px_size=50, decoders="", warn=print) as index:
        assert [px_size for px_size, decoders in index.info().pictures if not decoders] == []


def test_a_file_that_changes_is_read_again_whatever_the_index_holds(tmp_path):
    folder, cache = tmp_path / "in", tmp_path / "cache"
    write(folder, a__jpg=b"one", b__jpg=b"one", c__jpg=b"two")
    assert found(folder, cache=cache)[0] == {"b.jpg": ["a.jpg"]}
    (folder / "a.jpg").write_bytes(b"two")
    assert found(folder, cache=cache)[0] == {"c.jpg": ["a.jpg"]}


def test_hard_links_are_one_file_and_symbolic_links_none(tmp_path):
    write(tmp_path, a__jpg=b"one", b__jpg=b"one")
    os.link(tmp_path / "a.jpg", tmp_path / "c.jpg")
    os.symlink("a.jpg", tmp_path / "d.jpg")
    library = difPy.index(tmp_path, cache=False, decode=False)
    (group,) = difPy.find(library, "files").groups
    assert [name(file) for file in group.files] == ["b.jpg", "a.jpg"]
    assert [os.path.basename(path) for path in group.members[0].file.hard_links] == ["c.jpg"]
    assert len(library) == 2


def reading_threads(monkeypatch, seconds):
    """Which threads open files that are compared from now on, on a disk that takes so long for each."""
    threads, really = set(), os.open

    def slow(path, flags, *more, **others):
        if flags == contents.FLAGS:
            threads.add(threading.get_ident())
            time.sleep(seconds)
        return really(path, flags, *more, **others)

    monkeypatch.setattr(os, "open", slow)
    return threads


@pytest.mark.parametrize(("count", "seconds"), [(60, 0.003), (15, 0.01)])
def test_several_files_are_read_at_a_time_where_the_disk_is_slow(count, seconds, tmp_path, monkeypatch):
    write(tmp_path, **{f"{number}__jpg": b"%d" % (number % 3) for number in range(count)})
    threads = reading_threads(monkeypatch, seconds)
    groups, _ = found(tmp_path)
    assert sorted(map(len, groups.values())) == [count // 3 - 1] * 3
    assert len(threads) > 4


@pytest.mark.skipif(sys.platform != "linux", reason="how much room threads may ask for is another matter elsewhere")
def test_where_the_system_has_no_more_threads_files_are_read_all_the_same(tmp_path, monkeypatch):
    write(tmp_path, **{f"{number}__jpg": b"%d" % (number % 3) for number in range(30)})
    threads = reading_threads(monkeypatch, 0.003)
    usual = threading.stack_size(1 << 50)  # more than there are addresses: none can be started
    try:
        with pytest.raises(RuntimeError):
            threading.Thread(target=print).start()
        groups, failures = found(tmp_path)
    finally:
        threading.stack_size(usual)
    assert (sorted(map(len, groups.values())), failures) == ([9, 9, 9], {})
    assert len(threads) == 1


def test_empty_files_are_no_pictures_and_not_copies_of_each_other(tmp_path, photo):
    write(tmp_path, a__jpg=b"", b__jpg=b"")
    groups, failures = found(tmp_path)
    assert (groups, set(failures.values())) == ({}, {"not a picture: the file is empty"})
    library = difPy.index(tmp_path, cache=False)
    assert {one.reason for one in library.failures} == set(failures.values())
    assert difPy.find(library, "files").groups == []


def test_a_library_that_was_decoded_gives_the_same_answer(tmp_path, photo):
    write(tmp_path, a__jpg=b"broken", b__jpg=b"broken", c__jpg=b"", d__txt=b"broken")
    for which in ("e.png", "f.png", "g.bmp"):
        photo(1).save(tmp_path / which)
    answers = [difPy.find(difPy.index(tmp_path, cache=False, decode=decode), "files") for decode in (True, False)]
    assert answers[0].groups == answers[1].groups
    assert answers[0].searched == answers[1].searched == 5
    assert [sorted(map(name, group.files)) for group in answers[0].groups] == [["e.png", "f.png"], ["a.jpg", "b.jpg"]]


def test_every_group_of_files_is_one_of_duplicates(tmp_path, photo):
    for number, which in enumerate("aabbbc"):
        photo(ord(which)).save(tmp_path / f"{number}.png")
    photo(ord("c")).save(tmp_path / "6.bmp")
    by_bytes = difPy.find(difPy.index(tmp_path, cache=False, decode=False), "files").groups
    by_pixels = difPy.find(difPy.index(tmp_path, cache=False), "duplicates").groups
    pairs = [
        {(file.path, group.keeper.path) for group in groups for file in group.files} for groups in (by_bytes, by_pixels)
    ]
    assert len(pairs[0]) == 5
    assert pairs[0] < pairs[1]


def test_a_file_that_cannot_be_read_or_is_gone_or_changed_is_told(tmp_path, monkeypatch):
    write(tmp_path, a__jpg=b"one", b__jpg=b"one", c__jpg=b"one", d__jpg=b"one", e__jpg=b"one", f__jpg=b"one")
    library = difPy.index(tmp_path, cache=False, decode=False)
    (tmp_path / "a.jpg").unlink()
    (tmp_path / "b.jpg").write_bytes(b"another size")
    (tmp_path / "c.jpg").unlink()
    os.mkfifo(tmp_path / "c.jpg")
    (tmp_path / "d.jpg").unlink()
    (tmp_path / "d.jpg").symlink_to("d.jpg")
    answer = difPy.find(library, "files")
    assert {name(one): one.reason for one in answer.failures} == {
        "a.jpg": "cannot be opened: No such file or directory",
        "b.jpg": "changed since it was scanned",
        "c.jpg": "changed since it was scanned: it is no regular file any more",
        "d.jpg": "cannot be opened: Too many levels of symbolic links",
    }
    assert [[name(file) for file in group.files] for group in answer.groups] == [["f.jpg", "e.jpg"]]


def test_a_file_that_changes_while_it_is_read_is_told(tmp_path, monkeypatch):
    write(tmp_path, a__jpg=b"a" * 9999, b__jpg=b"a" * 9999)
    library, really, changed = difPy.index(tmp_path, cache=False, decode=False), os.read, []

    def read(descriptor, count):
        data = really(descriptor, count)
        if count > SAMPLE and os.path.samestat(os.fstat(descriptor), os.stat(tmp_path / "a.jpg")) and not changed:
            changed.append((tmp_path / "a.jpg").write_bytes(b"b" * 9999))
        return data

    monkeypatch.setattr(os, "read", read)
    answer = difPy.find(library, "files")
    assert [(name(one), one.reason) for one in answer.failures] == [("a.jpg", "changed since it was scanned")]
    assert answer.groups == []


def test_files_of_holes_that_would_take_years_are_not_read(tmp_path):
    for which in ("a.jpg", "b.jpg"):
        with open(tmp_path / which, "wb") as file:
            file.truncate(1 << 42)
    groups, failures = found(tmp_path)
    assert groups == {}
    assert set(failures) == {"a.jpg", "b.jpg"}
    assert failures["a.jpg"].startswith("too large: 4,398,046,511,104 bytes, of which 0 are on the disk")


@pytest.mark.parametrize("change", [{"size": 0}, {"path": "gone"}, {"mtime_ns": 1}])
def test_what_is_wrong_with_a_file_is_said_in_the_words_of_those_that_are_decoded(tmp_path, change):
    write(tmp_path, a__jpg=b"one", b__jpg=b"one")
    (tmp_path / "empty.jpg").touch()
    files = scan([str(tmp_path)]).files
    (file,) = [file for file in files if file.size == 0] if "size" in change else [files[0]._replace(**change)]
    with pytest.raises(Refused) as refused:
        decoder_files.read(file)
    told = contents.compare(Files.of([file, files[1]]), [None, None]).failures
    assert str(refused.value) == (told[0].reason if told else contents.unchanged.EMPTY)


def test_references_are_kept_and_not_compared_with_each_other(tmp_path):
    write(tmp_path / "archive", a__jpg=b"one", b__jpg=b"one", c__jpg=b"two", d__jpg=b"two")
    write(tmp_path / "new", e__jpg=b"one", f__jpg=b"three", g__jpg=b"three")
    os.utime(tmp_path / "new" / "e.jpg", (1, 1))
    groups, _ = found(tmp_path / "new", reference=tmp_path / "archive")
    assert groups == {"g.jpg": ["f.jpg"], "b.jpg": ["e.jpg"]}


def test_with_in_folder_only_files_of_one_directory_match(tmp_path):
    write(tmp_path / "one", a__jpg=b"one", b__jpg=b"one")
    write(tmp_path / "two", c__jpg=b"one", d__jpg=b"one")
    roots = (tmp_path / "one", tmp_path / "two")
    assert found(*roots, in_folder=True)[0] == {"b.jpg": ["a.jpg"], "d.jpg": ["c.jpg"]}
    assert len(found(*roots)[0]) == 1


@pytest.mark.parametrize(
    ("keep", "kept"), [("oldest", "c.jpg"), ("newest", "a copy.jpg"), ("path=*b.jpg", "b.jpg"), ("resolution", "c.jpg")]
)
def test_policies_that_look_at_files_decide_who_is_kept(tmp_path, keep, kept):
    (tmp_path / "in").mkdir()
    write(tmp_path / "in", **{"a copy__jpg": b"one", "b__jpg": b"one", "c__jpg": b"one"})
    assert list(found(tmp_path, keep=keep)[0]) == [kept]
    built = difPy.build(tmp_path, cache=False, decode=False, show_progress=False)
    search = difPy.search(built, "files", keep=keep, show_progress=False)
    assert [os.path.basename(path) for path in search.result] == [kept]
    assert search.stats["process"]["search"]["parameters"]["method"] == "files"


def test_other_extensions_are_compared_where_they_are_asked_for(tmp_path):
    write(tmp_path, a__txt=b"one", b__txt=b"one")
    assert found(tmp_path)[0] == {}
    assert found(tmp_path, limit_extensions=False)[0] == {"b.txt": ["a.txt"]}


def test_a_query_finds_what_has_the_same_bytes(tmp_path, capsys):
    write(tmp_path / "in", a__jpg=b"one", b__jpg=b"one", c__jpg=b"two")
    write(tmp_path / "asked", x__jpg=b"one", y__jpg=b"six")
    library = difPy.index(tmp_path / "in", cache=False, decode=False)
    near, failures = difPy.query([tmp_path / "asked", tmp_path / "in" / "a.jpg"], library, "files")
    assert [(name(one.asked), name(one.file)) for one in near] == [
        ("x.jpg", "a.jpg"),
        ("x.jpg", "b.jpg"),
        ("a.jpg", "b.jpg"),
    ]
    assert not failures
    assert not any(one.distance for one in near)
    arguments = ["query", "-s", "files", str(tmp_path / "asked" / "x.jpg"), str(tmp_path / "in"), "--quiet"]
    assert cli.main(arguments) == 0
    assert "x.jpg: 2 matches" in capsys.readouterr().out


def test_what_was_found_can_be_planned_applied_and_undone(tmp_path):
    write(tmp_path, a__jpg=b"one", b__jpg=b"one", c__jpg=b"two")
    groups = difPy.find(difPy.index(tmp_path, cache=False, decode=False), "files").groups
    plan = difPy.plan(groups, "delete")
    assert plan.not_undoable == 0
    outcome = difPy.apply(plan)
    assert sorted(os.listdir(tmp_path)) == ["b.jpg", "c.jpg"]
    difPy.undo(outcome.journal)
    assert (tmp_path / "a.jpg").read_bytes() == b"one"


def test_a_copy_that_is_none_any_more_is_not_deleted(tmp_path):
    """Its size and time are what they were: only reading it tells."""
    write(tmp_path, a__jpg=b"one", b__jpg=b"one")
    groups = difPy.find(difPy.index(tmp_path, cache=False, decode=False), "files").groups
    plan, was = difPy.plan(groups, "delete"), os.stat(tmp_path / "a.jpg")
    (tmp_path / "a.jpg").write_bytes(b"six")
    os.utime(tmp_path / "a.jpg", ns=(was.st_atime_ns, was.st_mtime_ns))
    (skipped,) = difPy.apply(plan).skipped
    assert skipped.why == "it has other contents than the scan saw"
    assert (tmp_path / "a.jpg").read_bytes() == b"six"


def test_another_file_of_the_same_bytes_can_be_kept_whatever_they_show(tmp_path):
    write(tmp_path, a__jpg=b"one", b__jpg=b"one", c__jpg=b"one")
    (group,) = difPy.find(difPy.index(tmp_path, cache=False, decode=False), "files").groups
    kept = difPy.rekeep(group, str(tmp_path / "a.jpg"))
    assert name(kept.keeper) == "a.jpg"
    assert [(name(one.file), one.distance) for one in kept.members] == [("c.jpg", 0.0), ("b.jpg", 0.0)]
    assert kept.why == "Kept because you chose it."


def test_every_format_says_nothing_of_what_is_not_known(tmp_path, capsys):
    write(tmp_path / "in", a__jpg=b"one", b__jpg=b"one")
    written = {}
    for form in ("text", "json", "jsonl", "csv", "junit"):
        options = ["--quiet", "--fail-on-duplicates", "--format", form]
        assert cli.main(["find", "-s", "files", str(tmp_path / "in"), *options]) == 1
        written[form] = capsys.readouterr().out
    first, *_ = written["text"].splitlines()
    assert first.split("  ")[1] == "(3 B)"
    (record,) = json.loads(written["json"])
    assert (record["keeper"]["width"], record["keeper"]["height"]) == (None, None)
    header, row = (line.split(",") for line in written["csv"].splitlines())
    assert dict(zip(header, row, strict=True))["kept_width"] == ""
    (tmp_path / "found.jsonl").write_text(written["jsonl"])
    (group,) = results.read(tmp_path / "found.jsonl")
    assert group == difPy.find(difPy.index(tmp_path / "in", cache=False, decode=False), "files").groups[0]


def test_a_report_and_a_review_show_groups_of_which_nothing_but_bytes_is_known(tmp_path, photo, capsys):
    write(tmp_path / "in", a__jpg=b"broken", b__jpg=b"broken")
    for which in ("c.png", "d.png"):
        photo(1).save(tmp_path / "in" / which)
    page = tmp_path / "page.html"
    assert cli.main(["report", "-s", "files", str(tmp_path / "in"), "-o", str(page), "--quiet"]) == 0
    assert "0 \N{MULTIPLICATION SIGN} 0" not in page.read_text()
    assert "b.jpg" in page.read_text()
    difPy.review(difPy.find(difPy.index(tmp_path / "in", cache=False, decode=False), "files"), browser=False, idle=0.1)


def test_what_needs_decoding_says_so_where_none_was(tmp_path):
    write(tmp_path, a__jpg=b"one")
    library = difPy.index(tmp_path, cache=False, decode=False)
    with pytest.raises(UsageError, match="no picture was decoded: search for similarity='files'"):
        difPy.find(library, "similar")
    with pytest.raises(UsageError, match="min_pixels needs pictures to be decoded"):
        difPy.index(tmp_path, cache=False, decode=False, min_pixels=9)


def test_small_pictures_are_left_out_of_a_search_for_files_too(tmp_path, photo, capsys):
    for which, size in (("a.png", (8, 8)), ("b.png", (8, 8)), ("c.png", (90, 90)), ("d.png", (90, 90))):
        photo(1, size).save(tmp_path / which)
    options = ["--min-pixels", "100", "--quiet", "--format", "csv"]
    assert cli.main(["find", "-s", "files", str(tmp_path), *options]) == 0
    listed = capsys.readouterr().out
    assert "d.png" in listed
    assert "a.png" not in listed


def test_damage_of_the_index_costs_time_and_no_answer(tmp_path):
    folder, cache = write(tmp_path / "in", a__jpg=b"one", b__jpg=b"one"), tmp_path / "index.sqlite"
    first = found(folder, cache=cache)
    data = bytearray(cache.read_bytes())
    data[100:] = os.urandom(len(data) - 100)
    cache.write_bytes(data)
    for beside in Path(tmp_path).glob("index.sqlite-*"):
        beside.unlink()
    assert found(folder, cache=cache) == first


def test_files_in_tars_and_rows_of_data_sets_are_compared_with_those_of_folders(tmp_path):
    """Of rows, not even the sizes are known before they are read."""
    pictures = {"one.png": b"first", "two.png": b"second, longer", "three.png": b"third", "four.png": b"first"}
    folder = as_folder(tmp_path / "in", pictures)
    others = [as_tar(tmp_path / "shard.tar", pictures), as_parquet(tmp_path / "rows.parquet", pictures)]
    alone = difPy.find(difPy.index(folder, cache=False, decode=False), "files")
    assert [len(group.files) for group in alone.groups] == [2]
    for cache in (False, tmp_path / "cache", tmp_path / "cache"):
        library = difPy.index(folder, *others, cache=cache, decode=False)
        found = difPy.find(library, "files")
        assert sorted(len(group.files) for group in found.groups) == [3, 3, 6]
        assert {file.size for group in found.groups for file in group.files} == {5, 14}
        assert found.keep.sum() == 3
    near, _ = difPy.query(others[0], difPy.index(others[1], cache=False, decode=False), "files")
    assert len(near) == 2 * 2 + 1 + 1


def test_a_tar_that_changed_is_read_again(tmp_path):
    pictures = {"one.png": b"first", "two.png": b"other", "three.png": b"first"}
    tar, cache = tmp_path / "shard.tar", tmp_path / "cache"
    for second, count in ((b"other", 2), (b"first", 3), (b"third", 2)):
        as_tar(tar, pictures | {"two.png": second})
        (group,) = difPy.find(difPy.index(tar, cache=cache, decode=False), "files").groups
        assert len(group.files) == count


def test_what_was_found_by_bytes_are_columns_and_sides_too(tmp_path, capsys):
    write(tmp_path / "new", a__jpg=b"one", b__jpg=b"six", c__jpg=b"ten")
    write(tmp_path / "old", d__jpg=b"one", e__jpg=b"six", f__jpg=b"six")
    library = difPy.index(tmp_path / "new", reference=tmp_path / "old", cache=False, decode=False)
    table = difPy.find(library, "files").to_arrow().to_pylist()
    assert [row["verdict"] for row in table] == ["identical", "identical", "no match", "kept", "no match", "kept"]
    assert {row["width"] for row in table} == {None}
    assert [row["blake3"] is None for row in table] == [False, False, True, False, True, False]
    across = difPy.find(library, "files", only_reference=True).groups
    assert sorted(name(group.members[0].file) for group in across) == ["a.jpg", "b.jpg"]
    assert cli.main(["new", str(tmp_path / "new"), "--reference", str(tmp_path / "old"), "-s", "files", "--quiet"]) == 0
    assert capsys.readouterr().out.split() == [str(tmp_path / "new" / "c.jpg")]
