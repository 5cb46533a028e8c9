"""Names and their homes in; what imports one of them when it is asked for, out: to import a package costs nothing."""

from __future__ import annotations

import sys
from importlib import import_module

TYPE_CHECKING = False  # `typing` takes ten times as long to load as all else here
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def later(package: str, homes: Mapping[str, str]) -> Callable[[str], object]:
    """A `__getattr__` for a package.

    Parameters
    ----------
    package : str
        Its `__name__`.
    homes : mapping
        Name -> the module that it is imported from. No module of the package may be called like one of the names: once
        imported, it would stand in their place.

    Examples
    --------
    >>> later("difPy", {"UsageError": "difPy.errors"})("UsageError").__name__
    'UsageError'
    """

    def found(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(homes[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    return found
