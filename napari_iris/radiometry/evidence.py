"""The frames that a reference was learnt from: what they measured, beside what it expects."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.radiometry.envelope import base_levels
from napari_iris.radiometry.learn import FLAT_ADU

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from napari_iris.radiometry.reference import Reference
    from napari_iris.radiometry.statistics import FrameStatistics

NEAR_ADU = 15.0
"""Distance from the level up to which a frame without structure is clear, at the least."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """The frames of the sample, in order of time.

    Attributes
    ----------
    time : ndarray of datetime64[us], shape (frames,)
        When each was taken, UTC; NaT where not known.
    focal_plane, shutter : ndarray of float64
        Temperatures in degrees Celsius; NaN where not known.
    floor : ndarray of float64
        Level of the frame's coldest part without the camera's pattern, in ADU; counted so that for
        a clear frame it is the median.
    level : ndarray of float64
        Clear-sky level by the reference, in ADU.
    clear : ndarray of bool
        Whether it is a clear frame, which level and pattern rest on.
    """

    time: NDArray[np.datetime64]
    focal_plane: NDArray[np.float64]
    shutter: NDArray[np.float64]
    floor: NDArray[np.float64]
    level: NDArray[np.float64]
    clear: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.time)

    @classmethod
    def of(
        cls, reference: Reference, frames: Sequence[FrameStatistics], called_clear: Collection[int]
    ) -> Evidence:
        """Compare the frames of a sample with the reference learnt from them.

        Parameters
        ----------
        reference : Reference
            The reference.
        frames : sequence of FrameStatistics
            The frames.
        called_clear : collection of int
            Places of frames that a person called clear.
        """
        excess = np.stack([one.small for one in frames]) - reference.pattern
        level = reference.covariates.levels(frames)
        middle = np.nanmedian(excess, axis=(1, 2))
        near = np.abs(middle - level) < max(2.5 * reference.level_sigma, NEAR_ADU * reference.unit)
        clear = near & (np.nanstd(excess, axis=(1, 2)) < FLAT_ADU * reference.unit)
        clear &= reference.kind == "measured"
        clear[list(called_clear)] = True
        floor = base_levels(excess)
        floor += float(np.median((middle - floor)[clear])) if clear.any() else 0.0
        time = np.array([one.time for one in frames], "M8[us]")
        found = cls(
            time,
            np.array([one.focal_plane for one in frames]),
            np.array([one.shutter for one in frames]),
            floor,
            level,
            clear,
        )
        order = np.argsort(time, kind="stable")
        return cls(*(getattr(found, field.name)[order] for field in fields(cls)))
