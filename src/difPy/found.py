"""What a search found, as a program or a notebook is given it: groups, a report to keep, and a look at them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from difPy.act import write_new
from difPy.match.settled import Settled
from difPy.model import silent

if TYPE_CHECKING:
    import os

    from difPy.model import Progress


@dataclass(frozen=True, slots=True)
class Found(Settled):
    """Groups, and what became of pictures that could not be read any more."""

    def report(
        self, path: str | os.PathLike[str], *, processes: int | None = None, progress: Progress = silent
    ) -> list[str]:
        """Write a page to keep, with the pictures in it, and beside it the same as JSON and CSV.

        Parameters
        ----------
        path : path
            Of the page: it ends in ``.html``. Of more than 2,000 groups there are several.
        processes : int, optional
            Worker processes that make small pictures; all cores by default.
        progress : Progress, optional

        Returns
        -------
        list of str
            The files that were written.

        Raises
        ------
        WrongValue
            One of them exists already.

        Examples
        --------
        >>> import difPy, os, tempfile
        >>> folder = tempfile.TemporaryDirectory()
        >>> found = difPy.find(difPy.index(folder.name, cache=False))
        >>> [os.path.basename(path) for path in found.report(os.path.join(folder.name, "report.html"))]
        ['report.html', 'report.json', 'report.csv']
        """
        from difPy.reporting import report

        return report(self.groups, path, write=write_new, processes=processes, progress=progress)

    def _repr_html_(self) -> str:
        from difPy.reporting import notebook

        return notebook.found(self.groups)
