"""Pictures that are no files of their own: in tars, in Parquet, in data sets, on object stores."""

import os
import pickle
import subprocess
import sys
from functools import partial
from pathlib import Path

import datasets
import obstore
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from obstore.store import from_url
from PIL import Image

import difPy
from data_sets import ACCESS, as_folder, as_parquet, as_tar, bucket, encoded, s3
from difPy import decode, sources
from difPy.cli import main
from difPy.errors import NoSuchDirectory, SourceFailed, UsageError, WrongType
from difPy.files import File
from difPy.model import Failure
from difPy.scan import given
from difPy.store import open_index
from difPy.workers import Processes

EXTENSIONS = frozenset({"png", "jpg"})


@pytest.fixture
def pictures(photo):
    """Name -> bytes: ten pictures, of which the last three are the first three, one of them turned by a quarter."""
    found = {f"{number:02}.png": encoded(photo(number)) for number in range(7)}
    found["07.jpg"] = encoded(photo(0), "JPEG", quality=95)
    found["08.png"] = encoded(photo(1).transpose(2))
    found["09.png"] = found["02.png"]
    return found


@pytest.fixture(scope="module")
def server():
    with s3() as address:
        yield address


@pytest.fixture
def store(server, monkeypatch, tmp_path):
    """A store of its own for each test: a bucket, and what puts something there."""
    url = bucket(server, monkeypatch, tmp_path.name)
    return url, from_url(url, client_options={"allow_http": True})


def put(store, name, data):
    url, where = store
    obstore.put(where, name, data)
    return f"{url}/{name}"


def whole(path):
    return Path(path).read_bytes()


def store_of(index):
    return open_index(index, px_size=50, decoders=decode.decoders(), warn=pytest.fail)


def listed(named):
    return [*sources.source(named).addresses(EXTENSIONS)]


def read(named):
    return [sources.read(one) for one in listed(named)]


def groups(*named, similarity=5, **options):
    library = difPy.index(*named, cache=False, processes=1, **options)
    return library, difPy.find(library, similarity).groups


def names(found):
    """Groups by the names of their pictures alone: the kept one, then the others with how far they are."""
    return [
        (name(group.keeper), sorted((name(one.file), one.distance, one.orientation) for one in group.members))
        for group in found
    ]


def name(file):
    return os.path.basename(file.path.rpartition("::")[2]).partition(".")[0].zfill(2)


def test_pictures_of_a_tar_are_read_from_where_their_bytes_begin(tmp_path, pictures):
    shard = as_tar(tmp_path / "shard.tar", pictures)
    addresses = listed(shard)
    assert [one.member for one in addresses] == list(pictures)
    assert [sources.read(one) for one in addresses] == list(pictures.values())
    tar = whole(shard)
    assert all(tar[one.offset : one.offset + one.size] == pictures[one.member] for one in addresses)


def test_rows_of_a_parquet_file_are_read_in_any_order(tmp_path, pictures):
    addresses = listed(as_parquet(tmp_path / "data.parquet", pictures, rows=3))
    data = list(pictures.values())
    for row in (0, 1, 9, 4, 3, 8, 2, 2, 9):
        assert sources.read(addresses[row]) == data[row]


def test_a_row_that_takes_too_much_memory_is_one_failure(tmp_path, photo):
    rows = {f"{number}.png": encoded(photo(number)) for number in range(4)}
    rows["1.png"] = encoded(Image.frombytes("RGB", (4000, 3000), os.urandom(36_000_000)), compress_level=0)
    table = as_parquet(tmp_path / "data.parquet", rows, rows=1)
    files = [File.at(one, table) for one in listed(table)]
    few = Processes(1, memory=64 << 20, together=64 << 20)
    looks = few.map(
        partial(decode.look, px_size=50, exact=False), files, lost=lambda file, loss: Failure(file.path, loss.reason)
    )
    assert [one.path for one in looks if isinstance(one, Failure)] == [f"{table}::1"]


