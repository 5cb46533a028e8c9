"""Pictures as data sets hold them: the same bytes in a folder, a tar, a Parquet file; and a server of S3 for them."""

from __future__ import annotations

import contextlib
import io
import tarfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ACCESS = {"AWS_ACCESS_KEY_ID": "somebody", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}


def encoded(image, kind="PNG", **options):
    """The bytes of a picture file."""
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def as_folder(folder, pictures):
    """A file for each picture; `pictures` is name -> bytes."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name, data in pictures.items():
        (Path(folder) / name).write_bytes(data)
    return str(folder)


def as_tar(path, pictures):
    """A shard as WebDataset has it: beside each picture what belongs to it."""
    with tarfile.open(path, "w") as tar:
        for name, data in pictures.items():
            for part, content in ((name, data), (f"{name.partition('.')[0]}.json", b"{}")):
                about = tarfile.TarInfo(part)
                about.size = len(content)
                tar.addfile(about, io.BytesIO(content))
    return str(path)


def as_parquet(path, pictures, rows=5):
    """A Parquet file as Hugging Face writes it: a struct of bytes and path, some rows in a group."""
    images = pa.array([{"bytes": data, "path": name} for name, data in pictures.items()])
    pq.write_table(pa.table({"image": images, "label": list(range(len(pictures)))}), path, row_group_size=rows)
    return str(path)


def bucket(server, monkeypatch, name):
    """The URL of a bucket of its own for a test, on a server whose keys the environment then has."""
    for variable, value in {**ACCESS, "AWS_ENDPOINT_URL": server}.items():
        monkeypatch.setenv(variable, value)
    import boto3

    name = name.replace("_", "-")[:60].strip("-")
    boto3.client("s3", region_name="us-east-1", endpoint_url=server).create_bucket(Bucket=name)
    return f"s3://{name}"


@contextlib.contextmanager
def s3():
    """A server of S3 in this process, with a bucket called pictures; its address."""
    import logging

    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        _, port = server.get_host_and_port()
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop()
