"""Display limits of one frame, from a small sample of its pixels: a few milliseconds at most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.frames.contrast import percentile_limits
from napari_iris.frames.rebin import rebin
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.zscale import zscale_limits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Limits = tuple[float, float]

CONTRAST = 0.25
"""Contrast of the zscale interval, as in IRAF and DS9: most of a frame's pixels are within."""

EVERY = 7
"""Pixels from one of the sample to the next: no factor of the usual widths of a frame."""


def frame_limits(pixels: NDArray[np.floating], contrast: float = CONTRAST) -> Limits:
    """Give the zscale limits of a frame.

    Parameters
    ----------
    pixels : ndarray of float, shape (rows, columns)
        In any unit; NaN where blank.
    contrast : float
        Contrast of the interval, above 0.

    Returns
    -------
    low, high : float
        In the unit of the frame, ``low < high``; 0 and 1 for a blank frame.
    """
    sample = pixels.ravel()[::EVERY].astype(np.float64)
    if not np.isfinite(sample).any():
        return 0.0, 1.0
    low, high = zscale_limits(sample, contrast)
    return (low, high) if high > low else percentile_limits(pixels)


def recipe_limits(pixels: NDArray[np.floating]) -> Limits:
    """Give the zscale limits that the recipe stretches a frame between, as `frame_limits` does.

    Parameters
    ----------
    pixels : ndarray of float, shape (rows, columns)
        In any unit; NaN where blank.
    """
    config = MaskConfig()
    try:
        pixels = rebin(pixels, config.shape)
    except IrisError:  # too small: the recipe refuses it, but it can be looked at
        return frame_limits(pixels, config.contrast)
    if not np.isfinite(pixels).any():
        return 0.0, 1.0
    low, high = zscale_limits(pixels.astype(np.float64), config.contrast)
    return (low, high) if high > low else percentile_limits(pixels)