def test_a_column_of_bytes_can_be_named(tmp_path, pictures):
    data = list(pictures.values())
    table = pa.table({"left": data, "right": data[::-1]})
    pq.write_table(table, tmp_path / "pairs.parquet")
    assert read(f"{tmp_path}/pairs.parquet#right") == data[::-1]
    with pytest.raises(SourceFailed, match=r"name the column that holds the pictures.*there are left, right"):
        listed(f"{tmp_path}/pairs.parquet")
    with pytest.raises(SourceFailed, match='no column "middle"'):
        listed(f"{tmp_path}/pairs.parquet#middle")


def test_a_data_set_of_hugging_face_is_read_undecoded(tmp_path, pictures):
    path = as_folder(tmp_path / "loose", {"10.png": pictures["00.png"]})
    cells = [{"bytes": data, "path": name} for name, data in pictures.items()] + [
        {"bytes": None, "path": f"{path}/10.png"}
    ]
    features = datasets.Features({"image": datasets.Image(), "label": datasets.Value("int64")})
    rows = datasets.Dataset.from_dict({"image": cells, "label": list(range(len(cells)))}, features=features)
    expected = [*pictures.values(), pictures["00.png"]]
    assert read(rows) == expected
    assert read(rows.select([3, 1, 10])) == [expected[row] for row in (3, 1, 10)]
    sent = [pickle.loads(pickle.dumps(one)) for one in listed(rows)]  # as a worker process is sent them
    assert [sources.read(one) for one in sent] == expected
    assert isinstance(rows[0]["image"].size, tuple)  # whose it is sees it as before


def test_what_was_named_once_can_be_named_again(tmp_path):
    rows = datasets.Dataset.from_dict({"image": []}, features=datasets.Features({"image": datasets.Image()}))
    named = given(["s3://bucket/shard-*.tar", {"train": rows}, tmp_path])
    assert given([named, *named]) == named * 2


@pytest.mark.parametrize("value", [File("a.jpg", "", 5, 1, 1, 1), Failure("a.jpg", "not a picture")])
def test_what_is_no_path_is_named_as_a_whole(value):
    with pytest.raises(WrongType, match=rf"must be of type str.*not {type(value).__name__}\(path='a.jpg'"):
        difPy.find([value])


def test_a_data_set_that_is_streamed_is_refused():
    with pytest.raises(WrongType, match="name its Parquet files"):
        difPy.index(datasets.IterableDataset.from_generator(lambda: iter([{"image": b""}])))


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_list_names_pictures_by_address(tmp_path, pictures, kind):
    shard = as_tar(tmp_path / "shard.tar", pictures)
    as_folder(tmp_path, {"one.png": pictures["03.png"]})
    known = listed(shard)[4]
    rows = [
        {"uri": "shard.tar", "member": "02.png", "offset": None, "size": None},
        {"uri": shard, "member": known.member, "offset": known.offset, "size": known.size},
        {"uri": "one.png", "member": None, "offset": None, "size": None},
    ]
    table = tmp_path / f"list.{kind}"
    if kind == "csv":
        lines = [",".join("" if cell is None else str(cell) for cell in row.values()) for row in rows]
        table.write_text("\n".join(["uri,member,offset,size", *lines]))
    else:
        pq.write_table(pa.Table.from_pylist(rows), table)
    assert read(str(table)) == [pictures[name] for name in ("02.png", known.member, "03.png")]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_list_that_names_itself_is_one_failure(tmp_path, kind):
    table = tmp_path / f"list.{kind}"
    if kind == "csv":
        table.write_text("uri\nlist.csv\n")
    else:
        pq.write_table(pa.table({"uri": ["list.parquet"]}), table)
    (failure,) = listed(str(table))
    assert failure.reason == "a list that names a list is not followed"


