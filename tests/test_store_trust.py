"""An index that somebody else could have written is not opened, and one that was written to deceive does no harm."""

import contextlib
import ctypes
import os
import random
import signal
import sqlite3
import struct
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

import forging
import second_user
import store_tasks as made
from difPy import store
from difPy.errors import IndexUnusable, WrongValue
from difPy.store.bounds import REASON, USUAL, bounded
from difPy.store.database import Database

ROWS = 40
COMPANIONS = ["", "-wal", "-shm", "-journal"]
owners_and_modes = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="there are no owners and modes here")


@pytest.fixture
def filled(tmp_path):
    path = tmp_path / "cache" / "index.sqlite"
    made.fill(path, 0, ROWS, 10)
    return path


def silence(message):
    raise AssertionError(f"there was nothing to say, but: {message}")


def states(path, warn=silence):
    with made.opened(path, warn) as index:
        return index.known([made.file(row) for row in range(ROWS)]).states.tolist()


def difpy(*arguments, **options):
    command = [sys.executable, "-m", "difPy", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, **options)


# Who could have written it


@owners_and_modes
@pytest.mark.parametrize("mode", [0o666, 0o602])
@pytest.mark.parametrize("companion", COMPANIONS)
def test_an_index_that_others_may_write_is_refused_with_what_sqlite_reads_beside_it(filled, companion, mode):
    place = Path(str(filled) + companion)
    place.touch()
    place.chmod(mode)
    with pytest.raises(IndexUnusable, match=f"not trusted, for {place} may be .*{mode:o}.*chmod go-w .*--cache"):
        made.opened(filled)
    place.chmod(0o600)
    if companion != "-journal":
        assert store.PICTURE in states(filled)


@owners_and_modes
def test_an_index_in_a_folder_where_others_may_write_is_refused(filled):
    for mode in (0o777, 0o1777):
        filled.parent.chmod(mode)
        before = filled.read_bytes()
        done = difpy("cache", "clear", "--cache", filled)
        assert (done.returncode, done.stdout) == (3, "")
        assert f"{filled.parent} may be written by others (its mode is {mode:o})" in done.stderr
        assert "--no-cache" in done.stderr and "Traceback" not in done.stderr
        assert filled.read_bytes() == before
    filled.parent.chmod(0o755)
    assert store.PICTURE in states(filled)


@owners_and_modes
def test_no_index_is_begun_where_others_may_write(tmp_path):
    tmp_path.chmod(0o1777)
    with pytest.raises(IndexUnusable, match="1777"):
        made.opened(tmp_path)
    assert os.listdir(tmp_path) == []
    made.fill(tmp_path / "own folder" / "index.sqlite", 0, 3, 3)
    assert (tmp_path / "own folder").stat().st_mode & 0o777 == 0o700


@owners_and_modes
@second_user.needed
@pytest.mark.parametrize("companion", COMPANIONS)
def test_an_index_of_another_user_is_refused(filled, companion):
    place = Path(str(filled) + companion)
    place.touch()
    second_user.give(place)
    with pytest.raises(IndexUnusable, match=f"{place} belongs to .*, not to you"):
        made.opened(filled)


@owners_and_modes
@second_user.needed
def test_what_another_user_planted_beside_an_index_is_not_read(reachable):
    """In a folder such as /tmp a file of ours cannot be taken away, but transactions can be put beside it."""
    made.fill(reachable / "theirs", 0, ROWS, 10)
    with made.opened(reachable / "theirs") as index:
        index.put([made.found(ROWS)])
        log = Path(f"{reachable / 'theirs'}-wal").read_bytes()
    made.fill(reachable / "index.sqlite", 0, 3, 3)
    reachable.chmod(0o1777)
    code = "open(sys.argv[1], 'wb').write(bytes.fromhex(sys.argv[2][:20000]))"
    second_user.python(code, reachable / "index.sqlite-wal", log.hex()[:20000], check=True)
    with pytest.raises(IndexUnusable, match="not trusted"):
        made.opened(reachable / "index.sqlite")
    reachable.chmod(0o755)
    with pytest.raises(IndexUnusable, match="-wal belongs to"):
        made.opened(reachable / "index.sqlite")


