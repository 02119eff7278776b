"""Two models: equal ones differ by chance, and a better one significantly."""

from __future__ import annotations

from math import isnan, nan

import numpy as np
import pytest

from napari_iris.metrics.comparison import Comparison, Difference, compare, p_value
from napari_iris.metrics.counts import SCORES, Counts
from napari_iris.metrics.tally import tally
from napari_iris.metrics.unit_sums import PROBABILITY_SCORES, UnitSums

Sums = dict[str, UnitSums]

SIZE = 120


def sums_of(
    units: int, seed: int, ours: float, theirs: float, *, truth: bool | None = None
) -> Sums:
    """Blocks that two models get right in about these parts, and a few more or less at random."""
    rng = np.random.default_rng(seed)
    sums = {name: UnitSums(units, is_probability=True) for name in ("model", "against")}
    sums["all_cloud"] = UnitSums(units, is_probability=False)
    for unit in range(units):
        cloud = rng.random(SIZE) < 0.5 if truth is None else np.full(SIZE, truth)
        for name, right in (("model", ours), ("against", theirs)):
            part = np.clip(right + rng.normal(0, 0.05), 0, 1)
            wrong = rng.random(SIZE) > part
            p = np.where(cloud ^ wrong, 0.75, 0.25) + rng.uniform(-0.2, 0.2, SIZE)
            sums[name].add(unit, tally(p, cloud, 0.5))
        sums["all_cloud"].add(unit, Counts.of(np.ones(SIZE, bool), cloud))
    return sums


def compared(sums: Sums, other: str = "against", draws: int = 400) -> Comparison:
    return compare(sums["model"], sums[other], draws, seed=0)


def test_a_model_and_itself_differ_by_nothing() -> None:
    sums = sums_of(12, 1, 0.8, 0.8)["model"]
    found = compare(sums, sums, 300, 0)
    assert found.outcome == "may be chance"
    for one in found.differences.values():
        assert one.value == 0
        assert one.p_value == 1
        assert not one.is_significant


@pytest.mark.parametrize(("ours", "theirs", "outcome"), [(0.9, 0.8, "better"), (0.8, 0.9, "worse")])
def test_the_difference_of_a_better_model_is_significant(
    ours: float, theirs: float, outcome: str
) -> None:
    sums = sums_of(20, 2, ours, theirs)
    found = compared(sums)
    assert found.outcome == outcome
    assert set(found.differences) == set(SCORES + PROBABILITY_SCORES)
    values = sums["model"].scores(), sums["against"].scores()
    for name, one in found.differences.items():
        assert one.value == pytest.approx(values[0][name] - values[1][name], abs=1e-12)
        low, high = one.interval
        assert low < one.value < high
    assert found.differences["mcc"].is_significant


@pytest.mark.slow
def test_chance_alone_is_seldom_significant() -> None:
    """Of two equal models: chances spread evenly from 0 to 1, and few outcomes against chance."""
    found = [compared(sums_of(15, seed, 0.8, 0.8), draws=200) for seed in range(60)]
    assert sum(one.outcome != "may be chance" for one in found) <= 7
    chances = [one.differences["mcc"].p_value for one in found]
    assert 0.35 < np.mean(chances) < 0.65
    assert min(chances) < 0.2
    assert max(chances) > 0.8


def test_a_baseline_is_compared_by_what_it_has() -> None:
    found = compared(sums_of(20, 3, 0.9, 0.5), "all_cloud")
    assert tuple(found.differences) == SCORES
    assert found.outcome == "better"


def test_four_blocks_are_too_few_for_significance() -> None:
    found = compared(sums_of(4, 4, 0.95, 0.6))
    assert found.outcome == "may be chance"
    assert found.differences["mcc"].p_value > 0.05


def test_one_block_has_no_interval_and_no_p_value() -> None:
    found = compared(sums_of(1, 4, 0.95, 0.6))
    assert found.outcome == "may be chance"
    assert found.differences["mcc"].interval is None
    assert isnan(found.differences["mcc"].p_value)


def test_where_the_truth_has_one_class_accuracy_decides() -> None:
    found = compared(sums_of(20, 5, 0.95, 0.7, truth=True))
    assert found.differences["mcc"].value == 0
    assert found.decisive == "accuracy"
    assert found.outcome == "better"
    assert isnan(found.differences["auc"].value)
    assert not found.differences["auc"].is_significant


def test_a_difference_that_all_draws_have_is_significant() -> None:
    """A perfect model beside one that is always wrong."""
    found = compared(sums_of(12, 6, 2.0, -1.0))
    assert found.differences["mcc"].interval == pytest.approx((2, 2))
    assert found.outcome == "better"


def test_an_undefined_difference_is_not_significant() -> None:
    empty = Difference(nan, None, nan)
    assert Comparison(dict.fromkeys(SCORES, empty)).outcome == "may be chance"


@pytest.mark.parametrize(
    ("value", "interval", "p", "significant"),
    [
        (0.2, (0.1, 0.3), 0.049, True),
        (-0.2, (-0.3, -0.1), 0.049, True),
        (0.2, (0.1, 0.3), 0.05, False),
        (0.2, (0.0, 0.3), 0.01, False),
        (-0.2, (-0.3, 0.0), 0.01, False),
        (0.2, (-0.1, 0.3), 0.01, False),
        (0.2, None, 0.01, False),
        (0.2, (0.1, 0.3), nan, False),
    ],
)
def test_a_significant_difference_has_a_small_p_and_an_interval_without_0(
    value: float, interval: tuple[float, float] | None, p: float, significant: bool
) -> None:
    assert Difference(value, interval, p).is_significant is significant


@pytest.mark.parametrize(
    ("observed", "permuted", "p"),
    [
        (1.0, [0.5, -0.5, 0.1], 1 / 4),
        (1.0, [0.5, -1.0, 0.1], 2 / 4),
        (-1.0, [1.0, -1.0, 2.0], 4 / 4),
        (0.0, [0.0] * 9, 1.0),
        (0.3, [0.1 + 0.2], 1.0),
        (0.1 + 0.2, [0.3], 1.0),
        (1.0, [], 1.0),
        (0.5, [nan, 0.6, 0.1], 2 / 4),
    ],
)
def test_a_p_value_counts_the_identity_as_a_permutation(
    observed: float, permuted: list[float], p: float
) -> None:
    assert p_value(observed, np.array(permuted)) == pytest.approx(p)


def test_a_difference_that_is_not_defined_has_no_p_value() -> None:
    assert isnan(p_value(nan, np.array([0.1])))


@pytest.mark.parametrize("draws", [100, 400])
def test_no_p_value_is_below_one_in_the_permutations_and_the_identity(draws: int) -> None:
    """The smallest p-value of n permutations is 1/(n + 1), however large the difference."""
    found = compared(sums_of(40, 7, 0.99, 0.5), draws=draws)
    assert found.differences["mcc"].p_value == 1 / (draws + 1)
    assert all(one.p_value >= 1 / (draws + 1) for one in found.differences.values())
