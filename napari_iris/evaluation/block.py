"""All that is told of one set of questions: pixels, or whether a frame is cloudy."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, nan
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.evaluation.compare import Comparison, compare
from napari_iris.metrics.bootstrap import Interval, draw, intervals
from napari_iris.metrics.calibration import Reliability, fit_temperature, logit, reliability

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.evaluation.pool import Pool
    from napari_iris.metrics.counts import Counts
    from napari_iris.metrics.ranking import Curve

MODEL, AGAINST = "model", "against"

HISTOGRAM = 60
"""Bins of equal width that probabilities are shown in."""


@dataclass(frozen=True, eq=False)
class Block:
    """Scores of the model beside those of the baselines, and how sure they are.

    Attributes
    ----------
    frames : int
        Frames that were asked about.
    threshold : float
        Probability from which the answer is cloud; NaN where the files differ.
    counts : dict of str to Counts
        By answer: ``model``, ``against`` where there is another, and the names of `BASELINES`.
    scores : dict of str to dict
        By answer, then by score; NaN where one is not defined.
    intervals : dict of str to dict
        By answer, then by score: low and high, or None.
    comparisons : dict of str to Comparison
        The model held against each other answer.
    curves : dict of str to Curve
        What each threshold would have found, some 500 of them; by answer, of probabilities only.
    auc_error : float
        How far ``auc`` may be off; 0 where every probability was told apart.
    reliability : Reliability
        What the probabilities said, and what there was.
    histogram : ndarray of int64, shape (60, 2)
        How many clear, and cloud, have each probability, in bins of equal width.
    temperature : float
        What the logits would have to be divided by; NaN where the truth has one class only.
    best_threshold : float
        Threshold with the largest recall less fall-out; NaN likewise.
    """

    frames: int
    threshold: float
    counts: dict[str, Counts]
    scores: dict[str, dict[str, float]]
    intervals: dict[str, dict[str, Interval | None]]
    comparisons: dict[str, Comparison]
    curves: dict[str, Curve]
    auc_error: float
    reliability: Reliability
    histogram: NDArray[np.int64]
    temperature: float
    best_threshold: float

    @property
    def count(self) -> int:
        """Pixels, or frames, that were counted."""
        return self.counts[MODEL].total

    @property
    def one_class(self) -> str:
        """The only class that the truth has, clear or cloud; empty where it has both."""
        counts = self.counts[MODEL]
        if counts.hit + counts.missed and counts.false + counts.clear:
            return ""
        return "cloud" if counts.hit + counts.missed else "clear"

    def confusion(self, answer: str = MODEL) -> NDArray[np.int64]:
        """Confusion matrix, shape (2, 2): truth by row, answer by column, clear before cloud."""
        counts = self.counts[answer]
        return np.array([[counts.clear, counts.false], [counts.missed, counts.hit]], np.int64)

    def rank(self, answer: str) -> tuple[float, float]:
        """Give MCC and accuracy of an answer, to find the best by; what is not defined is last."""
        found = self.scores[answer]["mcc"], self.scores[answer]["accuracy"]
        mcc, accuracy = (-1.0 if isnan(score) else score for score in found)
        return mcc, accuracy


def block_of(pool: Pool, threshold: float, draws: int, seed: int) -> Block:
    """Make all that is told of what was added up.

    Parameters
    ----------
    pool : Pool
        The answers, by night or block; at least one frame.
    threshold : float
        Probability from which the answer was cloud; NaN where it differed.
    draws : int
        Times that nights or blocks are drawn anew.
    seed : int
        Seed of it.
    """
    pool = pool.without_empty()
    model = pool.answers[MODEL]
    weights = draw(len(pool.frames), draws, seed)
    scores = {name: sums.scores() for name, sums in pool.answers.items()}
    curve = model.ranking.curve()
    return Block(
        int(pool.frames.sum()),
        threshold,
        {name: sums.total() for name, sums in pool.answers.items()},
        scores,
        {name: intervals(one, scores[name], weights) for name, one in pool.answers.items()},
        {
            name: compare(model, one, draws, seed)
            for name, one in pool.answers.items()
            if name != MODEL
        },
        {name: one.ranking.curve().thinned() for name, one in pool.answers.items() if one.is_model},
        curve.area_error(),
        reliability(model.bins.sum(axis=0)),
        _histogram(curve),
        _temperature(curve),
        curve.best_threshold(),
    )


def _histogram(curve: Curve) -> NDArray[np.int64]:
    """How many clear, and cloud, have each probability."""
    bins = np.minimum((curve.threshold * np.float64(HISTOGRAM)).astype(np.intp), HISTOGRAM - 1)
    cloud, sky = (np.bincount(bins, numbers, HISTOGRAM) for numbers in curve.steps())
    return np.stack([sky, cloud], axis=1).astype(np.int64)


def _temperature(curve: Curve) -> float:
    """Temperature fitted on everything that was counted."""
    cloud, sky = curve.steps()
    if not (cloud.any() and sky.any()):
        return nan
    values = logit(curve.threshold)
    truth = np.repeat([1, 0], len(values))
    return fit_temperature(np.tile(values, 2), truth, np.concatenate([cloud, sky]))
