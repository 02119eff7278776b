"""How sure a score is: the spread it has when whole nights or blocks are drawn anew."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.evaluation.pool import Sums

LEVEL = 0.95
"""Part of all such evaluations whose interval has the true score in it."""

DEFINED = 0.5
"""Part of the draws in which a score must be defined, for an interval to be told."""

ROUNDING = 1e-12
"""Width of an interval that rounding alone may give."""

Interval = tuple[float, float]


def draw(units: int, draws: int, seed: int) -> NDArray[np.int64]:
    """Draw as many units as there are, with replacement.

    Parameters
    ----------
    units : int
        Nights or blocks.
    draws : int
        How often.
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
    sums: Sums, scores: dict[str, float], weights: NDArray[np.int64]
) -> dict[str, Interval | None]:
    """Give the interval of each of an answer's scores.

    Parameters
    ----------
    sums : Sums
        The answer, by unit.
    scores : dict of str to float
        Its scores, as ``sums.scores()`` gives them.
    weights : ndarray of int64, shape (draws, units)
        What was drawn.

    Returns
    -------
    dict of str to (float, float), or None
        Low and high; None where the draws cannot tell: of fewer than two units, of a score that is
        not defined, or that all draws have alike (every answer right, say), as if it were certain.
    """
    units = weights.shape[1]
    if units < 2:
        return dict.fromkeys(scores)
    found = sums.drawn(weights)
    if sums.is_model:  # by steps of the logit: what that moves is taken back
        found["auc"] += scores["auc"] - sums.drawn(np.ones((1, units), np.int64))["auc"]
        found["auc"] = found["auc"].clip(0, 1)
    told = {name: interval(found[name], units) for name in scores}
    return {name: one if one and one[1] - one[0] > ROUNDING else None for name, one in told.items()}


def interval(values: NDArray[np.float64], units: int) -> Interval | None:
    """Interval that holds the true value with a chance of 95 %.

    Percentiles of the draws, set further apart by as much as Student's t is wider than the normal
    distribution: of few units, the plain ones would be too near (Hesterberg, Am. Stat. 69, 371,
    2015, section 5.4).

    Parameters
    ----------
    values : ndarray of float64, shape (draws,)
        The value in each draw; NaN where not defined.
    units : int
        Nights or blocks drawn, 2 or more.

    Returns
    -------
    (float, float) or None
        Low and high; None where the value is defined in less than half of the draws.
    """
    from scipy.stats import norm, t

    defined = values[~np.isnan(values)]
    if len(defined) < DEFINED * len(values):
        return None
    tail = float(norm.cdf(sqrt(units / (units - 1)) * t.ppf((1 - LEVEL) / 2, units - 1)))
    low, high = np.quantile(defined, [tail, 1 - tail])
    return float(low), float(high)
