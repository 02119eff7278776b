"""Scores of a mask against the truth, from the confusion matrix alone."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from math import nan, sqrt
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
    """Compute all scores of a confusion matrix.

    Parameters
    ----------
    counts : Counts
        The confusion matrix.

    Returns
    -------
    dict of str to float
        accuracy, balanced_accuracy, precision, recall, f1, error_rate, iou_cloud, iou_clear, mcc
        (Matthews, Biochim. Biophys. Acta 405, 442, 1975), in the order of `SCORES`. NaN where a
        score is not defined; the MCC is 0 where truth or prediction has one class only, and the
        balanced accuracy is the recall of the one class that the truth has.
    """
    hit, false, missed, clear = astuple(counts)
    recall, specificity = _ratio(hit, hit + missed), _ratio(clear, clear + false)
    accuracy = _ratio(hit + clear, counts.total)
    spread = sqrt(hit + false) * sqrt(hit + missed) * sqrt(clear + false) * sqrt(clear + missed)
    mcc = (hit * clear - false * missed) / spread if spread else 0.0
    return {
        "accuracy": accuracy,
        "balanced_accuracy": _mean_defined(recall, specificity),
        "precision": _ratio(hit, hit + false),
        "recall": recall,
        "f1": _ratio(2 * hit, 2 * hit + false + missed),
        "error_rate": 1 - accuracy,
        "iou_cloud": _ratio(hit, hit + false + missed),
        "iou_clear": _ratio(clear, clear + false + missed),
        "mcc": max(-1.0, min(mcc, 1.0)) if counts.total else nan,  # rounding may exceed 1
    }


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else nan


def _mean_defined(recall: float, specificity: float) -> float:
    defined = [rate for rate in (recall, specificity) if rate == rate]  # noqa: PLR0124 (not NaN)
    return sum(defined) / len(defined) if defined else nan


SCORES = tuple(scores(Counts()))
"""Names of the scores that every prediction has, in the order in which they are reported."""
