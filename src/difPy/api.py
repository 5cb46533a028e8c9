"""What a program does with difPy: directories -> `Library` -> `Found` -> `Plan` -> `Outcome`, and a way back."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from difPy import across, policy, store, workers
from difPy.errors import WrongValue
from difPy.extensions import EXTENSIONS
from difPy.files import UNSUPPORTED
from difPy.finding import found_in, knowing
from difPy.found import Found
from difPy.library import Library, by_path
from difPy.match.same_bytes import look_up_bytes
from difPy.model import silent
from difPy.options import BuildOptions, SearchOptions, require_bool
from difPy.protection import empty, idle
from difPy.scan import given, scan
from difPy.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from difPy import act
    from difPy.files import Files
    from difPy.match.fill import Filling
    from difPy.match.settled import Near
    from difPy.model import Failure, Group, Progress
    from difPy.scan import Scan
    from difPy.sources import Source
    from difPy.sources.dataset import DataSet

    Named = str | os.PathLike[str] | DataSet
    Directory = Named | Sequence[Named] | Mapping[str, DataSet]


def index(
    *directory: Directory,
    reference: Directory = (),
    recursive: bool = True,
    limit_extensions: bool = True,
    px_size: int = 50,
    processes: int | None = None,
    cache: str | os.PathLike[str] | bool | None = None,
    exact: bool = False,
    exclude: str | Sequence[str] = (),
    default_excludes: bool = True,
    min_size: int | str = 0,
    min_pixels: int | str = 0,
    max_depth: int | None = None,
    newer_than: str | date | None = None,
    decode: bool = True,
    progress: Progress = silent,
    warn: Callable[[str], None] = lambda message: None,
) -> Library:
    """Find the pictures below some directories, and look at those that the index does not know.

    Parameters
    ----------
    *directory : str, path-like, datasets.Dataset, or list of these
        Directories, or single files; data sets: tars, Parquet files, lists of addresses, what is on a store.
    reference : the same, optional
        Directories, or data sets, whose pictures are compared with the others, never among themselves, and never
        touched.
    recursive, limit_extensions, px_size, processes, exact
        As for `difPy.build`.
    cache : path or bool, optional
        The index: a file, or a folder for it. None: the user's own. False: none, all is forgotten at the end.
    exclude, default_excludes, min_size, min_pixels, max_depth, newer_than
        What is not looked at: as for `difPy.selection.Selection`. A reference is compared whatever its age.
    decode : bool, optional
        With False no picture is decoded, and no file opened: that is enough for ``similarity='files'``.
    progress : Progress, optional
        Told what is going on.
    warn : callable, optional
        Told, in a sentence, what a person should know of the index.

    Returns
    -------
    Library
        What could not be read is in `failures`.

    Raises
    ------
    UsageError
        A parameter is wrong.
    IndexUnusable
        The index can be neither read nor created.

    Examples
    --------
    >>> import difPy, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> len(difPy.index(folder.name, cache=False))
    0
    """
    options = BuildOptions(recursive, False, limit_extensions, px_size, True, processes, exact)
    require_bool("decode", decode)
    selection = Selection(exclude, default_excludes, min_size, min_pixels, max_depth, newer_than)
    if selection.min_pixels and not decode:
        raise WrongValue("min_pixels needs pictures to be decoded: give min_size, or leave decode=False out")
    roots, references = given(directory), _references(reference)
    progress("scanning", 0)
    scanned = scan(
        (*references, *roots),  # a directory that is both is a reference
        recursive=options.recursive,
        extensions=EXTENSIONS if options.limit_extensions else None,
        selection=selection,
        all_times=_names(references),
        found=partial(progress, "scanning"),
    )
    if decode:
        opened, filling = _filled(scanned, options, selection, cache, progress, warn)
    else:
        opened, filling = store.open_index(cache, px_size=options.px_size, decoders="", warn=warn), None
    for one in empty(_names(references), scanned.files.roots, scanned.files.links.values()):
        warn(f'reference "{one}" holds none of the files that were found')
    for pattern in selection.idle(scanned.left_out.values()):
        warn(f'exclude "{pattern}" leaves nothing out')
    return Library(scanned, _names(roots), _names(references), opened, filling)


def _filled(
    scanned: Scan,
    options: BuildOptions,
    selection: Selection,
    cache: str | os.PathLike[str] | bool | None,
    progress: Progress,
    warn: Callable[[str], None],
) -> tuple[store.Index, Filling]:
    """The index, and all that is wanted of what was found known to it."""
    from difPy import decode
    from difPy.match.fill import Filling
    from difPy.match.mse.vectors import WIDTH

    opened = store.open_index(cache, px_size=options.px_size, decoders=decode.decoders(), warn=warn, width=WIDTH)
    filling = Filling(scanned.files, opened, options.px_size, workers.executor(options.processes), options.exact)
    filling.fill(progress)
    if options.exact:
        filling.complete(progress)
    if selection.min_pixels:
        small = f"fewer than {selection.min_pixels:,} pixels"
        scanned.left_out.update(dict.fromkeys(filling.leave_out_small(selection.min_pixels), small))
    return opened, filling


def find(
    library: Library | Directory,
    similarity: str | float = "duplicates",
    *,
    rotate: bool = True,
    lazy: bool = True,
    same_dim: bool | None = None,
    mirror: bool | None = None,
    in_folder: bool = False,
    only_reference: bool = False,
    keep: policy.Keep = (),
    decisions: act.Decisions | None = None,
    processes: int | None = None,
    progress: Progress = silent,
    warn: Callable[[str], None] = lambda message: None,
) -> Found:
    """Groups of the pictures that match.

    Parameters
    ----------
    library : Library, or what `index` takes
        Directories, data sets: these are looked at with the defaults of `index`.
    similarity, rotate, lazy, same_dim, mirror, processes
        As for `difPy.search`.
    in_folder : bool, optional
        Whether only pictures under the same given directory are compared.
    only_reference : bool, optional
        Find nothing but what matches a picture of a reference: copies among the pictures that are searched are none.
    keep : str, Policy, or sequence of these, optional
        What makes a picture the one to keep, most important first: 'resolution', 'lossless', 'metadata', 'oldest',
        'newest', 'shortest', 'whole', 'folder=PATH', 'path=PATTERN', 'size'; or a whole order, 'best' or 'documented'.
        Behind all of these stands 'best'; where altered copies are looked for, 'whole' and then 'best': what shows
        most, what is not written over, then pixels.
    decisions : act.Decisions, optional
        Groups that a person said are none are left out.
    progress : Progress, optional
    warn : callable, optional
        Told, in a sentence, which folder or pattern of `keep` names no picture.

    Returns
    -------
    Found
        `groups`, and what became of pictures that could not be read any more; `shared`, where altered copies were
        looked for: pairs that have only a part in common.

    Examples
    --------
    >>> import difPy, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> difPy.find(difPy.index(folder.name, cache=False)).groups
    []
    """
    options = SearchOptions(similarity, rotate, lazy, True, processes, None, same_dim, mirror, only_reference)
    if not isinstance(library, Library):
        library = index(library, processes=processes, progress=progress, warn=warn)
    if only_reference and not library.references:
        raise WrongValue("only_reference needs a reference to compare with: index(..., reference=DIRECTORY)")
    policies = policy.chosen(keep, policy.WHOLE_FIRST if options.method else policy.BEST)
    for one in policies:
        if one.names and not any(map(one.names, library.pictures.paths)):
            warn(f'keep "{one.asked}" names none of the pictures that were found')
    settled = found_in(library, options, policy.listed(keep), policies, in_folder=in_folder, progress=progress)
    found, shared = settled.groups, settled.shared
    if only_reference:
        found = across.groups(found, library.pictures, library.file, library.roots, library.references)
        shared = across.shared(shared, library.references)
    groups = [
        group
        for group in found
        if decisions is None
        or not decisions.suppressed([file.digest for file in group.files if file.digest is not None])
    ]
    return Found(
        groups,
        settled.failures,
        settled.searched,
        settled.compared,
        settled.decoded,
        shared,
        settled.described,
        settled.judged,
        library.looked(settled.failures),
    )


def query(
    pictures: Directory,
    library: Library,
    similarity: str | float = "duplicates",
    *,
    rotate: bool = True,
    lazy: bool = True,
    same_dim: bool | None = None,
    mirror: bool | None = None,
    processes: int | None = None,
    progress: Progress = silent,
) -> tuple[list[Near], list[Failure]]:
    """Pictures of a library that match some others, without comparing the library's pictures with each other.

    Parameters
    ----------
    pictures : str, path-like, or list of these
        Files, or directories of them. They need not be in the library; one that is does not match itself.
    library : Library
    similarity, rotate, lazy, same_dim, mirror, processes
        As for `difPy.search`.
    progress : Progress, optional

    Returns
    -------
    matches : list of Near
        By picture, the nearest first.
    failures : list of Failure
        Pictures that could not be read.

    Examples
    --------
    >>> import difPy, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> difPy.query(folder.name, difPy.index(folder.name, cache=False))
    ([], [])
    """
    near, failures, _ = asked(
        pictures,
        library,
        similarity,
        rotate=rotate,
        lazy=lazy,
        same_dim=same_dim,
        mirror=mirror,
        processes=processes,
        progress=progress,
    )
    return near, failures


def asked(
    pictures: Directory,
    library: Library,
    similarity: str | float = "duplicates",
    *,
    rotate: bool = True,
    lazy: bool = True,
    same_dim: bool | None = None,
    mirror: bool | None = None,
    processes: int | None = None,
    progress: Progress = silent,
) -> tuple[list[Near], list[Failure], Files]:
    """As `query`, and the pictures that were looked for."""
    options = SearchOptions(similarity, rotate, lazy, True, processes, None, same_dim, mirror)
    named = given([pictures])
    one_by_one = all(isinstance(one, str) and not os.path.isdir(one) for one in named)
    scanned = scan(named, extensions=None if one_by_one else EXTENSIONS)
    scanned.failures[:] = [failure for failure in scanned.failures if failure.reason != UNSUPPORTED]
    if options.by_bytes:
        near, failures = look_up_bytes(
            library.files, scanned.files, library.index, threads=options.processes, progress=progress
        )
        return near, by_path(scanned.failures, failures), scanned.files
    from difPy.match.fill import Filling
    from difPy.match.lookup import look_up

    executor = workers.executor(options.processes)
    probes = Filling(scanned.files, library.index, library.gallery.px_size, executor, exact=True)
    probes.fill(progress)
    near, failures = look_up(
        library.gallery,
        probes.gallery,
        options,
        executor,
        remember=library.index.put,
        altered=knowing(options.method, library.index, executor, progress),
        progress=progress,
    )
    return near, by_path(scanned.failures, probes.failures, failures), probes.gallery.files


def plan(
    groups: Sequence[Group],
    action: act.Action | str,
    *,
    destination: str | os.PathLike[str] | None = None,
    keep_structure: bool = False,
    protect: Sequence[str] = (),
    sidecars: act.Sidecars | str = "with",
    decisions: act.Decisions | None = None,
    altered: bool = False,
    even: Sequence[str] = (),
    warn: Callable[[str], None] = lambda message: None,
    merge_metadata: bool = False,
    references: Sequence[str] = (),
    processes: int | None = None,
) -> act.Plan:
    """Decide what becomes of every picture that is not kept; nothing is changed. See `difPy.act.plan`.

    Parameters
    ----------
    groups, action, destination, keep_structure, protect, sidecars, decisions, altered, even
        As for `difPy.act.plan`.
    warn : callable, optional
        Told, in a sentence, which pattern of `protect` protects nothing.
    merge_metadata : bool, optional
        What the pictures that go say, and the kept one lacks (rating, keywords, place, date taken, ...), is written to
        an XMP file beside the kept one. Nothing is written where `protect` or `references` say so.
    references : sequence of str, optional
        The reference directories of the search: nothing is written there.
    processes : int, optional
        Worker processes that read it; all cores by default.

    Raises
    ------
    WrongValue
        A parameter is wrong; `protect` names a file or folder that does not exist.
    UsageError
        Metadata are to be merged, and exiv2 is not installed, which reads and writes them.

    Examples
    --------
    >>> import difPy
    >>> difPy.plan([], "trash").steps
    ()
    """
    from difPy import act, metadata

    files = [file for group in groups for file in group.files]
    digests = {file.path: file.digest for file in files if file.digest is not None}
    require_bool("merge_metadata", merge_metadata)
    require_bool("altered", altered)
    made = act.plan(
        groups,
        action,
        destination=destination,
        keep_structure=keep_structure,
        protect=protect,
        sidecars=sidecars,
        digests=digests,
        decisions=decisions,
        altered=altered,
        even=even,
    )
    others = [pattern for pattern in protect if not any(f'"{pattern}"' in held.why for held in made.held)]
    for pattern in idle([name for file in files for name in (file.path, *file.hard_links)], others):
        warn(f'protect "{pattern}" names no picture of a group: nothing is held back for it')
    if not merge_metadata:
        return made
    return act.merging(made, partial(metadata.read_all, workers.executor(processes)), [*protect, *references])


def apply(
    plan: act.Plan,
    journal: str | os.PathLike[str] | None = None,
    *,
    dry_run: bool = False,
    reread: bool | None = None,
    processes: int | None = None,
    progress: Progress = silent,
) -> act.Outcome:
    """Carry out a plan. Before anything is removed that cannot be had back, the pictures are decoded and compared anew.

    Parameters
    ----------
    plan, journal, dry_run, reread
        As for `difPy.act.apply`.
    processes : int, optional
        Worker processes that decode; all cores by default.
    progress : Progress, optional

    Examples
    --------
    >>> import difPy
    >>> difPy.apply(difPy.plan([], "trash")).done
    ()
    """
    from difPy import act, metadata
    from difPy.verify import verify

    if any(step.merge for step in plan.steps):
        metadata.require()
    executor = workers.executor(processes)
    compare, merge = partial(verify, executor), partial(metadata.written_by, executor)
    return act.apply(plan, journal, dry_run=dry_run, reread=reread, verify=compare, merge=merge, progress=progress)


def _names(roots: Sequence[str | Source]) -> tuple[str, ...]:
    return tuple(map(str, roots))


def _references(reference: Directory) -> tuple[str | Source, ...]:
    return () if isinstance(reference, (str, Sequence)) and not reference else given([reference])
