"""The folder of a project: its files, the paths stored in it, and its lock."""

from __future__ import annotations

import os
from pathlib import Path

from napari_iris.errors import FrameError, ProjectError
from napari_iris.io.locks import Lock
from napari_iris.project.mask_store import MaskStore

DATABASE = "iris.db"
MASKS = "masks"
LOCK = ".lock"


def check_folder(folder: Path, *, read_only: bool) -> None:
    """Check that a folder is a project, or that a new one may be made there.

    Parameters
    ----------
    folder : Path
        The project folder.
    read_only : bool
        Whether the project must exist.

    Raises
    ------
    ProjectError
        If it is not readable, is not a project, or has masks but no database any more.
    """
    path = folder / DATABASE
    try:
        size = path.stat().st_size
        if size and not os.access(path, os.R_OK):
            raise PermissionError
    except (FileNotFoundError, NotADirectoryError):
        size = 0
    except OSError as error:
        raise ProjectError(folder, "is not readable", "ask for permission to read it") from error
    if size:
        return
    if any(MaskStore(folder / MASKS).names()):
        fix = f"restore it from a backup; to start a new project, move {MASKS}/ away"
        raise ProjectError(folder, f"has masks, but its {DATABASE} is missing or empty", fix)
    if read_only:
        fix = f"create one with: napari-iris project {folder} index FRAMES"
        raise ProjectError(folder, "is not a project", fix)


def take_lock(folder: Path) -> Lock:
    """Take the lock of the one window that labels; the system frees it when the process ends.

    Parameters
    ----------
    folder : Path
        The project folder.

    Returns
    -------
    Lock
        To be released.

    Raises
    ------
    ProjectError
        If another process holds it, or the folder is not writable.
    """
    busy = ProjectError(folder, "is open in another window", "close it there, or open it read-only")
    fix = "ask for permission to write, or open it read-only"
    return Lock(folder / LOCK, busy, fix)


def stored_path(folder: Path, path: Path) -> str:
    """Path as the database stores it: relative inside the project folder, which may be moved.

    Parameters
    ----------
    folder : Path
        The project folder.
    path : Path
        A frame's file.

    Returns
    -------
    str
        With forward slashes where relative, else absolute.

    Raises
    ------
    FrameError
        If the name is not valid Unicode.
    """
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 (Path.absolute keeps the dots)
    root = os.path.abspath(folder)  # noqa: PTH100
    inside = absolute.is_relative_to(root)
    text = absolute.relative_to(root).as_posix() if inside else str(absolute)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise FrameError(path, "has a name that is not Unicode", "rename it") from error
    return text


def is_project(folder: Path | str | None) -> bool:
    """Whether a folder holds a project.

    Parameters
    ----------
    folder : Path or str, optional
        The folder.
    """
    return folder is not None and (Path(folder) / DATABASE).is_file()
