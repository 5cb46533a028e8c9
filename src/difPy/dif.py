"""The documented difPy: the classes `build` and `search`, a face over the rooms; run as a file, its command."""

from __future__ import annotations

import os
import warnings
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

if __name__ == "__main__":  # run as a file: Python put this folder on the path, where the package's should be
    import runpy
    import sys

    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    runpy.run_module("difPy", run_name="__main__", alter_sys=True)
    sys.exit()

import numpy as np

from difPy import act, api, policy, report, workers
from difPy.errors import WrongType
from difPy.files import File
from difPy.options import BuildOptions, SearchOptions, require_bool
from difPy.terminal import printable, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from difPy.act import Done, Plan
    from difPy.model import Group


class build:  # noqa: N801 - the documented name
    """The pictures below some directories, ready to be searched.

    Parameters
    ----------
    *directory : str, path-like, or list of these
        Directories, or single files, to search.
    recursive : bool, optional
        Search the subdirectories too.
    in_folder : bool, optional
        Search for matches within each given directory separately (its subdirectories included), not in their union.
    limit_extensions : bool, optional
        Look only at files with the extension of a picture. With False difPy tries every file.
    px_size : int, optional
        Width and height, in pixels, that pictures are reduced to before they are compared: 10 to 5000.
    show_progress : bool, optional
        Show progress on the terminal, or in the notebook.
    processes : int, optional
        Number of worker processes; None means all cores.
    cache : str, path-like or False, optional
        The index that remembers every picture ever looked at: a file, or a folder for it. None means the user's own.
        With False nothing is remembered.
    exact : bool, optional
        Decode every picture in full. Otherwise large ones are decoded to a sketch first, and in full only if they may
        match another: that is quicker, and finds the same, for the bounds of sketches are proven.
    exclude : str, or list of str, optional
        What is not looked at: patterns, by the rules of .gitignore, of paths below the directories.
    reference : str, path-like, or list of these, optional
        Directories whose pictures are compared with the others, never among themselves, and never touched: they are
        always the ones that are kept.
    default_excludes : bool, optional
        Leave out, too, what other programs keep for themselves: thumbnails, libraries of Apple Photos, `node_modules`.
    decode : bool, optional
        With False no picture is decoded, and no file opened: that is enough for a search with ``similarity='files'``.
    logs : bool, optional
        Accepted, and without effect: the statistics are always complete.

    Attributes
    ----------
    stats : dict
        Statistics, ready for JSON: `directory`, `process`, `total_files`, `invalid_files`.

    Raises
    ------
    UsageError
        A parameter is wrong: also a ValueError, TypeError or FileNotFoundError.

    Examples
    --------
    >>> import difPy, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> dif = difPy.build(folder.name)
    >>> dif.stats["total_files"]
    0
    """

    def __init__(
        self,
        *directory: str | os.PathLike[str] | list[str],
        recursive: bool = True,
        in_folder: bool = False,
        limit_extensions: bool = True,
        px_size: int = 50,
        show_progress: bool = True,
        processes: int | None = None,
        cache: str | os.PathLike[str] | bool | None = None,
        exact: bool = False,
        exclude: str | Sequence[str] = (),
        reference: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = (),
        default_excludes: bool = True,
        decode: bool = True,
        **unknown: object,
    ) -> None:
        _outdated(unknown)
        _refuse("build", unknown)
        self._options = BuildOptions(recursive, in_folder, limit_extensions, px_size, show_progress, processes, exact)
        start = datetime.now()
        with shown(show_progress) as progress:
            self._library = api.index(
                *directory,
                reference=reference,
                recursive=recursive,
                limit_extensions=limit_extensions,
                px_size=px_size,
                processes=processes,
                cache=cache,
                exact=exact,
                exclude=exclude,
                default_excludes=default_excludes,
                decode=decode,
                progress=progress,
                warn=_warn,
            )
        self.stats = report.build_stats(
            self._library.roots,
            self._options,
            self._library.failures,
            self._library.left_out,
            len(self._library),
            start,
            datetime.now(),
        )
        asked = {
            "exclude": [exclude] if isinstance(exclude, str) else list(exclude),
            "reference": self._library.references,
        }
        parameters = self.stats["process"]["build"]["parameters"]
        parameters |= {name: list(values) for name, values in asked.items() if values}

    @property
    def _tensor_dictionary(self) -> dict[int, npt.NDArray[np.uint8]]:
        """Number of a picture -> its tensor, uint8 of shape (px_size, px_size, 3)."""
        from difPy.match.decoding import complete

        gallery = self._library.gallery
        sketches = np.flatnonzero(gallery.errors > 0)
        if len(sketches):
            with shown(self._options.show_progress) as progress:
                complete(
                    gallery,
                    sketches,
                    workers.executor(self._options.processes),
                    self._library.index.put,
                    progress,
                )
        return {row: gallery.tensors[row] for row in range(len(gallery))}

    @property
    def _filename_dictionary(self) -> dict[int, str]:
        """Number of a picture -> its path."""
        return dict(enumerate(self._library.gallery.files.paths))

    def __repr__(self) -> str:
        return f"<difPy.build of {len(self._library):,} pictures in {', '.join(map(repr, self._library.roots))}>"


