"""Edit a mask by local thresholds: under a brush, or around a click.

Edits and arrays are as in `napari_iris.masks.threshold`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.labels import CLOUD, SKY
from napari_iris.masks.edit import paint
from napari_iris.masks.threshold import midpoint, valid_pixels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.uint8]
    Region = NDArray[np.bool_]
    Frame = NDArray[np.floating]

MEDIAN3_NOISE_RATIO = 0.45
"""Noise after the separable 3-point median, relative to the white noise before it."""

WINDOW = 6
"""The window around a click extends to each side by the frame's longer side over this."""


def threshold_brush(frame: Frame, mask: Mask, region: Region, *, more: bool) -> Mask:
    """Turn the warmest sky pixels under a brush to cloud, or the coldest cloud pixels to sky.

    The pixels are divided at `_local_threshold`; where they differ by noise only, all of them
    change. Every stroke continues where the last one stopped, until no pixel is left to change,
    and no stroke reverses an earlier one.

    Call it once a stroke. While the stroke is being drawn, pass the mask from before it and the
    whole region that the brush has touched so far.

    Parameters
    ----------
    frame, mask, region : ndarray
        Of one shape. The region is what the brush has touched.
    more : bool
        Whether to turn sky to cloud, or cloud to sky.

    Returns
    -------
    ndarray of uint8
        The mask; blank pixels and those outside of the region stay as they are.

    Raises
    ------
    IrisError
        If the shapes of frame and mask differ.
    """
    doubtful = valid_pixels(frame, mask) & region & (mask == (SKY if more else CLOUD))
    if not doubtful.any():
        return mask.copy()
    box = _box(doubtful)
    noise = _median3_noise(frame)
    smooth = _median3(frame[box], mask[box])
    values = smooth[doubtful[box]]
    # The largest of n normal numbers lies near sqrt(2 ln n).
    if np.ptp(values) > 2 * np.sqrt(2 * np.log(values.size)) * noise:
        threshold = _local_threshold(values, noise)
        doubtful[box] &= (smooth > threshold) if more else (smooth <= threshold)
    return paint(mask, doubtful, CLOUD if more else SKY)


@dataclass(frozen=True, eq=False)
class Patch:
    """Connected pixels around a click.

    Attributes
    ----------
    pixels : ndarray of bool, shape (rows, columns)
        The pixels.
    tolerance : float
        How far they may lie beyond the clicked one, in the frame's unit.
    """

    pixels: Region
    tolerance: float


def find_patch(
    frame: Frame, mask: Mask, seed: tuple[int, int], value: int, tolerance: float | None = None
) -> Patch | None:
    """Find the patch around a click: a cloud, or a clear gap.

    The patch is the 4-connected component of pixels that are, in the median-filtered frame, at
    least as warm as the clicked one less a tolerance; for sky, at most as warm as it plus the
    tolerance. Ignored and blank pixels bound it.

    Parameters
    ----------
    frame, mask : ndarray
        Of one shape.
    seed : (int, int)
        Row and column of the clicked pixel.
    value : int
        What the patch is: 0 sky, 1 cloud, 2 ignore.
    tolerance : float, optional
        In the frame's unit, 0 or more. By default the distance to the lower `_local_threshold` of
        the frame and of a window around the click, at least four times the filtered frame's noise.

    Returns
    -------
    Patch or None
        The patch; None where the clicked pixel is ignored, blank or outside of the image.

    Raises
    ------
    IrisError
        If the shapes of frame and mask differ.
    """
    from scipy.ndimage import label

    valid = valid_pixels(frame, mask)
    inside = all(0 <= place < side for place, side in zip(seed, mask.shape, strict=True))
    if not inside or not valid[seed]:
        return None
    smooth = _median3(frame, mask)
    level, noise = float(smooth[seed]), _median3_noise(frame)
    if tolerance is None:
        tolerance = max(abs(min(_thresholds_at(smooth, seed, noise)) - level), 4 * noise)
    if value == SKY:
        patches, _ = label(valid & (smooth <= level + tolerance))
    else:
        patches, _ = label(valid & (smooth >= level - tolerance))
    return Patch(patches == patches[seed], tolerance)


def _thresholds_at(smooth: Frame, seed: tuple[int, int], noise: float) -> tuple[float, float]:
    """Thresholds of a window around a click, and of the frame.

    A thick cloud elsewhere does not affect the first; by the second a window full of cloud is
    still cloud.
    """
    half, sparse = max(smooth.shape) // WINDOW, 1 + smooth.size // 20_000
    window = smooth[tuple(slice(max(0, place - half), place + half + 1) for place in seed)]
    some = smooth[np.isfinite(smooth)][::sparse]
    return (
        _local_threshold(window[np.isfinite(window)], noise),
        _local_threshold(some, noise),
    )


def _box(region: Region) -> tuple[slice, slice]:
    """Rows and columns that a region spans."""
    rows, columns = (np.flatnonzero(region.any(axis=axis)) for axis in (1, 0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _median3(frame: Frame, mask: Mask) -> Frame:
    """Apply a 3-point median along the columns, then along the rows: it keeps edges.

    Blank and ignored pixels are left out. Six times as fast as SciPy's general filter.
    """
    padded = np.pad(np.where(valid_pixels(frame, mask), frame, np.nan), 1, mode="edge")
    smooth = _median_of_three(padded[:-2], padded[1:-1], padded[2:])
    return _median_of_three(smooth[:, :-2], smooth[:, 1:-1], smooth[:, 2:])


def _median_of_three(one: Frame, two: Frame, three: Frame) -> Frame:
    low: Frame = np.fmin(one, two)
    high = np.fmax(one, two)
    return np.fmax(low, np.fmin(high, three, out=high), out=low)


def _median3_noise(frame: Frame) -> float:
    """Estimate the noise (std) of the median-filtered frame from second differences.

    At least the rounding of the values.
    """
    some = frame[:: 1 + len(frame) // 64]
    some = np.where(np.isfinite(some), some, np.nan)
    step = np.abs(some[:, 2:] - 2 * some[:, 1:-1] + some[:, :-2])
    step = step[np.isfinite(step)]
    white = 1.4826 / np.sqrt(6) * np.median(step) if step.size else 0.0
    rounding = np.finfo(np.float32).eps * np.nanmax(np.abs(some), initial=1e-30)
    return float(max(MEDIAN3_NOISE_RATIO * white, rounding))


def _local_threshold(values: Frame, noise: float) -> float:
    """Split values as the recipe does a frame: Otsu's threshold of their logarithm.

    Heights above the coldest percent are taken in units of the noise, so that thin cloud counts
    beside thick. The result is the middle of the gap between values that the threshold lies in.
    """
    from skimage.filters import threshold_otsu

    exact = values.astype(np.float64)
    coldest = np.percentile(exact, 1)
    height = np.log1p(np.maximum(exact - coldest, 0) / noise)
    threshold = coldest + noise * np.expm1(threshold_otsu(height))
    cold = exact < threshold
    low = np.max(exact, where=cold, initial=-np.inf)
    high = np.min(exact, where=~cold, initial=np.inf)
    return midpoint(float(low), float(high), values.dtype)
