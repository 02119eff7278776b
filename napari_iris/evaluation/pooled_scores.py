"""All results over the pixels, or over the classes, of all frames: scores, intervals, curves."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf, isnan, nan
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.evaluation.baselines import AUTOMATIC
from napari_iris.metrics.bootstrap import Interval, draw, intervals
from napari_iris.metrics.calibration import Reliability, fit_temperature, logit, reliability
from napari_iris.metrics.comparison import DECISIVE, Comparison, compare
from napari_iris.metrics.tally import Tally
from napari_iris.metrics.unit_sums import UnitSums

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.metrics.counts import Counts
    from napari_iris.metrics.ranking import Curve

MODEL, AGAINST = "model", "against"

HISTOGRAM = 60
"""Bins of equal width in the histogram of the probabilities."""


@dataclass(frozen=True, eq=False)
class FrameTallies:
    """What models and baselines say about one frame: about its pixels, or about its class.

    Attributes
    ----------
    models : dict of str to Tally
        By method: ``model``, and ``against`` for another model.
    baselines : dict of str to Counts
        By the names of `BASELINES`.
    """

    models: dict[str, Tally]
    baselines: dict[str, Counts]


@dataclass(frozen=True, eq=False)
class Pool:
    """The tallies of many frames, added up by night or block.

    Attributes
    ----------
    frames : ndarray of int64, shape (units,)
        Number of frames of each unit.
    fewer : ndarray of int64, shape (units,)
        Number of those that count for the baselines of `AUTOMATIC`.
    model : UnitSums
        The model's counts on those frames.
    sums : dict of str to UnitSums
        By method: ``model``, ``against``, and the names of `BASELINES`.
    """

    frames: NDArray[np.int64]
    fewer: NDArray[np.int64]
    model: UnitSums
    sums: dict[str, UnitSums] = field(default_factory=dict)

    @classmethod
    def empty(cls, units: int) -> Pool:
        """Make a pool without frames, of a number of nights or blocks."""
        frames, fewer = np.zeros((2, units), np.int64)
        return cls(frames, fewer, UnitSums(units, is_probability=False))

    def add(self, unit: int, tallies: FrameTallies, *, is_automatic: bool = False) -> None:
        """Add the tallies of one more frame.

        Parameters
        ----------
        unit : int
            Its night or block.
        tallies : FrameTallies
            What is said about it.
        is_automatic : bool
            Whether it does not count for the baselines of `AUTOMATIC`.
        """
        self.frames[unit] += 1
        by_name: dict[str, Tally | Counts] = {**tallies.models, **tallies.baselines}
        for name, one in by_name.items():
            if name not in self.sums:
                is_probability = isinstance(one, Tally)
                self.sums[name] = UnitSums(len(self.frames), is_probability=is_probability)
            if not (is_automatic and name in AUTOMATIC):
                self.sums[name].add(unit, one)
        if not is_automatic:
            self.fewer[unit] += 1
            self.model.add(unit, tallies.models[MODEL].counts)

    def select(self, kept: NDArray[np.bool_]) -> Pool:
        """Give the pool of some units; the others must be empty."""
        sums = {name: sums.select(kept) for name, sums in self.sums.items()}
        return Pool(self.frames[kept], self.fewer[kept], self.model.select(kept), sums)


@dataclass(frozen=True, eq=False)
class PooledScores:
    """Scores of the model and of the baselines, with their uncertainty.

    Attributes
    ----------
    frames : int
        Number of frames.
    fewer : int
        Number of those that count for the baselines of `AUTOMATIC`.
    threshold : float
        Probability from which the prediction is cloud; NaN where the files differ.
    counts : dict of str to Counts
        By method: ``model``, ``against`` where there is another, and the names of `BASELINES`.
    scores : dict of str to dict
        By method, then by score; NaN where one is not defined.
    intervals : dict of str to dict
        By method, then by score: low and high, or None.
    comparisons : dict of str to Comparison
        The model compared with each other method, on the frames that count for both; none where
        there is no such frame.
    curves : dict of str to Curve
        ROC and precision-recall curve of each probability, of some 500 points.
    auc_error : float
        Largest error of ``auc``; 0 where it is exact.
    reliability : Reliability
        Predicted probability against observed frequency.
    histogram : ndarray of int64, shape (60, 2)
        Counts of clear sky, and of cloud, by probability, in bins of equal width.
    temperature : float
        Temperature that would calibrate the model; NaN where the truth has one class only.
    best_threshold : float
        Threshold with the largest recall - false-positive rate; NaN likewise.
    """

    frames: int
    fewer: int
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

    @classmethod
    def of(cls, pool: Pool, threshold: float, draws: int, seed: int) -> PooledScores:
        """Compute all results of what was added up.

        Parameters
        ----------
        pool : Pool
            The sums, by night or block; at least one frame.
        threshold : float
            Probability from which the prediction was cloud; NaN where it differed.
        draws : int
            Number of bootstrap samples of the nights or blocks.
        seed : int
            Seed of them.
        """
        pool = pool.select(pool.frames > 0)
        fewer = pool.fewer > 0
        sums = {n: one.select(fewer) if n in AUTOMATIC else one for n, one in pool.sums.items()}
        model, on_fewer = sums[MODEL], pool.model.select(fewer)
        scores = {name: one.scores() for name, one in sums.items()}
        weights = {units: _draw(units, draws, seed) for units in map(len, sums.values())}
        curve = model.ranking.curve()
        return cls(
            frames=int(pool.frames.sum()),
            fewer=int(pool.fewer.sum()),
            threshold=threshold,
            counts={name: one.total() for name, one in sums.items()},
            scores=scores,
            intervals={
                name: intervals(one, scores[name], weights[len(one)]) for name, one in sums.items()
            },
            comparisons={
                name: compare(on_fewer if name in AUTOMATIC else model, one, draws, seed)
                for name, one in sums.items()
                if name != MODEL and len(one)
            },
            curves={
                name: one.ranking.curve().thinned()
                for name, one in sums.items()
                if one.is_probability
            },
            auc_error=curve.area_error(),
            reliability=reliability(model.bins.sum(axis=0)),
            histogram=_histogram(curve),
            temperature=_temperature(curve),
            best_threshold=curve.best_threshold(),
        )

    @property
    def count(self) -> int:
        """Number of pixels, or of frames, counted."""
        return self.counts[MODEL].total

    @property
    def one_class(self) -> str:
        """The only class of the truth, 'clear' or 'cloud'; empty where it has both."""
        return self.counts[MODEL].one_class

    def rank(self, baseline: str) -> tuple[float, ...]:
        """Give how far a baseline is ahead of the model, to find the best by.

        Parameters
        ----------
        baseline : str
            Its name.

        Returns
        -------
        tuple of float
            Differences of the MCC and of the accuracy, on the frames that count for both; what is
            not defined is last.
        """
        if baseline not in self.comparisons:
            return (-inf,)
        found = self.comparisons[baseline].differences
        return tuple(-inf if isnan(found[name].value) else -found[name].value for name in DECISIVE)

    def counted(self, method: str) -> int:
        """Give the number of frames that count for a method."""
        return self.fewer if method in AUTOMATIC else self.frames


def _draw(units: int, draws: int, seed: int) -> NDArray[np.int64]:
    return draw(units, draws, seed) if units else np.empty((0, 0), np.int64)


def _histogram(curve: Curve) -> NDArray[np.int64]:
    bins = np.minimum((curve.threshold * np.float64(HISTOGRAM)).astype(np.intp), HISTOGRAM - 1)
    cloud, sky = (np.bincount(bins, counts, HISTOGRAM) for counts in curve.steps())
    return np.stack([sky, cloud], axis=1).astype(np.int64)


def _temperature(curve: Curve) -> float:
    """Fit the temperature on everything that was counted."""
    cloud, sky = curve.steps()
    if not (cloud.any() and sky.any()):
        return nan
    # each distinct probability twice: as cloud, and as sky, weighted by its counts
    logits = np.tile(logit(curve.threshold), 2)
    truth = np.repeat([1, 0], len(cloud))
    return fit_temperature(logits, truth, np.concatenate([cloud, sky]))