class search:  # noqa: N801 - the documented name
    """The duplicate or similar pictures of a build.

    Parameters
    ----------
    difpy_obj : build
        The pictures.
    similarity : {'files', 'duplicates', 'similar', 'copies', 'deep'} or float, optional
        Greatest mean squared error (MSE) of two tensors at which pictures match: 0 for
        ``'duplicates'``, 5 for ``'similar'``. ``'files'`` finds files that have the same bytes, whatever they show, and
        asks for nothing but `keep`. ``'copies'`` and ``'deep'`` find what is similar, and altered copies
        besides: cropped, bordered, captioned, toned; ``'deep'`` those turned by any angle, seen at an angle or
        pasted into another picture, too, and takes longer. They need ``pip install 'difPy[deep]'``.
    rotate : bool, optional
        Whether a picture turned by 90, 180 or 270 degrees still matches.
    lazy : bool, optional
        Search for duplicates only among pictures of the same dimensions, up to a turn. A search for similar pictures
        (similarity above 0) compares all dimensions whatever `lazy` says: see `same_dim`.
    processes : int, optional
        Number of worker processes; None means all cores.
    chunksize : int, optional
        Accepted for compatibility: the result does not depend on it.
    show_progress : bool, optional
        Show progress on the terminal, or in the notebook.
    same_dim : bool, optional
        Whether only pictures of the same dimensions match, whatever the similarity. None leaves it to `lazy`.
    mirror : bool, optional
        Whether mirrored pictures match too. None: only where altered copies are looked for.
    keep : str, or list of str, optional
        What makes a picture the one to keep, most important first: as for `difPy.find`. Behind it, and without it, the
        larger file is kept.
    logs : bool, optional
        Accepted, and without effect: the statistics are always complete.

    Attributes
    ----------
    result : dict
        ``{kept: [[match, MSE], ...], ...}``; with `in_folder` ``{directory: {kept: [...]}, ...}``.
    lower_quality : list of str
        All pictures of the result but the kept ones.
    stats : dict
        Statistics of the search and of its build, ready for JSON.

    Examples
    --------
    >>> import difPy, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> difPy.search(difPy.build(folder.name), similarity="similar").result
    {}
    """

    def __init__(
        self,
        difpy_obj: build | None = None,
        similarity: str | float = "duplicates",
        rotate: bool = True,
        lazy: bool = True,
        processes: int | None = None,
        chunksize: int | None = None,
        show_progress: bool = True,
        *,
        same_dim: bool | None = None,
        mirror: bool | None = None,
        keep: policy.Keep = (),
        **unknown: object,
    ) -> None:
        built = unknown.pop("difPy_obj", difpy_obj)  # the documentation spells it so
        _outdated(unknown)
        _refuse("search", unknown)
        if not isinstance(built, build):
            raise WrongType(f"difPy.search needs the object that difPy.build returned, not {built!r}")
        options = SearchOptions(similarity, rotate, lazy, show_progress, processes, chunksize, same_dim, mirror)
        in_folder, wanted = built._options.in_folder, policy.listed(keep)
        start = datetime.now()
        with shown(show_progress) as progress:
            self._found = api.find(
                built._library,
                similarity,
                rotate=rotate,
                lazy=lazy,
                same_dim=same_dim,
                mirror=mirror,
                in_folder=in_folder,
                keep=wanted if options.method else [*wanted, "documented"],
                processes=processes,
                progress=progress,
                warn=_warn,
            )
        self.result = report.result_in_folder(self._groups) if in_folder else report.result(self._groups)
        self.lower_quality = report.lower_quality(self._groups)
        self.stats = report.search_stats(
            built.stats,
            options,
            wanted,
            self._groups,
            self._found.failures,
            self._found.searched,
            start,
            datetime.now(),
        )

    def report(self, path: str | os.PathLike[str]) -> list[str]:
        """Write a page to keep, with the pictures in it: see `report` of what `difPy.find` gives back."""
        return self._found.report(path)

    def move_to(self, destination_path: str | os.PathLike[str]) -> None:
        """Move the lower quality pictures to another directory, and say what was moved and what was not.

        Nothing is overwritten: where a name is taken, the moved file gets a number. A picture is moved only if it and
        the one kept for it are still as they were when they were compared. `difPy.undo` moves them back.

        Parameters
        ----------
        destination_path : str or path-like
            Made if it does not exist.

        Raises
        ------
        WrongValue
            The destination is a file, or cannot be made.
        """
        shown = os.fspath(destination_path)
        shown = shown.rstrip(os.sep + (os.altsep or "")) or shown
        plan = api.plan(self._groups, "move", destination=destination_path)
        self._carry_out(plan, "Moved {} files(s) to " + f'"{shown}"')

    def delete(self, silent_del: bool = False) -> None:
        """Delete the lower quality pictures for good, and say what was deleted and what was not.

        Those that `move_to` has moved are deleted where they are now. A picture is deleted only if it and the one kept
        for it are still as they were when they were compared. Before it asks, it says how many files are to go, how
        many bytes, how many of them can be had back, and how many hold metadata that the kept ones lack.

        Parameters
        ----------
        silent_del : bool, optional
            Do not ask for confirmation.
        """
        require_bool("silent_del", silent_del)
        plan = api.plan(self._groups, "delete")
        gone = {step.file.path for step in plan.steps}
        more = report.more_to_go(group.only(gone) for group in self._groups)
        if plan.steps and not silent_del and not _confirmed(f"To delete: {act.stakes(plan)}.", more):
            print("Deletion canceled.")
            return
        self._carry_out(plan, "Deleted {} file(s)")

    def _carry_out(self, plan: Plan, message: str) -> None:
        """Apply a plan, say what was done, and know where the lower quality pictures are now."""
        outcome = api.apply(plan)
        print(printable(message.replace("{}", str(len(outcome.done)), 1)))
        left = [(held.path, held.why) for held in plan.held]
        left += [(skipped.step.file.path, skipped.why) for skipped in (*outcome.skipped, *outcome.failed)]
        if left:
            print(f"Left {len(left)} file(s) where they are:")
        for path, why in left:
            print(printable(f"  {path}: {why}"))
        now = {done.step.file.path: _moved(done) for done in outcome.done}
        groups = [group for group in (_followed(group, now) for group in self._groups) if group.members]
        self._found = replace(self._found, groups=groups)
        places = {path: None if file is None else file.path for path, file in now.items()}
        self.lower_quality = [place for path in self.lower_quality if (place := places.get(path, path)) is not None]

    @property
    def _groups(self) -> list[Group]:
        return self._found.groups

    def _repr_html_(self) -> str:
        return self._found._repr_html_()

    def __repr__(self) -> str:
        return f"<difPy.search: {len(self.lower_quality):,} pictures match one of {len(self._groups):,} kept ones>"


