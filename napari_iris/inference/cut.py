"""A probability of cloud, cut at a threshold: a mask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.labels import CLOUD, IGNORE, SKY

if TYPE_CHECKING:
    from numpy.typing import NDArray


def cloud_mask(probability: NDArray[np.floating], threshold: float) -> NDArray[np.uint8]:
    """Cut a probability at a threshold.

    Parameters
    ----------
    probability : ndarray of float, shape (rows, columns)
        That a pixel is cloud, 0 to 1; NaN where the frame is blank.
    threshold : float
        Probability from which it is cloud, compared as float32.

    Returns
    -------
    ndarray of uint8, shape (rows, columns)
        0 sky, 1 cloud, 2 where blank.
    """
    p = np.asarray(probability, np.float32)
    mask = np.where(p >= np.float32(threshold), CLOUD, SKY).astype(np.uint8)
    mask[np.isnan(p)] = IGNORE
    return mask
