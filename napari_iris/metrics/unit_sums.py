"""Sums of one prediction by night or block, from which scores and bootstrap scores are computed."""

from __future__ import annotations

from copy import copy
from dataclasses import astuple
from math import nan
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.metrics.calibration import calibration_error
from napari_iris.metrics.counts import SCORES, Counts, scores, scores_of_many
from napari_iris.metrics.ranking import Ranking
from napari_iris.metrics.tally import BINS, LOGIT_BINS, Tally

if TYPE_CHECKING:
    from numpy.typing import NDArray

PROBABILITY_SCORES = ("bce", "auc", "ece")
"""Names of the scores that a probability has in addition to `SCORES`."""

CHUNK = 256
"""Bootstrap samples whose curves are in memory at a time."""


class UnitSums:
    """Sums of one prediction's counts by unit; for a probability, sums for all of its scores.

    Memory does not grow with the number of frames.

    Parameters
    ----------
    units : int
        Number of nights or blocks.
    is_probability : bool
        Whether the prediction is a probability; else a mask.

    Attributes
    ----------
    counts : ndarray of int64, shape (units, 4)
        Hit, false, missed, clear: see `Counts`.
    loss : ndarray of float64, shape (units,)
        Sums of the binary cross-entropies [nat].
    bins : ndarray of float64, shape (units, 15, 3)
        As `Tally` has them.
    logits : ndarray of int64, shape (units, 1024, 2)
        As `Tally` has them.
    ranking : Ranking
        Every probability, of all units together.
    """

    def __init__(self, units: int, *, is_probability: bool) -> None:
        self.is_probability = is_probability
        self.counts = np.zeros((units, 4), np.int64)
        if is_probability:
            self.loss = np.zeros(units)
            self.bins = np.zeros((units, BINS, 3))
            self.logits = np.zeros((units, LOGIT_BINS, 2), np.int64)
            self.ranking = Ranking()

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the scores that this prediction has."""
        return SCORES + PROBABILITY_SCORES if self.is_probability else SCORES

    def add(self, unit: int, frame: Tally | Counts) -> None:
        """Add a frame to a unit: a `Tally` to the sums of a probability, else `Counts`."""
        if isinstance(frame, Counts):
            self.counts[unit] += astuple(frame)
            return
        self.counts[unit] += astuple(frame.counts)
        self.loss[unit] += frame.loss
        self.bins[unit] += frame.bins
        self.logits[unit] += frame.logits
        self.ranking.add(frame.ranks)

    def select(self, units: NDArray[np.bool_]) -> UnitSums:
        """Give the sums of some units; the others must be empty, as the ranking is of all."""
        part = copy(self)
        part.counts = self.counts[units]
        if self.is_probability:
            part.loss, part.bins = self.loss[units], self.bins[units]
            part.logits = self.logits[units]
        return part

    def total(self) -> Counts:
        """Add up the counts of all units."""
        return Counts(*self.counts.sum(axis=0).tolist())

    def scores(self) -> dict[str, float]:
        """Compute the scores pooled over all units; NaN where one is not defined."""
        found = scores(self.total())
        if self.is_probability:
            bins = self.bins.sum(axis=0)
            found["bce"] = float(self.loss.sum() / bins[:, 0].sum()) if bins[:, 0].any() else nan
            found["auc"] = self.ranking.curve().area()
            found["ece"] = float(calibration_error(bins))
        return found


def resampled_scores(
    sums: list[UnitSums], weights: list[NDArray[np.int64]], names: tuple[str, ...]
) -> dict[str, NDArray[np.float64]]:
    """Compute the scores of units drawn from one prediction, or from several.

    Parameters
    ----------
    sums : list of UnitSums
        The predictions.
    weights : list of ndarray of int64, shape (draws, units)
        How often each unit of each prediction was drawn.
    names : tuple of str
        `SCORES`, or `SCORES` and `PROBABILITY_SCORES` where all are probabilities.

    Returns
    -------
    dict of str to ndarray of float64, shape (draws,)
        NaN where a score is not defined. The area under the curve is computed from `LOGIT_BINS`
        bins of the logit, and so may differ from the exact one in the fourth digit.
    """
    pairs = list(zip(sums, weights, strict=True))
    counts = np.sum([weight @ one.counts for one, weight in pairs], axis=0)
    found = scores_of_many(counts)
    if names == SCORES:
        return found
    bins = np.sum([np.tensordot(weight, one.bins, 1) for one, weight in pairs], axis=0)
    loss = np.sum([weight @ one.loss for one, weight in pairs], axis=0)
    with np.errstate(invalid="ignore"):
        found["bce"] = loss / bins[:, :, 0].sum(axis=1)
        found["ece"] = calibration_error(bins)
        found["auc"] = _areas(sums, weights)
    return found


def _areas(sums: list[UnitSums], weights: list[NDArray[np.int64]]) -> NDArray[np.float64]:
    """Area under the ROC curve of each draw, shape (draws,); some draws at a time."""
    pairs = list(zip(sums, weights, strict=True))
    draws = len(weights[0])
    return np.concatenate(
        [
            _area(np.sum([_drawn(w[at : at + CHUNK], one.logits) for one, w in pairs], axis=0))
            for at in range(0, max(draws, 1), CHUNK)
        ]
    )


def _drawn(weights: NDArray[np.int64], logits: NDArray[np.int64]) -> NDArray[np.float64]:
    """Add up the counts by bin of the logit in each draw; as floats, whose products are fast."""
    flat = weights.astype(np.float64) @ logits.reshape(len(logits), -1).astype(np.float64)
    counts: NDArray[np.float64] = flat.reshape(len(weights), *logits.shape[1:])
    return counts


def _area(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Area under the ROC curve of counts by bin of the logit, shape (draws, bins, 2)."""
    sky, cloud = counts[..., 0], counts[..., 1]
    # cloud in a higher bin wins over sky, in the same bin counts half
    above = cloud.sum(axis=1, keepdims=True) - np.cumsum(cloud, axis=1) + cloud / 2
    pairs: NDArray[np.float64] = sky.sum(axis=1) * cloud.sum(axis=1)
    area: NDArray[np.float64] = (sky * above).sum(axis=1) / pairs
    return area
