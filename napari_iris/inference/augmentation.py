"""Test-time augmentation: the mean and the spread of predictions of copies of a frame.

A flipped or slightly shifted cloud is still a cloud. Where the predictions of such copies
differ, the model is uncertain (after Wang et al., Neurocomputing 338, 34, 2019).
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

FLIPS = ((), (1,), (2,), (1, 2))
"""Axes of a batch that are flipped: none, rows, columns, both."""

SHIFTS = ((0, 0), (3, 5))
"""Rows and columns by which a copy is shifted [px]; odd, so that pooling windows fall elsewhere."""


def augmented_probability(
    predict: Callable[[NDArray[np.float32]], NDArray[np.float32]], x: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Predict flipped and shifted copies of some inputs, and combine the outputs.

    Parameters
    ----------
    predict : callable
        Gives probabilities, (frames, rows, columns), of inputs, (frames, rows, columns,
        planes).
    x : ndarray of float32, shape (frames, rows, columns, planes)
        Inputs; all planes are flipped, shifted and reflected at the border alike.

    Returns
    -------
    mean, spread : ndarray of float32, shape (frames, rows, columns)
        Mean and standard deviation over the copies, pixel by pixel; a border that is shifted out of
        a copy is not counted there.
    """
    count = np.zeros(x.shape[:3])
    total, squares = np.zeros((2, *x.shape[:3]))
    for flip, (down, right) in product(FLIPS, SHIFTS):
        rows, columns = x.shape[1] - down, x.shape[2] - right
        padded = np.pad(np.flip(x, flip), [(0, 0), (down, 0), (right, 0), (0, 0)], "reflect")
        found = predict(np.ascontiguousarray(padded[:, : x.shape[1], : x.shape[2]]))
        # shift the output back, then flip it back, with the pixels that were in view
        back = np.zeros((2, *x.shape[:3]))
        back[0, :, :rows, :columns] = found[:, down:, right:]
        back[1, :, :rows, :columns] = 1
        value, seen = (np.flip(part, flip) for part in back)
        total += value
        squares += value**2
        count += seen
    mean = total / count
    spread = np.sqrt(np.maximum(squares / count - mean**2, 0))  # rounding may be below 0
    return mean.astype(np.float32), spread.astype(np.float32)
