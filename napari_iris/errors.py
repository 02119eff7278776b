"""Errors whose message is one line: the file, what is wrong with it, and how to fix it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import ValidationError


MAX_MESSAGE = 260
"""Most characters of a message: with the name of the command before it, a line is below 300."""

_MAX_REASON, _MIN_PATH = 140, 80


def printable(text: str) -> str:
    r"""Escape what a terminal or a text would not show as it is: a name may hold anything.

    Parameters
    ----------
    text : str
        Any text, also with bytes that are not text (``surrogateescape``).

    Returns
    -------
    str
        One line of printable characters; the others, line ends among them, as in JSON.

    Examples
    --------
    >>> print(printable("sky\n\x1b[2J.fits"))
    sky\n\u001b[2J.fits
    """
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else _escape(letter) for letter in text)


def _escape(letter: str) -> str:
    return json.dumps(letter)[1:-1] if letter != "\x7f" else "\\u007f"


def _shorten(text: str, most: int) -> str:
    """Leave out the middle of a text that is too long."""
    half = most // 2 - 2
    return text if len(text) <= most else f"{text[:half]}...{text[-half:]}"


class IrisError(Exception):
    """An error that the user can fix; the message is one line of printable characters."""

    def __init__(self, message: str) -> None:
        super().__init__(_shorten(printable(message), MAX_MESSAGE))


class MissingPackageError(IrisError):
    """A package is not installed; the message names the extra that installs it."""


class FileError(IrisError):
    """A file cannot be used.

    Parameters
    ----------
    path : Path or str
        The file.
    reason : str
        What is wrong with it, such as "cannot be read (Permission denied)".
    fix : str
        How to fix it, such as "ask for permission to read it".
    """

    def __init__(self, path: Path | str, reason: str, fix: str) -> None:
        self.path = path if isinstance(path, Path) else Path(path)
        self.reason = _shorten(printable(" ".join(reason.split())), _MAX_REASON)
        self.fix = fix
        room = max(MAX_MESSAGE - len(f": {self.reason}; {fix}"), _MIN_PATH)
        name = printable(str(path))  # of one that is too long, the end tells more
        name = name if len(name) <= room else f"...{name[3 - room :]}"
        super().__init__(f"{name}: {self.reason}; {fix}")

    def __reduce__(self) -> tuple[type[FileError], tuple[Path, str, str]]:
        """Pickle the three parts, so that worker processes can send it."""
        return type(self), (self.path, self.reason, self.fix)


class FrameError(FileError):
    """A FITS frame cannot be read or used."""


class MaskError(FileError):
    """A mask file cannot be read, or must not be overwritten."""


class ProjectError(FileError):
    """A project cannot be opened, or a change cannot be saved."""


class ReferenceFileError(FileError):
    """A clear-sky reference cannot be read or used."""


class ModelError(FileError):
    """A model is damaged, of another program, or does not fit."""


def first_problem(error: ValidationError) -> tuple[str, str, Any]:
    """Give the first problem that the validation of a config has found.

    Parameters
    ----------
    error : pydantic.ValidationError
        What it raised.

    Returns
    -------
    field : str
        Name of the field, with dots for what is inside it; empty for the whole config.
    reason : str
        What is wrong with it.
    value : object
        What was given.
    """
    first = error.errors()[0]
    reason = str(first["msg"]).removeprefix("Value error, ")
    return ".".join(map(str, first["loc"])), reason, first["input"]
