"""The surface that a mask was cut at: of the clear sky, of the frame's floor, or level."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.labels import CLOUD
from napari_iris.masks.gate import resample_floor, sky_gate
from napari_iris.masks.threshold import best_threshold, valid_pixels

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLOSER = 0.01
"""Part of the pixels by which a mask must be closer to a cut along a surface than a level one."""


def best_heights(
    pixels: NDArray[np.float32], excess: NDArray[np.float32] | None, mask: NDArray[np.uint8]
) -> NDArray[np.floating]:
    """Give the heights of the pixels above the surface that a mask is a cut along.

    Parameters
    ----------
    pixels : ndarray of float32, shape (rows, columns)
        The frame, in its unit, NaN where blank.
    excess : ndarray of float32 or None
        Its excess above the clear sky, of the same shape [ADU].
    mask : ndarray of uint8
        0 sky, 1 cloud, 2 ignore, of the same shape.

    Returns
    -------
    ndarray of float32
        The excess, the heights above the frame's own floor, or the pixels themselves: what a
        threshold reproduces the mask from best.
    """
    candidates: list[NDArray[np.floating]] = [pixels, clear_sky_heights(pixels, None)]
    if excess is not None and excess.shape == mask.shape:
        candidates.append(excess)
    wrong = [_wrong(heights, mask) for heights in candidates]
    wrong[0] -= CLOSER
    return candidates[int(np.argmin(wrong))]


def clear_sky_heights(
    pixels: NDArray[np.float32], excess: NDArray[np.float32] | None
) -> NDArray[np.floating]:
    """Give the heights of the pixels above the clear sky, as far as that is known.

    Parameters
    ----------
    pixels, excess
        As in `best_heights`.

    Returns
    -------
    ndarray of float32
        The excess, else the heights above the frame's own floor, else the pixels themselves.
    """
    if excess is not None and excess.shape == pixels.shape:
        return excess
    with suppress(IrisError):  # too small, or blank: it has no floor
        return pixels - resample_floor(sky_gate(pixels), (pixels.shape[0], pixels.shape[1]))
    return pixels


def _wrong(heights: NDArray[np.floating], mask: NDArray[np.uint8]) -> float:
    """Part of the pixels that the best threshold has otherwise than the mask."""
    valid = valid_pixels(heights, mask)
    if not valid.any():
        return 1.0
    threshold = best_threshold(heights, mask, valid)
    return float(np.mean((heights > threshold)[valid] != (mask == CLOUD)[valid]))
