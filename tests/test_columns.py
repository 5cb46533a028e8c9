"""Results as columns: each library that takes them, the real one."""

import subprocess
import sys

import datasets
import duckdb
import numpy as np
import pandas
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import difPy
from data_sets import as_folder, as_parquet, as_tar, encoded
from difPy import cli
from difPy.errors import MissingExtra

COLUMNS = ["uri", "member", "keep", "group", "kept_uri", "kept_member", "mse", "orientation", "verdict", "reason"]
COLUMNS += ["width", "height", "format", "bytes", "blake3", "reference"]


@pytest.fixture(scope="module")
def pictures(photo):
    """Six rows: a picture, another, the first turned by a quarter, what is none, the second saved again, a third."""
    return {
        "0.png": encoded(photo(0)),
        "1.png": encoded(photo(1)),
        "2.png": encoded(photo(0).transpose(2), compress_level=0),
        "3.png": b"none",
        "4.jpg": encoded(photo(1), "JPEG", quality=95),
        "5.png": encoded(photo(2)),
    }


@pytest.fixture(scope="module")
def rows(pictures):
    cells = [{"bytes": data, "path": name} for name, data in pictures.items()]
    features = datasets.Features({"image": datasets.Image(), "label": datasets.Value("int64")})
    return datasets.Dataset.from_dict({"image": cells, "label": list(range(6))}, features=features)


@pytest.fixture(scope="module")
def found(rows):
    return difPy.find(difPy.index(rows, cache=False, processes=1), 50)


def test_there_is_a_row_for_each_picture_in_the_order_of_the_data_set(found, pictures):
    table = found.to_arrow()
    assert table.column_names == COLUMNS
    assert table["member"].to_pylist() == list("012345")
    assert table["keep"].to_pylist() == [True, True, False, True, False, True] == found.keep.tolist()
    assert table["verdict"].to_pylist() == ["kept", "kept", "identical", "unread", "same picture", "no match"]
    assert table["kept_member"].to_pylist() == [None, None, "0", None, "1", None]
    assert table["group"].to_pylist()[0] == table["group"].to_pylist()[2] != table["group"].to_pylist()[1]
    assert (table["orientation"][2].as_py(), table["mse"][2].as_py()) == (3, 0)
    assert table["reason"][3].as_py() == "not a picture: its content is of no known format"
    assert table["bytes"].to_pylist() == [len(data) for data in pictures.values()]
    assert (table["width"][2].as_py(), table["height"][2].as_py(), table["format"][4].as_py()) == (80, 120, "JPEG")


def test_a_data_set_is_cleaned_by_the_mask(found, rows):
    clean = rows.select(np.flatnonzero(found.keep))
    assert clean["label"][:] == [0, 1, 3, 5]


def test_pandas_takes_it(found):
    frame = found.to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert pandas.DataFrame.from_arrow(found).keep.tolist() == found.keep.tolist()
    assert frame.loc[~frame.keep, "member"].tolist() == ["2", "4"]


def test_polars_takes_it(found):
    assert polars.DataFrame(found).filter(~polars.col("keep"))["member"].to_list() == ["2", "4"]


def test_duckdb_takes_it(found):
    assert duckdb.sql("SELECT count(*), sum(CASE WHEN keep THEN 0 ELSE 1 END) FROM found").fetchall() == [(6, 2)]


def test_pyarrow_takes_it(found):
    assert pa.table(found).equals(found.to_arrow())


def test_a_data_set_takes_it(found):
    assert datasets.Dataset(found.to_arrow())["keep"][:] == found.keep.tolist()


def test_a_data_set_takes_it_as_a_stream(tmp_path, found):
    """Batch by batch, as one that does not fit memory is written: it becomes a file that the data set maps."""
    stream = pa.RecordBatchReader.from_stream(found)
    rows = datasets.Dataset.from_generator(
        lambda: (row for batch in stream for row in batch.to_pylist()), cache_dir=str(tmp_path), fingerprint="found"
    )
    assert rows["keep"][:] == found.keep.tolist()
    assert rows["uri"][:] == found.to_arrow()["uri"].to_pylist()


def test_files_say_where_they_are_and_references_come_last(tmp_path, pictures):
    folder = as_folder(tmp_path / "folder", {"b.png": pictures["1.png"], "a.png": pictures["5.png"]})
    shard = as_tar(tmp_path / "shard.tar", {"c.png": pictures["0.png"]})
    archive = as_folder(tmp_path / "archive", {"z.png": pictures["0.png"], "0.png": pictures["2.png"]})
    found = difPy.find(difPy.index(folder, shard, reference=archive, cache=False))
    table = found.to_arrow()
    assert table["uri"].to_pylist()[:3] == [f"{folder}/a.png", f"{folder}/b.png", shard]
    assert table["reference"].to_pylist() == [False] * 3 + [True] * 2
    assert table["member"].to_pylist() == [None, None, "c.png", None, None]
    assert found.keep.tolist() == [True, True, False]
    assert table["kept_uri"][2].as_py().startswith(archive)


def test_a_name_that_is_no_text_is_written_as_one(tmp_path, pictures):
    (tmp_path / "folder").mkdir()
    with open(bytes(tmp_path / "folder") + b"/\xff.png", "wb") as file:
        file.write(pictures["0.png"])
    (uri,) = difPy.find(difPy.index(tmp_path / "folder", cache=False)).to_arrow()["uri"].to_pylist()
    assert uri.endswith("\\udcff.png")


def test_the_command_writes_parquet(tmp_path, pictures, capsysbinary):
    command = ["find", as_parquet(tmp_path / "data.parquet", pictures), "-s", "50", "--quiet"]
    assert cli.main([*command, "-o", str(tmp_path / "groups.parquet")]) == 0
    assert cli.main([*command, "--format", "parquet"]) == 0
    written = pq.read_table(tmp_path / "groups.parquet")
    assert written.equals(pq.read_table(pa.BufferReader(capsysbinary.readouterr().out)))
    assert written["member"].to_pylist() == [str(row) for row in range(len(pictures))]


@pytest.mark.parametrize("library", ["pyarrow", "pandas"])
def test_without_the_library_a_sentence_says_what_to_install(found, monkeypatch, library):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtra, match="pip install"):
        found.to_pandas()


def test_the_command_says_so_before_it_searches(tmp_path, pictures):
    folder = as_folder(tmp_path / "folder", pictures)
    script = f"import sys; sys.modules['pyarrow'] = None; from difPy.cli import main; sys.exit(main({['find', folder]}"
    script += " + ['-o', 'groups.parquet']))"
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "difpy: results as columns take pyarrow: pip install 'difPy[data]'\n"
