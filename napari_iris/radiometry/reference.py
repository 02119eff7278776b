"""The clear-sky reference of a camera: level, pattern and their uncertainty."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from napari_iris.radiometry.covariates import planes
from napari_iris.radiometry.statistics import STATISTICS_SHAPE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.radiometry.covariates import Covariates
    from napari_iris.radiometry.evidence import Evidence
    from napari_iris.radiometry.statistics import FrameStatistics

TYPICAL_NOISE_ADU = 0.45
"""Noise at `STATISTICS_SHAPE` of the camera that limits in ADU are meant for, in one exposure."""

Kind = Literal["measured", "limit"]
"""Measured: clear sky was seen. Limit: only an upper limit of the clear-sky level is known."""


@dataclass(frozen=True)
class NoReference:
    """Why there is no reference.

    Attributes
    ----------
    reason : str
        For a person, without a full stop.
    """

    reason: str


@dataclass(frozen=True, eq=False)
class Reference:
    """What the clear sky looks like to a camera.

    Attributes
    ----------
    kind : {'measured', 'limit'}
        Whether clear sky was seen, or only an upper limit of its level is known.
    camera : str
        Identity of the camera; empty where headers name none.
    covariates : Covariates
        The level as a function of temperatures, pointing and night.
    pattern : ndarray of float32, shape `STATISTICS_SHAPE`
        Clear sky relative to its level, in ADU; 0 where not known.
    fingerprint : ndarray of float16, shape `FINGERPRINT_SHAPE`
        Mean fingerprint of its frames.
    level_sigma : float
        Standard deviation of the level of a single frame, in ADU.
    pixel_sigma : float
        Standard deviation of pattern and of the clear sky's own structure, in ADU.
    unit : float
        ADU in one unit of noise of this camera, relative to `TYPICAL_NOISE_ADU`: limits that are
        given in ADU are scaled by it.
    clear_frames, frames, nights : int
        Frames with clear sky in view that it is learned from, all of the sample, their nights.
    evidence : Evidence or None
        The frames of the sample; None where they are not stored.
    shape_limit : float
        Height above the level, in ADU, up to which what has the shape of the clear sky is clear; 0
        where decks have the same shape, as in a narrow view.
    """

    kind: Kind
    camera: str
    covariates: Covariates
    pattern: NDArray[np.float32]
    fingerprint: NDArray[np.float16]
    level_sigma: float
    pixel_sigma: float
    unit: float
    clear_frames: int
    frames: int
    nights: int
    evidence: Evidence | None = None
    shape_limit: float = 0.0

    @property
    def has_pattern(self) -> bool:
        """Whether the pattern is known: clear frames were found."""
        return bool(self.pattern.any())

    @property
    def lowest_level(self) -> float:
        """Level at the centre of the sample, less three standard deviations, in ADU."""
        return float(self.covariates.coefficients[0]) - 3 * self.level_sigma

    def shape(
        self, statistics: FrameStatistics, size: tuple[int, ...] = STATISTICS_SHAPE
    ) -> NDArray[np.float32]:
        """Clear sky of a frame relative to its level: the pattern, tilted for the pointing.

        Parameters
        ----------
        statistics : FrameStatistics
            The frame's statistics.
        size : (int, int)
            Rows and columns wanted.

        Returns
        -------
        ndarray of float32, shape `size`
            In ADU; read-only, as it is the same for all frames of a pointing.
        """
        return _shape(self, self.covariates.pointing_of(statistics), size)

    def level(self, statistics: FrameStatistics) -> float:
        """Clear-sky level of a frame, in ADU.

        Parameters
        ----------
        statistics : FrameStatistics
            The frame's statistics.
        """
        return float(self.covariates.levels([statistics])[0])


@lru_cache(maxsize=32)
def _shape(
    reference: Reference, pointing: int | None, size: tuple[int, ...]
) -> NDArray[np.float32]:
    """Pattern of a reference with the tilt of one of its pointings, resampled to a size."""
    shape = reference.pattern.copy()
    if size != shape.shape:
        from scipy.ndimage import zoom

        factors = [side / small for side, small in zip(size, shape.shape, strict=True)]
        shape = zoom(shape, factors, order=1, mode="nearest", grid_mode=True)
    if pointing is not None:
        shape += planes(reference.covariates.tilts[[pointing]], size)[0]
    shape.setflags(write=False)
    return shape
