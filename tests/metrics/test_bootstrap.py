"""Intervals hold the truth as often as they say, and say nothing where nothing can be said."""

from __future__ import annotations

from math import nan

import numpy as np
import pytest

from napari_iris.metrics.bootstrap import draw, interval, intervals
from napari_iris.metrics.tally import tally
from napari_iris.metrics.unit_sums import UnitSums, resampled_scores


def test_a_bootstrap_sample_has_as_many_units_as_there_are() -> None:
    weights = draw(7, 500, seed=1)
    assert weights.shape == (500, 7)
    assert (weights.sum(axis=1) == 7).all()
    assert weights.mean() == pytest.approx(1)
    np.testing.assert_array_equal(weights, draw(7, 500, seed=1))
    assert (weights != draw(7, 500, seed=2)).any()


@pytest.mark.slow
@pytest.mark.parametrize("units", [8, 20])
def test_an_interval_holds_the_true_mean_as_often_as_it_says(units: int) -> None:
    """400 evaluations of nights with a mean of 0: some 95 % of their intervals hold it."""
    rng = np.random.default_rng(5)
    held = 0
    for seed in range(400):
        nights = rng.normal(0, 1, units)
        low, high = interval(draw(units, 1000, seed) @ nights / units, units)
        held += low <= 0 <= high
    assert 0.91 < held / 400 < 0.985


def test_plain_percentiles_of_few_units_are_too_narrow() -> None:
    rng = np.random.default_rng(6)
    held = 0
    for seed in range(400):
        nights = rng.normal(0, 1, 6)
        low, high = np.quantile(draw(6, 500, seed) @ nights / 6, [0.025, 0.975])
        held += low <= 0 <= high
    assert held / 400 < 0.91


@pytest.mark.parametrize(
    ("values", "defined"), [([nan] * 60 + [1.0] * 40, False), ([nan] * 40 + [1.0] * 60, True)]
)
def test_a_score_must_be_defined_in_half_of_the_draws(values: list[float], defined: bool) -> None:
    assert (interval(np.array(values), 10) is not None) == defined


def sums_of(accuracies: list[float]) -> UnitSums:
    """One unit for each accuracy, of 100 pixels of both classes."""
    sums = UnitSums(len(accuracies), is_probability=True)
    for unit, accuracy in enumerate(accuracies):
        truth = np.arange(100) % 2 == 0
        wrong = np.arange(100) >= round(100 * accuracy)
        p = np.where(truth ^ wrong, 0.8, 0.3)
        sums.add(unit, tally(p, truth, 0.5))
    return sums


def test_every_score_of_a_model_has_an_interval_around_it() -> None:
    sums = sums_of([0.7, 0.8, 0.9, 0.75, 0.85, 0.6, 0.95, 0.8])
    found = intervals(sums, sums.scores(), draw(8, 1000, 0))
    assert set(found) == set(sums.scores())
    for name, value in sums.scores().items():
        low, high = found[name]
        assert low < value < high, name


def test_a_score_equal_in_all_draws_has_no_interval() -> None:
    """Every pixel right in every block does not mean that no pixel is ever wrong."""
    sums = sums_of([1.0] * 10)
    found = intervals(sums, sums.scores(), draw(10, 200, 0))
    assert found["accuracy"] is None
    assert found["mcc"] is None


def test_one_unit_has_no_interval() -> None:
    sums = sums_of([0.7])
    assert set(intervals(sums, sums.scores(), draw(1, 200, 0)).values()) == {None}


def test_an_interval_of_the_area_is_around_the_exact_one() -> None:
    """Most probabilities share a bin of the logit, so that the binned area is far too small."""
    sums = UnitSums(12, is_probability=True)
    rng = np.random.default_rng(3)
    for unit in range(12):
        truth = np.arange(60) % 2 == 0
        called_cloud = truth ^ (rng.random(60) < 0.1)
        spread = np.where(np.arange(60) < 50, 0.0001, 0.3)
        sums.add(unit, tally(np.where(called_cloud, 0.5 + spread, 0.5), truth, 0.5))
    scores, weights = sums.scores(), draw(12, 400, 0)
    low, high = intervals(sums, scores, weights)["auc"]
    binned = resampled_scores([sums], [weights], sums.names)["auc"]
    assert binned.max() < low < scores["auc"] < high
