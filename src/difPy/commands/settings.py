"""Files in the user's folder and in the project's in; what a person has set there for the verbs, out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from difPy.commands.parsing import meant
from difPy.errors import WrongValue
from difPy.private import user_folder
from difPy.terminal import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Mapping

GROUPS = ("looking at pictures", "matching", "deciding")
"""Options of these groups may be set in a file: none that acts, or that says yes."""
_NAME = "config.toml"


class Setting(NamedTuple):
    """A value that a person has set, and the file where."""

    value: Any
    where: str


def own_file() -> str:
    """The file in the user's folder for configuration, whether it is there or not."""
    return os.path.join(user_folder("config"), _NAME)


def read() -> dict[str, Setting]:
    """What is set: in the user's file, and before it in the table `[tool.difpy]` of the nearest `pyproject.toml`.

    Raises
    ------
    WrongValue
        A file is no TOML, or cannot be read.
    """
    found: dict[str, Setting] = {}
    for path, table in ((own_file(), ()), (_project_file(), ("tool", "difpy"))):
        for name, value in _table(path, table).items():
            found[name.replace("_", "-")] = Setting(value, path)
    return found


def apply(settings: Mapping[str, Setting], parsers: Mapping[str, argparse.ArgumentParser]) -> None:
    """Make settings the defaults of verbs that know them.

    Raises
    ------
    WrongValue
        No verb knows one, or it cannot have that value.
    """
    known = {name for parser in parsers.values() for name in _options(parser)}
    for name, setting in settings.items():
        if name not in known:
            raise WrongValue(f'"{setting.where}" sets {name!r}, which there is not{meant(name, known)}')
        for parser in parsers.values():
            if action := _options(parser).get(name):
                parser.set_defaults(**{action.dest: _checked(action, name, setting)})
                action.required = False


def lines(settings: Mapping[str, Setting]) -> Iterator[str]:
    """What is set and where, to read."""
    if not settings:
        yield "Nothing is set."
    for name, setting in sorted(settings.items()):
        yield printable(f"{name} = {_toml(setting.value)}    # {setting.where}")


def names(parsers: Iterable[argparse.ArgumentParser]) -> list[str]:
    """All that can be set."""
    return sorted({name for parser in parsers for name in _options(parser)})


def _options(parser: argparse.ArgumentParser) -> dict[str, argparse.Action]:
    """Long names, without the dashes, of the options that may be set."""
    return {
        option.removeprefix("--"): action
        for group in parser._action_groups
        if group.title in GROUPS
        for action in group._group_actions
        for option in action.option_strings
        if option.startswith("--") and option not in ("--no-config", "--verbose")
    }


def _checked(action: argparse.Action, name: str, setting: Setting) -> Any:
    """The value as the option would have it."""
    value, many = setting.value, isinstance(action.default, list)
    where = f'"{setting.where}" sets {name} to {_toml(value)}'
    if action.nargs == 0:
        if not isinstance(value, bool):
            raise WrongValue(f"{where}: true or false expected")
        return value
    values = value if many and isinstance(value, list) else [value]
    for one in values:
        if isinstance(one, bool) or not isinstance(one, (str, int, float)):
            raise WrongValue(f"{where}: {'texts' if many else 'a text or a number'} expected")
        if action.choices is not None and one not in action.choices:
            raise WrongValue(f"{where}: one of {', '.join(map(str, action.choices))} expected")
    if many:
        return [os.path.expanduser(str(one)) for one in values]
    if action.type is int:
        if not isinstance(value, int):
            raise WrongValue(f"{where}: a whole number expected")
        return value
    return os.path.expanduser(str(value))


def _table(path: str, names: Iterable[str]) -> dict[str, Any]:
    import tomllib

    if not path:
        return {}
    try:
        with open(path, "rb") as file:
            table = tomllib.load(file)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise WrongValue(f'the settings in "{path}" cannot be read: {why}. Mend the file, or say --no-config') from None
    for name in names:
        table = table.get(name, {})
    return table if isinstance(table, dict) else {}


def _project_file() -> str:
    """The nearest `pyproject.toml`, of this folder or one above it."""
    folder = os.getcwd()
    while True:
        path = os.path.join(folder, "pyproject.toml")
        if os.path.isfile(path):
            return path
        above = os.path.dirname(folder)
        if above == folder:
            return ""
        folder = above


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)
