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
from napari_iris.radiometry.fingerprint import FINGERPRINT_SHAPE, SAME_CAMERA, likeness
from napari_iris.radiometry.reference import NoReference, Reference
from napari_iris.radiometry.statistics import STATISTICS_SHAPE, quadratic_surface

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_iris.radiometry.statistics import FrameStatistics

FEWEST = 8
"""Frames below which no reference is learnt without a person's help."""

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

UNKNOWN_LEVEL_ADU = 25.0
"""Standard deviation of the level where headers give neither temperatures nor time."""

CORRECTION_ADU = 5.0
"""Smallest uncertainty of a level: each flat-field correction moves it."""

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
    small = np.stack([frame.small for frame in frames])
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
    found = _conclude(frames, small - pattern, pattern, terms, is_clear)
    return replace(found, fingerprint=np.asarray(mean, np.float16))


def _conclude(
    frames: Sequence[FrameStatistics],
    excess: NDArray[np.float32],
    pattern: NDArray[np.float32],
    terms: Covariates,
    is_clear: NDArray[np.bool_],
) -> Reference:
    """Decide how much is known: clear sky was seen, or an upper limit only."""
    base = base_levels(excess)
    residual = base - terms.levels(frames)
    spread = max(spread_about(residual), 0.0 if terms.is_physical else UNKNOWN_LEVEL_ADU)
    count = int(np.count_nonzero(is_clear))
    if pattern.any() and count:
        middle = np.nanmedian(excess[is_clear], axis=(1, 2))
        centred = np.abs(excess[is_clear] - middle[:, None, None])
        least = SINGLE_PATTERN_ADU if count < 3 else 3.0
        pixel_sigma = max(least, float(1.4826 * np.nanmedian(centred)))
        shift = float(np.median(middle - base[is_clear]))
    else:
        pixel_sigma, shift = UNKNOWN_PATTERN_ADU, 0.0
    contrast = np.nanpercentile(excess, 98, axis=(1, 2)) - base
    broken = np.count_nonzero(
        (np.abs(residual) < max(2.5 * spread, 15)) & (contrast > CONTRAST_ADU)
    )
    coefficients = terms.coefficients.copy()
    coefficients[0] += shift
    terms = replace(terms, coefficients=coefficients)
    height = terms.zenith_level() - _highest_clear(frames)
    seen = count >= 3 or broken >= max(FEWEST, 0.04 * len(frames))
    if height > 0:  # warmer than a clear sky can be: only the limit is known
        coefficients[0] -= height
    return Reference(
        kind="measured" if seen and not height > 0 else "limit",
        camera=frames[0].camera,
        covariates=terms,
        pattern=pattern if not height > 0 else np.zeros_like(pattern),
        fingerprint=np.zeros(FINGERPRINT_SHAPE, np.float16),
        level_sigma=float(np.hypot(CORRECTION_ADU, spread if not height > 0 else CORRECTION_ADU)),
        pixel_sigma=pixel_sigma if not height > 0 else UNKNOWN_PATTERN_ADU,
        clear_frames=count if not height > 0 else 0,
        frames=len(frames),
        nights=max(1, len(terms.nights)),
    )


def _pattern(clear: NDArray[np.float32]) -> NDArray[np.float32]:
    """Median of clear frames, each relative to its own level."""
    from scipy.ndimage import gaussian_filter

    relative = clear - np.nanmedian(clear, axis=(1, 2), keepdims=True)
    pattern: NDArray[np.float32] = np.nan_to_num(np.nanmedian(relative, axis=0))
    pattern = pattern.astype(np.float32)
    if len(clear) < 5:  # of few frames, only what is smooth is surely the camera's
        pattern = gaussian_filter(pattern, 2, mode="nearest")
    return pattern


def _highest_clear(frames: Sequence[FrameStatistics]) -> float:
    """Highest plausible clear-sky level at the zenith; infinite for a camera that is not known."""
    known = all("TAU2" in frame.model.upper() for frame in frames)
    return TAU2_CLEAR_ADU if known and np.isfinite([f.shutter for f in frames]).all() else np.inf


def _is_or_are(count: int) -> str:
    return "is 1" if count == 1 else f"are {count}"
