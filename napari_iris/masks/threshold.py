"""Threshold a frame inside a region, and find the threshold that reproduces a mask.

Every edit returns a new mask; the given one is not changed. Ignored pixels keep their value. All
arrays of a call have one shape, (rows, columns), in pixels:

- mask: ndarray of uint8, 0 sky, 1 cloud, 2 ignore;
- frame: ndarray of float32 or float64, in any unit that rises with radiance; a pixel that is not
  finite is blank;
- region: ndarray of bool, where to edit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.labels import CLOUD, IGNORE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.uint8]
    Region = NDArray[np.bool_]
    Frame = NDArray[np.floating]

MANY = 30_000
"""Pixels above which the best threshold is first estimated from every 16th, to sort fewer."""


def best_threshold(frame: Frame, mask: Mask, region: Region) -> float:
    """Find the threshold that comes closest to the mask inside a region.

    Parameters
    ----------
    frame, mask, region : ndarray
        Of one shape. The region is where to look; ignored and blank pixels are left out.

    Returns
    -------
    float
        The threshold, in the frame's unit, above which a pixel is cloud, with the fewest pixels
        that the mask has otherwise: the middle of the gap between two values, and of equally
        good gaps the middle one. Just above the values of a region that is all sky, just below
        those of one that is all cloud.

    Raises
    ------
    IrisError
        If the region holds no pixel to look at, or the shapes differ.
    """
    valid = valid_pixels(frame, mask) & region
    values, cloud = frame[valid], mask[valid] == CLOUD
    if not values.size:
        raise IrisError("region: all its pixels are blank, ignored or outside; choose another one")
    return _best_of(values, cloud)


def apply_threshold(frame: Frame, mask: Mask, region: Region, threshold: float) -> Mask:
    """Call cloud what is warmer than a threshold, inside a region alone.

    Parameters
    ----------
    frame, mask, region : ndarray
        Of one shape. The region is where to threshold.
    threshold : float
        The threshold, in the frame's unit: cloud is above it.

    Returns
    -------
    ndarray of uint8
        The mask threshold anew inside the region; blank pixels stay as they are.

    Raises
    ------
    IrisError
        If the shapes of frame and mask differ.
    """
    return np.where(valid_pixels(frame, mask) & region, (frame > threshold).astype(np.uint8), mask)


def valid_pixels(frame: Frame, mask: Mask) -> Region:
    """Select the pixels that are neither blank nor ignored.

    Parameters
    ----------
    frame : ndarray of float, shape (rows, columns)
        NaN where blank.
    mask : ndarray of uint8, shape (rows, columns)
        0 sky, 1 cloud, 2 ignore.

    Returns
    -------
    ndarray of bool, shape (rows, columns)
        True for valid pixels.

    Raises
    ------
    IrisError
        If the shapes differ.
    """
    if frame.shape != mask.shape:
        raise IrisError(
            f"frame {frame.shape} and mask {mask.shape} differ in shape; rebin the frame"
        )
    valid: Region = np.isfinite(frame) & (mask != IGNORE)
    return valid


def _best_of(values: Frame, cloud: Region) -> float:
    """Threshold between cloud and sky with the fewest pixels on the wrong side."""
    low, high = -np.inf, np.inf
    if values.size > MANY:
        low, high = _bounds(values, cloud, _best_of(values[::16], cloud[::16]))
    inside = (low < values) & (values < high)
    order = np.argsort(values[inside])
    steps = np.concatenate([[low], values[inside][order], [high]])
    wrong = np.append(0, np.cumsum(np.where(cloud[inside][order], 1, -1)))
    gaps = np.flatnonzero(steps[:-1] < steps[1:])
    best = gaps[wrong[gaps] == wrong[gaps].min()]
    gap = best[len(best) // 2]
    return midpoint(float(steps[gap]), float(steps[gap + 1]), values.dtype)


def _bounds(values: Frame, cloud: Region, guess: float) -> tuple[float, float]:
    """Bound the best thresholds by two values, or infinities, from an estimate.

    A best threshold has at most as many wrong pixels as the estimate, which limits the sky pixels
    above it and the cloud pixels below it.
    """
    wrong = np.count_nonzero((values > guess) != cloud)
    sky, cloudy = values[~cloud], values[cloud]
    low = np.partition(sky, -wrong - 1)[-wrong - 1] if wrong < sky.size else -np.inf
    high = np.partition(cloudy, wrong)[wrong] if wrong < cloudy.size else np.inf
    return float(low), float(high)


def midpoint(low: float, high: float, dtype: np.dtype[np.floating]) -> float:
    """Compute the middle of two values so that ``low <= middle < high`` in the frame's precision.

    Parameters
    ----------
    low, high : float
        The values; where one is infinite, the result is next to the other.
    dtype : numpy.dtype
        Floating-point type of the frame.
    """
    after, before = np.nextafter(np.array([low, high], dtype), np.array([high, low], dtype))
    if np.isinf(low) or np.isinf(high):
        return float(before if np.isinf(low) else after)
    return float(min(dtype.type(low / 2 + high / 2), before))
