"""Learn the clear-sky reference of a camera from its frames, without a single label.

The clear sky is the coldest thing in view, and it looks alike in all frames of a camera once
temperatures, pointing and night are accounted for. So its level is the low envelope of the
frames: the level at which many frames agree and that hardly any frame undercuts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.radiometry.covariates import Covariates
from napari_iris.radiometry.envelope import base_levels, fit_envelope, spread_about
from napari_iris.radiometry.evidence import Evidence
from napari_iris.radiometry.fingerprint import FINGERPRINT_SHAPE, SAME_CAMERA, likeness
from napari_iris.radiometry.reference import TYPICAL_NOISE_ADU, NoReference, Reference
from napari_iris.radiometry.statistics import STATISTICS_SHAPE, quadratic_surface

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from napari_iris.radiometry.statistics import FrameStatistics

FEWEST = 8
"""Frames below which no reference is learned without a person's help."""

FLAT_ADU = 14.0
"""Structure up to which a frame at the envelope is a clear frame."""

CONTRAST_ADU = 80.0
"""Height of cloud above the envelope that shows clear sky and cloud in one frame."""

UNKNOWN_PATTERN_ADU = 30.0
"""Standard deviation of the pattern of a camera of which no clear frame is known."""

SINGLE_PATTERN_ADU = 8.0
"""Least standard deviation of a pattern that rests on one or two clear frames.

These hardly differ from their own median, but the next frame does: by another residual of the
flat-field correction, and another structure of the vapour. `benchmarks/teaching.py` shows the worth
of it.
"""

NEAR_ADU = 15.0
"""Distance from the level up to which a frame without structure is clear, at the least."""

UNKNOWN_LEVEL_ADU = 25.0
"""Standard deviation of the level where headers give neither temperatures nor time."""

CORRECTION_ADU = 5.0
"""Smallest uncertainty of a level: each flat-field correction moves it."""

BOTH = 0.1
"""Part of a frame at the level, and part that is cloud, where clear sky and cloud are in view."""

TAU2_NOISE_ADU = (0.3, 2.0)
"""Noise of a Tau2 in high gain at `STATISTICS_SHAPE`; outside of it, values are not ADU."""

TAU2_CLEAR_ADU = 880.0
"""Highest clear sky of a Tau2 in high gain at the zenith, for a shutter at 0 degrees Celsius.

600 ADU on a dry night, some 750 on a humid one; a deck is at least 250 ADU above the clear sky.
"""


def learn_reference(
    frames: Sequence[FrameStatistics], clear: Sequence[int] = ()
) -> Reference | NoReference:
    """Learn the reference of one camera.

    Parameters
    ----------
    frames : sequence of FrameStatistics
        A sample of its frames, in any order.
    clear : sequence of int
        Places of frames that a person called clear.

    Returns
    -------
    Reference or NoReference
        The reference; or the reason why there is none.
    """
    if len(frames) < FEWEST and not clear:
        return NoReference(
            f"a reference needs {FEWEST} frames of a camera, there {_is_or_are(len(frames))}"
        )
    prints = [one.fingerprint for one in frames if one.fingerprint is not None]
    if len(prints) >= FEWEST:
        alike = likeness(prints)
        if alike < SAME_CAMERA:
            return NoReference(f"the frames share no fixed pattern (correlation {alike:.3f})")
    unit = _unit(frames)
    small = np.stack([frame.small for frame in frames]) / np.float32(unit)
    human = np.zeros(len(frames), bool)
    human[list(clear)] = True
    structure = np.array([np.nanstd(one - quadratic_surface(one)) for one in small])
    terms, pattern = Covariates.of(frames), np.zeros(STATISTICS_SHAPE, np.float32)
    for _ in range(3):  # level and pattern depend on one another
        excess = small - pattern
        base = base_levels(excess)
        terms = fit_envelope(base, frames, terms, human)
        residual = base - terms.levels(frames)
        if pattern.any():
            structure = np.nanstd(excess, axis=(1, 2))
        near = np.abs(residual) < max(2.5 * spread_about(residual), 15)
        is_clear = near & (structure < FLAT_ADU) | human
        if np.count_nonzero(is_clear) >= 3 or human.any():
            pattern = _pattern(small[is_clear])
    none = np.zeros(FINGERPRINT_SHAPE, np.float16)
    mean = np.mean(prints or [none], axis=0, dtype=np.float32)
    found = _conclude(frames, small - pattern, pattern, terms, is_clear, unit)
    terms = found.covariates
    return replace(
        found,
        covariates=replace(terms, coefficients=terms.coefficients * unit),
        pattern=found.pattern * np.float32(unit),
        fingerprint=np.asarray(mean, np.float16),
        level_sigma=found.level_sigma * unit,
        pixel_sigma=found.pixel_sigma * unit,
        unit=unit,
    )


def evidence_of(
    reference: Reference, frames: Sequence[FrameStatistics], clear: Collection[int] = ()
) -> Evidence:
    """Compare the frames of a sample with the reference learned from them.

    Parameters
    ----------
    reference : Reference
        The reference.
    frames : sequence of FrameStatistics
        The frames.
    clear : collection of int
        Places of frames that a person called clear.

    Returns
    -------
    Evidence
        The frames, in order of time.
    """
    excess = np.stack([one.small for one in frames]) - reference.pattern
    level = reference.covariates.levels(frames)
    middle = np.nanmedian(excess, axis=(1, 2))
    near = np.abs(middle - level) < max(2.5 * reference.level_sigma, NEAR_ADU * reference.unit)
    is_clear = near & (np.nanstd(excess, axis=(1, 2)) < FLAT_ADU * reference.unit)
    is_clear &= reference.kind == "measured"
    is_clear[list(clear)] = True
    floor = base_levels(excess)
    floor += float(np.median((middle - floor)[is_clear])) if is_clear.any() else 0.0
    time = np.array([one.time for one in frames], "M8[us]")
    order = np.argsort(time, kind="stable")
    return Evidence(
        time=time[order],
        focal_plane=np.array([one.focal_plane for one in frames])[order],
        shutter=np.array([one.shutter for one in frames])[order],
        floor=floor[order],
        level=level[order],
        clear=is_clear[order],
    )


