"""Two answers to the same frames: is the difference real, or may it be chance."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, nan
from typing import TYPE_CHECKING, Literal

import numpy as np

from napari_iris.evaluation.pool import SCORES, drawn_scores
from napari_iris.metrics.bootstrap import Interval, draw, interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.evaluation.pool import Sums

CHANCE = 0.05
"""Chance of so large a difference between two equal answers, below which it is real."""

DECISIVE = ("mcc", "accuracy")
"""Score that decides which answer is the better one; the second where the first tells nothing."""

Verdict = Literal["better", "worse", "may be chance"]


@dataclass(frozen=True)
class Difference:
    """One score of two answers to the same frames.

    Attributes
    ----------
    value : float
        The first's score less the second's; NaN where one is not defined.
    interval : (float, float) or None
        Where the true difference lies with a chance of 95 %.
    p_value : float
        Chance of a difference at least this large between two answers that are equally good.
    """

    value: float
    interval: Interval | None
    p_value: float

    @property
    def real(self) -> bool:
        """Whether it is more than chance: p below 0.05 and an interval without 0."""
        if self.interval is None or not self.p_value < CHANCE:
            return False
        low, high = self.interval
        return low > 0 or high < 0


@dataclass(frozen=True)
class Comparison:
    """The first of two answers held against the second.

    Attributes
    ----------
    differences : dict of str to Difference
        By score; first less second.
    """

    differences: dict[str, Difference]

    @property
    def decisive(self) -> str:
        """Score that the verdict is about."""
        return next(
            (name for name in DECISIVE if self.differences[name].value), DECISIVE[-1]
        )  # a truth of one class gives an MCC of 0 to everyone

    @property
    def verdict(self) -> Verdict:
        """Whether the first is better or worse, or the difference may be chance."""
        found = self.differences[self.decisive]
        if not found.real:
            return "may be chance"
        return "better" if found.value > 0 else "worse"

    def sentence(self, first: str, second: str) -> str:
        """Say it in words."""
        found = self.differences[self.decisive]
        what = self.decisive.upper() if self.decisive == "mcc" else self.decisive
        if isnan(found.value):
            return _begun(f"{first} and {second} cannot be compared: no {what} is defined.")
        within = "" if found.interval is None else ", 95 % interval {:+.4f} to {:+.4f}"
        numbers = f"{what} {found.value:+.4f}{within.format(*found.interval or ())}"
        numbers += f", p = {found.p_value:.2g}"
        if self.verdict == "may be chance":
            return f"The difference between {first} and {second} may be chance ({numbers})."
        text = f"{first} is {self.verdict} than {second}; the difference is real ({numbers})."
        return _begun(text)


def compare(first: Sums, second: Sums, draws: int, seed: int) -> Comparison:
    """Compare two answers to the same frames.

    Nights or blocks are drawn anew, the same for both, for the interval of each difference. For the
    p-value the two swap their answers in a random half of the nights or blocks, which changes
    nothing where they are equally good (approximate randomisation: Noreen, Computer-Intensive
    Methods for Testing Hypotheses, 1989).

    Parameters
    ----------
    first, second : Sums
        The answers, by the same units.
    draws : int
        Times to draw, and to swap.
    seed : int
        Seed of it.

    Returns
    -------
    Comparison
        Of all scores that both have.
    """
    units = len(first.counts)
    names = first.names if second.is_model else SCORES
    one, other = first.scores(), second.scores()
    values = {name: one[name] - other[name] for name in names}
    if units < 2:
        return Comparison({name: Difference(values[name], None, nan) for name in names})
    weights = draw(units, draws, seed)
    a, b = (drawn_scores([answer], [weights], names) for answer in (first, second))
    within = {name: interval(a[name] - b[name], units) for name in names}
    kept = np.random.default_rng(seed).integers(0, 2, (draws, units))
    ours = drawn_scores([first, second], [kept, 1 - kept], names)
    theirs = drawn_scores([second, first], [kept, 1 - kept], names)
    whole = np.ones((1, units), np.int64)
    a, b = (drawn_scores([answer], [whole], names) for answer in (first, second))
    chances = {
        name: _chance(float((a[name] - b[name])[0]), ours[name] - theirs[name]) for name in names
    }
    return Comparison(
        {name: Difference(values[name], within[name], chances[name]) for name in names}
    )


def _begun(sentence: str) -> str:
    """Begin a sentence with a capital."""
    return sentence[:1].upper() + sentence[1:]


def _chance(value: float, swapped: NDArray[np.float64]) -> float:
    """Part of the swaps with a difference at least as large; the swap of nothing is one of them."""
    if isnan(value):
        return nan
    as_large = np.abs(swapped) >= abs(value) - 1e-12  # rounding
    return float((1 + np.count_nonzero(as_large)) / (1 + len(swapped)))
