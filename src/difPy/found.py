"""What a search found, as a program or a notebook is given it: groups, columns, a report to keep, a look at them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from difPy import columns
from difPy.errors import MissingExtra, WrongValue
from difPy.match.settled import Settled
from difPy.model import silent

if TYPE_CHECKING:
    import os

    import numpy as np
    import numpy.typing as npt

    from difPy.columns import Looked
    from difPy.model import Progress


@dataclass(frozen=True, slots=True)
class Found(Settled):
    """Groups, and what became of pictures that could not be read any more.

    It is a stream of Arrow, too: what takes such (pandas, Polars, DuckDB, `datasets`) takes it as it is.
    """

    looked: Looked | None = None
    """All pictures that were compared, and what could not be."""

    @property
    def keep(self) -> npt.NDArray[np.bool_]:
        """Shape (n,), bool: which of the pictures that were searched stay, in their order; no picture of a reference.

        A folder's are in the order of their paths; behind these come those of data sets, in the order of their rows.
        What could not be read stays.

        Examples
        --------
        >>> import difPy, tempfile
        >>> folder = tempfile.TemporaryDirectory()
        >>> difPy.find(difPy.index(folder.name, cache=False)).keep.tolist()
        []
        """
        return columns.keep(self._all, self.groups)

    def to_arrow(self) -> Any:
        """All pictures as a `pyarrow.Table`, one row each, matched or not; those of references come last.

        Its columns are `uri`, `member`, `keep`, `group`, `kept_uri`, `kept_member`, `mse`, `orientation`, `verdict`,
        `reason`, `width`, `height`, `format`, `bytes`, `blake3` and `reference`: see the page on data sets.

        Raises
        ------
        MissingExtra
            pyarrow is not installed: ``pip install 'difPy[data]'``.

        Examples
        --------
        >>> import difPy, tempfile
        >>> folder = tempfile.TemporaryDirectory()
        >>> difPy.find(difPy.index(folder.name, cache=False)).to_arrow().num_rows
        0
        """
        return columns.table(self._all, self.groups)

    def to_parquet(self) -> bytes:
        """The same as the bytes of a Parquet file.

        Raises
        ------
        MissingExtra
            pyarrow is not installed.
        """
        return columns.parquet(self._all, self.groups)

    def to_pandas(self) -> Any:
        """The same as a `pandas.DataFrame`.

        Raises
        ------
        MissingExtra
            pyarrow or pandas is not installed.
        """
        found = self.to_arrow()
        try:
            return found.to_pandas()
        except ImportError:
            raise MissingExtra("a DataFrame takes pandas: pip install pandas") from None

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    @property
    def _all(self) -> Looked:
        if self.looked is None:
            raise WrongValue("this was not found by difPy.find: what was compared is not known")
        return self.looked

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
        from difPy.act import write_new
        from difPy.reporting import report

        return report(self.groups, path, write=write_new, processes=processes, progress=progress)

    def _repr_html_(self) -> str:
        from difPy.reporting import notebook

        return notebook.found(self.groups)
