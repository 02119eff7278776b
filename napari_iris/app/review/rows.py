"""The frames of a review in a table: which columns, in which order, as which text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.app.times import short_time
from napari_iris.networks.novelty import UNLIKE_ABOVE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.app.review.review import Review

COLUMNS = {
    "Frame": "Number of the frame in the open sequence",
    "Time": "Observation time, UTC",
    "Accuracy": "Fraction of the pixels that are correct",
    "Uncertainty": "Mean entropy of the pixels' probabilities: 0 certain, 1 undecided everywhere",
    "Clear IoU": "Intersection over union of predicted and true clear sky",
    "Cloud": "Predicted cloud fraction",
    "Truth": "Cloud fraction of the reference mask",
    "P(cloud)": "Probability, by the classifier, that there is cloud in the frame",
    "Novelty": "Distance from the model's training frames: above 1 the frame is unlike them (!)",
    "File": "File name of the frame",
}
"""Columns of the table, and their tooltips."""

VALUES = {
    "Accuracy": "accuracy",
    "Uncertainty": "uncertainty",
    "Clear IoU": "iou_clear",
    "Cloud": "cloud_fraction",
    "Truth": "true_cloud_fraction",
    "P(cloud)": "p_cloud",
    "Novelty": "novelty",
}
"""Columns with numbers, and what they are called in a `Review`."""

PERCENT = ("Cloud", "Truth")

WORST, UNCERTAIN = "Worst first", "Most uncertain first"

ORDERS = {
    WORST: ("Accuracy", False),
    UNCERTAIN: ("Uncertainty", True),
    "By time": ("Time", False),
}
"""Orders of the frames: column, and whether descending."""


def default_order(review: Review) -> str:
    """Give the order for a review in which the user has not chosen one."""
    return UNCERTAIN if review.report is None else WORST


def sorted_rows(review: Review, column: str, *, descending: bool) -> NDArray[np.intp]:
    """Sort the frames of a review.

    Parameters
    ----------
    review : Review
        The frames.
    column : str
        One of `COLUMNS`.
    descending : bool
        Whether the largest value comes first.

    Returns
    -------
    ndarray of intp, shape (frames,)
        Rows of the review. Frames without a value come last; equal ones by descending loss, then
        in order of time.
    """
    if column == "Time":
        rows = np.arange(len(review))
        return rows[::-1] if descending else rows
    keys = _keys(review, column)
    missing = np.isnan(keys)
    loss = review.columns.get("bce")
    ties = [] if loss is None else [-np.nan_to_num(loss, nan=-np.inf)]
    # the last key decides first
    return np.lexsort([*ties, np.where(missing, 0, -keys if descending else keys), missing])


def cell_text(review: Review, row: int, column: str) -> str:
    """Write a cell of the table.

    Parameters
    ----------
    review : Review
        The frames.
    row : int
        Row of the review.
    column : str
        One of `COLUMNS`.

    Returns
    -------
    str
        Empty where there is no value.
    """
    if column == "Frame":
        return str(review.places[row] + 1) if review.places[row] >= 0 else ""
    if column == "Time":
        return short_time(review.times[row])
    if column == "File":
        return Path(review.files[row]).name
    values = review.columns.get(VALUES[column])
    value = np.nan if values is None else float(values[row])
    if np.isnan(value):
        return ""
    if column == "Novelty":
        return f"! {value:.2f}" if value > UNLIKE_ABOVE else f"{value:.2f}"
    return f"{value:.0%}" if column in PERCENT else f"{value:.3f}"


def _keys(review: Review, column: str) -> NDArray[np.float64]:
    """Give a number to sort each frame by; NaN where there is none."""
    if column == "Frame":
        return np.where(review.places < 0, np.nan, review.places)
    if column == "File":
        _, keys = np.unique(np.array(review.names), return_inverse=True)
        return keys.astype(np.float64)
    return review.columns.get(VALUES[column], np.full(len(review), np.nan))
