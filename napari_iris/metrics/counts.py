"""Scores of a mask against the truth, pooled over pixels, from the four counts alone."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Counts:
    """How often cloud and sky were called right and wrong.

    Attributes
    ----------
    hit, false, missed, clear : int
        Cloud called cloud, sky called cloud, cloud called sky, sky called sky.
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
        counted : ndarray of bool, optional
            Pixels that count; all by default.
        """
        if counted is not None:
            found, truth = found[counted], truth[counted]
        hit = int(np.count_nonzero(found & truth))
        false = int(np.count_nonzero(found)) - hit
        missed = int(np.count_nonzero(truth)) - hit
        return cls(hit, false, missed, found.size - hit - false - missed)

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.hit + other.hit,
            self.false + other.false,
            self.missed + other.missed,
            self.clear + other.clear,
        )

    @property
    def total(self) -> int:
        """Pixels counted."""
        return self.hit + self.false + self.missed + self.clear

    @property
    def is_one_kind(self) -> bool:
        """Whether truth and answer are one class each, or nothing was counted."""
        return max(self.hit, self.false, self.missed, self.clear) == self.total


def scores(counts: Counts) -> dict[str, float]:
    """Give the scores of four counts; NaN where one is not defined.

    Returns
    -------
    dict of str to float
        accuracy, balanced_accuracy, precision, recall, f1, error_rate, iou_cloud, iou_clear, mcc
        (Matthews, Biochim. Biophys. Acta 405, 442, 1975), which is 0 where all answers are one.
    """
    hit, false, missed, clear = counts.hit, counts.false, counts.missed, counts.clear
    recall, specificity = _part(hit, hit + missed), _part(clear, clear + false)
    accuracy = _part(hit + clear, counts.total)
    spread = sqrt(hit + false) * sqrt(hit + missed) * sqrt(clear + false) * sqrt(clear + missed)
    mcc = (hit * clear - false * missed) / spread if spread else 0.0
    return {
        "accuracy": accuracy,
        "balanced_accuracy": _mean_known(recall, specificity),
        "precision": _part(hit, hit + false),
        "recall": recall,
        "f1": _part(2 * hit, 2 * hit + false + missed),
        "error_rate": 1 - accuracy,
        "iou_cloud": _part(hit, hit + false + missed),
        "iou_clear": _part(clear, clear + false + missed),
        "mcc": max(-1.0, min(mcc, 1.0)) if counts.total else nan,  # but for rounding it is within
    }


def _part(some: int, of_all: int) -> float:
    return some / of_all if of_all else nan


def _mean_known(recall: float, specificity: float) -> float:
    """Mean of the two rates; the one that is known where the truth has one class."""
    known = [rate for rate in (recall, specificity) if rate == rate]  # noqa: PLR0124 (not NaN)
    return sum(known) / len(known) if known else nan
