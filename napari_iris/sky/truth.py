"""Truth: where the cloud is, exactly, and at a mask's resolution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.frames.rebin import rebin
from napari_iris.labels import CLOUD, SKY

if TYPE_CHECKING:
    from numpy.typing import NDArray


def rebin_truth(truth: NDArray[np.bool_], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Rebin truth to a mask by majority: cloud where more than half of a pixel's area is cloud.

    The area counts, not the mean optical depth, in which one opaque pixel outweighs many clear.

    Parameters
    ----------
    truth : ndarray of bool, shape (rows, columns)
        Cloud at the frame's own resolution.
    shape : (int, int)
        Rows and columns wanted, in pixels.

    Returns
    -------
    ndarray of uint8, shape `shape`
        0 sky, 1 cloud.

    Raises
    ------
    IrisError
        If the truth or `shape` is too small to rebin.
    """
    return np.where(rebin(truth, shape) > 0.5, CLOUD, SKY).astype(np.uint8)