def _warn(message: str) -> None:
    """Tell what a person should know, but need not act on."""
    warnings.warn(printable(message), stacklevel=3)


def _confirmed(*told: str) -> bool:
    """Whether a person says yes, told what there is to know."""
    for line in filter(None, told):
        print(line)
    try:
        answer = input("Are you sure you want to delete all lower quality matched images? (y/n) ")
    except EOFError:  # nobody is there to answer
        return False
    return answer.strip().lower() in ("y", "yes")


def _moved(done: Done) -> File | None:
    """The file where it is after a step; None if it is gone."""
    if done.to is None:
        return None
    try:
        facts = os.lstat(done.to)
    except OSError:  # somebody was faster
        return None
    here = facts.st_size, facts.st_mtime_ns, facts.st_dev, facts.st_ino
    return File(done.to, os.path.dirname(done.to), *here, hard_links=done.names, digest=done.step.file.digest)


def _followed(group: Group, now: Mapping[str, File | None]) -> Group:
    """A group whose members are where they are now; those that are gone are no members."""
    places = [(member, now.get(member.file.path, member.file)) for member in group.members]
    return replace(group, members=tuple(replace(member, file=file) for member, file in places if file is not None))


def _outdated(given: dict[str, object]) -> None:
    """Take out what difPy 4 had, and nobody needs."""
    if "logs" in given:
        require_bool("logs", given.pop("logs"))
        message = "logs has no effect any more, and may be left out: the statistics are always complete"
        warnings.warn(message, DeprecationWarning, stacklevel=3)


def _refuse(function: str, unknown: dict[str, object]) -> None:
    if unknown:
        names = ", ".join(map(repr, unknown))
        raise WrongType(f"difPy.{function} has no parameter {names}; help(difPy.{function}) lists those it has")
