"""Fields of a config as command-line options: to a parser, to words, and back to the config."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from functools import cached_property
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, cast, get_args, get_origin

from pydantic import ValidationError

from napari_iris.errors import IrisError, first_problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

Config = TypeVar("Config", bound="BaseModel")


@dataclass(frozen=True)
class Options(Generic[Config]):
    """The fields of a config that a command has options for.

    Each field ``some_name`` is an option ``--some-name``; its description is the help.

    Parameters
    ----------
    path : str
        Module and name of the config, such as ``napari_iris.masks.config:MaskConfig``; it is
        imported when needed, so that each command imports only its own.
    fields : tuple of str, optional
        The fields; by default all.
    exclude : tuple of str
        Fields that have no option.
    """

    path: str
    fields: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()

    @cached_property
    def config(self) -> type[Config]:
        """The config."""
        return cast("type[Config]", resolve_name(self.path))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the fields."""
        fields = self.fields or tuple(self.config.model_fields)
        return tuple(name for name in fields if name not in self.exclude)

    def add_to(self, parser: argparse.ArgumentParser, *, with_defaults: bool = True) -> None:
        """Add the options to a parser.

        Parameters
        ----------
        parser : argparse.ArgumentParser
            The parser.
        with_defaults : bool
            Whether an option that is not given has the field's default, or None.
        """
        for name in self.names:
            field = self.config.model_fields[name]
            parser.add_argument(flag(name), dest=name, help=_help(field), **_arguments(field))
        if not with_defaults:
            parser.set_defaults(**dict.fromkeys(self.names))

    def read(self, options: argparse.Namespace, **known: Any) -> Config:
        """Make the config from parsed options.

        Parameters
        ----------
        options : argparse.Namespace
            The parsed options; those that are None or missing do not count.
        **known
            Values of fields whose option was not given.

        Returns
        -------
        pydantic.BaseModel
            The config.

        Raises
        ------
        IrisError
            If a value is out of range; the message names the option.
        """
        given = {name: getattr(options, name, None) for name in self.config.model_fields}
        values = {name: value for name, value in given.items() if value is not None}
        try:
            return self.config(**{**known, **values})
        except ValidationError as error:
            name, reason, value = first_problem(error)
            if name:
                reason = f"{flag(name.partition('.')[0])}: {reason} (got {value!r})"
            raise IrisError(reason) from error

    def words(self, config: Config, default: Config | None = None) -> list[str]:
        """Write the options of a config as the words of a command.

        Parameters
        ----------
        config : pydantic.BaseModel
            The config.
        default : pydantic.BaseModel, optional
            Options that have the same value here are left out; by default, none is.

        Returns
        -------
        list of str
            Such as ``["--shape", "128", "160", "--no-gate"]``.
        """
        words: list[str] = []
        for name in self.names:
            value = getattr(config, name)
            if default is None or value != getattr(default, name):
                words += option_words(name, value)
        return words


def flag(name: str) -> str:
    """Give the option of a field.

    Parameters
    ----------
    name : str
        Name of the field.

    Returns
    -------
    str
        The option.

    Examples
    --------
    >>> flag("a_log")
    '--a-log'
    """
    return f"--{name.replace('_', '-')}"


def option_words(name: str, value: object) -> Iterator[str]:
    """Write one option; none for None.

    Parameters
    ----------
    name : str
        Name of the field.
    value : object
        Its value.

    Yields
    ------
    str
        The option, then its values.

    Examples
    --------
    >>> list(option_words("shape", (128, 160))), list(option_words("gate", False))
    (['--shape', '128', '160'], ['--no-gate'])
    """
    if isinstance(value, bool):
        yield flag(name if value else f"no_{name}")
    elif value is not None:
        yield flag(name)
        for part in value if isinstance(value, tuple) else (value,):
            yield _shortest(part) if isinstance(part, float) else str(part)


def _shortest(value: float) -> str:
    """Write a number without ``.0`` where it has none; what is read back is the same number."""
    short = f"{value:.12g}"
    return short if float(short) == value else repr(value)


def _help(field: FieldInfo) -> str:
    """Format the help of a field as argparse does, with its default."""
    text, default = (field.description or "").removesuffix("."), field.default
    if text[1:2].islower():  # not an acronym
        text = text[0].lower() + text[1:]
    if not field.is_required() and default not in (None, ()):
        shown = " ".join(map(str, default)) if isinstance(default, tuple) else default
        if isinstance(default, bool):
            shown = "on" if default else "off"
        text += f" (default: {shown})"
    return text.replace("%", "%%")


def _arguments(field: FieldInfo) -> dict[str, Any]:
    """Arguments of `add_argument` for a field of this type."""
    kind, default = field.annotation, field.default
    if field.is_required():
        return {"type": kind, "required": True, "metavar": "N"}
    if kind is bool:
        return {"action": argparse.BooleanOptionalAction, "default": default}
    if type(None) in get_args(kind):
        (kind,) = (part for part in get_args(kind) if part is not type(None))
    if get_origin(kind) is tuple:
        part, *others = get_args(kind)
        count = "+" if others == [Ellipsis] else len(others) + 1
        return {"nargs": count, "default": default, **_values(part)}
    return {"default": default, **_values(kind)}


def _values(kind: Any) -> dict[str, Any]:
    """Arguments of `add_argument` for values of a type."""
    if get_origin(kind) is Literal:
        return {"choices": get_args(kind)}
    return {"type": kind, "metavar": {int: "N", float: "F"}.get(kind, "TEXT")}
