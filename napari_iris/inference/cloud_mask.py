"""A probability of cloud becomes a mask at a threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.labels import CLOUD, IGNORE, SKY

if TYPE_CHECKING:
    from numpy.typing import NDArray


def is_cloud(probability: NDArray[np.floating], threshold: float) -> NDArray[np.bool_]:
    """Compare a probability with a threshold; a pixel at the threshold is cloud.

    Parameters
    ----------
    probability : ndarray of float, any shape
        That a pixel is cloud, 0 to 1; NaN where the frame is blank.
    threshold : float
        Probability from which it is cloud. Both are compared as float32, so that a probability
        reaches the threshold that was chosen as the same number.

    Returns
    -------
    ndarray of bool, same shape
        False where the probability is NaN.
    """
    return np.asarray(probability, np.float32) >= np.float32(threshold)


def cloud_mask(probability: NDArray[np.floating], threshold: float) -> NDArray[np.uint8]:
    """Make the mask of a probability.

    Parameters
    ----------
    probability : ndarray of float, shape (rows, columns)
        That a pixel is cloud, 0 to 1; NaN where the frame is blank.
    threshold : float
        Probability from which it is cloud, see `is_cloud`.

    Returns
    -------
    ndarray of uint8, shape (rows, columns)
        0 sky, 1 cloud, 2 where blank.
    """
    mask = np.where(is_cloud(probability, threshold), CLOUD, SKY).astype(np.uint8)
    mask[np.isnan(probability)] = IGNORE
    return mask
