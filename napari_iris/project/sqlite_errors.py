"""SQLite's errors as one-line messages with a fix."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from napari_iris.errors import ProjectError
from napari_iris.project.folder import DATABASE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TRY_AGAIN = "then try again; what was saved before is intact"
_MAY_WRITE = "ask for permission to write, or open it read-only"
_DAMAGED = (
    f"its {DATABASE} is damaged",
    f"put a backup's {DATABASE} in its place, and delete {DATABASE}-wal and {DATABASE}-shm;"
    " the masks in masks/ are intact",
)
_MESSAGES = {
    "locked": ("another program is writing to it", f"wait until it is done, {_TRY_AGAIN}"),
    "full": ("the disk is full", f"make room, {_TRY_AGAIN}"),
    "disk I/O": ("the disk is full or failing", f"make room or check it, {_TRY_AGAIN}"),
    "readonly": ("is not writable", _MAY_WRITE),
    "unable to open": (f"its {DATABASE} cannot be opened", _MAY_WRITE),
    "malformed": _DAMAGED,
    "not a database": _DAMAGED,
    "decode": _DAMAGED,
}
"""Reason and fix, by a part of SQLite's message."""


@contextmanager
def sqlite_errors(folder: Path) -> Iterator[None]:
    """Re-raise sqlite3 errors as `ProjectError`.

    Parameters
    ----------
    folder : Path
        The project folder, named in the message.

    Raises
    ------
    ProjectError
        In place of any `sqlite3.Error` in the block, and of a text that is not one.
    """
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:
        text = str(error)
        for part, (reason, fix) in _MESSAGES.items():
            if part in text:
                raise ProjectError(folder, f"{reason} ({text})", fix) from error
        fix = "restore it from a backup"
        raise ProjectError(folder, f"its {DATABASE} failed ({text})", fix) from error
