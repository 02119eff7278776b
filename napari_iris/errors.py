"""The errors a person sees: one line with what is wrong, where, and what to do."""

from __future__ import annotations

from pathlib import Path


class IrisError(Exception):
    """A problem with an input that a person can mend; its text is one line."""


class MissingPackageError(IrisError):
    """A package that is not installed; the text names the extra that brings it."""


class FileError(IrisError):
    """A file that cannot be used.

    Parameters
    ----------
    path : Path or str
        The file.
    reason : str
        What is wrong with it.
    fix : str
        What the person can do about it.
    """

    def __init__(self, path: Path | str, reason: str, fix: str) -> None:
        self.path = Path(path)
        self.reason = " ".join(reason.split())
        self.fix = fix
        super().__init__(f"{path}: {self.reason}; {fix}")

    def __reduce__(self) -> tuple[type[FileError], tuple[Path, str, str]]:
        """Pickle by the three parts, so that worker processes can send it."""
        return type(self), (self.path, self.reason, self.fix)


class FrameError(FileError):
    """A FITS frame that cannot be read."""


class MaskError(FileError):
    """A mask file that cannot be read or must not be written."""


class ProjectError(FileError):
    """A project that cannot be opened, or cannot take what was to be saved."""


class ModelError(FileError):
    """A model that is damaged, foreign, or does not fit."""
