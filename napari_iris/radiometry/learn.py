"""Learn the clear-sky reference of a camera from its frames, without a single label.

The clear sky is the coldest thing in view, and it looks alike in all frames of a camera once
temperatures, pointing and night are accounted for. So its level is the low envelope of the
frames: the level at which many frames agree and that hardly any frame undercuts. The pattern is
the median of their clear parts: wholly clear frames, and the gaps between clouds.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.radiometry.certainty import (
    FEW,
    FEWEST,
    FLAT_ADU,
    NEAR_ADU,
    PIXEL_ADU,
    conclude,
)
from napari_iris.radiometry.clear_views import clear_views, learn_pattern, low_pattern
from napari_iris.radiometry.covariates import Covariates
from napari_iris.radiometry.envelope import base_levels, fit_envelope, spread_about
from napari_iris.radiometry.evidence import Evidence
from napari_iris.radiometry.fingerprint import FINGERPRINT_SHAPE, SAME_CAMERA, likeness
from napari_iris.radiometry.quantiles import nan_medians
from napari_iris.radiometry.reference import TYPICAL_NOISE_ADU, NoReference, Reference
from napari_iris.radiometry.statistics import STATISTICS_SHAPE, quadratic_surface

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from napari_iris.radiometry.statistics import FrameStatistics

    Floats = NDArray[np.float64]
    Images = NDArray[np.float32]

ROUNDS = 6
"""Rounds in which level and pattern are fitted in turn."""

RELIEF_ADU = 30.0
"""Distance from the level of clear frames before the pattern is known, whose relief moves them."""


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
    called = np.zeros(len(frames), bool)
    called[list(clear)] = True
    terms, pattern = _level_and_pattern(frames, small, called)
    none = np.zeros(FINGERPRINT_SHAPE, np.float16)
    mean = np.mean(prints or [none], axis=0, dtype=np.float32)
    excess = small - pattern - terms.tilted(frames)
    found = conclude(frames, excess, pattern, terms, called, unit)
    if isinstance(found, NoReference):
        return found
    terms = found.covariates
    terms = replace(terms, coefficients=terms.coefficients * unit, tilts=terms.tilts * unit)
    return replace(
        found,
        covariates=terms,
        pattern=found.pattern * np.float32(unit),
        fingerprint=np.asarray(mean, np.float16),
        level_sigma=found.level_sigma * unit,
        pixel_sigma=found.pixel_sigma * unit,
        shape_limit=found.shape_limit * unit,
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
    small: Images = np.stack([one.small - reference.shape(one) for one in frames])
    excess: Images = small / np.float32(reference.unit)
    sigma = PIXEL_ADU if reference.has_pattern else None
    views = clear_views(excess, base_levels(excess), sigma)
    level, floor = reference.covariates.levels(frames), views.levels * reference.unit
    near = np.abs(floor - level) < max(2.5 * reference.level_sigma, NEAR_ADU * reference.unit)
    is_clear = near & views.sure
    is_clear[list(clear)] = True
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


def _unit(frames: Sequence[FrameStatistics]) -> float:
    """ADU in a unit of the camera's noise: in these, a night is the same whatever its gain.

    The quietest quarter of the frames: clouds add to the noise of the others.
    """
    noise = np.array([frame.noise for frame in frames])
    noise = noise[noise > 0]
    return float(np.percentile(noise, 25)) / TYPICAL_NOISE_ADU if noise.size else 1.0


def _level_and_pattern(
    frames: Sequence[FrameStatistics], small: Images, called: NDArray[np.bool_]
) -> tuple[Covariates, Images]:
    """Fit level and pattern in turn, since they depend on one another."""
    structure = np.array([np.nanstd(one - quadratic_surface(one)) for one in small])
    terms, pattern = Covariates.of(frames), np.zeros(STATISTICS_SHAPE, np.float32)
    for _ in range(ROUNDS):
        excess = small - pattern - terms.tilted(frames)
        has_pattern = bool(pattern.any())
        views = clear_views(excess, base_levels(excess), PIXEL_ADU if has_pattern else None)
        terms = fit_envelope(views.levels, frames, terms, called)
        residual = views.levels - terms.levels(frames)
        least = NEAR_ADU if has_pattern else RELIEF_ADU
        near = np.abs(residual) < max(2.5 * spread_about(residual), least)
        if not has_pattern:
            above = small - terms.levels(frames).astype(np.float32)[:, None, None]
            pattern = _first_pattern(above, near, structure, called)
            continue
        seen = near & views.shown | called
        if np.count_nonzero(seen) >= FEW:
            pattern, tilts = learn_pattern(excess, views, seen, pattern, terms, frames)
            terms = replace(terms, tilts=tilts)
    return terms, pattern


def _first_pattern(
    above: Images, near: NDArray[np.bool_], structure: Floats, called: NDArray[np.bool_]
) -> Images:
    """Estimate the pattern from flat frames, else from a low quartile; 0 where neither can be."""
    flat = near & (structure < FLAT_ADU) | called
    if np.count_nonzero(flat) < FEW and not called.any():
        flat = structure < FLAT_ADU  # flat decks show the camera's pattern, too
    if np.count_nonzero(flat) >= FEW or called.any():
        return _pattern(above[flat])
    if np.count_nonzero(near) >= FEWEST:
        return low_pattern(above[near])
    return np.zeros(above.shape[1:], np.float32)


def _pattern(clear: Images) -> Images:
    """Median of clear frames, each relative to its own level."""
    from scipy.ndimage import gaussian_filter

    levels = nan_medians(clear.reshape(len(clear), -1), axis=1)
    relative = clear - levels[:, None, None]
    seen = np.isfinite(relative).any(axis=0)  # not where there is never sky
    pattern: Images = np.zeros(seen.shape, np.float32)
    pattern[seen] = nan_medians(relative[:, seen], axis=0)
    if len(clear) < 5:  # of few frames, only what is smooth is surely the camera's
        pattern = gaussian_filter(pattern, 2, mode="nearest")
    return pattern


def _is_or_are(count: int) -> str:
    return "is 1" if count == 1 else f"are {count}"
