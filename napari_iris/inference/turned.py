"""Turned and shifted copies of a frame: where their answers differ, the model is not to be trusted.

Test-time augmentation (after Wang et al., Neurocomputing 338, 34, 2019): a cloud is a cloud seen in
a mirror or a few pixels aside.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

FLIPS = ((), (1,), (2,), (1, 2))
"""Axes of a batch that are mirrored: none, rows, columns, both."""

SHIFTS = ((0, 0), (3, 5))
"""Rows and columns that a copy is shifted by; odd, so that pooling cuts elsewhere [px]."""


def turned_answers(
    answer: Callable[[NDArray[np.float32]], NDArray[np.float32]], x: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and spread of a network's answers to all copies of some inputs.

    Parameters
    ----------
    answer : callable
        Gives probabilities, (frames, rows, columns), of inputs, (frames, rows, columns, 1).
    x : ndarray of float32, shape (frames, rows, columns, 1)
        Inputs.

    Returns
    -------
    mean, spread : ndarray of float32, shape (frames, rows, columns)
        Mean and standard deviation, pixel by pixel; the border that a shift pushes out is of fewer
        copies.
    """
    count = np.zeros(x.shape[:3])
    total, squares = np.zeros((2, *x.shape[:3]))
    for flip, (down, right) in product(FLIPS, SHIFTS):
        rows, columns = x.shape[1] - down, x.shape[2] - right
        mirrored = np.flip(x, flip)
        padded = np.pad(mirrored, [(0, 0), (down, 0), (right, 0), (0, 0)], "reflect")
        found = answer(np.ascontiguousarray(padded[:, : x.shape[1], : x.shape[2]]))
        back = np.zeros((2, *x.shape[:3]))
        back[0, :, :rows, :columns] = found[:, down:, right:]
        back[1, :, :rows, :columns] = 1
        value, seen = (np.flip(part, flip) for part in back)
        total += value
        squares += value**2
        count += seen
    mean = total / count
    spread = np.sqrt(np.maximum(squares / count - mean**2, 0))
    return mean.astype(np.float32), spread.astype(np.float32)
