"""Command-line options made from a config: its fields are the options, their docs the help."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from napari_iris.errors import IrisError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic.fields import FieldInfo

Config = TypeVar("Config", bound=BaseModel)


def add_config(
    parser: argparse.ArgumentParser, config: type[BaseModel], names: Iterable[str]
) -> None:
    """Add an option for each of the named fields of `config`, with its default and its help."""
    for name in names:
        field = config.model_fields[name]
        flag = f"--{name.replace('_', '-')}"
        parser.add_argument(flag, dest=name, help=_help(field), **_kind(field))


def to_config(config: type[Config], options: argparse.Namespace, **known: Any) -> Config:
    """Build the config from the options that carry its fields' names, over what is `known`.

    Raises
    ------
    IrisError
        If a value is out of its range; the message names the option.
    """
    given = {name: getattr(options, name, None) for name in config.model_fields}
    values = {name: value for name, value in given.items() if value is not None}
    try:
        return config(**{**known, **values})
    except ValidationError as error:
        first = error.errors()[0]
        where = f"--{str(first['loc'][0]).replace('_', '-')}: " if first["loc"] else ""
        reason = str(first["msg"]).removeprefix("Value error, ")
        got = f" (got {first['input']!r})" if first["loc"] else ""
        raise IrisError(f"{where}{reason}{got}") from error


def add_frames(parser: argparse.ArgumentParser, *, workers: bool = True) -> None:
    """Add what every command that reads frames takes; --jobs where it does so in processes."""
    parser.add_argument(
        "frames", nargs="+", metavar="FRAMES", help="files, folders, globs, or @list.txt"
    )
    add_reading(parser, workers=workers)


def add_reading(parser: argparse.ArgumentParser, *, workers: bool) -> None:
    """Add where to write, and what to read of each file."""
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write to")
    parser.add_argument(
        "--hdu", type=from_zero, metavar="N", help="HDU to read (default: the first with an image)"
    )
    parser.add_argument(
        "--plane", type=from_zero, metavar="N", help="plane of a cube to read, from 0"
    )
    if workers:
        parser.add_argument(
            "--jobs",
            type=from_zero,
            default=0,
            metavar="N",
            help="worker processes (default: one a core)",
        )
    parser.add_argument(
        "--json", action="store_true", help="print events as JSON lines instead of a progress line"
    )


def from_zero(text: str) -> int:
    """Read a whole number of 0 or more."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a whole number from 0 on, got {text!r}")
    return int(text)


def _help(field: FieldInfo) -> str:
    default = field.default
    if field.is_required() or default is None:
        return f"{field.description}".replace("%", "%%")
    shown = " ".join(map(str, default)) if isinstance(default, tuple) else default
    if isinstance(default, bool):
        shown = "on" if default else "off"
    return f"{field.description} (default: {shown})".replace("%", "%%")


def _kind(field: FieldInfo) -> dict[str, Any]:
    """How argparse reads a field of this type."""
    kind, default = field.annotation, field.default
    if field.is_required():
        return {"type": kind, "required": True, "metavar": "N"}
    if kind is bool:
        return {"action": argparse.BooleanOptionalAction, "default": default}
    if type(None) in get_args(kind):
        (kind,) = (part for part in get_args(kind) if part is not type(None))
    if get_origin(kind) is Literal:
        return {"choices": get_args(kind), "default": default}
    if get_origin(kind) is tuple:
        parts = get_args(kind)
        if parts[-1] is Ellipsis:
            return {"nargs": "+", "choices": get_args(parts[0]), "default": default}
        return {"nargs": len(parts), "type": parts[0], "default": default, "metavar": "N"}
    metavar = {int: "N", float: "F"}.get(kind, "TEXT") if isinstance(kind, type) else "TEXT"
    return {"type": kind, "default": default, "metavar": metavar}
