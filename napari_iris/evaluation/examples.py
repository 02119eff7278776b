"""Example frames for the figures: truth, prediction and errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.inference.cloud_mask import is_cloud
from napari_iris.inference.prediction_file import read_prediction
from napari_iris.labels import CLOUD, IGNORE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.evaluation.report import Report

RIGHT, FALSE, MISSED, IGNORED = range(4)
"""Values of an error image."""


@dataclass(frozen=True, eq=False)
class Example:
    """One frame with its truth and its prediction.

    Attributes
    ----------
    name : str
        Name of the frame.
    frame : ndarray of float32, shape (rows, columns)
        The binned frame, in ADU; NaN where blank.
    mask : ndarray of uint8, shape (rows, columns), or None
        The truth: 0 sky, 1 cloud, 2 ignore.
    probability : ndarray of float32, shape (rows, columns)
        Of cloud, as predicted.
    threshold : float
        Probability from which a pixel was called cloud.
    accuracy : float
        Part of the counted pixels that is right; NaN where none counts.
    """

    name: str
    frame: NDArray[np.float32]
    mask: NDArray[np.uint8] | None
    probability: NDArray[np.float32]
    threshold: float
    accuracy: float

    def errors(self) -> NDArray[np.uint8]:
        """Error image: right (0), sky called cloud (1), cloud missed (2), ignored (3)."""
        if self.mask is None:
            return np.full(self.frame.shape, IGNORED, np.uint8)
        found, cloud = is_cloud(self.probability, self.threshold), self.mask == CLOUD
        wrong = np.where(found & ~cloud, FALSE, np.where(cloud & ~found, MISSED, RIGHT))
        return np.where(self.mask == IGNORE, IGNORED, wrong).astype(np.uint8)


def read_example(report: Report, row: int) -> Example:
    """Read an evaluated frame again.

    Parameters
    ----------
    report : Report
        The evaluation.
    row : int
        Row of ``report.table``.

    Raises
    ------
    FileError
        If a file is gone or has changed since.
    """
    match = report.matches[row]
    made = read_prediction(match.prediction)
    rows, columns = made.probability.shape
    frame, mask, _ = match.sample.read(0, (rows, columns))
    given = report.config.threshold
    return Example(
        report.table.names[row],
        frame,
        mask,
        made.probability,
        made.threshold if given is None else given,
        float(report.table.values["accuracy"][row]),
    )


def masked_rows(report: Report) -> NDArray[np.intp]:
    """Rows of the frames with counted pixels, the worst first.

    Parameters
    ----------
    report : Report
        The evaluation.
    """
    order = report.table.order()
    return order[report.table.values["pixels"][order] > 0]


def typical_rows(report: Report, count: int) -> NDArray[np.intp]:
    """Choose frames with both clear sky and cloud, spread from the worst to the best.

    Parameters
    ----------
    report : Report
        The evaluation.
    count : int
        Number of frames wanted. Where fewer have both, any frames are chosen.

    Returns
    -------
    ndarray of int
        Rows of ``report.table``, at most `count`.
    """
    rows = masked_rows(report)
    cloud = report.table.values["true_cloud_fraction"][rows]
    both = rows[(cloud > 0.05) & (cloud < 0.95)]
    return evenly(both if len(both) >= count else rows, count)


def evenly(rows: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """Choose rows at even distances.

    Parameters
    ----------
    rows : ndarray of int
        Rows in order.
    count : int
        Number of rows wanted.

    Returns
    -------
    ndarray of int
        The middle rows of `count` equal parts; all rows where there are no more than `count`.
    """
    if len(rows) <= count:
        return rows
    return rows[((np.arange(count) + 0.5) * len(rows) / count).astype(np.intp)]
