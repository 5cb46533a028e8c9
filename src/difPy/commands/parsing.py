"""Words for people in; parsers whose help has colours and examples, and whose errors name the way out, out."""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from difPy.terminal import printable
from difPy.terminal.lines import columns

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence

WRONG_USAGE = 2


class Parser(argparse.ArgumentParser):
    """A parser that says `difpy: what is wrong`, and where more stands."""

    def __init__(self, *, examples: str = "", **about: Any) -> None:
        epilog = f"examples:\n{examples}" if examples else None
        super().__init__(**{"epilog": epilog, "formatter_class": _formatter()} | about)

    def error(self, message: str) -> NoReturn:
        """Say it in one line, and end."""
        self.exit(WRONG_USAGE, printable(f"difpy: {message} ({self.prog} --help says more)") + "\n")

    def parse(self, arguments: Sequence[str], elsewhere: Callable[[], Container[str]] = tuple) -> argparse.Namespace:
        """Parse all of them; one that there is not is named, with the one that was meant.

        Parameters
        ----------
        arguments : sequence of str
        elsewhere : callable, optional
            Makes the names of the options of the documented command.
        """
        options, rest = self.parse_known_args(arguments)
        if rest:
            wrong = next((one for one in rest if one.startswith("-")), rest[0]).partition("=")[0]
            hint = ": it is one of difpy -D DIRECTORY" if wrong in elsewhere() else meant(wrong, self.all_options())
            self.error(f"there is no option {wrong!r}{hint}")
        return options

    def all_options(self) -> list[str]:
        """Names of options."""
        return [name for action in self._actions for name in action.option_strings]


class Asked:
    """Makes the parsers of those verbs that are asked for: to make all takes as long as to open an index.

    Parameters
    ----------
    parsers
        Of `argparse.ArgumentParser.add_subparsers`.
    names : container of str
        The verbs.
    """

    def __init__(self, parsers: Any, names: Container[str]) -> None:
        self._parsers, self._names = parsers, names

    def add_parser(self, name: str, **about: Any) -> Any:
        """That of a verb; of one that nobody asks for, one that takes whatever it is told, and keeps nothing of it."""
        return self._parsers.add_parser(name, **about) if name in self._names else _Unasked()


class _Unasked:
    description = ""

    def add_argument(self, *names: str, **about: Any) -> None:
        """Pass over an argument."""

    def add_argument_group(self, *words: str) -> _Unasked:
        """Pass over what the group is told, too."""
        return self

    def set_defaults(self, **values: Any) -> None:
        """Pass over defaults."""

    def add_subparsers(self, **about: Any) -> Asked:
        """Parsers of which none is asked for."""
        return Asked(None, ())


def meant(word: str, known: Iterable[str]) -> str:
    """What a person may have meant, a question; empty if that is anybody's guess.

    Examples
    --------
    >>> meant("fnd", ["find", "plan"]), meant("xyz", ["find", "plan"])
    (': did you mean find?', '')
    """
    import difflib

    close = difflib.get_close_matches(word, list(known), 1)
    return f": did you mean {close[0]}?" if close else ""


class Replacing(argparse.Action):
    """Gathers what is given several times, in the place of the default, which a person may have set in a file."""

    def __call__(
        self, parser: argparse.ArgumentParser, options: argparse.Namespace, value: Any, name: Any = None
    ) -> None:
        """Take a value."""
        seen = getattr(options, self.dest)
        setattr(options, self.dest, [value] if seen is self.default else [*seen, value])


def _formatter() -> Any:
    """Colours where a terminal shows them: what makes them costs time, and a pipe has none."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb"
    if plain or sys.stdout is None or not sys.stdout.isatty() or "_ARGCOMPLETE" in os.environ:
        # Without a width, argparse loads all that compresses to ask a terminal for its own, for each argument.
        return partial(argparse.RawDescriptionHelpFormatter, width=columns(sys.stdout) - 2)
    from rich_argparse import RawDescriptionRichHelpFormatter

    return RawDescriptionRichHelpFormatter
