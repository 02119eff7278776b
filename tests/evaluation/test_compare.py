"""Two models: the same ones differ by chance, a better one really, and chance rarely looks real."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest

from napari_iris.evaluation.compare import Comparison, Difference, compare
from napari_iris.evaluation.frame_score import Answers
from napari_iris.evaluation.pool import OF_PROBABILITY, SCORES, Pool
from napari_iris.metrics.counts import Counts
from napari_iris.metrics.tally import tally

SIZE = 120


def pool_of(
    units: int, seed: int, ours: float, theirs: float, *, truth: bool | None = None
) -> Pool:
    """Blocks that two models get right in about these parts, and a few more or less at random."""
    rng = np.random.default_rng(seed)
    pool = Pool(units)
    for unit in range(units):
        cloud = rng.random(SIZE) < 0.5 if truth is None else np.full(SIZE, truth)
        tallies = {}
        for name, right in (("model", ours), ("against", theirs)):
            part = np.clip(right + rng.normal(0, 0.05), 0, 1)
            wrong = rng.random(SIZE) > part
            p = np.where(cloud ^ wrong, 0.75, 0.25) + rng.uniform(-0.2, 0.2, SIZE)
            tallies[name] = tally(p, cloud, 0.5)
        pool.add(unit, Answers(tallies, {"all_cloud": Counts.of(np.ones(SIZE, bool), cloud)}))
    return pool


def compared(pool: Pool, other: str = "against", draws: int = 400) -> Comparison:
    return compare(pool.answers["model"], pool.answers[other], draws, seed=0)


def test_a_model_and_itself_differ_by_nothing() -> None:
    sums = pool_of(12, 1, 0.8, 0.8).answers["model"]
    found = compare(sums, sums, 300, 0)
    assert found.verdict == "may be chance"
    assert "may be chance" in found.sentence("the model", "itself")
    for one in found.differences.values():
        assert one.value == 0
        assert one.p_value == 1
        assert not one.real


@pytest.mark.parametrize(("ours", "theirs", "verdict"), [(0.9, 0.8, "better"), (0.8, 0.9, "worse")])
def test_a_better_model_is_really_better(ours: float, theirs: float, verdict: str) -> None:
    pool = pool_of(20, 2, ours, theirs)
    found = compared(pool)
    assert found.verdict == verdict
    assert set(found.differences) == set(SCORES + OF_PROBABILITY)
    values = pool.answers["model"].scores(), pool.answers["against"].scores()
    for name, one in found.differences.items():
        assert one.value == pytest.approx(values[0][name] - values[1][name], abs=1e-12)
        low, high = one.interval
        assert low < one.value < high
    assert found.differences["mcc"].real
    text = found.sentence("the model", "the other")
    assert text.startswith(f"The model is {verdict} than the other; the difference is real (MCC ")


@pytest.mark.slow
def test_chance_alone_seldom_looks_real() -> None:
    """Of two equal models: chances spread evenly from 0 to 1, and few verdicts against chance."""
    found = [compared(pool_of(15, seed, 0.8, 0.8), draws=200) for seed in range(60)]
    assert sum(one.verdict != "may be chance" for one in found) <= 7
    chances = [one.differences["mcc"].p_value for one in found]
    assert 0.35 < np.mean(chances) < 0.65
    assert min(chances) < 0.2
    assert max(chances) > 0.8


def test_a_baseline_is_compared_by_what_it_has() -> None:
    found = compared(pool_of(20, 3, 0.9, 0.5), "all_cloud")
    assert tuple(found.differences) == SCORES
    assert found.verdict == "better"


def test_four_blocks_are_too_few_for_anything_to_be_real() -> None:
    found = compared(pool_of(4, 4, 0.95, 0.6))
    assert found.verdict == "may be chance"
    assert found.differences["mcc"].p_value > 0.05


def test_one_block_tells_nothing() -> None:
    found = compared(pool_of(1, 4, 0.95, 0.6))
    assert found.verdict == "may be chance"
    assert found.differences["mcc"].interval is None
    assert isnan(found.differences["mcc"].p_value)
    assert "may be chance" in found.sentence("the model", "the other")


def test_where_the_truth_has_one_class_accuracy_decides() -> None:
    found = compared(pool_of(20, 5, 0.95, 0.7, truth=True))
    assert found.differences["mcc"].value == 0
    assert found.decisive == "accuracy"
    assert found.verdict == "better"
    assert isnan(found.differences["auc"].value)
    assert not found.differences["auc"].real


def test_a_difference_that_all_draws_have_is_real() -> None:
    """A perfect model beside one that is always wrong."""
    found = compared(pool_of(12, 6, 2.0, -1.0))
    assert found.differences["mcc"].interval == pytest.approx((2, 2))
    assert found.verdict == "better"


def test_what_is_not_defined_is_not_compared() -> None:
    empty = Difference(float("nan"), None, float("nan"))
    found = Comparison(dict.fromkeys(SCORES, empty))
    assert found.verdict == "may be chance"
    assert found.sentence("the model", "the other") == (
        "The model and the other cannot be compared: no MCC is defined."
    )