def test_what_a_list_names_wrongly_is_one_failure(tmp_path, pictures):
    as_tar(tmp_path / "shard.tar", pictures)
    (tmp_path / "list.csv").write_text("uri,member\nshard.tar,00.png\nshard.tar,none.png\ngone.png,\n")
    good, *bad = listed(str(tmp_path / "list.csv"))
    assert sources.read(good) == pictures["00.png"]
    assert [one.reason for one in bad] == ["there is no such member", "No such file or directory"]
    (tmp_path / "list.csv").write_text("path\na.png\n")
    with pytest.raises(SourceFailed, match='no column "uri"'):
        listed(str(tmp_path / "list.csv"))


def test_objects_below_an_address_and_shards_among_them_are_found(store, tmp_path, pictures):
    for name in ("00.png", "01.png"):
        put(store, f"some/deep/{name}", pictures[name])
    put(store, "some/notes.txt", b"none")
    shard = put(store, "some/shard.tar", whole(as_tar(tmp_path / "s.tar", pictures)))
    table = put(store, "some/rows.parquet", whole(as_parquet(tmp_path / "p.parquet", pictures)))
    url = f"{store[0]}/some/"
    texts = [one.text for one in listed(url)]
    assert texts[:2] == [f"{url}deep/00.png", f"{url}deep/01.png"]
    assert len(texts) == 2 + 2 * len(pictures)
    assert read(f"{url}*.tar") == read(shard) == read(table) == list(pictures.values())
    assert read(f"{url}deep/00.png") == [pictures["00.png"]]


def test_an_object_that_has_changed_is_not_taken_for_what_was_listed(store, tmp_path, pictures):
    url = put(store, "one.png", pictures["00.png"])
    (one,) = listed(url)
    put(store, "one.png", pictures["01.png"])
    with pytest.raises(sources.Unreadable, match="changed since it was listed"):
        sources.read(one)
    shard = tmp_path / "shard.tar"
    first, *_ = listed(as_tar(shard, pictures))
    as_tar(shard, dict(reversed(pictures.items())))
    with pytest.raises(sources.Unreadable, match="changed since it was listed"):
        sources.read(first)


def test_a_folder_is_grouped_as_the_same_pictures_in_tars_on_s3_and_in_parquet(store, tmp_path, photo):
    """Among them a tie that only all pixels settle, and an identical picture that was turned by a quarter."""
    pictures = {f"{number:02}.png": encoded(photo(number, (96, 64))) for number in range(8)}
    pictures |= {"08.png": encoded(photo(3, (96, 64)).transpose(2)), "09.png": encoded(photo(5, (48, 32)))}
    first = photo(20, (300, 300)).resize((1200, 1200), 0)
    pixels = first.load()
    for number, shift in (("10", 0), ("11", 1), ("12", 2)):  # one pixel of 24 x 24 behind each of the tensor
        pixels[0, 0] = (shift, 0, 0)
        pictures[f"{number}.png"] = encoded(first)
    items = list(pictures.items())
    shards = [put(store, f"{n}.tar", whole(as_tar(tmp_path / f"{n}.tar", dict(items[n::2])))) for n in range(2)]
    put(store, "rows.parquet", whole(as_parquet(tmp_path / "rows.parquet", pictures)))
    cells = [{"bytes": data, "path": None} for data in pictures.values()]
    rows = datasets.Dataset.from_dict({"image": cells}, features=datasets.Features({"image": datasets.Image()}))
    _, of_folder = groups(as_folder(tmp_path / "folder", pictures))
    expected = names(of_folder)
    ties, (turned,) = (members for kept, members in expected if kept in ("08", "10"))
    assert turned == ("03", 0, 1)
    assert [name for name, *_ in ties] == ["11", "12"] and all(0 < mse < 1e-3 for _, mse, _ in ties)
    for named in (shards, f"{store[0]}/*.tar", f"{store[0]}/rows.parquet", rows):
        _, found = groups(named)
        assert names(found) == expected


