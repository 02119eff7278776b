"""The folder of a project: what must be there to open it, and the lock of whoever labels."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from napari_iris.errors import ProjectError
from napari_iris.project.database import DATABASE
from napari_iris.project.mask_store import MaskStore

if TYPE_CHECKING:
    from pathlib import Path

    from filelock import FileLock

MASKS = "masks"

LOCK = ".lock"


def check_there(folder: Path, *, read_only: bool) -> None:
    """Refuse to look at what is no project, and to begin anew over the masks of a lost one.

    Raises
    ------
    ProjectError
        If it may not be read, is no project, or has lost its database.
    """
    path = folder / DATABASE
    try:
        size = path.stat().st_size
        if size and not os.access(path, os.R_OK):
            raise PermissionError
    except (FileNotFoundError, NotADirectoryError):
        size = 0
    except OSError as error:
        raise ProjectError(folder, "may not be read", "ask for permission") from error
    if size:
        return
    if any(MaskStore(folder / MASKS).names()):
        fix = f"restore it from a backup; to begin anew, move {MASKS}/ away"
        raise ProjectError(folder, f"has masks, but its {DATABASE} is gone or empty", fix)
    if read_only:
        fix = f"make one with: napari-iris project {folder} index FRAMES"
        raise ProjectError(folder, "is no project", fix)


def take_lock(folder: Path) -> FileLock | None:
    """Take the lock of whoever labels; it is free again when the process ends, however it does.

    Some network file systems have no locks: there two windows are not told of one another.

    Raises
    ------
    ProjectError
        If another process holds it, or the folder may not be written.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        fix = "close it there, or open it read-only"
        raise ProjectError(folder, "is open in another window", fix) from error
    except NotImplementedError:
        return None
    except OSError as error:
        fix = "ask for permission to write, or open it read-only"
        raise ProjectError(folder, f"may not be written ({error.strerror})", fix) from error
    return lock