@second_user.needed
def test_another_user_reads_an_index_of_roots_and_writes_none(reachable):
    made.fill(reachable / "index.sqlite", 0, 3, 3)
    (reachable / "index.sqlite").chmod(0o644)
    code = f"""if True:
        index = difPy.store.open_index(sys.argv[1], px_size={made.PX}, decoders={made.DECODERS!r}, warn=print)
        print(index.info().files)"""
    done = second_user.python(code, reachable / "index.sqlite", imports="difPy.store, urllib.parse")
    assert "only read" in done.stdout and done.stdout.endswith("3\n"), done.stderr


def test_a_link_to_an_index_is_followed_and_what_it_leads_to_is_what_is_used(filled, tmp_path):
    (tmp_path / "link").symlink_to("cache/index.sqlite")
    with made.opened(tmp_path / "link") as index:
        assert index.path == str(filled)
    (tmp_path / "empty").symlink_to("cache/new")
    made.fill(tmp_path / "empty", 0, 3, 3)
    assert (tmp_path / "cache" / "new").exists()


@pytest.mark.parametrize("variable", ["DIFPY_CACHE_DIR", "XDG_CACHE_HOME", "HOME"])
def test_a_relative_folder_scatters_no_index(variable, tmp_path):
    kept = {name: os.environ[name] for name in ("PATH", "DIFPY_STATE_DIR")}
    place = {"XDG_CACHE_HOME": str(tmp_path / "cache")} if variable == "HOME" else {"HOME": str(tmp_path / "home")}
    run = tmp_path / "here"
    run.mkdir()
    done = difpy("cache", "info", env=kept | place | {variable: "scattered"}, cwd=run)
    assert os.listdir(run) == []
    assert "Traceback" not in done.stderr
    if variable == "DIFPY_CACHE_DIR":
        assert done.returncode == 2 and "'scattered', which is not an absolute path" in done.stderr
        with pytest.MonkeyPatch.context() as patch, pytest.raises(WrongValue):
            patch.setenv(variable, "scattered")
            store.default_path()


# What SQLite does by itself with what is in a file, or beside it


def execute(path, script):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)


HANG = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@pytest.mark.parametrize(
    "script",
    [
        f"CREATE TRIGGER hang AFTER INSERT ON picture BEGIN {HANG}; END",
        "CREATE TRIGGER spread BEFORE DELETE ON file BEGIN DELETE FROM picture; END",
        f"CREATE VIEW hang AS {HANG}",
        "ALTER TABLE file RENAME TO other; CREATE VIEW file AS SELECT * FROM other",
        "CREATE TABLE more (column)",
        "CREATE INDEX more ON picture (width)",
        "CREATE UNIQUE INDEX more ON picture (identity) WHERE width > 0",
        "DROP INDEX file_by_size",
        "DROP INDEX file_by_size; CREATE INDEX file_by_size ON file (abs(size))",
        "ALTER TABLE picture ADD COLUMN twice AS (width * 2)",
        "ALTER TABLE picture ADD COLUMN more CHECK (more > 0)",
        "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, 'width', 'width CHECK (width)')",
        "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, 'gps INTEGER', 'gps TEXT')",
        "ANALYZE",
        "PRAGMA writable_schema = ON; UPDATE sqlite_master SET type = CAST(type AS BLOB) WHERE name = 'file_by_size'",
        "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = CAST(sql AS BLOB) WHERE name = 'file_by_size'",
    ],
)
def test_an_index_with_anything_but_our_tables_is_not_opened(filled, script):
    execute(filled, script)
    told = []
    assert set(states(filled, told.append)) == {store.NEW}
    assert len(told) == 1 and ".damaged-" in told[0]
    assert states(filled)


def test_a_trigger_that_comes_into_an_open_index_is_not_run(filled):
    with contextlib.closing(bounded(str(filled), str(filled), isolation_level=None)) as connection:
        execute(filled, "CREATE TRIGGER spread AFTER INSERT ON recipe BEGIN DELETE FROM picture; END")
        with pytest.raises(sqlite3.OperationalError, match="trigger"):
            connection.execute("INSERT INTO recipe (px_size, decoders) VALUES (1, 'another')")


