"""The confusion matrix in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLASSES = ("clear", "cloud")

UNITS = ((10_000_000, "M"), (10_000, "k"))


def confusion_lines(matrix: NDArray[np.int64] | None) -> list[str]:
    """Write the four counts of a confusion matrix.

    Parameters
    ----------
    matrix : ndarray of int64, shape (2, 2), or None
        Truth by row, prediction by column, clear first.

    Returns
    -------
    list of str
        Four lines; none without a matrix.
    """
    if matrix is None:
        return []
    return [
        f"{truth} predicted as {predicted}: {matrix[row, column]:,} pixels"
        for row, truth in enumerate(CLASSES)
        for column, predicted in enumerate(CLASSES)
    ]


def row_fractions(matrix: NDArray[np.int64]) -> NDArray[np.float64]:
    """Divide each count by the sum of its row.

    Parameters
    ----------
    matrix : ndarray of int64, shape (2, 2)
        Truth by row.

    Returns
    -------
    ndarray of float64, shape (2, 2)
        0 to 1; NaN in a row without pixels.
    """
    rows = matrix.sum(axis=1, keepdims=True)
    return np.where(rows > 0, matrix / np.maximum(rows, 1), np.nan)


def short_count(count: int) -> str:
    """Write a large count in thousands or millions.

    Parameters
    ----------
    count : int
        Such as 360123.

    Returns
    -------
    str
        Such as ``360 k``.
    """
    for least, unit in UNITS:
        if count >= least:
            return f"{count / (least / 10):.0f} {unit}"
    return f"{count:,}"
