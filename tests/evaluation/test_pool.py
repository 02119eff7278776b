"""Sums by night: drawing a night twice is having it twice."""

from __future__ import annotations

import numpy as np
import pytest

from napari_iris.evaluation.frame_score import Answers
from napari_iris.evaluation.pool import OF_PROBABILITY, SCORES, Pool, drawn_scores
from napari_iris.metrics.counts import Counts
from napari_iris.metrics.tally import tally


def frame(seed: int, count: int = 300) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.random(count) < rng.random()
    p = 1 / (1 + np.exp(-rng.normal(truth * 2 - 1, 1.5)))
    return p.astype(np.float32), truth


def pool_of(units: list[list[int]]) -> Pool:
    """Pool of units, each with frames by their seeds, and a baseline that is always cloud."""
    pool = Pool(len(units))
    for unit, seeds in enumerate(units):
        for seed in seeds:
            p, truth = frame(seed)
            all_cloud = Counts.of(np.ones_like(truth), truth)
            pool.add(unit, Answers({"model": tally(p, truth, 0.5)}, {"all_cloud": all_cloud}))
    return pool


UNITS = [[1, 2], [3], [4, 5, 6], [7]]


@pytest.mark.parametrize("weights", [[1, 1, 1, 1], [2, 0, 1, 1], [0, 0, 0, 4], [0, 3, 1, 0]])
def test_drawing_a_unit_twice_is_having_it_twice(weights: list[int]) -> None:
    repeated = [seeds for seeds, times in zip(UNITS, weights, strict=True) for _ in range(times)]
    for answer in ("model", "all_cloud"):
        found = pool_of(UNITS).answers[answer].drawn(np.array([weights]))
        expected = pool_of(repeated).answers[answer].scores()
        assert set(found) == set(expected)
        for name, value in expected.items():
            allowed = 2e-4 if name == "auc" else 1e-12  # by steps of the logit
            assert found[name][0] == pytest.approx(value, abs=allowed), name


def test_two_answers_can_share_the_units() -> None:
    """Half of the units of one and half of the other: as the swaps of a comparison need it."""
    first, second = pool_of(UNITS).answers["model"], pool_of(UNITS[::-1]).answers["model"]
    names = SCORES + OF_PROBABILITY
    found = drawn_scores(
        [first, second], [np.array([[1, 0, 0, 1]]), np.array([[1, 1, 0, 0]])], names
    )
    expected = pool_of([UNITS[0], UNITS[3], UNITS[3], UNITS[2]]).answers["model"].scores()
    for name in names:
        assert found[name][0] == pytest.approx(expected[name], abs=2e-4), name


def test_a_baseline_has_the_scores_of_its_counts_alone() -> None:
    sums = pool_of(UNITS).answers["all_cloud"]
    assert tuple(sums.scores()) == SCORES
    assert sums.scores()["recall"] == 1
    assert sums.scores()["iou_clear"] == 0


def test_units_without_a_frame_are_left_out() -> None:
    pool = pool_of([[], [1], [], [2]])
    kept = pool.without_empty()
    assert kept.frames.tolist() == [1, 1]
    assert kept.answers["model"].scores() == pool.answers["model"].scores()
    assert kept.answers["model"].drawn(np.array([[1, 1]]))["bce"][0] == pytest.approx(
        pool.answers["model"].scores()["bce"]
    )
    assert pool.frames.tolist() == [0, 1, 0, 1], "the pool itself stays"


def test_many_draws_are_as_few_draws() -> None:
    sums = pool_of(UNITS).answers["model"]
    weights = np.random.default_rng(0).multinomial(4, [0.25] * 4, size=600)
    whole, piece = sums.drawn(weights), sums.drawn(weights[500:])
    for name in whole:
        np.testing.assert_allclose(whole[name][500:], piece[name], rtol=1e-12)
