"""Frames to show: each with its truth, its prediction, and where the two differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.inference.prediction_file import read_prediction
from napari_iris.labels import CLOUD, IGNORE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.evaluation.report import Report

RIGHT, FALSE, MISSED, IGNORED = range(4)
"""Values of an image of errors."""


@dataclass(frozen=True, eq=False)
class Example:
    """One frame and all that is known of it.

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
        Probability from which it was called cloud.
    accuracy : float
        Part of the pixels that were called right; NaN where none counts.
    """

    name: str
    frame: NDArray[np.float32]
    mask: NDArray[np.uint8] | None
    probability: NDArray[np.float32]
    threshold: float
    accuracy: float

    def errors(self) -> NDArray[np.uint8]:
        """Where the prediction is right (0), calls sky cloud (1), misses cloud (2); 3 ignored."""
        if self.mask is None:
            return np.full(self.frame.shape, IGNORED, np.uint8)
        found, cloud = self.probability >= np.float32(self.threshold), self.mask == CLOUD
        wrong = np.where(found & ~cloud, FALSE, np.where(cloud & ~found, MISSED, RIGHT))
        return np.where(self.mask == IGNORE, IGNORED, wrong).astype(np.uint8)


def read_example(report: Report, row: int) -> Example:
    """Read a measured frame again.

    Parameters
    ----------
    report : Report
        The evaluation.
    row : int
        Row of ``report.frames``.

    Raises
    ------
    FileError
        If a file has gone or changed since.
    """
    pair = report.pairs[row]
    made = read_prediction(pair.prediction)
    rows, columns = made.probability.shape
    frame, mask = pair.sample.read(0, (rows, columns))
    given = report.config.threshold
    return Example(
        report.frames.names[row],
        frame,
        mask,
        made.probability,
        made.threshold if given is None else given,
        float(report.frames.values["accuracy"][row]),
    )


def masked_rows(report: Report) -> NDArray[np.intp]:
    """Rows of the frames with pixels that count, the worst first."""
    order = report.frames.order()
    return order[report.frames.values["pixels"][order] > 0]


def typical_rows(report: Report, count: int) -> NDArray[np.intp]:
    """Rows of frames with clear sky and cloud in them, spread from the worst to the best.

    Where fewer than `count` have both, any frames.
    """
    rows = masked_rows(report)
    cloud = report.frames.values["true_cloud_fraction"][rows]
    both = rows[(cloud > 0.05) & (cloud < 0.95)]
    return evenly(both if len(both) >= count else rows, count)


def evenly(rows: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """At most so many of the rows: the middle ones of as many equal parts."""
    if len(rows) <= count:
        return rows
    return rows[((np.arange(count) + 0.5) * len(rows) / count).astype(np.intp)]
