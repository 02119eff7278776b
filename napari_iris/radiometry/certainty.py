"""How much is known of a camera's clear sky: level and pattern, an upper limit, or nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.radiometry.calibration import highest_clear
from napari_iris.radiometry.clear_views import CONTRAST_ADU, clear_views, is_broken
from napari_iris.radiometry.envelope import base_levels, fit_envelope, spread_about
from napari_iris.radiometry.fingerprint import FINGERPRINT_SHAPE
from napari_iris.radiometry.reference import TYPICAL_NOISE_ADU, NoReference, Reference
from napari_iris.radiometry.shapes import ShapeViews

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_iris.radiometry.clear_views import ClearViews
    from napari_iris.radiometry.covariates import Covariates
    from napari_iris.radiometry.statistics import FrameStatistics

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Images = NDArray[np.float32]

FEWEST = 8
"""Frames below which no reference is learned without a person's help."""

FEW = 3
"""Frames that show clear sky from which a pattern is learned."""

FLAT_ADU = 14.0
"""Structure up to which a frame at the envelope is a clear frame."""

NEAR_ADU = 15.0
"""Distance from the level up to which a frame without structure is clear, at the least."""

DRIFT_ADU = 60.0
"""Change of the level between frames that is not drift: a deck, or another pointing."""

LONG_DRIFT_ADU = 150.0
"""Range of levels above which, without temperatures and time, they tell nothing."""

DECK_ADU = 150.0
"""Levels that flat clear frames leave empty above them: a deck is at least 250 ADU above."""

FLAT_PART = 0.25
"""Part of the frames from which flat frames at one level are clear whatever is above them."""

PIXEL_ADU = 5.0
"""Standard deviation of clear sky about the pattern: its own structure, and noise."""

UNKNOWN_PATTERN_ADU = 30.0
"""Standard deviation of the pattern of a camera of which no clear frame is known."""

SINGLE_PATTERN_ADU = 8.0
"""Least standard deviation of a pattern that rests on one or two clear frames.

These hardly differ from their own median, but the next frame does: by another residual of the
flat-field correction, and another structure of the vapour. `benchmarks/teaching.py` shows the worth
of it.
"""

UNKNOWN_LEVEL_ADU = 25.0
"""Standard deviation of the level where headers give neither temperatures nor time."""

CORRECTION_ADU = 5.0
"""Smallest uncertainty of a level: each flat-field correction moves it."""


@dataclass(frozen=True, eq=False)
class _Fit:
    """The level that some frames agree with.

    Attributes
    ----------
    views : ClearViews
        What the frames show of the clear sky.
    terms : Covariates
        The level.
    residual, contrast : ndarray of float64, shape (frames,)
        Heights of the frames' own levels above it, and of their clouds above these, in ADU.
    near, shown : ndarray of bool, shape (frames,)
        Frames at the level, and those of them that show clear sky.
    called : ndarray of bool, shape (frames,)
        Frames that a person called clear.
    by_shape : ndarray of bool, shape (frames,)
        Frames that are clear by their shape, at any level; none where decks have the same shape.
    is_steady : bool
        Whether gaps between clouds agree with the level; else it is the mean of theirs.
    """

    views: ClearViews
    terms: Covariates
    residual: Floats
    contrast: Floats
    near: Bools
    shown: Bools
    called: Bools
    by_shape: Bools
    is_steady: bool

    @property
    def clear(self) -> Bools:
        """Frames whose clear sky is sure; flat ones of many levels are decks."""
        clear = self.shown & (self.views.sure | self.called)
        gaps = np.count_nonzero(clear & (self.contrast > CONTRAST_ADU))
        is_flat = gaps < FEW and np.count_nonzero(clear) < FLAT_PART * len(clear)
        if is_flat and np.any(~self.near & (np.abs(self.residual) < DECK_ADU)):
            return clear & self.called
        return clear

    @property
    def is_known(self) -> bool:
        """Whether level and pattern rest on enough clear frames."""
        if self.called.any():
            return True
        is_turned = self.is_steady and self._pattern_changes
        return bool(np.count_nonzero(self.clear) >= FEW and not is_turned)

    @property
    def _pattern_changes(self) -> bool:
        """Whether many frames at the level do not look like the clear sky: refocused, or turned."""
        near = np.abs(self.residual) < DRIFT_ADU
        alike = self.views.alike if self.by_shape.any() else self.views.sure
        unlike = np.count_nonzero(near & ~alike)
        return bool(unlike > max(FEWEST, 0.3 * np.count_nonzero(near)))

    @property
    def spread(self) -> float:
        """Scatter of the level, in ADU."""
        if not self.is_steady:
            spread = float(np.std(self.residual[self.shown]))
        elif self.is_known:  # of all frames with clear sky, not only those near the envelope
            spread = 1.4826 * float(np.median(np.abs(self.residual[self.shown])))
        else:
            spread = spread_about(self.residual)
        return max(spread, 0.0 if self.terms.is_physical else UNKNOWN_LEVEL_ADU)

    @property
    def gaps(self) -> Floats:
        """Heights above the level of the gaps between clouds, which are clear sky at any level."""
        return self.residual[self.views.sure & (self.contrast > CONTRAST_ADU)]

    @property
    def broken(self) -> int:
        """Number of frames that show clear sky beside cloud; 0 for too few to rely on."""
        near = np.abs(self.residual) < 2.5 * self.spread
        count = np.count_nonzero(near & (self.contrast > CONTRAST_ADU))
        return int(count) if count >= max(FEWEST, 0.04 * len(near)) else 0


