"""Where a predicted mask is right and wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.labels import CLOUD, IGNORE

if TYPE_CHECKING:
    from numpy.typing import NDArray

HIT, FALSE_ALARM, MISS = 1, 2, 3
"""Values of an error map: true positives, false positives and false negatives; 0 is elsewhere."""

ERROR_NAMES = {HIT: "Hit", FALSE_ALARM: "False alarm", MISS: "Miss"}

ERROR_MEANINGS = {
    HIT: "true positive: cloud in both",
    FALSE_ALARM: "false positive: cloud in the prediction alone",
    MISS: "false negative: cloud in the truth alone",
}


def error_map(mask: NDArray[np.uint8], truth: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Compare a predicted mask with the truth, pixel by pixel.

    Parameters
    ----------
    mask, truth : ndarray of uint8, shape (rows, columns)
        0 sky, 1 cloud, 2 ignore.

    Returns
    -------
    ndarray of uint8, shape (rows, columns)
        `HIT`, `FALSE_ALARM` or `MISS`; 0 where both are sky, and where either is ignored.
    """
    predicted, actual = mask == CLOUD, truth == CLOUD
    counted = (mask != IGNORE) & (truth != IGNORE)
    errors = np.zeros(mask.shape, np.uint8)
    errors[counted & predicted & actual] = HIT
    errors[counted & predicted & ~actual] = FALSE_ALARM
    errors[counted & ~predicted & actual] = MISS
    return errors
