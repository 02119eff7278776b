"""The label of one frame, as an export reads it, and the files written of it."""

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
class FrameLabel:
    """The label of one frame.

    Attributes
    ----------
    frame : int
        Number of the frame in the database.
    path : Path
        Its file.
    date_obs : str
        Observation time, ISO 8601, UTC; empty where unknown.
    decision : Decision
        Status, class, and who decided.
    facts : MaskFacts or None
        Of the mask to export; None where there is none.
    """

    frame: int
    path: Path
    date_obs: str
    decision: Decision
    facts: MaskFacts | None

    @property
    def is_human(self) -> bool:
        """Whether the mask is a human mask."""
        return self.facts is not None and self.facts.tag == "human"


@dataclass(frozen=True, eq=False)
class LabelledFrame:
    """The label of a frame, with the pixels of the frame and its mask.

    Attributes
    ----------
    label : FrameLabel
        The label.
    frame : Frame
        As it was read.
    binned : ndarray of float32, shape (rows, columns)
        The frame at the mask's shape, in its own unit.
    mask : ndarray of uint8, shape (rows, columns)
        0 sky, 1 cloud, 2 ignore.
    facts : MaskFacts
        How and by whom the mask was made.
    """

    label: FrameLabel
    frame: Frame
    binned: NDArray[np.float32]
    mask: NDArray[np.uint8]
    facts: MaskFacts


@dataclass(frozen=True)
class WrittenFiles:
    """The files written of one frame.

    Attributes
    ----------
    mask, image : str
        Where its mask and its picture are, relative to the export's folder; empty for none.
    files : tuple of Path
        All files written.
    """

    mask: str = ""
    image: str = ""
    files: tuple[Path, ...] = ()


def read_labelled_frame(project: Project, label: FrameLabel) -> LabelledFrame:
    """Read a frame and its mask.

    Parameters
    ----------
    project : Project
        The project.
    label : FrameLabel
        The frame's label.

    Returns
    -------
    LabelledFrame
        The frame also at the mask's shape.

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
    return LabelledFrame(label, frame, binned, mask, label.facts)
