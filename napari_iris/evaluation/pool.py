"""Add up what every frame was worth, by night or block, in flat memory."""

from __future__ import annotations

from copy import copy
from math import nan
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.metrics.counts import Counts, scores
from napari_iris.metrics.ranking import Ranking
from napari_iris.metrics.tally import BINS, LOGITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.evaluation.frame_score import Answers

SCORES = tuple(scores(Counts()))
"""Scores that every answer has, in the order they are told."""

OF_PROBABILITY = ("bce", "auc", "ece")
"""Scores that a probability has besides."""


class Sums:
    """Sums of one answer's counts by unit; of a probability also all that its scores need.

    Parameters
    ----------
    units : int
        Nights or blocks.
    is_model : bool
        Whether the answer is a probability.

    Attributes
    ----------
    counts : ndarray of int64, shape (units, 4)
        Hit, false, missed, clear.
    loss : ndarray of float64, shape (units,)
        Cross-entropy [nat].
    bins : ndarray of float64, shape (units, 15, 3)
        As `Tally` has them.
    logits : ndarray of int64, shape (units, 1024, 2)
        As `Tally` has them.
    ranking : Ranking
        Every probability.
    """

    def __init__(self, units: int, *, is_model: bool) -> None:
        self.is_model = is_model
        self.counts = np.zeros((units, 4), np.int64)
        if is_model:
            self.loss = np.zeros(units)
            self.bins = np.zeros((units, BINS, 3))
            self.logits = np.zeros((units, LOGITS, 2), np.int64)
            self.ranking = Ranking()

    @property
    def names(self) -> tuple[str, ...]:
        """Scores that this answer has."""
        return SCORES + OF_PROBABILITY if self.is_model else SCORES

    def only(self, units: NDArray[np.bool_]) -> Sums:
        """Give the sums of some units; nothing was added to the others."""
        part = copy(self)
        part.counts = self.counts[units]
        if self.is_model:
            part.loss, part.bins = self.loss[units], self.bins[units]
            part.logits = self.logits[units]
        return part

    def total(self) -> Counts:
        """Add up the counts of all units."""
        return Counts(*self.counts.sum(axis=0).tolist())

    def scores(self) -> dict[str, float]:
        """Scores pooled over everything; NaN where one is not defined."""
        found = scores(self.total())
        if self.is_model:
            bins = self.bins.sum(axis=0)
            found["bce"] = float(self.loss.sum() / bins[:, 0].sum()) if bins[:, 0].any() else nan
            found["auc"] = self.ranking.curve().area()
            found["ece"] = float(calibration_error(bins))
        return found

    def drawn(self, weights: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
        """Scores where each unit counts a number of times.

        Parameters
        ----------
        weights : ndarray of int64, shape (draws, units)
            How often each unit was drawn.

        Returns
        -------
        dict of str to ndarray of float64, shape (draws,)
            The area under the curve is told from `LOGITS` steps of the logit.
        """
        return drawn_scores([self], [weights], self.names)


def drawn_scores(
    sums: list[Sums], weights: list[NDArray[np.int64]], names: tuple[str, ...]
) -> dict[str, NDArray[np.float64]]:
    """Scores of units drawn from one answer, or from several.

    Parameters
    ----------
    sums : list of Sums
        The answers.
    weights : list of ndarray of int64, shape (draws, units)
        How often each unit of each answer was drawn.
    names : tuple of str
        `SCORES`, or with `OF_PROBABILITY`, which all of the answers must have then.
    """
    pairs = list(zip(sums, weights, strict=True))
    counts = np.sum([weight @ one.counts for one, weight in pairs], axis=0)
    rows = [scores(Counts(*row)) for row in counts.tolist()]
    found = {name: np.array([row[name] for row in rows]) for name in SCORES}
    if names == SCORES:
        return found
    bins = np.sum([np.tensordot(weight, one.bins, 1) for one, weight in pairs], axis=0)
    loss = np.sum([weight @ one.loss for one, weight in pairs], axis=0)
    with np.errstate(invalid="ignore"):
        found["bce"] = loss / bins[:, :, 0].sum(axis=1)
        found["ece"] = calibration_error(bins)
        found["auc"] = np.concatenate(
            [
                _area(
                    np.sum(
                        [_times(part, one.logits) for part, one in zip(parts, sums, strict=True)],
                        axis=0,
                    )
                )
                for parts in zip(*(_slabs(weight) for weight in weights), strict=True)
            ]
        )
    return found


def calibration_error(bins: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the expected calibration error: how far probabilities are from what they say.

    The mean over all pixels of |mean probability - part that is cloud| of their bin, in 15 bins of
    equal width (after Naeini et al., AAAI 2015, for the probability of cloud itself).

    Parameters
    ----------
    bins : ndarray of float64, shape (..., 15, 3)
        How many, sum of probabilities, how many are cloud.

    Returns
    -------
    ndarray of float64, shape (...)
        0 to 1; NaN where there is nothing.
    """
    apart = np.abs(bins[..., 1] - bins[..., 2]).sum(axis=-1)
    count = bins[..., 0].sum(axis=-1)
    error: NDArray[np.float64] = np.divide(
        apart, count, out=np.full(np.shape(count), nan), where=count > 0
    )
    return error


class Pool:
    """Answers to the same questions of many frames: pixels, or classes of frames.

    Parameters
    ----------
    units : int
        Nights or blocks.
    """

    def __init__(self, units: int) -> None:
        self.answers: dict[str, Sums] = {}
        self.frames = np.zeros(units, np.int64)

    def add(self, unit: int, answers: Answers) -> None:
        """Take the answers to one more frame."""
        self.frames[unit] += 1
        for name, one in answers.models.items():
            sums = self._sums(name, is_model=True)
            sums.counts[unit] += _four(one.counts)
            sums.loss[unit] += one.loss
            sums.bins[unit] += one.bins
            sums.logits[unit] += one.logits
            sums.ranking.add(one.ranks)
        for name, counts in answers.baselines.items():
            self._sums(name, is_model=False).counts[unit] += _four(counts)

    def without_empty(self) -> Pool:
        """Give the same without units of which no frame was taken."""
        kept = self.frames > 0
        pool = Pool(int(np.count_nonzero(kept)))
        pool.frames = self.frames[kept]
        pool.answers = {name: sums.only(kept) for name, sums in self.answers.items()}
        return pool

    def _sums(self, name: str, *, is_model: bool) -> Sums:
        if name not in self.answers:
            self.answers[name] = Sums(len(self.frames), is_model=is_model)
        return self.answers[name]


SLAB = 256
"""Draws whose curves are in memory at a time."""


def _slabs(weights: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    return np.array_split(weights, max(1, -(-len(weights) // SLAB)))


def _times(weights: NDArray[np.int64], logits: NDArray[np.int64]) -> NDArray[np.float64]:
    """Numbers by step of the logit, of each draw; as floats, which are multiplied fast."""
    flat = weights.astype(np.float64) @ logits.reshape(len(logits), -1).astype(np.float64)
    numbers: NDArray[np.float64] = flat.reshape(len(weights), *logits.shape[1:])
    return numbers


def _area(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Area under the ROC curve of numbers by step, shape (draws, steps, 2)."""
    sky, cloud = numbers[..., 0], numbers[..., 1]
    above = cloud.sum(axis=1, keepdims=True) - np.cumsum(cloud, axis=1) + cloud / 2
    pairs: NDArray[np.float64] = sky.sum(axis=1) * cloud.sum(axis=1)
    area: NDArray[np.float64] = (sky * above).sum(axis=1) / pairs
    return area


def _four(counts: Counts) -> tuple[int, int, int, int]:
    return counts.hit, counts.false, counts.missed, counts.clear
