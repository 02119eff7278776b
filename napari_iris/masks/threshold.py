"""Edits of a cloud mask by its threshold: moved as a whole, under a brush, or around a click.

Every edit returns a new mask; the given one stays as it is. Ignored pixels keep their value. All
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
from napari_iris.labels import CLOUD, IGNORE, SKY
from napari_iris.masks.edit import paint

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.uint8]
    Region = NDArray[np.bool_]
    Frame = NDArray[np.floating]

CALM_NOISE = 0.45
"""Noise of a frame calmed by `_calm`, as a part of its white noise."""

MANY = 30_000
"""Pixels from which on the best cut is guessed first, from every 16th of them, to sort fewer."""

WINDOW = 6
"""A click looks this part of the frame's longer side to each side for warm and cold: a sixth."""


def cut_of(frame: Frame, mask: Mask, region: Region) -> float:
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
    seen = _seen(frame, mask) & region
    values, cloud = frame[seen], mask[seen] == CLOUD
    if not values.size:
        raise IrisError("region: all its pixels are blank, ignored or outside; choose another one")
    return _best_cut(values, cloud)


def cut_region(frame: Frame, mask: Mask, region: Region, cut: float) -> Mask:
    """Call cloud what is warmer than a threshold, inside a region alone.

    Parameters
    ----------
    frame, mask, region : ndarray
        Of one shape. The region is where to cut.
    cut : float
        The threshold, in the frame's unit: cloud is above it.

    Returns
    -------
    ndarray of uint8
        The mask cut anew inside the region; blank pixels stay as they are.

    Raises
    ------
    IrisError
        If the shapes of frame and mask differ.
    """
    return np.where(_seen(frame, mask) & region, (frame > cut).astype(np.uint8), mask)


