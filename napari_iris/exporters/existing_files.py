"""What is in the folder of an export already, and must not be overwritten."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import FileError, MaskError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.project.frame_table import FrameTable
    from napari_iris.project.project import Project


def holds_frames(folder: Path, table: FrameTable) -> bool:
    """Whether frames of a project lie directly in a folder.

    Parameters
    ----------
    folder : Path
        The folder; it may not exist.
    table : FrameTable
        The project's frames.

    Returns
    -------
    bool
        True for any path to a folder with frames, links included.
    """
    if not folder.exists():
        return False
    parents = {os.path.dirname(path) for path in table.packed.tolist()}  # noqa: PTH120 (bytes)
    return any(
        os.path.exists(parent) and os.path.samefile(folder, parent)  # noqa: PTH110, PTH121 (bytes)
        for parent in parents
    )


def refuse_foreign(path: Path, head: bytes) -> None:
    """Refuse to replace a file that does not begin like an export's.

    Parameters
    ----------
    path : Path
        The file; it may not exist.
    head : bytes
        How the export's own begins.

    Raises
    ------
    FileError
        If it begins otherwise, or cannot be read.
    """
    with read_errors(path):
        if not path.exists():
            return
        with path.open("rb") as file:
            is_ours = file.read(len(head)) == head
    if not is_ours:
        raise FileError(path, "exists and is not from an export", "choose another --out")


@contextmanager
def read_errors(path: Path) -> Iterator[None]:
    """Re-raise the system's errors about a file that may exist.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    FileError
        In place of any OSError in the block.
    """
    try:
        yield
    except OSError as error:
        reason = f"cannot be read ({error.strerror or error})"
        raise FileError(path, reason, "choose another --out") from error


def tags_of_mask(project: Project, frame: int, mask: NDArray[np.uint8]) -> set[str]:
    """Find the tags under which a frame has, or ever had, a mask.

    Parameters
    ----------
    project : Project
        The project.
    frame : int
        Number of the frame.
    mask : ndarray of uint8, shape (rows, columns)
        0 sky, 1 cloud, 2 ignore.

    Returns
    -------
    set of str
        Among 'auto', 'model' and 'human'; empty for an unknown mask.

    Raises
    ------
    MaskError
        If a mask of the frame is missing or damaged.
    """
    for name, tags in project.repository.mask_tags(frame).items():
        if np.array_equal(project.store.read(name), mask):
            return tags
    return set()


def human_mask_error(path: Path) -> MaskError:
    """Make the error for a human mask that must not be replaced.

    Parameters
    ----------
    path : Path
        Its file.

    Returns
    -------
    MaskError
        To be raised.
    """
    reason = "is a human mask that differs from the new one"
    return MaskError(path, reason, "move it away, or choose another --out")
