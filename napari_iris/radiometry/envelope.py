"""The low envelope of a camera's frames: the level that the coldest frames agree on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.radiometry.quantiles import percentile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_iris.radiometry.covariates import Covariates
    from napari_iris.radiometry.statistics import FrameStatistics

COARSE_ADU = 30.0
"""Width of the first search for the envelope, before slopes are fitted."""

FINE_ADU = 12.0
"""Width of the envelope at the end: corrections of the flat field move a frame by 5 to 10 ADU."""

CALLED_CLEAR = 1.0
"""Weight of a frame that a person called clear: that of a frame on the envelope, however far away.

More would draw the envelope to the step that the last flat-field correction happens to have made
in this one frame, and away from the other clear ones.
"""

LOW_PERCENT = 5.0
"""Percentile of a frame that is its base level."""


def base_levels(excess: NDArray[np.float32]) -> NDArray[np.float64]:
    """Compute the base level of frames: a low percentile of means of 4 x 4 pixels.

    Parameters
    ----------
    excess : ndarray of float32, shape (frames, rows, columns)
        Frames less the camera's pattern, in ADU; NaN where blank.

    Returns
    -------
    ndarray of float64, shape (frames,)
        In ADU.
    """
    count, rows, columns = excess.shape
    parts = excess.reshape(count, rows // 4, 4, columns // 4, 4)
    if np.isfinite(excess).all():
        low = np.array([percentile(one, LOW_PERCENT) for one in parts.mean(axis=(2, 4))])
    else:
        seen = np.isfinite(parts)
        seen_count = seen.sum(axis=(2, 4))
        total = np.where(seen, parts, 0).sum(axis=(2, 4))
        means = total / np.where(seen_count, seen_count, np.nan)
        low = np.nanpercentile(means, LOW_PERCENT, axis=(1, 2))
    return np.asarray(low, np.float64)


def spread_about(residual: NDArray[np.float64]) -> float:
    """Estimate the scatter of frames about the envelope, from those below it and near it.

    Parameters
    ----------
    residual : ndarray of float64
        Base levels less the envelope, in ADU.

    Returns
    -------
    float
        Standard deviation in ADU; `COARSE_ADU` where fewer than three frames tell.
    """
    low = np.abs(residual[residual < FINE_ADU])
    return float(1.4826 * np.median(low)) if len(low) >= 3 else COARSE_ADU


def fit_envelope(
    base: NDArray[np.float64],
    frames: Sequence[FrameStatistics],
    terms: Covariates,
    clear: NDArray[np.bool_],
) -> Covariates:
    """Fit the low envelope of the frames' base levels.

    The intercept is searched first, with the slopes that physics expects. Then all coefficients
    are fitted by reweighted least squares with a Gaussian prior: frames above the envelope have
    cloud in view, and lose their weight.

    Parameters
    ----------
    base : ndarray of float64, shape (frames,)
        Base levels, in ADU.
    frames : sequence of FrameStatistics
        The frames.
    terms : Covariates
        The terms of the level.
    clear : ndarray of bool, shape (frames,)
        Frames that a person called clear; the envelope goes through these.

    Returns
    -------
    Covariates
        The terms with their coefficients.
    """
    design = terms.design(frames)
    mean, width = terms.prior
    start = base - design @ mean
    solution: NDArray[np.floating] = mean.copy()
    solution[0] = np.median(start[clear]) if clear.any() else lowest_agreement(start)
    precision = np.diag((10.0 / width) ** 2)
    for step in range(25):  # the envelope narrows for 15 steps, then the weights converge
        residual = base - design @ solution
        reach = max(COARSE_ADU * (1 - step / 15), FINE_ADU)
        below, above = (residual / (3 * reach)) ** 2, (residual / reach) ** 2
        weight = np.where(residual < 0, 1 / (1 + below), 1 / (1 + above) ** 2)
        weight[clear] = CALLED_CLEAR
        weighted = design.T * weight
        solution = np.linalg.solve(
            weighted @ design + precision, weighted @ base + precision @ mean
        )
    return replace(terms, coefficients=np.asarray(solution, np.float64))


def lowest_agreement(levels: NDArray[np.float64]) -> float:
    """Find the lowest level at which many frames agree and that few frames undercut.

    Parameters
    ----------
    levels : ndarray of float64
        Base levels, in ADU.

    Returns
    -------
    float
        In ADU.
    """
    grid = np.arange(levels.min() - 5, np.percentile(levels, 90) + 5, 3.0)
    away = levels - grid[:, None]
    agree = np.exp(-((away / COARSE_ADU) ** 2)).sum(axis=1)
    undercut = np.count_nonzero(away < -1.5 * COARSE_ADU, axis=1)
    return float(grid[np.argmax(agree - 1.5 * undercut)])
