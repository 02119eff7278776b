"""Display limits: the same for every frame of a sequence, without a few extreme pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.frames.stack import FrameStack

PERCENTILES = (0.5, 99.5)
"""Percentiles of the finite pixels that become the lower and the upper limit."""

SAMPLED_PIXELS = 4_000_000
"""Pixels of the frames that are read for the limits of a sequence, at most."""


def percentile_limits(pixels: NDArray[np.generic]) -> tuple[float, float]:
    """Limits that hold all but the darkest and the brightest half percent of the pixels.

    Parameters
    ----------
    pixels : ndarray, any shape
        In any unit; pixels that are not finite are left out.

    Returns
    -------
    low, high : float
        In the unit of the pixels, ``low < high``; 0 and 1 where no pixel is finite.
    """
    seen = pixels[np.isfinite(pixels)]
    if not seen.size:
        return 0.0, 1.0
    low, high = (float(limit) for limit in np.percentile(seen, PERCENTILES))
    return low, high if high > low else low + 1.0


def display_limits(frames: FrameStack) -> tuple[float, float]:
    """Limits for a sequence, from up to twelve frames spread evenly over it.

    Parameters
    ----------
    frames : FrameStack
        The frames; larger ones are sampled more sparsely.

    Returns
    -------
    low, high : float
        In the unit of the frames, ``low < high``.
    """
    count, rows, columns = frames.shape
    sampled = int(np.clip(SAMPLED_PIXELS // (rows * columns), 1, min(12, count)))
    numbers = np.unique(np.linspace(0, count - 1, sampled).round().astype(int))
    # Every seventh pixel: 7 shares no factor with the usual widths, so no column is favoured.
    sample = [frames.pixels(int(number)).ravel()[::7] for number in numbers]
    return percentile_limits(np.concatenate(sample))
