"""Confidence intervals of scores, by resampling whole nights or blocks with replacement."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.metrics.unit_sums import resampled_scores

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.metrics.unit_sums import UnitSums

CONFIDENCE = 0.95
"""Coverage of an interval: how often it holds the true score."""

MIN_DEFINED = 0.5
"""Part of the draws in which a score must be defined to have an interval."""

ROUNDING = 1e-12
"""Width of an interval that rounding alone may give."""

Interval = tuple[float, float]


def draw(units: int, draws: int, seed: int) -> NDArray[np.int64]:
    """Draw as many units as there are, with replacement, several times.

    Parameters
    ----------
    units : int
        Number of nights or blocks.
    draws : int
        Number of bootstrap samples.
    seed : int
        Seed; the same seed draws the same.

    Returns
    -------
    ndarray of int64, shape (draws, units)
        How often each unit was drawn.
    """
    rng = np.random.default_rng(seed)
    return rng.multinomial(units, np.full(units, 1 / units), size=draws)


def intervals(
    sums: UnitSums, scores: dict[str, float], weights: NDArray[np.int64]
) -> dict[str, Interval | None]:
    """Compute the confidence interval of each score.

    Parameters
    ----------
    sums : UnitSums
        The sums of a prediction, by unit.
    scores : dict of str to float
        Its scores, as ``sums.scores()`` gives them.
    weights : ndarray of int64, shape (draws, units)
        The bootstrap samples, see `draw`.

    Returns
    -------
    dict of str to (float, float), or None
        Low and high; None for fewer than two units, for a score that is not defined, and for one
        that is the same in all draws: a sample without errors does not prove that there are none.
    """
    units = weights.shape[1]
    if units < 2:
        return dict.fromkeys(scores)
    found = resampled_scores([sums], [weights], sums.names)
    if sums.is_probability:
        # correct the bias of the binned area by its value on the original sample
        original = resampled_scores([sums], [np.ones((1, units), np.int64)], sums.names)
        found["auc"] = (found["auc"] + scores["auc"] - original["auc"]).clip(0, 1)
    all_of = {name: interval(found[name], units) for name in scores}
    return {
        name: one if one and one[1] - one[0] > ROUNDING else None for name, one in all_of.items()
    }


def interval(values: NDArray[np.float64], units: int) -> Interval | None:
    """Compute the 95 % confidence interval of a score from its bootstrap values.

    Percentiles of the draws, widened by the ratio of Student's t to the normal distribution: plain
    percentiles of few units are too narrow (Hesterberg, Am. Stat. 69, 371, 2015, section 5.4).

    Parameters
    ----------
    values : ndarray of float64, shape (draws,)
        The score in each draw; NaN where not defined.
    units : int
        Nights or blocks drawn, 2 or more.

    Returns
    -------
    (float, float) or None
        Low and high; None where the score is defined in less than half of the draws.
    """
    from scipy.stats import norm, t

    defined = values[~np.isnan(values)]
    if len(defined) < MIN_DEFINED * len(values):
        return None
    quantile = t.ppf((1 - CONFIDENCE) / 2, units - 1)
    # n units have the variance (n - 1) / n of the sample in a bootstrap: that is corrected too
    tail = float(norm.cdf(sqrt(units / (units - 1)) * quantile))
    low, high = np.quantile(defined, [tail, 1 - tail])
    return float(low), float(high)
