"""Zscale limits, equal to astropy's within rounding, in a fifth of the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAMPLES = 1000
"""Pixels that the line is fitted to."""

REJECTED = 2.5
"""Residual, in standard deviations, beyond which a sample is rejected."""

MOST_REJECTED = 0.5
"""Fraction of the samples that may be rejected; beyond it the full range is used."""

LEAST_SAMPLES = 5
"""Fewest samples that a line is fitted to."""

ITERATIONS = 5

ROUNDING = 1e-6
"""Relative spread of the samples below which rounding errors decide the limits."""


def zscale_limits(values: NDArray[np.floating], contrast: float) -> tuple[float, float]:
    """Compute the limits of `astropy.visualization.ZScaleInterval`, to 1e-9 of their span.

    The IRAF algorithm: a straight line through the sorted samples, here fitted in closed form where
    astropy solves a general least-squares problem. Where samples differ by little more than
    rounding errors, astropy itself computes the limits.

    Parameters
    ----------
    values : ndarray of float, any shape
        The pixels; those that are not finite are left out.
    contrast : float
        Contrast of the interval, above 0.

    Returns
    -------
    low, high : float
        The limits, in the unit of `values`.
    """
    finite = np.isfinite(values)
    seen = values.ravel() if finite.all() else values[finite]
    samples = np.sort(seen[:: max(1, seen.size // SAMPLES)][:SAMPLES]).astype(np.float64)
    count = samples.size
    fewest = max(LEAST_SAMPLES, int(count * MOST_REJECTED))
    place = np.arange(count, dtype=np.float64)
    width = np.ones(max(1, count // 100))
    good = np.ones(count, dtype=bool)
    goods, before = count, count + 1
    slope, rounding = 0.0, ROUNDING * np.abs(samples[[0, -1]]).max() if count else 0.0
    for _ in range(ITERATIONS):
        if not fewest <= goods < before:
            break
        slope, residual = _line(place, samples, good)
        spread = _spread(residual[good])
        if spread < rounding:
            return _as_astropy(values.astype(np.float64), contrast)
        bad = ~good | (np.abs(residual) > REJECTED * spread)
        good = np.convolve(bad, width, mode="same") < 0.5  # in float64: faster than of bool
        before, goods = goods, int(np.count_nonzero(good))
    if goods < fewest:
        return float(samples[0]), float(samples[-1])
    middle = (count - 1) // 2
    median, slope = (samples[middle] + samples[count // 2]) / 2, slope / contrast
    low = max(samples[0], median - (middle - 1) * slope)
    return float(low), float(min(samples[-1], median + (count - middle) * slope))


def _line(
    place: NDArray[np.float64], samples: NDArray[np.float64], good: NDArray[np.bool_]
) -> tuple[float, NDArray[np.float64]]:
    """Slope of the line through the good samples, and every sample's height above it."""
    x, y = place[good], samples[good]
    middle = _mean(x)
    away = x - middle
    slope = float(away @ y / (away @ away))
    return slope, samples - (_mean(y) + slope * (place - middle))


def _mean(values: NDArray[np.float64]) -> float:
    """Compute the mean, as `numpy.mean`, whose checks take longer than the sum of a few values."""
    return float(np.add.reduce(values) / values.size)


def _spread(values: NDArray[np.float64]) -> float:
    """Compute the standard deviation, as `numpy.std`."""
    away = values - _mean(values)
    return float(np.sqrt(_mean(away * away)))


def _as_astropy(values: NDArray[np.float64], contrast: float) -> tuple[float, float]:
    from astropy.visualization import ZScaleInterval

    low, high = ZScaleInterval(contrast=contrast).get_limits(values)
    return float(low), float(high)
