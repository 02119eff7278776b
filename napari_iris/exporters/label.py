"""What an export takes of each frame, and gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_iris.errors import FrameError
from napari_iris.frames.read import read_frame
from napari_iris.frames.rebin import rebin

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.frames.frame import Frame
    from napari_iris.project.project import Project
    from napari_iris.project.records import Decision, MaskFacts


@dataclass(frozen=True)
class Label:
    """One frame's label.

    Attributes
    ----------
    frame : int
        Number of the frame in the database.
    path : Path
        Its file.
    date_obs : str
        When it was taken, ISO 8601; empty where not known.
    decision : Decision
        Status, class, and who said so.
    facts : MaskFacts or None
        Of the mask to export; None where there is none.
    """

    frame: int
    path: Path
    date_obs: str
    decision: Decision
    facts: MaskFacts | None

    @property
    def by_person(self) -> bool:
        """Whether the mask is a person's."""
        return self.facts is not None and self.facts.tag == "human"


@dataclass(frozen=True, eq=False)
class Pair:
    """A frame and its mask.

    Attributes
    ----------
    frame : Frame
        As it was read.
    binned : ndarray of float32, shape (rows, columns)
        The frame at the mask's shape, in its own unit.
    mask : ndarray of uint8, shape (rows, columns)
        0 sky, 1 cloud, 2 ignore.
    facts : MaskFacts
        What is known of the mask.
    """

    frame: Frame
    binned: NDArray[np.float32]
    mask: NDArray[np.uint8]
    facts: MaskFacts


def read_pair(project: Project, label: Label) -> Pair:
    """Read a frame and its mask.

    Raises
    ------
    FileError
        If one of them cannot be read, or there is no mask.
    """
    if label.facts is None:
        fix = "choose another --tag, or leave out its status"
        raise FrameError(label.path, "has no mask to export", fix)
    mask = project.store.read(label.facts.name)
    frame = read_frame(label.path)
    binned = rebin(frame.data, (mask.shape[0], mask.shape[1]))
    return Pair(frame, binned, mask, label.facts)


@dataclass(frozen=True)
class Written:
    """What was written of one frame.

    Attributes
    ----------
    mask, image : str
        Where its mask and its picture are, relative to the folder of the export; empty for none.
    files : tuple of Path
        The files written.
    """

    mask: str = ""
    image: str = ""
    files: tuple[Path, ...] = ()