def test_a_poisoned_member_is_one_failure_and_a_cut_tar_another(tmp_path, pictures):
    shard = tmp_path / "shard.tar"
    as_tar(shard, {"bad.jpg": b"\xff\xd8\xff\xe0 no more", **pictures})
    with open(shard, "r+b") as tar:
        tar.truncate(listed(str(shard))[-1].offset + 10)
    library, _ = groups(str(shard))
    assert len(library) == len(pictures) - 1
    assert [failure.path for failure in library.failures] == [str(shard), f"{shard}::bad.jpg"]
    assert 'a truncated tar: it ends in the middle of "09.png"' in library.failures[0].reason


@pytest.mark.parametrize("bad", ["bad.tar", "bad.parquet"])
def test_what_is_no_data_set_is_one_failure_and_the_others_are_searched(tmp_path, pictures, bad):
    (tmp_path / bad).write_bytes(b"nothing of the kind" * 100)
    library, found = groups(str(tmp_path / bad), as_tar(tmp_path / "good.tar", pictures))
    (failure,) = library.failures
    assert failure.path == str(tmp_path / bad) and "damaged" in failure.reason
    assert len(found) == 3


def test_a_compressed_tar_says_what_to_do(tmp_path):
    import gzip

    (tmp_path / "shard.tar").write_bytes(gzip.compress(b"0" * 5000))
    ((failure),) = listed(str(tmp_path / "shard.tar"))
    assert isinstance(failure, Failure) and "unpack it" in failure.reason


def test_what_is_not_on_the_store_is_an_error_that_names_it(store):
    for url in (f"{store[0]}/none.tar", f"{store[0]}/none/", "s3://no-such-bucket/", "s3://no-such-bucket/a.parquet"):
        with pytest.raises(NoSuchDirectory, match=f"{url!r} cannot be searched: there is no"):
            difPy.index(url, cache=False)


def test_a_store_that_does_not_answer_is_an_error(monkeypatch):
    for name, value in {**ACCESS, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sources.objects, "_PATIENCE", {"max_retries": 0})
    with pytest.raises(SourceFailed, match="the store does not answer"):
        difPy.index("s3://silent-bucket/a.tar", cache=False)


def test_what_was_looked_at_is_known_until_its_version_changes(tmp_path, pictures, store):
    index = tmp_path / "index"
    shard = put(store, "shard.tar", whole(as_tar(tmp_path / "s.tar", pictures)))
    table = as_parquet(tmp_path / "p.parquet", pictures)
    first = difPy.index(shard, table, cache=index, processes=1)
    assert len(first) == 2 * len(pictures)
    assert difPy.index(shard, table, cache=index, processes=1).decoded == 0
    again = difPy.index(table, cache=index, processes=1).gallery.files
    assert again.sizes.tolist() == [len(data) for data in pictures.values()]
    with store_of(index) as opened:
        assert opened.prune().files == 0
    assert difPy.index(shard, cache=index, processes=1).decoded == 0
    pictures["00.png"] = pictures["05.png"]
    put(store, "shard.tar", whole(as_tar(tmp_path / "s.tar", pictures)))
    changed = difPy.index(shard, cache=index, processes=1)
    assert changed.gallery.digests[0] == changed.gallery.digests[5]
    with pytest.raises(UsageError):  # the user's own index is not there
        difPy.index(f"{store[0]}/none.tar", cache=index)


def test_what_is_gone_from_a_store_or_a_folder_is_forgotten_where_these_are_asked(tmp_path, pictures, store):
    index, count = tmp_path / "index", len(pictures)
    places = [put(store, "gone.tar", whole(as_tar(tmp_path / "s.tar", pictures)))]
    places += [put(store, "kept.tar", whole(as_tar(tmp_path / "s.tar", pictures)))]
    places += [as_parquet(tmp_path / "p.parquet", pictures), as_tar(tmp_path / "changed.tar", pictures)]
    difPy.index(*places, cache=index, processes=1)
    obstore.delete(store[1], "gone.tar")
    (tmp_path / "p.parquet").unlink()
    as_tar(tmp_path / "changed.tar", dict(list(pictures.items())[:1]))
    with store_of(index) as opened:
        assert opened.info().files == 4 * count
        assert opened.prune().files == 0
        assert opened.prune(sources.Gone()).files == 3 * count
        assert opened.info().files == count
    assert difPy.index(places[1], cache=index, processes=1).decoded == 0