def conclude(
    frames: Sequence[FrameStatistics],
    excess: Images,
    pattern: Images,
    terms: Covariates,
    called: Bools,
    unit: float,
) -> Reference | NoReference:
    """Decide how much is known: clear sky was seen, an upper limit only, or nothing.

    Parameters
    ----------
    frames : sequence of FrameStatistics
        The sample.
    excess : ndarray of float32, shape (frames, rows, columns)
        Frames less pattern and tilt, in units of the camera's noise.
    pattern : ndarray of float32, shape (rows, columns)
        The pattern; 0 where none was found.
    terms : Covariates
        The terms of the level.
    called : ndarray of bool, shape (frames,)
        Frames that a person called clear.
    unit : float
        ADU in a unit of `excess`.

    Returns
    -------
    Reference or NoReference
        In the unit of `excess`, without fingerprint; or why there is none.
    """
    shapes = pattern + terms.tilted(frames)
    fit = _fit(frames, excess, shapes, terms, called)
    if isinstance(fit, NoReference):
        return fit
    is_known, terms = fit.is_known, fit.terms
    if not is_known:  # a limit: the low envelope of whole frames, which does not drift
        terms = fit_envelope(base_levels(excess + pattern), frames, terms.steady(), called)
    height = _above_clear(frames, excess, terms, fit.spread, unit)
    if height > 0:  # warmer than a clear sky can be: only the limit is known
        terms, is_known = terms.raised(-height), False
    pixel_sigma, count = UNKNOWN_PATTERN_ADU, int(np.count_nonzero(fit.clear))
    spread, shape_limit = fit.spread, 0.0
    if is_known:
        least = SINGLE_PATTERN_ADU if count < FEW else 2.0
        pixel_sigma = max(least, fit.views.scatter(excess, fit.shown))
        views = ShapeViews.of(_above(excess, frames, terms), shapes, pixel_sigma)
        shape_limit = views.limit(fit.shown, fit.gaps)
    elif not height > 0:
        count = fit.broken  # these show the level, but not the pattern
    else:
        count = 0
    if not is_known and not count and len(fit.gaps) >= FEW:  # clear sky may be above the limit
        spread = max(spread, float(np.sqrt(np.mean(fit.gaps**2))))
    return Reference(
        kind="measured" if is_known or count else "limit",
        camera=frames[0].camera,
        covariates=terms if is_known else replace(terms, tilts=np.zeros_like(terms.tilts)),
        pattern=pattern if is_known else np.zeros_like(pattern),
        fingerprint=np.zeros(FINGERPRINT_SHAPE, np.float16),
        level_sigma=CORRECTION_ADU / unit
        if height > 0
        else float(np.hypot(CORRECTION_ADU, spread)),
        pixel_sigma=pixel_sigma,
        shape_limit=shape_limit,
        unit=1.0,
        clear_frames=count,
        frames=len(frames),
        nights=terms.night_count,
    )


