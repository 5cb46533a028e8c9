"""The errors difPy raises. A bad picture is not one of them: it is a `Failure` in the result.

DifPyError                      anything that stops a run; the command exits with 3
├── UsageError                  asked for something that cannot be; the command exits with 2
│   ├── WrongValue              (ValueError)         a value outside what is allowed
│   ├── WrongType               (TypeError)          a value of the wrong type, or an unknown keyword
│   └── NoSuchDirectory         (FileNotFoundError)  a given directory or file does not exist
├── MissingExtra                (ImportError)        an optional library is not installed
├── SourceFailed                a data set that was named cannot be read
├── NothingCompared             a gate that compared nothing must not let pass
├── WorkersFailed               the worker processes could not be started
├── RunRefused                  a run of many machines cannot be begun, or gone on with, as asked
├── IndexUnusable               the index cannot be opened or written
└── JournalBroken               the journal cannot be written, or tells a story that cannot be undone
"""


class DifPyError(Exception):
    """Something stopped the run.

    Examples
    --------
    >>> import difPy
    >>> try:
    ...     difPy.undo("nowhere.jsonl")
    ... except difPy.DifPyError as error:
    ...     print(type(error).__name__, error.exit_code)
    JournalBroken 3
    """

    exit_code = 3


class UsageError(DifPyError):
    """Asked for something that cannot be.

    Examples
    --------
    >>> import difPy
    >>> try:
    ...     difPy.build("nowhere")
    ... except difPy.UsageError as error:
    ...     print(error)
    directory 'nowhere' cannot be searched: No such file or directory
    """

    exit_code = 2


class WrongValue(UsageError, ValueError):
    """A value outside what is allowed."""


class WrongType(UsageError, TypeError):
    """A value of the wrong type, or an unknown keyword."""


class NoSuchDirectory(UsageError, FileNotFoundError):
    """A given directory or file does not exist."""

    __str__ = Exception.__str__


class MissingExtra(DifPyError, ImportError):
    """An optional library is not installed."""

    __str__ = Exception.__str__


class SourceFailed(DifPyError):
    """A data set that was named cannot be read: its store does not answer, or it is not what its name says."""


class NothingCompared(DifPyError):
    """A gate that compared nothing must not let pass."""


class WorkersFailed(DifPyError):
    """The worker processes could not be started."""


class RunRefused(DifPyError):
    """A run of many machines cannot be begun, or gone on with, as asked."""


class IndexUnusable(DifPyError):
    """The index cannot be opened or written."""


class JournalBroken(DifPyError):
    """The journal cannot be written, or tells a story that cannot be undone."""
