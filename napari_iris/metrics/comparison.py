"""Compare two predictions of the same frames: differences, intervals and p-values."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, nan
from typing import TYPE_CHECKING, Literal

import numpy as np

from napari_iris.metrics.bootstrap import Interval, draw, interval
from napari_iris.metrics.counts import SCORES
from napari_iris.metrics.unit_sums import resampled_scores

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.metrics.unit_sums import UnitSums

SIGNIFICANCE = 0.05
"""p-value below which a difference is significant."""

DECISIVE = ("mcc", "accuracy")
"""Score that decides which prediction is better; the second if the first is equal."""

ROUNDING = 1e-12
"""Differences of two scores that rounding alone may give."""


@dataclass(frozen=True)
class Difference:
    """The difference of one score between two predictions of the same frames.

    Attributes
    ----------
    value : float
        The first's score minus the second's; NaN where one is not defined.
    interval : (float, float) or None
        95 % confidence interval.
    p_value : float
        Probability of a difference at least this large between two equally good predictions.
    """

    value: float
    interval: Interval | None
    p_value: float

    @property
    def is_significant(self) -> bool:
        """Whether it is significant: p below 0.05 and an interval without 0."""
        if self.interval is None or not self.p_value < SIGNIFICANCE:
            return False
        low, high = self.interval
        return low > 0 or high < 0


@dataclass(frozen=True)
class Comparison:
    """The first of two predictions compared with the second.

    Attributes
    ----------
    differences : dict of str to Difference
        By score; first minus second.
    """

    differences: dict[str, Difference]

    @property
    def decisive(self) -> str:
        """Score that the outcome is about."""
        # with a truth of one class, every MCC is 0
        return next((name for name in DECISIVE if self.differences[name].value), DECISIVE[-1])

    @property
    def outcome(self) -> Literal["better", "worse", "may be chance"]:
        """Whether the first is better or worse, or the difference may be chance."""
        found = self.differences[self.decisive]
        if not found.is_significant:
            return "may be chance"
        return "better" if found.value > 0 else "worse"


def compare(first: UnitSums, second: UnitSums, draws: int, seed: int) -> Comparison:
    """Compare two predictions of the same frames.

    The interval of each difference is from bootstrap samples that are the same for both. The
    p-value is from a permutation test: the two are swapped in a random half of the units, which has
    no systematic effect if they are equally good (approximate randomisation: Noreen,
    Computer-Intensive Methods for Testing Hypotheses, 1989).

    Parameters
    ----------
    first, second : UnitSums
        The predictions, by the same units.
    draws : int
        Number of bootstrap samples, and of permutations.
    seed : int
        Seed of both.

    Returns
    -------
    Comparison
        Of all scores that both have; without intervals and p-values for fewer than two units.
    """
    units = len(first.counts)
    names = first.names if second.is_probability else SCORES
    one, other = first.scores(), second.scores()
    values = {name: one[name] - other[name] for name in names}
    if units < 2:
        return Comparison({name: Difference(values[name], None, nan) for name in names})
    weights, everything = draw(units, draws, seed), np.ones((1, units), np.int64)
    # 1 where a unit keeps its prediction, 0 where the two are swapped
    kept = np.random.default_rng(seed).integers(0, 2, (draws, units))
    drawn = _differences([first], [second], [weights], names)
    permuted = _differences([first, second], [second, first], [kept, 1 - kept], names)
    # not `values`: the area of the permutations is the binned one
    observed = _differences([first], [second], [everything], names)
    return Comparison(
        {
            name: Difference(
                values[name],
                interval(drawn[name], units),
                p_value(float(observed[name][0]), permuted[name]),
            )
            for name in names
        }
    )


def _differences(
    ours: list[UnitSums],
    theirs: list[UnitSums],
    weights: list[NDArray[np.int64]],
    names: tuple[str, ...],
) -> dict[str, NDArray[np.float64]]:
    """Difference of the scores in each draw, of the same units of both."""
    a, b = (resampled_scores(sums, weights, names) for sums in (ours, theirs))
    return {name: a[name] - b[name] for name in names}


def p_value(observed: float, permuted: NDArray[np.float64]) -> float:
    """Compute the two-sided p-value of a permutation test.

    Parameters
    ----------
    observed : float
        The difference found; NaN where not defined.
    permuted : ndarray of float64, shape (permutations,)
        The difference in each random permutation.

    Returns
    -------
    float
        Part of the permutations with a difference at least as large, from 1 / (permutations + 1)
        to 1: the identity is a permutation too, so that no p-value is 0 (Phipson & Smyth, Stat.
        Appl. Genet. Mol. Biol. 9, 39, 2010). NaN where the difference is not defined.
    """
    if isnan(observed):
        return nan
    at_least_as_large = np.abs(permuted) >= abs(observed) - ROUNDING
    return float((1 + np.count_nonzero(at_least_as_large)) / (1 + len(permuted)))
