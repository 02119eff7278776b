"""Curves and areas: exact without merged probabilities, else within bounds, in bounded memory."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_iris.metrics.calibration import roc_threshold
from napari_iris.metrics.ranking import Curve, Ranking
from napari_iris.metrics.tally import ranks_of


def curve_of(p: np.ndarray, truth: np.ndarray, distinct: int = 2**21, parts: int = 1) -> Curve:
    ranking = Ranking(distinct)
    for piece in np.array_split(ranks_of(p.astype(np.float32), truth), parts):
        ranking.add(piece)
    return ranking.curve()


def some_pixels(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.random(count) < 0.4
    p = 1 / (1 + np.exp(-rng.normal(truth * 1.5 - 0.7, 2)))
    return p.astype(np.float32), truth


def area_by_ranks(p: np.ndarray, truth: np.ndarray) -> float:
    """The Mann-Whitney statistic, from mean ranks: another way to the same number."""
    from scipy.stats import rankdata

    ranks = rankdata(p)
    cloud, sky = truth.sum(), (~truth).sum()
    return (ranks[truth].sum() - cloud * (cloud + 1) / 2) / (cloud * sky)


@pytest.mark.parametrize("parts", [1, 7])
def test_the_area_is_that_of_the_rank_statistic(parts: int) -> None:
    p, truth = some_pixels(20_000)
    p[::3] = np.round(p[::3], 2)  # some are equal
    found = curve_of(p, truth, parts=parts)
    assert found.area() == pytest.approx(area_by_ranks(p, truth), abs=1e-12)
    assert found.area_error() == 0


@given(st.integers(2, 50), st.integers(0, 10**6))
def test_with_merged_probabilities_the_area_is_within_its_error(distinct: int, seed: int) -> None:
    p, truth = some_pixels(400, seed)
    found = curve_of(p, truth, distinct, parts=5)
    assert len(found.threshold) <= distinct
    assert not found.exact
    exact = area_by_ranks(p, truth)
    assert abs(found.area() - exact) <= found.area_error() + 1e-12
    assert found.hit[-1] == truth.sum()
    assert found.false[-1] == (~truth).sum()


def test_merged_probabilities_change_the_area_little() -> None:
    p, truth = some_pixels(300_000)
    found = curve_of(p, truth, distinct=20_000, parts=20)
    assert 0 < found.area_error() < 1e-4
    assert found.area() == pytest.approx(area_by_ranks(p, truth), abs=1e-4)


def test_each_point_is_what_its_threshold_finds() -> None:
    p, truth = some_pixels(500)
    p = np.round(p, 2).astype(np.float32)
    found = curve_of(p, truth)
    assert np.all(np.diff(found.threshold) < 0)
    for threshold, hit, false in zip(found.threshold, found.hit, found.false, strict=True):
        assert hit == np.count_nonzero((p >= threshold) & truth)
        assert false == np.count_nonzero((p >= threshold) & ~truth)
    np.testing.assert_allclose(found.recall, found.hit / truth.sum())
    np.testing.assert_allclose(found.false_positive_rate, found.false / (~truth).sum())
    np.testing.assert_allclose(found.precision, found.hit / (found.hit + found.false))


@given(arrays(np.float32, 40, elements=st.sampled_from(np.linspace(0, 1, 9))), arrays(bool, 40))
def test_the_best_threshold_has_the_largest_recall_less_false_positive_rate(
    p: np.ndarray, truth: np.ndarray
) -> None:
    found = roc_threshold(p, truth)
    if truth.all() or not truth.any():
        assert np.isnan(found)
        return
    gains = {t: (p[truth] >= t).mean() - (p[~truth] >= t).mean() for t in np.unique(p)}
    assert gains[np.float32(found)] == pytest.approx(max(gains.values()))


@pytest.mark.parametrize("truth", [True, False])
def test_one_class_has_no_area(truth: bool) -> None:
    found = curve_of(np.linspace(0, 1, 9), np.full(9, truth))
    assert np.isnan(found.area())
    assert np.isnan(found.best_threshold())
    assert np.isnan(found.false_positive_rate if truth else found.recall).all()


def test_nothing_has_no_curve() -> None:
    found = Ranking().curve()
    assert len(found.threshold) == 0
    assert np.isnan(found.area())
    assert len(found.thinned().threshold) == 0


def test_a_thinned_curve_keeps_its_shape() -> None:
    p, truth = some_pixels(50_000)
    whole = curve_of(p, truth)
    thin = whole.thinned(200)
    assert len(thin.threshold) <= 200
    assert thin.hit[-1] == whole.hit[-1]
    assert thin.threshold[0] == whole.threshold[0]
    on_it = np.interp(whole.false_positive_rate, thin.false_positive_rate, thin.recall)
    assert np.abs(on_it - whole.recall).max() < 0.01
    few = whole.thinned(10**6)
    assert few is whole


def test_more_can_be_added_after_a_curve_was_computed() -> None:
    p, truth = some_pixels(1000)
    ranking = Ranking()
    ranking.add(ranks_of(p[:500], truth[:500]))
    assert ranking.curve().area() == pytest.approx(area_by_ranks(p[:500], truth[:500]))
    ranking.add(ranks_of(p[500:], truth[500:]))
    assert ranking.curve().area() == pytest.approx(area_by_ranks(p, truth))


def test_memory_does_not_grow_with_the_frames() -> None:
    ranking = Ranking(distinct=5_000)

    def peak(frames: int, seed: int) -> int:
        tracemalloc.start()
        for number in range(frames):
            ranking.add(ranks_of(*some_pixels(2_000, seed + number)))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    first, later = peak(20, 0), peak(200, 100)
    assert later < 1.5 * first
    assert len(ranking.curve().threshold) <= 5_000
