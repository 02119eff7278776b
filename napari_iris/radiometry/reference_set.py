"""What is known of the clear sky of some frames: a reference for each of their cameras."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.radiometry.calibration import calibration_of
from napari_iris.radiometry.excess import Excess, frame_excess
from napari_iris.radiometry.fingerprint import fingerprint
from napari_iris.radiometry.reference_file import write_references
from napari_iris.radiometry.statistics import STATISTICS_SHAPE, frame_statistics

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.radiometry.reference import Kind, Reference
    from napari_iris.radiometry.statistics import FrameStatistics, Header


@dataclass(frozen=True)
class ReferenceSet:
    """The references of some frames.

    Attributes
    ----------
    found : tuple of Reference
        One for each camera that has one.
    reasons : tuple of str
        Why other cameras have none.

    Examples
    --------
    >>> import napari_iris as iris
    >>> from napari_iris.resources import sample_night
    >>> known = iris.learn_reference(iris.open_night(sample_night()))
    >>> reference = known.found[0]
    >>> reference.kind, reference.clear_frames > 5, reference.pattern.shape
    ('measured', True, (64, 80))
    """

    found: tuple[Reference, ...] = ()
    reasons: tuple[str, ...] = ()

    def of(self, statistics: FrameStatistics, frame: NDArray[np.floating]) -> Reference | None:
        """Give the reference of a frame's camera; None where there is none.

        Parameters
        ----------
        statistics : FrameStatistics
            The frame's statistics.
        frame : ndarray of float, shape (rows, columns)
            The frame: its fingerprint tells cameras apart that headers do not.
        """
        known = [one for one in self.found if one.camera == statistics.camera]
        if len(known) > 1:  # cameras that headers do not tell apart
            own = fingerprint(frame).astype(np.float32)
            return max(known, key=lambda one: float((own * one.fingerprint).sum()))
        return known[0] if known else None

    @property
    def kind(self) -> Kind | Literal["none"]:
        """The best that is known, 'measured', 'limit', or 'none'."""
        kinds = {one.kind for one in self.found}
        return "measured" if "measured" in kinds else "limit" if kinds else "none"

    def excess(self, frame: NDArray[np.floating], header: Header | None = None) -> Excess | None:
        """Compute the excess of a frame above the clear sky of its camera.

        Parameters
        ----------
        frame : ndarray of float, shape (rows, columns)
            In ADU, or ADU / 2**14; NaN where blank.
        header : mapping, optional
            Its header.

        Returns
        -------
        Excess or None
            None where there is no reference for it, or the frame is coarser than a reference.
        """
        if not self.found or np.less(frame.shape, STATISTICS_SHAPE).any():
            return None
        statistics = frame_statistics(frame, header)
        reference = self.of(statistics, frame)
        if reference is None:
            return None
        excess = frame_excess(frame, statistics, reference)
        return replace(excess, calibration=calibration_of(header))

    def to_fits(self, path: Path | str) -> None:
        """Write the references to one FITS file.

        Parameters
        ----------
        path : Path or str
            The file.

        Raises
        ------
        IrisError
            If there is none.
        FileError
            If it cannot be written.
        """
        if not self.found:
            raise IrisError(f"no reference: {'; '.join(self.reasons)}; add frames of one camera")
        write_references(Path(path), self.found)

    def of_time(self, time: np.datetime64) -> ReferenceSet:  # noqa: ARG002 (as `NightReferences`)
        """Give the references for a time: these, for every one."""
        return self

    def __str__(self) -> str:
        lines = [
            f"{one.kind} ({one.camera or 'unnamed camera'}: clear sky in "
            f"{one.clear_frames} of {one.frames} frames, level to {one.level_sigma:.0f} ADU)"
            for one in self.found
        ]
        return "; ".join([*lines, *(f"none ({reason})" for reason in self.reasons)]) or "none"
