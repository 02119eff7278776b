"""Folders whose frames lie in subfolders."""

from __future__ import annotations

import glob
import os
from itertools import islice
from pathlib import Path

from napari_iris.frames.names import is_frame_name

PEEKED = 200
"""Entries of a folder that are looked at to see whether it holds frames."""


def holds_frames(folder: Path) -> bool:
    """Whether one of the first entries of a folder is a frame.

    Parameters
    ----------
    folder : Path
        The folder.
    """
    try:
        with os.scandir(folder) as entries:
            return any(is_frame_name(entry.name) for entry in islice(entries, PEEKED))
    except OSError:
        return False


def subfolders_hold_frames(folder: Path) -> bool:
    """Whether one of the first subfolders of a folder holds frames.

    Parameters
    ----------
    folder : Path
        The folder.
    """
    try:
        with os.scandir(folder) as entries:
            below = [entry.path for entry in islice(entries, PEEKED) if entry.is_dir()]
    except OSError:
        return False
    return any(holds_frames(Path(path)) for path in below)


def as_source(path: Path | str) -> str:
    """Give what names the frames of a folder: itself, or a glob for those of its subfolders.

    Parameters
    ----------
    path : Path or str
        A file, a folder or a glob.

    Returns
    -------
    str
        To be given to `find_frames`.
    """
    folder = Path(path)
    if folder.is_dir() and not holds_frames(folder) and subfolders_hold_frames(folder):
        return f"{glob.escape(str(folder))}/**/*"
    return str(path)