def _conclude(
    frames: Sequence[FrameStatistics],
    excess: NDArray[np.float32],
    pattern: NDArray[np.float32],
    terms: Covariates,
    is_clear: NDArray[np.bool_],
    unit: float,
) -> Reference:
    """Decide how much is known: clear sky was seen, or an upper limit only."""
    base = base_levels(excess)
    residual = base - terms.levels(frames)
    spread = max(spread_about(residual), 0.0 if terms.is_physical else UNKNOWN_LEVEL_ADU)
    count = int(np.count_nonzero(is_clear))
    if pattern.any() and count:
        middle = np.nanmedian(excess[is_clear], axis=(1, 2))
        centred = np.abs(excess[is_clear] - middle[:, None, None])
        least = SINGLE_PATTERN_ADU if count < 3 else 2.0
        pixel_sigma = max(least, float(1.4826 * np.nanmedian(centred)))
        shift = float(np.median(middle - base[is_clear]))
    else:
        pixel_sigma, shift = UNKNOWN_PATTERN_ADU, 0.0
    contrast = np.nanpercentile(excess, 98, axis=(1, 2)) - base
    reach = max(2.5 * spread, 15)
    broken = np.count_nonzero((np.abs(residual) < reach) & (contrast > CONTRAST_ADU))
    above = excess - terms.levels(frames).astype(np.float32)[:, None, None]
    coefficients = terms.coefficients.copy()
    coefficients[0] += shift
    terms = replace(terms, coefficients=coefficients)
    height = -np.inf
    if np.count_nonzero(_is_broken(above, reach)) < max(FEWEST // 2, 0.04 * len(frames)):
        height = (terms.zenith_level(unit) - _highest_clear(frames, unit)) / unit
    seen = count >= 3 or broken >= max(FEWEST, 0.04 * len(frames))
    if height > 0:  # warmer than a clear sky can be: only the limit is known
        coefficients[0] -= height
    return Reference(
        kind="measured" if seen and not height > 0 else "limit",
        camera=frames[0].camera,
        covariates=terms,
        pattern=pattern if not height > 0 else np.zeros_like(pattern),
        fingerprint=np.zeros(FINGERPRINT_SHAPE, np.float16),
        level_sigma=float(np.hypot(CORRECTION_ADU, spread))
        if not height > 0
        else CORRECTION_ADU / unit,
        pixel_sigma=pixel_sigma if not height > 0 else UNKNOWN_PATTERN_ADU,
        unit=1.0,
        clear_frames=count if not height > 0 else 0,
        frames=len(frames),
        nights=max(1, len(terms.nights)),
    )


def _unit(frames: Sequence[FrameStatistics]) -> float:
    """ADU in a unit of the camera's noise: in these, a night is the same whatever its gain.

    The quietest quarter of the frames: clouds add to the noise of the others.
    """
    noise = np.array([frame.noise for frame in frames])
    noise = noise[noise > 0]
    return float(np.percentile(noise, 25)) / TYPICAL_NOISE_ADU if noise.size else 1.0


def _pattern(clear: NDArray[np.float32]) -> NDArray[np.float32]:
    """Median of clear frames, each relative to its own level."""
    from scipy.ndimage import gaussian_filter

    relative = clear - np.nanmedian(clear, axis=(1, 2), keepdims=True)
    pattern: NDArray[np.float32] = np.nan_to_num(np.nanmedian(relative, axis=0))
    pattern = pattern.astype(np.float32)
    if len(clear) < 5:  # of few frames, only what is smooth is surely the camera's
        pattern = gaussian_filter(pattern, 2, mode="nearest")
    return pattern


def _is_broken(above: NDArray[np.float32], reach: float) -> NDArray[np.bool_]:
    """Whether clear sky and cloud are both in view: pixels at the level, few of them in between."""
    on_level = np.nanmean(np.abs(above) < reach, axis=(1, 2))
    cloud = np.nanmean(above > CONTRAST_ADU, axis=(1, 2))
    between = np.nanmean((above >= reach) & (above <= CONTRAST_ADU), axis=(1, 2))
    broken: NDArray[np.bool_] = (on_level > BOTH) & (cloud > BOTH) & (on_level > between)
    return broken


def _highest_clear(frames: Sequence[FrameStatistics], unit: float) -> float:
    """Highest plausible clear sky at the zenith, in ADU; infinite where it is not known.

    It is known for a Tau2 whose noise shows that its values are ADU.
    """
    low, high = TAU2_NOISE_ADU
    known = (
        all("TAU2" in frame.model.upper() for frame in frames)
        and np.isfinite([frame.shutter for frame in frames]).all()
        and low <= unit * TYPICAL_NOISE_ADU <= high
    )
    return TAU2_CLEAR_ADU if known else np.inf


def _is_or_are(count: int) -> str:
    return "is 1" if count == 1 else f"are {count}"
