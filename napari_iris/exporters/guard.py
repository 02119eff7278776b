"""What lies in the folder of an export already, and must stay."""

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
    """Whether a folder is one that frames of the project lie in."""
    if not folder.exists():
        return False
    parents = {os.path.dirname(path) for path in table.packed.tolist()}  # noqa: PTH120 (bytes)
    return any(
        os.path.exists(parent) and os.path.samefile(folder, parent)  # noqa: PTH110, PTH121 (bytes)
        for parent in parents
    )


def refuse_foreign(path: Path, head: bytes) -> None:
    """Refuse to replace a file that does not begin as the export's own.

    Raises
    ------
    FileError
        If it does not, or cannot be read.
    """
    with looking_at(path):
        if not path.exists():
            return
        with path.open("rb") as file:
            is_ours = file.read(len(head)) == head
    if not is_ours:
        raise FileError(path, "is there already and is something else", "choose another --out")


@contextmanager
def looking_at(path: Path) -> Iterator[None]:
    """Turn the system's errors about a file that may be there into one line.

    Raises
    ------
    FileError
        If it cannot be looked at.
    """
    try:
        yield
    except OSError as error:
        reason = f"cannot be looked at ({error.strerror or error})"
        raise FileError(path, reason, "choose another --out") from error


def tags_of(project: Project, frame: int, mask: NDArray[np.uint8]) -> set[str]:
    """Tags under which the project has, or ever had, that mask of a frame."""
    for name, tags in project.repository.mask_tags(frame).items():
        if np.array_equal(project.store.read(name), mask):
            return tags
    return set()


def persons_mask(path: Path) -> MaskError:
    """Give the error of a mask that must not be replaced."""
    reason = "is a person's mask that differs from the one to write"
    return MaskError(path, reason, "move it away, or choose another --out")
