"""Directories in, a `Gallery` out; a gallery in, its groups out: the rooms wired in the order of the flow."""

from __future__ import annotations

import os
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from difPy import decode, workers
from difPy.gallery import gather
from difPy.model import Failure, silent
from difPy.scan import scan
from difPy.settle import Settled, lost, settle

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from difPy.model import BuildOptions, File, Gallery, Picture, Progress, SearchOptions
    from difPy.workers import Executor


def index(roots: Sequence[str], options: BuildOptions, progress: Progress = silent) -> Gallery:
    """Find the pictures below the roots and look at each once.

    Parameters
    ----------
    roots : sequence of str
        Existing directories and files, as `scan.given` returns them.
    options : BuildOptions
    progress : Progress, optional

    Returns
    -------
    Gallery
        What could not be read is in its `failures`.
    """
    progress("scanning", 0)
    scanned = scan(
        roots,
        recursive=options.recursive,
        extensions=decode.EXTENSIONS if options.limit_extensions else None,
        found=partial(progress, "scanning"),
    )
    looks = _looks(scanned.files, options, workers.executor(options.processes), progress)
    gallery = gather(scanned.files, looks, options.px_size)
    gallery.failures = sorted(scanned.failures + gallery.failures, key=lambda failure: failure.path)
    return gallery


def find(gallery: Gallery, options: SearchOptions, *, in_folder: bool, progress: Progress = silent) -> Settled:
    """Groups of the pictures that match.

    Parameters
    ----------
    gallery : Gallery
    options : SearchOptions
    in_folder : bool
        Whether only pictures under the same root are compared.
    progress : Progress, optional
    """
    return settle(gallery, options, workers.executor(options.processes), in_folder=in_folder, progress=progress)


def _looks(
    files: Sequence[File], options: BuildOptions, executor: Executor, progress: Progress
) -> Iterator[Picture | Failure]:
    """What each file decodes to, in order. Files of the same bytes are decoded once."""
    look = partial(decode.look, px_size=options.px_size, exact=False)
    digests = _digests(files, executor, progress)
    shared = {digest for digest, count in Counter(digests.values()).items() if count > 1}
    leaders: dict[bytes | str, File] = {}
    for file in files:
        leaders.setdefault(digests.get(file.path, file.path), file)
    decoded = executor.map(look, list(leaders.values()), lost=lost)
    seen: dict[bytes, Picture | Failure] = {}
    for done, file in enumerate(files, 1):
        digest = digests.get(file.path)
        if digest not in seen:
            result = next(decoded)
            if digest in shared:
                seen[digest] = result
        elif _unchanged(file) and _unchanged(leaders[digest]):
            result = _same(seen[digest], file)
        else:
            (result,) = executor.map(look, [file], lost=lost)
        progress("decoding", done, len(files))
        yield result


def _digests(files: Sequence[File], executor: Executor, progress: Progress) -> dict[str, bytes]:
    """Digests of the files that may have a copy among the others: those of a size that occurs twice."""
    sizes = Counter(file.size for file in files)
    suspects = [file for file in files if sizes[file.size] > 1]
    digests = {}
    for done, (file, digest) in enumerate(
        zip(suspects, executor.map(decode.digest_of, suspects, lost=lost), strict=True)
    ):
        if isinstance(digest, bytes):
            digests[file.path] = digest
        progress("reading", done, len(suspects))
    return digests


def _same(look: Picture | Failure, file: File) -> Picture | Failure:
    return Failure(file.path, look.reason) if isinstance(look, Failure) else look


def _unchanged(file: File) -> bool:
    try:
        status = os.stat(file.path)
    except OSError:
        return False
    return (status.st_size, status.st_mtime_ns, status.st_ino) == (file.size, file.mtime_ns, file.inode)
