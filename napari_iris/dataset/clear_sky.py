"""The clear sky of labelled frames: what the excess of a sample is taken from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_iris.frames.facts import observed_at
from napari_iris.matching.data_folder import data_kind
from napari_iris.project.night_references import NightReferences
from napari_iris.radiometry.archive import resolve_references

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.frames.paths import FramePaths
    from napari_iris.radiometry.excess import Excess
    from napari_iris.radiometry.reference_set import ReferenceSet
    from napari_iris.radiometry.statistics import Header


@dataclass(frozen=True)
class SampleReferences:
    """Clear-sky references of labelled frames.

    Attributes
    ----------
    learned : ReferenceSet
        Those of all frames together, or of a file.
    nights : NightReferences or None
        Those of a project's nights, which come first.
    """

    learned: ReferenceSet
    nights: NightReferences | None = None

    def excess(self, frame: NDArray[np.floating], header: Header | None = None) -> Excess | None:
        """Compute the excess of a frame; None where nothing is known of its clear sky.

        Parameters
        ----------
        frame : ndarray of float, shape (rows, columns)
            In ADU, or ADU / 2**14; NaN where blank.
        header : mapping, optional
            Its header.

        Raises
        ------
        ReferenceFileError
            If the reference of its night is damaged.
        """
        if self.nights is not None and header is not None:
            excess = self.nights.of_time(observed_at(header)).excess(frame, header)
            if excess is not None:
                return excess
        return self.learned.excess(frame, header)

    def __str__(self) -> str:
        nights = len(self.nights.nights) if self.nights is not None else 0
        return f"{nights} of the project's nights; {self.learned}" if nights else str(self.learned)


def find_references(
    choice: str,
    data: Path,
    paths: FramePaths,
    learned: ReferenceSet | None = None,
    *,
    independent: bool = False,
) -> SampleReferences:
    """Find the clear-sky references of labelled frames.

    Parameters
    ----------
    choice : str
        'auto' for those of a project's nights, else to learn them from the frames; 'none'; or a
        reference file.
    data : Path
        Where the samples are from, as for `find_samples`.
    paths : FramePaths
        The files of the samples.
    learned : ReferenceSet, optional
        What has been learned from the frames before.
    independent : bool
        Whether each frame was simulated on its own: 'auto' then learns nothing.

    Returns
    -------
    SampleReferences
        The references.

    Raises
    ------
    ReferenceFileError
        If a file is named that cannot be used.
    """
    if choice == "auto" and independent:
        choice = "none"
    if learned is None:
        learned = resolve_references(choice, paths)
    return known_references(data, learned, is_auto=choice == "auto")


def known_references(data: Path, learned: ReferenceSet, *, is_auto: bool) -> SampleReferences:
    """Join what has been learned from labelled frames, and what a project knows of its nights.

    Parameters
    ----------
    data : Path
        Where the frames are from, as for `find_samples`.
    learned : ReferenceSet
        What has been learned from them, or read from a file.
    is_auto : bool
        Whether the references of a project's nights are wanted.

    Returns
    -------
    SampleReferences
        The references.
    """
    of_nights = is_auto and data_kind(data) == "project"
    return SampleReferences(learned, NightReferences(data) if of_nights else None)
