"""Scores of a mask against the truth, from the confusion matrix alone."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Counts:
    """Confusion matrix of cloud against sky.

    Attributes
    ----------
    hit, false, missed, clear : int
        True positives, false positives, false negatives and true negatives, where cloud is
        positive.
    """

    hit: int = 0
    false: int = 0
    missed: int = 0
    clear: int = 0

    @classmethod
    def of(
        cls,
        found: NDArray[np.bool_],
        truth: NDArray[np.bool_],
        counted: NDArray[np.bool_] | None = None,
    ) -> Self:
        """Count a mask against its truth.

        Parameters
        ----------
        found, truth : ndarray of bool, any one shape
            Where cloud was found, and where it is.
        counted : ndarray of bool, same shape, optional
            Pixels that count; all by default.
        """
        if counted is not None:
            found, truth = found[counted], truth[counted]
        hit = int(np.count_nonzero(found & truth))
        false = int(np.count_nonzero(found)) - hit
        missed = int(np.count_nonzero(truth)) - hit
        return cls(hit, false, missed, found.size - hit - false - missed)

    def __add__(self, other: Counts) -> Counts:
        return Counts(*map(sum, zip(astuple(self), astuple(other), strict=True)))

    @property
    def total(self) -> int:
        """Number of pixels, or frames, counted."""
        return self.hit + self.false + self.missed + self.clear

    @property
    def is_one_kind(self) -> bool:
        """Whether truth and prediction have one class each, or nothing was counted."""
        return self.total in (self.hit, self.false, self.missed, self.clear)

    @property
    def one_class(self) -> str:
        """The only class of the truth, 'clear' or 'cloud'; empty where it has both."""
        cloud, clear = self.hit + self.missed, self.false + self.clear
        if cloud and clear:
            return ""
        return "cloud" if cloud else "clear"

    def matrix(self) -> NDArray[np.int64]:
        """Confusion matrix, shape (2, 2): truth by row, prediction by column, clear first."""
        return np.array([[self.clear, self.false], [self.missed, self.hit]], np.int64)


def scores(counts: Counts) -> dict[str, float]:
    """Compute all scores of a confusion matrix; see `scores_of_many`.

    Parameters
    ----------
    counts : Counts
        The confusion matrix.

    Returns
    -------
    dict of str to float
        In the order of `SCORES`.
    """
    return {name: float(value) for name, value in scores_of_many(np.array(astuple(counts))).items()}


def scores_of_many(counts: NDArray[np.integer]) -> dict[str, NDArray[np.float64]]:
    """Compute all scores of confusion matrices.

    Parameters
    ----------
    counts : ndarray of int, shape (..., 4)
        Hit, false, missed, clear: see `Counts`.

    Returns
    -------
    dict of str to ndarray of float64, shape (...)
        accuracy, balanced_accuracy, precision, recall, f1, error_rate, iou_cloud, iou_clear, mcc
        (Matthews, Biochim. Biophys. Acta 405, 442, 1975), in the order of `SCORES`. NaN where a
        score is not defined; the MCC is 0 where truth or prediction has one class only, and the
        balanced accuracy is the recall of the one class that the truth has.
    """
    hit, false, missed, clear = np.moveaxis(counts.astype(np.float64), -1, 0)
    cloud, sky, total = hit + missed, false + clear, hit + false + missed + clear
    with np.errstate(invalid="ignore", divide="ignore"):
        recall, specificity, accuracy = hit / cloud, clear / sky, (hit + clear) / total
        spread = np.sqrt(hit + false) * np.sqrt(cloud) * np.sqrt(sky) * np.sqrt(clear + missed)
        mcc = np.where(spread > 0, (hit * clear - false * missed) / spread, 0.0)
        balanced = np.where(sky > 0, (recall + specificity) / 2, recall)
        return {
            "accuracy": accuracy,
            "balanced_accuracy": np.where(cloud > 0, balanced, specificity),
            "precision": hit / (hit + false),
            "recall": recall,
            "f1": 2 * hit / (2 * hit + false + missed),
            "error_rate": 1 - accuracy,
            "iou_cloud": hit / (hit + false + missed),
            "iou_clear": clear / (clear + false + missed),
            "mcc": np.where(total > 0, mcc.clip(-1, 1), np.nan),  # rounding may exceed 1
        }


SCORES = tuple(scores(Counts()))
"""Names of the scores that every prediction has, in the order in which they are reported."""