def threshold_brush(frame: Frame, mask: Mask, region: Region, *, more: bool) -> Mask:
    """Paint towards more cloud, warmest pixels first, or towards less, coldest first.

    Painting more splits the sky under the brush in two and calls its warm part cloud; painting
    less splits the cloud there and calls its cold part sky. The split is `_local_cut`'s. Where
    noise is all that tells the pixels apart, all of them change. So every stroke goes on where
    the last one stopped, until the brush has left nothing to change; none ever takes back.

    Call it once a stroke. While the stroke is being drawn, give the mask from before it and all
    that the brush has passed over so far.

    Parameters
    ----------
    frame, mask, region : ndarray
        Of one shape. The region is what the brush passed over.
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
    doubtful = _seen(frame, mask) & region & (mask == (SKY if more else CLOUD))
    if not doubtful.any():
        return mask.copy()
    box = _box(doubtful)
    noise = _calm_noise(frame)
    calm = _calm(frame[box], mask[box])
    values = calm[doubtful[box]]
    # The largest of n normal numbers lies near sqrt(2 ln n).
    if np.ptp(values) > 2 * np.sqrt(2 * np.log(values.size)) * noise:
        cut = _local_cut(values, noise)
        doubtful[box] &= (calm > cut) if more else (calm <= cut)
    return paint(mask, doubtful, CLOUD if more else SKY)


def grow_region(
    frame: Frame, mask: Mask, seed: tuple[int, int], value: int, tolerance: float | None = None
) -> Mask:
    """Set the patch that a click lies in: a cloud, or a clear gap.

    The patch is all that hangs together with the clicked pixel, side by side, and is as warm, to
    a tolerance, in the frame calmed by `_calm`. Ignored and blank pixels end it.

    Parameters
    ----------
    frame, mask : ndarray
        Of one shape.
    seed : (int, int)
        Row and column of the clicked pixel. Where it is ignored, blank or outside of the image,
        nothing changes.
    value : int
        What the patch is: 0 sky, 1 cloud, 2 ignore.
    tolerance : float, optional
        In the frame's unit, 0 or more. Where left out, it reaches to the lower `_local_cut` of
        the frame and of a window around the click, but at least four times the calmed frame's
        noise; cloud above either cut has all that is warmer too, sky below either all colder.

    Returns
    -------
    ndarray of uint8
        The mask with the patch set.

    Raises
    ------
    IrisError
        If the shapes of frame and mask differ.
    """
    from scipy.ndimage import label

    seen = _seen(frame, mask)
    inside = all(0 <= place < side for place, side in zip(seed, mask.shape, strict=True))
    if not inside or not seen[seed]:
        return mask.copy()
    calm = _calm(frame, mask)
    level = float(calm[seed])
    if tolerance is not None:
        low, high = level - tolerance, level + tolerance
    else:
        low, high = _range_of_click(calm, seed, value, _calm_noise(frame))
    patches, _ = label(seen & (low <= calm) & (calm <= high))
    return paint(mask, patches == patches[seed], value)


def _range_of_click(
    calm: Frame, seed: tuple[int, int], value: int, noise: float
) -> tuple[float, float]:
    """Lowest and highest value that belong to a click.

    There are two cuts: one of the window around the click, where a thick cloud far off has no
    say, and one of the frame, in which a window full of cloud still is cloud.
    """
    half, sparse = max(calm.shape) // WINDOW, 1 + calm.size // 20_000
    window = calm[tuple(slice(max(0, place - half), place + half + 1) for place in seed)]
    some = calm[np.isfinite(calm)][::sparse]
    cuts = [_local_cut(part, noise) for part in (window[np.isfinite(window)], some)]
    level = float(calm[seed])
    reach = max(abs(min(cuts) - level), 4 * noise)
    low = -np.inf if value == SKY and level < max(cuts) else level - reach
    high = np.inf if value == CLOUD and level >= min(cuts) else level + reach
    return low, high


def _seen(frame: Frame, mask: Mask) -> Region:
    """Pixels that are neither blank nor ignored."""
    if frame.shape != mask.shape:
        raise IrisError(
            f"frame {frame.shape} and mask {mask.shape} differ in shape; rebin the frame"
        )
    seen: Region = np.isfinite(frame) & (mask != IGNORE)
    return seen


def _best_cut(values: Frame, cloud: Region) -> float:
    """Threshold between cloud and sky with the fewest pixels on the wrong side."""
    low, high = -np.inf, np.inf
    if values.size > MANY:
        low, high = _narrow(values, cloud, _best_cut(values[::16], cloud[::16]))
    inside = (low < values) & (values < high)
    order = np.argsort(values[inside])
    steps = np.concatenate([[low], values[inside][order], [high]])
    wrong = np.append(0, np.cumsum(np.where(cloud[inside][order], 1, -1)))
    gaps = np.flatnonzero(steps[:-1] < steps[1:])
    best = gaps[wrong[gaps] == wrong[gaps].min()]
    gap = best[len(best) // 2]
    return _middle(float(steps[gap]), float(steps[gap + 1]), values.dtype)


def _narrow(values: Frame, cloud: Region, guess: float) -> tuple[float, float]:
    """Two values, or infinities, that all best cuts lie between, from a guess at one.

    A best cut has no more pixels wrong than the guess, so it leaves no more sky above, nor more
    cloud below.
    """
    wrong = np.count_nonzero((values > guess) != cloud)
    sky, cloudy = values[~cloud], values[cloud]
    low = np.partition(sky, -wrong - 1)[-wrong - 1] if wrong < sky.size else -np.inf
    high = np.partition(cloudy, wrong)[wrong] if wrong < cloudy.size else np.inf
    return float(low), float(high)


def _middle(low: float, high: float, dtype: np.dtype[np.floating]) -> float:
    """Middle of two values, held to ``low <= middle < high`` in the frame's own precision.

    Beside the one value where the other is infinite.
    """
    after, before = np.nextafter(np.array([low, high], dtype), np.array([high, low], dtype))
    if np.isinf(low) or np.isinf(high):
        return float(before if np.isinf(low) else after)
    return float(min(dtype.type(low / 2 + high / 2), before))


def _box(region: Region) -> tuple[slice, slice]:
    """Rows and columns that a region spans."""
    rows, columns = (np.flatnonzero(region.any(axis=axis)) for axis in (1, 0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _calm(frame: Frame, mask: Mask) -> Frame:
    """Median of three along the columns, then along the rows: edges stay, lone pixels go.

    Blank and ignored pixels are left out. Written out, it is six times as fast as SciPy's filter.
    """
    padded = np.pad(np.where(_seen(frame, mask), frame, np.nan), 1, mode="edge")
    calm = _median_of_three(padded[:-2], padded[1:-1], padded[2:])
    return _median_of_three(calm[:, :-2], calm[:, 1:-1], calm[:, 2:])


def _median_of_three(one: Frame, two: Frame, three: Frame) -> Frame:
    low: Frame = np.fmin(one, two)
    high = np.fmax(one, two)
    return np.fmax(low, np.fmin(high, three, out=high), out=low)


def _calm_noise(frame: Frame) -> float:
    """Estimate the noise (std) of a calmed frame from second differences along some rows.

    At least the rounding of the values.
    """
    some = frame[:: 1 + len(frame) // 64]
    some = np.where(np.isfinite(some), some, np.nan)
    step = np.abs(some[:, 2:] - 2 * some[:, 1:-1] + some[:, :-2])
    step = step[np.isfinite(step)]
    white = 1.4826 / np.sqrt(6) * np.median(step) if step.size else 0.0
    rounding = np.finfo(np.float32).eps * np.nanmax(np.abs(some), initial=1e-30)
    return float(max(CALM_NOISE * white, rounding))


def _local_cut(values: Frame, noise: float) -> float:
    """Split values as the recipe does a frame: Otsu's threshold of their logarithm.

    It is the logarithm of the height above the coldest percent, in units of the noise, so that
    thin cloud counts beside thick. The cut is the middle of the gap that the threshold lies in.
    """
    from skimage.filters import threshold_otsu

    exact = values.astype(np.float64)
    coldest = np.percentile(exact, 1)
    height = np.log1p(np.maximum(exact - coldest, 0) / noise)
    cut = coldest + noise * np.expm1(threshold_otsu(height))
    cold = exact < cut
    low = np.max(exact, where=cold, initial=-np.inf)
    high = np.min(exact, where=~cold, initial=np.inf)
    return _middle(float(low), float(high), values.dtype)