@pytest.mark.parametrize("absolute", [True, False])
def test_a_journal_that_names_a_file_to_be_deleted_is_not_played(filled, tmp_path, absolute):
    """SQLite deletes the journal of a transaction over several files once it is of no use; any file passes for one."""
    victim = tmp_path / "precious.jpg"
    victim.write_bytes(b"\xff\xd8 precious" + bytes(3000))
    name = os.fsencode(victim if absolute else os.path.relpath(victim))
    magic = bytes.fromhex("d9d505f920a163d7")
    header = magic + struct.pack(">5I", 0, 1, os.path.getsize(filled) // 4096, 512, 4096)
    end = struct.pack(">I", 0x40000000 // 4096 + 1) + name + struct.pack(">2I", len(name), sum(name)) + magic
    Path(f"{filled}-journal").write_bytes(header.ljust(512, b"\0") + end)
    with pytest.raises(IndexUnusable, match="names a file to be deleted"):
        made.opened(filled)
    assert victim.exists()
    with contextlib.closing(sqlite3.connect(filled)) as connection:  # that is no fancy: it is what SQLite does
        connection.execute("SELECT count(*) FROM file").fetchone()
    assert not victim.exists()


@pytest.mark.parametrize(
    ("table", "use"),
    [("picture", "gallery"), ("views", "prune"), ("recipe", "info")],
)
def test_rows_without_end_come_to_an_end(filled, table, use):
    forging.forge_endless(filled, table)
    told = []
    with made.opened(filled, told.append) as index, contextlib.suppress(IndexUnusable):
        if use == "gallery":
            index.gallery([made.file(row) for row in range(ROWS)], [bytes([row]) * 32 for row in range(ROWS)])
        else:
            getattr(index, use)()
    assert len(told) == 1 and ".damaged-" in told[0]


@pytest.mark.skipif(os.name == "nt", reason="Windows takes a signal for the end of the process")
def test_ctrl_c_during_a_long_statement_is_ctrl_c_and_no_damage(filled):
    database = Database(str(filled), silence, 10.0)
    with contextlib.closing(database):
        database._connections.reader.create_function("kill", 2, ctypes.CDLL(None).kill)
        query = (
            "WITH RECURSIVE n(i) AS (SELECT kill(?, ?) UNION ALL SELECT 1 FROM n LIMIT 1000000) SELECT count(*) FROM n"
        )
        with pytest.raises(KeyboardInterrupt):
            database.rows(query, (os.getpid(), signal.SIGINT))
        assert database.rows("SELECT count(*) FROM recipe") == [(1,)]
    assert store.PICTURE in states(filled)


# Rows that were written to deceive, with a right checksum each

NASTY = [
    None, 0, -1, 1, 2, 7, 255, 256, 2**31, 2**32 + 1, 2**62, 2**63 - 1, -(2**63),
    0.5, -0.0, 1e300, float("inf"), float("-inf"),
    "", "12", "text", "\x1b[2J\0\n", "é" * 1000, b"", b"\0", b"\xff" * 32, b"\0" * 31, b"7", b"a/" * 3000, b"/\0/",
    bytes(292), b"\xff" * 292, b"\0\0\xc0\x7f" * 7, b"\0\0\x80\x7f" * 7, bytes(300), bytes(600),
    b"x" * (USUAL - 100), b"x" * (USUAL + 1), "x" * (REASON + 5), b"x" * 3_000_000,
]  # fmt: skip
COLUMNS = {
    "recipe": ["px_size", "decoders"],
    "picture": ["id", "recipe", "digest", "identity", "stance", "width", "height", "frames", "views", "error",
                "format", "exif_fields", "gps", "vector", "crc",
                "beside", "other_fields", "notes", "lossless"],
    "tensor": ["id", "crc", "pixels"],
    "views": ["id", "crc", "pixels"],
    "failure": ["recipe", "digest", "reason", "crc"],
    "file": ["inode", "device", "path", "size", "mtime_ns", "digest"],
    "poison": ["recipe", "inode", "device", "path", "size", "mtime_ns", "reason", "crc"],
    "sqlite_sequence": ["name", "seq"],
}  # fmt: skip


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    path = tmp_path_factory.mktemp("sound") / "index.sqlite"
    made.fill(path, 0, ROWS, 10)
    return path


KEYS = {"recipe": "id", "picture": "id", "tensor": "id", "views": "id", "sqlite_sequence": "rowid",
        "failure": "recipe, digest", "file": "inode, device", "poison": "recipe, inode, device"}  # fmt: skip


@pytest.mark.parametrize("table", COLUMNS)
def test_rows_that_were_written_to_deceive_do_no_harm(sound, tmp_path, table, draws=4):
    """Some values in each column, in two rows or in all; then all that is done with an index is done."""
    draw = random.Random(table)
    for column in COLUMNS[table]:
        for value in draw.sample(NASTY, draws):
            path = tmp_path / "index.sqlite"
            path.write_bytes(sound.read_bytes())
            keys = KEYS[table]
            some = f"WHERE ({keys}) IN (SELECT {keys} FROM {table} LIMIT {draw.choice([2, 1000])})"
            with forging.forger(path) as connection:
                try:
                    connection.execute(f"UPDATE OR IGNORE {table} SET {column} = ? {some}", (value,))
                except sqlite3.Error:
                    assert column == "id"  # which takes numbers only
                if "crc" in COLUMNS[table] and column != "crc":
                    forging.sign(connection, table)
            use_all(path)


@pytest.mark.parametrize(
    ("column", "value"),
    [("identity", 0), ("identity", b"short"), ("stance", 256), ("width", 0), ("views", -1), ("id", -1), ("id", 0),
     ("error", -1.0), ("error", float("inf")), ("vector", b"\0\0\xc0\x7f" * 7), ("vector", bytes(292)),
     ("vector", bytes(30))],
)  # fmt: skip
def test_a_row_of_no_picture_is_not_believed_whatever_its_checksum(filled, column, value):
    with forging.forger(filled) as connection:
        connection.execute(f"UPDATE picture SET {column} = ? WHERE id = 1", (value,))
        forging.sign(connection, "picture")
    told = []
    with made.opened(filled, told.append) as index, pytest.raises(IndexUnusable, match="run again"):
        index.gallery([made.file(0), made.file(1)], [made.digest(0), made.digest(1)])
    assert len(told) == 1 and ".damaged-" in told[0]


def test_vectors_of_another_length_than_ours_are_not_believed(tmp_path, photo):
    import difPy

    pictures, cache = tmp_path / "pictures", tmp_path / "index.sqlite"
    pictures.mkdir()
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        photo(seed).save(pictures / f"{name}.png", compress_level=ord(name) % 9)
        os.utime(pictures / f"{name}.png", (1, 1))
    difPy.index(pictures, cache=cache)
    with forging.forger(cache) as connection:
        connection.execute("UPDATE picture SET vector = zeroblob(296)")
        forging.sign(connection, "picture")
    told = []
    assert len(difPy.find(difPy.index(pictures, cache=cache, warn=told.append)).groups) == 1
    assert len(told) == 1 and "74 numbers" in told[0] and ".damaged-" in told[0]


def test_a_forged_index_is_one_that_is_believed(filled):
    """By nobody but its owner it can be written; so what deletes looks at the pictures again."""
    forging.forge_identical(filled, [made.digest(row) for row in (4, 0, 1)])
    with made.opened(filled, silence) as index:
        gallery = index.gallery([made.file(row) for row in (0, 1, 2, 4)], [made.digest(row) for row in (0, 1, 2, 4)])
        assert [identity == gallery.identities[0] for identity in gallery.identities] == [True, True, False, True]
        assert [(tensor == gallery.tensors[0]).all() for tensor in gallery.tensors[:]] == [True, True, False, True]


def use_all(path):
    told = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for uses in ((look, put, store.Index.info, store.Index.prune), (look,)):
            with contextlib.suppress(IndexUnusable), made.opened(path, told.append) as index:
                for use in uses:
                    with contextlib.suppress(IndexUnusable):
                        use(index)
    assert all("damaged" in message or "cannot be" in message for message in told)
    for left in path.parent.iterdir():
        left.unlink()


def look(index):
    files = [made.file(row) for row in range(ROWS)]
    known = index.known(files)
    assert all(isinstance(reason, str) for reason in known.reasons.values())
    rows = [row for row in range(ROWS) if known.states[row] == store.PICTURE]
    index.recognise([made.digest(row) for row in range(ROWS)])
    gallery = index.gallery([files[row] for row in rows], [known.digests[row] for row in rows])
    assert gallery.tensors[:].shape == (len(rows), made.PX, made.PX, 3)
    for row in gallery.views:
        assert gallery.views[row].shape[1:] == (made.PX, made.PX, 3)


def put(index):
    index.put([made.found(row) for row in range(ROWS)])


def test_a_reason_is_remembered_as_far_as_anybody_reads(tmp_path):
    with made.opened(tmp_path / "index.sqlite") as index:
        index.put([store.Found(made.file(0), made.digest(0), reason="é" * REASON)])
        (reason,) = index.known([made.file(0)]).reasons.values()
    assert reason.startswith("é" * 1000) and len(os.fsencode(reason)) == REASON
