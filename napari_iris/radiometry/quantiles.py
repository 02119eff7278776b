"""Quantiles, equal to numpy's in a small part of the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def median(values: NDArray[np.floating]) -> float:
    """Compute the median, as `numpy.median`, which looks for two values and for NaN at once.

    Parameters
    ----------
    values : ndarray of float, any shape
        At least one; all finite.

    Returns
    -------
    float
        In the unit of `values`.
    """
    middle = values.size // 2
    if values.size % 2:
        return float(np.partition(values, middle, axis=None)[middle])
    below, above = np.partition(values, [middle - 1, middle], axis=None)[middle - 1 : middle + 1]
    return float((below + above) / 2)


def percentile(values: NDArray[np.floating], percent: float) -> float:
    """Compute a percentile, as `numpy.percentile`, which spends its time on other methods.

    Parameters
    ----------
    values : ndarray of float, any shape
        At least one; all finite.
    percent : float
        From 0 to 100.

    Returns
    -------
    float
        In the unit of `values`; linear between two of them.
    """
    place = (values.size - 1) * (percent / 100)
    below = int(place)
    above = min(below + 1, values.size - 1)
    parted = np.partition(values, [below, above], axis=None)
    part, step = place - below, parted[above] - parted[below]
    if part < 0.5:
        return float(parted[below] + step * part)
    return float(parted[above] - step * (1 - part))


def nan_medians(values: NDArray[np.floating], axis: int) -> NDArray[np.floating]:
    """Compute medians along an axis, as `numpy.nanmedian`, which sorts masked arrays.

    Parameters
    ----------
    values : ndarray of float
        NaN is left out.
    axis : int
        The axis.

    Returns
    -------
    ndarray of float, shape of `values` without the axis
        NaN where all values are.
    """
    ranked = np.ascontiguousarray(np.moveaxis(values, axis, -1))
    ranked = np.sort(ranked, axis=-1)  # NaN comes last
    count = np.count_nonzero(~np.isnan(ranked), axis=-1)[..., None]
    places = np.concatenate([np.maximum(count - 1, 0) // 2, count // 2], -1)
    low, high = np.moveaxis(np.take_along_axis(ranked, places, axis=-1), -1, 0)
    medians: NDArray[np.floating] = (low + high) / 2
    return medians
