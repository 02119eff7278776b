"""Truth: where the cloud is, exactly, and at a mask's resolution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.frames.rebin import rebin
from napari_iris.labels import CLOUD, IGNORE, SKY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.labels import SkyCondition

IGNORED = (0.02, 0.12)
"""Optical depths between which truth is undecided: neither surely clear nor surely cloud."""

FEW = 0.005
"""Part of a frame that may be cloud under a clear sky, and sky in an overcast one."""


def rebin_truth(
    truth: NDArray[np.bool_],
    shape: tuple[int, int],
    undecided: NDArray[np.bool_] | None = None,
) -> NDArray[np.uint8]:
    """Rebin truth to a mask by majority: cloud where more than half of a pixel's area is cloud.

    The area counts, not the mean optical depth, in which one opaque pixel outweighs many clear.

    Parameters
    ----------
    truth : ndarray of bool, shape (rows, columns)
        Cloud at the frame's own resolution.
    shape : (int, int)
        Rows and columns wanted, in pixels.
    undecided : ndarray of bool, shape (rows, columns), optional
        Pixels of which truth is undecided; the mask is 2 where they are more than half of it.

    Returns
    -------
    ndarray of uint8, shape `shape`
        0 sky, 1 cloud, 2 ignore.

    Raises
    ------
    IrisError
        If the truth or `shape` is too small to rebin.
    """
    mask = np.where(rebin(truth, shape) > 0.5, CLOUD, SKY).astype(np.uint8)
    if undecided is not None:
        mask[rebin(undecided, shape) > 0.5] = IGNORE
    return mask


def undecided(tau: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Select pixels whose optical depth is neither surely clear nor surely cloud.

    Parameters
    ----------
    tau : ndarray of float32
        Optical depth, 0 or more.

    Returns
    -------
    ndarray of bool
        True within `IGNORED`.
    """
    low, high = IGNORED
    return (tau > low) & (tau < high)


def sky_of_truth(truth: NDArray[np.bool_]) -> SkyCondition:
    """Name the sky condition of a frame by its cloud.

    Parameters
    ----------
    truth : ndarray of bool
        Cloud.

    Returns
    -------
    {'clear', 'cloudy', 'overcast'}
        Clear up to a cloud fraction of `FEW`, overcast from ``1 - FEW``.
    """
    fraction = truth.mean()
    if fraction <= FEW:
        return "clear"
    return "overcast" if fraction >= 1 - FEW else "cloudy"