def test_what_a_store_that_does_not_answer_holds_is_not_gone(monkeypatch):
    for name, value in {**ACCESS, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sources.objects, "_PATIENCE", {"max_retries": 0})
    assert not sources.Gone()("s3://a-silent-bucket/shard.tar::0001.jpg", 5)


def test_a_store_is_asked_by_the_command_only_if_it_is_told_to(tmp_path, pictures, capsys):
    index, shard = str(tmp_path / "index"), as_tar(tmp_path / "s.tar", pictures)
    difPy.index(shard, cache=index, processes=1)
    os.remove(shard)
    assert main(["cache", "prune", "--cache", index]) == 0
    assert capsys.readouterr().out.startswith("Forgotten: 0 files")
    assert main(["cache", "prune", "--remote", "--cache", index]) == 0
    assert capsys.readouterr().out.startswith(f"Forgotten: {len(pictures)} files")


def test_nobody_acts_on_what_is_no_file_of_its_own(tmp_path, pictures):
    _, found = groups(as_tar(tmp_path / "shard.tar", pictures))
    with pytest.raises(UsageError, match="never acted on: use the keep mask"):
        difPy.plan(found, "trash")
    dif = difPy.build(str(tmp_path / "shard.tar"), show_progress=False, cache=False)
    with pytest.raises(UsageError, match="never acted on"):
        difPy.search(dif, show_progress=False).delete(silent_del=True)


def test_nobody_knows_when_an_object_was_changed(tmp_path, pictures):
    folder = as_folder(tmp_path / "folder", {"a-longer-name.png": pictures["00.png"]})
    shard = as_tar(tmp_path / "shard.tar", {"0.png": pictures["00.png"]})
    for keep in ("oldest", "newest"):
        library = difPy.index(shard, folder, cache=False, processes=1)
        (group,) = difPy.find(library, keep=keep).groups
        assert group.keeper.address is None
        assert "nobody knows when the other was changed" in group.why


def test_a_file_of_results_leads_back_to_the_pictures(tmp_path, pictures):
    from difPy import report, results

    _, found = groups(as_tar(tmp_path / "shard.tar", pictures))
    (tmp_path / "found.jsonl").write_bytes(report.FORMATS["jsonl"](found).encode())
    again = list(results.read(tmp_path / "found.jsonl"))
    assert [group.files for group in again] == [group.files for group in found]
    assert sources.read(again[0].keeper.address) in pictures.values()


def test_a_review_shows_pictures_of_a_data_set(tmp_path, pictures):
    from difPy.page.shelf import Shelf
    from difPy.thumbs import Job, made

    _, found = groups(as_tar(tmp_path / "shard.tar", pictures))
    shelf = Shelf(found)
    assert [shelf.group(number) for number in range(len(shelf))] == found
    assert made(Job(shelf.file(0), 80)).data.startswith(b"\xff\xd8")
    found[0]._repr_html_()


@pytest.mark.parametrize("extra", ["pyarrow", "obstore"])
def test_without_the_extra_a_sentence_says_what_to_install(tmp_path, extra):
    named = "s3://bucket/shard.tar" if extra == "obstore" else str(tmp_path / "data.parquet")
    (tmp_path / "data.parquet").write_bytes(b"PAR1")
    script = (
        f"import sys; sys.modules[{extra!r}] = None; from difPy.cli import main; sys.exit(main(['find', {named!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 3
    assert "pip install 'difPy[data]'" in done.stderr and "Traceback" not in done.stderr


def test_a_search_of_folders_imports_neither_library(tmp_path, pictures):
    as_folder(tmp_path / "folder", pictures)
    script = (
        f"import sys, difPy; difPy.find(difPy.index({str(tmp_path / 'folder')!r}, cache=False));"
        "print(sorted({'pyarrow', 'obstore', 'ray', 'datasets', 'pandas'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout == "[]\n"
