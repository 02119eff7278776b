"""Errors whose message is one line: the file, what is wrong with it, and how to fix it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import ValidationError


class IrisError(Exception):
    """An error that the user can fix; the message is one line."""


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
        self.path = Path(path)
        self.reason = " ".join(reason.split())
        self.fix = fix
        super().__init__(f"{path}: {self.reason}; {fix}")

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
