"""Clear sky in view: the part of a frame that has the shape of the clear sky, at the frame's level.

A frame with clear sky in view has many pixels at one level, once the pattern is taken off: the
gaps between clouds agree. A deck has hardly any, unless it is wholly flat; there, the level tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.radiometry.quantiles import nan_medians

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_iris.radiometry.covariates import Covariates
    from napari_iris.radiometry.statistics import FrameStatistics

    Images = NDArray[np.float32]

SHOWN = 0.25
"""Part of a frame at one level from which clear sky is in view."""

PILE = 2.0
"""Pixels at the level of clear sky for each pixel of as wide a range above: a deck has no gap."""

WHOLE = 0.7
"""Part of a frame at one level from which it is clear sky, whatever the rest looks like."""

CONTRAST_ADU = 80.0
"""Height of cloud above the envelope that shows clear sky and cloud in one frame."""

BOTH = 0.1
"""Part of a frame at the level, and part that is cloud, where clear sky and cloud are in view."""

UNDERCUT = 0.1
"""Part of a frame that may lie below its clear sky: what the pattern does not know yet."""

SIGMAS = 2.5
"""Standard deviations about the level within which a pixel agrees with it."""

LOW_QUARTILE = 25.0
"""Percentile of a pixel over frames with clear sky in view: cloud covers it in up to half."""

PIXEL_SEEN = 3
"""Frames in which a pixel must be clear to be known."""


@dataclass(frozen=True, eq=False)
class ClearViews:
    """What some frames show of the clear sky.

    Attributes
    ----------
    levels : ndarray of float64, shape (frames,)
        Level of the clear sky in each frame, or its base level where none is in view, in ADU.
    shown : ndarray of bool, shape (frames,)
        Whether a large part of the frame has one level.
    sure : ndarray of bool, shape (frames,)
        Whether that part is a gap: hardly anything is colder, and little just above it.
    clear : ndarray of bool, shape (frames, rows, columns)
        Pixels at that level.
    """

    levels: NDArray[np.float64]
    shown: NDArray[np.bool_]
    sure: NDArray[np.bool_]
    clear: NDArray[np.bool_]

    @property
    def alike(self) -> NDArray[np.bool_]:
        """Whether a frame has the shape of the clear sky: in a gap, or in most of it."""
        alike: NDArray[np.bool_] = self.sure | (self.clear.mean(axis=(1, 2)) > WHOLE)
        return alike

    def scatter(self, excess: Images, frames: NDArray[np.bool_]) -> float:
        """Scatter of the clear pixels of some frames about their levels, in ADU."""
        away = np.abs(excess[frames] - self.levels[frames, None, None])[self.clear[frames]]
        return float(1.4826 * np.median(away)) if away.size else 0.0


def clear_views(excess: Images, base: NDArray[np.float64], sigma: float | None) -> ClearViews:
    """Find the clear sky in some frames.

    Parameters
    ----------
    excess : ndarray of float32, shape (frames, rows, columns)
        Frames less the pattern, in ADU; NaN where blank.
    base : ndarray of float64, shape (frames,)
        Their base levels, in ADU.
    sigma : float or None
        Standard deviation of clear sky about the pattern, in ADU; None where no pattern is known.

    Returns
    -------
    ClearViews
        Levels and clear pixels; without a pattern the base levels, and none.
    """
    if sigma is None:
        none = np.zeros(len(excess), bool)
        return ClearViews(base, none, none, np.zeros(excess.shape, bool))
    reach = SIGMAS * sigma
    zero = np.array([own_level(*one, reach) for one in zip(excess, base + sigma, strict=True)])
    height = excess - zero[:, None, None].astype(np.float32)
    clear = np.abs(height) < reach
    share = clear.mean(axis=(1, 2))
    shown = share > SHOWN
    above = np.mean((height >= reach) & (height < 3 * reach), axis=(1, 2))
    below = np.mean(height <= -reach, axis=(1, 2))
    sure = shown & (share > PILE * above) & (below < UNDERCUT)
    return ClearViews(np.where(shown, zero, base), shown, sure, clear)


def own_level(values: NDArray[np.float32], start: float, reach: float) -> float:
    """Find the level that the coldest pixels of a frame agree on: a median from the cold end.

    Parameters
    ----------
    values : ndarray of float32, shape (rows, columns)
        The frame less the pattern, in ADU; NaN where blank. A quarter of it is enough.
    start : float
        Level to start from, in ADU.
    reach : float
        Distance from the level up to which a pixel agrees with it, in ADU.

    Returns
    -------
    float
        In ADU; `start` where no pixel agrees with it.
    """
    some = np.sort(values[::2, ::2], axis=None).astype(np.float64)  # once, not at each search
    for _ in range(6):
        first, end = some.searchsorted((start - reach, start + reach))
        before = start
        if first < end:
            start = float(some[first + end >> 1])
        if start == before:
            break
    return start


def low_pattern(relative: Images) -> Images:
    """Estimate the pattern before it is known: a low quartile over frames with clear sky in view.

    Parameters
    ----------
    relative : ndarray of float32, shape (frames, rows, columns)
        Frames less their clear-sky levels, in ADU.

    Returns
    -------
    ndarray of float32, shape (rows, columns)
        The pattern, with median 0.
    """
    from scipy.ndimage import gaussian_filter

    seen = np.isfinite(relative).any(axis=0)  # not where there is never sky
    low = np.zeros(seen.shape)
    low[seen] = np.nanpercentile(relative[:, seen], LOW_QUARTILE, axis=0)
    smooth: Images = gaussian_filter(low, 1.5, mode="nearest").astype(np.float32)
    return smooth - np.float32(np.median(smooth))


def learn_pattern(
    excess: Images,
    views: ClearViews,
    frames: NDArray[np.bool_],
    pattern: Images,
    terms: Covariates,
    statistics: Sequence[FrameStatistics],
) -> tuple[Images, NDArray[np.float64]]:
    """Improve the pattern and the tilt of each pointing from the clear parts of frames.

    Parameters
    ----------
    excess : ndarray of float32, shape (frames, rows, columns)
        Frames less pattern and tilt, in ADU.
    views : ClearViews
        What they show of the clear sky.
    frames : ndarray of bool, shape (frames,)
        Frames to learn from.
    pattern : ndarray of float32, shape (rows, columns)
        The pattern so far.
    terms : Covariates
        The terms, with the tilts so far.
    statistics : sequence of FrameStatistics
        The statistics of all frames.

    Returns
    -------
    pattern : ndarray of float32, shape (rows, columns)
        The pattern, in ADU.
    tilts : ndarray of float64, shape (pointings, 2)
        The tilts, in ADU.
    """
    left = np.where(views.clear, excess - views.levels[:, None, None].astype(np.float32), np.nan)
    tilts = terms.tilts.copy()
    which = terms.pointing(statistics).astype(bool)
    for number in range(len(tilts)):
        mine = frames & which[:, number]
        if np.count_nonzero(mine) >= PIXEL_SEEN:
            slopes = _slopes(_middle(left[mine]))
            tilts[number] += slopes
    change = _middle(left[frames] - (terms.tilted_by(tilts - terms.tilts, statistics))[frames])
    return pattern + _filled(change), tilts


def _middle(left: Images) -> Images:
    """Median over frames, NaN where too few see the pixel clear."""
    seen = np.count_nonzero(np.isfinite(left), axis=0)
    few = seen < min(PIXEL_SEEN, len(left))
    middle = np.full(left.shape[1:], np.nan, np.float32)
    if not few.all():
        middle[~few] = nan_medians(left[:, ~few], axis=0)
    return middle


def _slopes(image: Images) -> NDArray[np.float64]:
    """Fit a plane to an image with blanks; its slopes from the middle to the border."""
    seen = np.isfinite(image)
    if np.count_nonzero(seen) < image.size / 4:
        return np.zeros(2)
    y, x = np.meshgrid(*(np.linspace(-1, 1, side) for side in image.shape), indexing="ij")
    plane = np.stack([np.ones_like(y), y, x], -1)[seen]
    return np.asarray(np.linalg.lstsq(plane, image[seen], rcond=None)[0][1:], np.float64)


def _filled(image: Images) -> Images:
    """Fill blank pixels from their surroundings."""
    from scipy.ndimage import gaussian_filter

    seen = np.isfinite(image)
    known = np.where(seen, image, 0)
    weight = gaussian_filter(seen.astype(np.float32), 4) + 1e-3
    return np.where(seen, known, gaussian_filter(known, 4) / weight).astype(np.float32)


def is_broken(above: Images, reach: float) -> NDArray[np.bool_]:
    """Find the frames with both clear sky and cloud: pixels at the level, and few in between.

    Parameters
    ----------
    above : ndarray of float32, shape (frames, rows, columns)
        Frames less pattern, tilt and level, in ADU; NaN where blank.
    reach : float
        Height up to which a pixel is at the level, in ADU.

    Returns
    -------
    ndarray of bool, shape (frames,)
        Whether both are in view.
    """
    seen = np.maximum(np.isfinite(above).sum(axis=(1, 2)), 1)
    on_level = (np.abs(above) < reach).sum(axis=(1, 2)) / seen
    cloud = (above > CONTRAST_ADU).sum(axis=(1, 2)) / seen
    between = ((above >= reach) & (above <= CONTRAST_ADU)).sum(axis=(1, 2)) / seen
    broken: NDArray[np.bool_] = (on_level > BOTH) & (cloud > BOTH) & (on_level > between)
    return broken
