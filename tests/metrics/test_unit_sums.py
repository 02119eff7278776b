"""Sums by night: drawing a night twice is the same as having it twice."""

from __future__ import annotations

import numpy as np
import pytest

from napari_iris.metrics.counts import SCORES, Counts
from napari_iris.metrics.tally import tally
from napari_iris.metrics.unit_sums import PROBABILITY_SCORES, UnitSums, resampled_scores


def frame(seed: int, count: int = 300) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.random(count) < rng.random()
    p = 1 / (1 + np.exp(-rng.normal(truth * 2 - 1, 1.5)))
    return p.astype(np.float32), truth


def sums_of(units: list[list[int]], answer: str = "model") -> UnitSums:
    """Sums of units, each with frames by their seeds; of a model, or always cloud."""
    sums = UnitSums(len(units), is_probability=answer == "model")
    for unit, seeds in enumerate(units):
        for seed in seeds:
            p, truth = frame(seed)
            all_cloud = Counts.of(np.ones_like(truth), truth)
            sums.add(unit, tally(p, truth, 0.5) if answer == "model" else all_cloud)
    return sums


def drawn(sums: UnitSums, weights: np.ndarray) -> dict[str, np.ndarray]:
    return resampled_scores([sums], [weights], sums.names)


UNITS = [[1, 2], [3], [4, 5, 6], [7]]


@pytest.mark.parametrize("weights", [[1, 1, 1, 1], [2, 0, 1, 1], [0, 0, 0, 4], [0, 3, 1, 0]])
def test_a_unit_drawn_twice_counts_twice(weights: list[int]) -> None:
    repeated = [seeds for seeds, times in zip(UNITS, weights, strict=True) for _ in range(times)]
    for answer in ("model", "all_cloud"):
        found = drawn(sums_of(UNITS, answer), np.array([weights]))
        expected = sums_of(repeated, answer).scores()
        assert set(found) == set(expected)
        for name, value in expected.items():
            allowed = 2e-4 if name == "auc" else 1e-12  # by steps of the logit
            assert found[name][0] == pytest.approx(value, abs=allowed), name


def test_two_predictions_can_share_the_units() -> None:
    """Half of the units of one and half of the other: as the swaps of a comparison need it."""
    first, second = sums_of(UNITS), sums_of(UNITS[::-1])
    names = SCORES + PROBABILITY_SCORES
    found = resampled_scores(
        [first, second], [np.array([[1, 0, 0, 1]]), np.array([[1, 1, 0, 0]])], names
    )
    expected = sums_of([UNITS[0], UNITS[3], UNITS[3], UNITS[2]]).scores()
    for name in names:
        assert found[name][0] == pytest.approx(expected[name], abs=2e-4), name


def test_a_baseline_has_only_the_scores_of_its_counts() -> None:
    sums = sums_of(UNITS, "all_cloud")
    assert tuple(sums.scores()) == SCORES
    assert sums.scores()["recall"] == 1
    assert sums.scores()["iou_clear"] == 0


def test_empty_units_can_be_left_out() -> None:
    sums = sums_of([[], [1], [], [2]])
    kept = sums.select(np.array([False, True, False, True]))
    assert kept.scores() == sums.scores()
    assert drawn(kept, np.array([[1, 1]]))["bce"][0] == pytest.approx(sums.scores()["bce"])
    assert len(sums.counts) == 4, "the sums themselves stay"


def test_chunks_of_draws_give_the_same_scores() -> None:
    sums = sums_of(UNITS)
    weights = np.random.default_rng(0).multinomial(4, [0.25] * 4, size=600)
    whole, piece = drawn(sums, weights), drawn(sums, weights[500:])
    for name in whole:
        np.testing.assert_allclose(whole[name][500:], piece[name], rtol=1e-12)
