"""Excess of a frame above its camera's clear sky, and what it says about cloud."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.radiometry.calibration import UNKNOWN, Calibration
from napari_iris.radiometry.clear_views import SIGMAS, clear_views, own_level
from napari_iris.radiometry.envelope import base_levels
from napari_iris.radiometry.quantiles import median
from napari_iris.radiometry.reference import TYPICAL_NOISE_ADU
from napari_iris.radiometry.statistics import STATISTICS_SHAPE, adu_per_unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.radiometry.reference import Kind, Reference
    from napari_iris.radiometry.statistics import FrameStatistics

SMOOTHING = 1.0
"""Standard deviation of the Gaussian that the excess is smoothed with, in pixels."""

WIDE_ADU = 30.0
"""Uncertainty of the level above which only a gap of one level shows clear sky."""

EDGE_SIGMAS = 3.0
"""Most that smoothing changes a pixel, in standard deviations of its noise."""

HUMID_SIGMAS = 3.0
"""Excess below which a pixel is surely clear, in standard deviations of the clear sky's pixels.

Their scatter has long tails: the structure of humid air, and edges of the pattern."""

CLEAR_ADU, WIDTH_ADU = 2.0, 4.0
"""What is added to that limit, and the distance to the limit of sure cloud, both scaled by the
noise of the camera, in ADU."""


@dataclass(frozen=True, eq=False)
class Excess:
    """Excess of one frame above the clear sky.

    Attributes
    ----------
    kind : {'measured', 'limit'}
        Kind of the reference.
    values : ndarray of float32, shape of the frame
        Smoothed excess in ADU; NaN where blank.
    level : float
        Level of the clear sky in the frame, in ADU.
    clear_sky_in_view : bool
        Whether the coldest part of the frame agrees with the clear-sky level.
    clear_below, cloud_above : float
        Excess below which a pixel is surely clear, and above which it is surely cloud, in ADU.
    calibration : Calibration
        What an ADU means, where that is known.
    """

    kind: Kind
    values: NDArray[np.float32]
    level: float
    clear_sky_in_view: bool
    clear_below: float
    cloud_above: float
    calibration: Calibration = UNKNOWN

    @property
    def radiance(self) -> NDArray[np.float64]:
        """Excess in W m-2 sr-1, of the frame's shape; NaN where no gain is known."""
        return self.calibration.radiance(self.values, self.level)

    @property
    def kelvin(self) -> NDArray[np.float64]:
        """Excess in kelvin, of the frame's shape; NaN where the camera is not calibrated."""
        return self.calibration.kelvin(self.values)

    @property
    def median_radiance(self) -> float:
        """Median excess in W m-2 sr-1; NaN where no gain is known."""
        return float(self.calibration.radiance(self.median, self.level))

    @property
    def median_kelvin(self) -> float:
        """Median excess in kelvin; NaN where the camera is not calibrated."""
        return float(self.calibration.kelvin(self.median))

    @property
    def relative(self) -> NDArray[np.float32]:
        """Excess between its limits, of the frame's shape; NaN where blank.

        0 at the limit of surely clear, 1 at that of surely cloud: the same for all cameras.
        """
        width = np.float32(self.cloud_above - self.clear_below)
        return (self.values - np.float32(self.clear_below)) / width

    @cached_property
    def seen(self) -> NDArray[np.float32]:
        """Values of the valid pixels, in ADU."""
        finite = np.isfinite(self.values)
        return self.values.ravel() if finite.all() else self.values[finite]

    @cached_property
    def median(self) -> float:
        """Median excess in ADU; NaN for a blank frame."""
        return median(self.seen) if self.seen.size else float("nan")

    @cached_property
    def parts(self) -> tuple[float, float, float]:
        """Fractions of the valid pixels that are surely clear, surely cloud, and undecided."""
        seen = self.seen
        if not seen.size:
            return float("nan"), float("nan"), float("nan")
        clear = int(np.count_nonzero(seen < self.clear_below)) / seen.size
        cloud = int(np.count_nonzero(seen > self.cloud_above)) / seen.size
        return clear, cloud, max(0.0, 1 - clear - cloud)


def frame_excess(
    frame: NDArray[np.floating], statistics: FrameStatistics, reference: Reference
) -> Excess:
    """Compute the excess of a frame above its camera's clear sky.

    The reference's level holds to within its uncertainty; where the coldest part of the frame
    agrees with it, clear sky is in view, and that part is the frame's own zero.

    Parameters
    ----------
    frame : ndarray of float, shape (rows, columns)
        In ADU, or ADU / 2**14; NaN where blank.
    statistics : FrameStatistics
        Its statistics.
    reference : Reference
        The reference of its camera.

    Returns
    -------
    Excess
        In ADU.
    """
    raw = np.asarray(frame, np.float32) * np.float32(adu_per_unit(frame))
    raw -= reference.shape(statistics, frame.shape)
    noise = TYPICAL_NOISE_ADU * reference.unit * frame.shape[0] / STATISTICS_SHAPE[0]
    values = _smooth(raw, EDGE_SIGMAS * noise)
    level = reference.level(statistics)
    values -= np.float32(level)
    small = statistics.small - reference.shape(statistics) - np.float32(level)
    own, in_view = _clear_sky_in_view(values, small, reference)
    values -= np.float32(own)
    pixel = reference.pixel_sigma
    low = HUMID_SIGMAS * pixel + CLEAR_ADU * reference.unit
    # without a pattern, only structure can tell in between
    width = pixel + WIDTH_ADU * reference.unit if reference.has_pattern else 4 * pixel
    return Excess(reference.kind, values, level + own, in_view, low, low + width)


def _clear_sky_in_view(
    values: NDArray[np.float32], small: NDArray[np.float32], reference: Reference
) -> tuple[float, bool]:
    """Give the frame's own zero, in ADU above the level, and whether clear sky is in view."""
    base, sigma = base_levels(small[None]), reference.level_sigma
    pixel = reference.pixel_sigma
    in_view = bool(abs(base[0]) < 3 * sigma + 2 * pixel)
    if not reference.has_pattern:
        return 0.0, in_view
    if reference.shape_limit:
        views = clear_views(small[None], base, pixel)
        if views.alike[0] and -3 * sigma < views.levels[0] < reference.shape_limit:
            return float(views.levels[0]), True
    if sigma > WIDE_ADU * reference.unit:
        views = clear_views(small[None], base, pixel)
        in_view = in_view and bool(views.sure[0])
        return (float(views.levels[0]) if in_view else -3 * sigma), in_view
    if not in_view:
        return 0.0, False
    own = own_level(values, float(base[0]) + pixel, SIGMAS * pixel)
    return float(np.clip(own, -3 * sigma, 2.5 * sigma)), True


def _smooth(values: NDArray[np.float32], most: float) -> NDArray[np.float32]:
    """Smooth by a Gaussian that leaves blank pixels out and changes none by more than `most`.

    So edges of clouds stay (Lee, Comput. Vision Graph. Image Process. 24, 255, 1983).
    """
    from scipy.ndimage import gaussian_filter

    seen = np.isfinite(values)
    if seen.all():
        smoothed = gaussian_filter(values, SMOOTHING, mode="nearest")
    else:
        weight = gaussian_filter(seen.astype(np.float32), SMOOTHING, mode="nearest")
        total = gaussian_filter(np.where(seen, values, 0), SMOOTHING, mode="nearest")
        smoothed = np.where(seen, total / np.maximum(weight, 1e-6), np.nan)
    limited: NDArray[np.float32] = np.minimum(np.maximum(smoothed, values - most), values + most)
    return limited.astype(np.float32, copy=False)
