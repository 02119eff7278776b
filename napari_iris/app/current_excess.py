"""ADU and excess of a pixel of the current frame, computed when they are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.app.clear_sky import references_for
from napari_iris.errors import IrisError
from napari_iris.frames.rebin import rebin
from napari_iris.masks.config import MaskConfig
from napari_iris.radiometry.excess import frame_excess
from napari_iris.radiometry.statistics import adu_per_unit, frame_statistics

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.app.clear_sky import ClearSky, References
    from napari_iris.app.session import Session
    from napari_iris.frames.frame import Frame
    from napari_iris.radiometry.excess import Excess


def excess_in(frame: Frame, references: References, shape: tuple[int, int]) -> Excess | None:
    """Compute the excess of a frame, as its automatic mask rests on; None without a reference.

    Parameters
    ----------
    frame : Frame
        The frame.
    references : ReferenceSet or NightReferences
        Clear-sky references.
    shape : (int, int)
        Rows and columns of the result.
    """
    try:
        binned = rebin(frame.data, shape)
        statistics = frame_statistics(binned, frame.header)
        reference = references_for(references, frame.header).of(statistics, binned)
        if reference is not None:
            return frame_excess(binned, statistics, reference)
    except IrisError:  # too small to be judged, or the reference is damaged: as without one
        pass
    return None


def excess_of(
    frame: Frame, references: References, shape: tuple[int, int]
) -> NDArray[np.float32] | None:
    """Give the values of `excess_in`: float32 of shape `shape`, in ADU, NaN where blank."""
    excess = excess_in(frame, references, shape)
    return None if excess is None else excess.values


@dataclass(frozen=True, eq=False)
class FrameExcess:
    """A frame, and its excess above the clear sky.

    Attributes
    ----------
    frame : Frame
        The frame.
    unit : float
        ADU in one unit of the frame.
    excess : ndarray of float32, shape of a mask, or None
        In ADU; None without a reference.
    references : ReferenceSet or NightReferences
        What the excess rests on.
    """

    frame: Frame
    unit: float
    excess: NDArray[np.float32] | None
    references: References

    @classmethod
    def of(cls, frame: Frame, references: References) -> FrameExcess:
        """Compute the excess of a frame, as its automatic mask rests on."""
        excess = excess_of(frame, references, MaskConfig().shape)
        return cls(frame, adu_per_unit(frame.data), excess, references)

    def at(self, row: int, column: int) -> str:
        """Describe a pixel; empty outside the frame."""
        rows, columns = self.frame.data.shape
        if not (0 <= row < rows and 0 <= column < columns):
            return ""
        value = float(self.frame.data[row, column]) * self.unit
        if np.isnan(value):
            return "blank"
        text = f"{value:.0f} ADU"
        if self.excess is None:
            return text
        height, width = self.excess.shape
        return f"{text}, excess {self.excess[row * height // rows, column * width // columns]:+.0f}"


class CurrentExcess:
    """Describes pixels of the current frame, in any thread.

    Parameters
    ----------
    session : Session
        The open frames.
    clear_sky : ClearSky
        Their clear-sky references.
    """

    def __init__(self, session: Session, clear_sky: ClearSky) -> None:
        self._session, self._clear_sky = session, clear_sky
        self._known: FrameExcess | None = None

    def at(self, row: int, column: int) -> str:
        """Describe a pixel of the current frame.

        Parameters
        ----------
        row, column : int
            Its place in the frame.

        Returns
        -------
        str
            Such as "653 ADU, excess +3"; empty outside the frame, or where it cannot be read.
        """
        try:
            frame = self._session.frame()
        except IrisError:
            return ""
        known, references = self._known, self._clear_sky.references
        if known is None or known.frame is not frame or known.references is not references:
            known = self._known = FrameExcess.of(frame, references)
        return known.at(row, column)