def _fit(
    frames: Sequence[FrameStatistics],
    excess: Images,
    shapes: Images,
    terms: Covariates,
    called: Bools,
) -> _Fit | NoReference:
    """Fit the level to the frames that show clear sky; or say why that cannot be done."""
    views = clear_views(excess, base_levels(excess), PIXEL_ADU if shapes.any() else None)
    terms = fit_envelope(views.levels, frames, terms, called)
    residual = views.levels - terms.levels(frames)
    contrast = np.nanpercentile(excess, 98, axis=(1, 2)) - views.levels
    shown = views.shown & (np.abs(residual) < DECK_ADU)
    by_shape = ShapeViews.of(_above(excess, frames, terms), shapes, PIXEL_ADU).clear(shown)
    gaps = _contrary_gaps(views, residual, contrast)
    if gaps.any() and not called.any():
        if terms.is_physical and not by_shape.any():
            return NoReference(
                "the level of clear sky changes for reasons that the headers do not give"
            )
        clear = gaps | by_shape if terms.is_physical else gaps
        middle = float(np.mean(residual[clear]))  # the level is known from these alone, and varies
        terms, residual = terms.raised(middle), residual - middle
        return _Fit(
            views, terms, residual, contrast, clear, clear, called, by_shape, is_steady=False
        )
    if not called.any() and _drifts_unexplained(views, contrast, terms):
        return NoReference("the level drifts, and the headers give neither temperatures nor time")
    near = np.abs(residual) < max(2.5 * spread_about(residual), NEAR_ADU)
    shown = near & views.shown | called
    return _Fit(views, terms, residual, contrast, near, shown, called, by_shape, is_steady=True)


def _above(excess: Images, frames: Sequence[FrameStatistics], terms: Covariates) -> Images:
    """Give frames less their levels."""
    above: Images = excess - terms.levels(frames).astype(np.float32)[:, None, None]
    return above


def _contrary_gaps(views: ClearViews, residual: Floats, contrast: Floats) -> Bools:
    """Find the frames with gaps between clouds, if their levels contradict the model.

    A gap has the shape of the clear sky, so it is clear sky whatever its level.
    """
    gaps = views.sure & (contrast > CONTRAST_ADU)
    apart = np.count_nonzero(gaps & (np.abs(residual) > DRIFT_ADU))
    count = np.count_nonzero(gaps)
    return gaps if count > FEW and apart > count / 3 else np.zeros_like(gaps)


def _drifts_unexplained(views: ClearViews, contrast: Floats, terms: Covariates) -> bool:
    """Whether frames without structure have all levels, and headers do not say why."""
    flat = np.sort(views.levels[contrast < CONTRAST_ADU])
    if terms.is_physical or len(flat) < 0.8 * len(contrast):
        return False
    jumps = np.flatnonzero(np.diff(flat) > DRIFT_ADU)
    return bool(flat[jumps[0] if len(jumps) else -1] - flat[0] > LONG_DRIFT_ADU)


def _above_clear(
    frames: Sequence[FrameStatistics],
    excess: Images,
    terms: Covariates,
    spread: float,
    unit: float,
) -> float:
    """Height of the level above the highest plausible clear sky; -inf where gaps show clear sky."""
    above = _above(excess, frames, terms)
    broken = np.count_nonzero(is_broken(above, max(2.5 * spread, NEAR_ADU)))
    if broken >= max(FEWEST // 2, 0.04 * len(frames)):
        return -np.inf
    return (terms.zenith_level(unit) - highest_clear(frames, unit * TYPICAL_NOISE_ADU)) / unit
