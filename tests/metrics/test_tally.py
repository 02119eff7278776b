"""Sums over pixels: the same scores as loops over pixels; invalid values are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_iris.errors import IrisError
from napari_iris.metrics.tally import ranks_of, tally
from napari_iris.metrics.unit_sums import UnitSums

if TYPE_CHECKING:
    from collections.abc import Callable

probabilities = st.floats(0, 1, width=32) | st.sampled_from([0.0, 0.2, 0.5, 1 / 3, 1.0])


@st.composite
def cases(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, float]:
    """Probabilities, truth, threshold; any number of pixels, any mixture of classes."""
    count = draw(st.integers(0, 60))
    truth = draw(
        arrays(bool, count) | st.just(np.zeros(count, bool)) | st.just(np.ones(count, bool))
    )
    return draw(arrays(np.float32, count, elements=probabilities)), truth, draw(st.floats(0, 1))


def pooled(*frames: tuple[np.ndarray, np.ndarray], threshold: float = 0.5) -> dict[str, float]:
    sums = UnitSums(1, is_probability=True)
    for p, truth in frames:
        sums.add(0, tally(p, truth, threshold))
    return sums.scores()


def assert_same(found: dict[str, float], expected: dict[str, float]) -> None:
    assert set(found) == set(expected)
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, abs=1e-9, rel=1e-9, nan_ok=True), name


@given(cases())
def test_scores_are_those_of_loops_over_pixels(
    by_hand: Callable[..., dict[str, float]], case: tuple[np.ndarray, np.ndarray, float]
) -> None:
    p, truth, threshold = case
    assert_same(pooled((p, truth), threshold=threshold), by_hand(p, truth, threshold))


@given(cases(), cases())
def test_pooled_scores_are_those_of_all_pixels_together(
    by_hand: Callable[..., dict[str, float]],
    one: tuple[np.ndarray, np.ndarray, float],
    other: tuple[np.ndarray, np.ndarray, float],
) -> None:
    frames = [one[:2], other[:2]]
    together = [np.concatenate(columns) for columns in zip(*frames, strict=True)]
    assert_same(pooled(*frames), by_hand(*together))


@pytest.mark.parametrize(
    ("p", "truth", "name", "expected"),
    [
        ([0.5] * 4, [1, 1, 0, 0], "bce", np.log(2)),
        ([0.5] * 4, [1, 1, 0, 0], "auc", 0.5),
        ([0.9, 0.8, 0.2, 0.1], [1, 1, 0, 0], "auc", 1.0),
        ([0.1, 0.2, 0.8, 0.9], [1, 1, 0, 0], "auc", 0.0),
        ([0.9, 0.8, 0.2, 0.1], [1, 1, 0, 0], "accuracy", 1.0),
        ([1.0, 0.0], [0, 1], "bce", -np.log(1e-7)),
        ([1.0, 0.0], [1, 0], "ece", 0.0),
        ([1.0, 0.0], [0, 1], "ece", 1.0),
        ([0.75] * 4, [1, 1, 1, 0], "ece", 0.0),
        ([0.8, 0.7], [1, 1], "auc", np.nan),
        ([], [], "bce", np.nan),
        ([0.5], [1], "recall", 1.0),
        ([0.4999999], [1], "recall", 0.0),
    ],
)
def test_known_answers(p: list, truth: list, name: str, expected: float) -> None:
    found = pooled((np.array(p, np.float32), np.array(truth, bool)))
    assert found[name] == pytest.approx(expected, abs=1e-9, nan_ok=True)


def test_a_threshold_is_reached_as_float32_has_it() -> None:
    """0.4 as float32 is a little more than 0.4, and 0.7 a little less: both reach themselves."""
    for threshold in (0.4, 0.7):
        counts = tally(np.float32([threshold]), np.array([True]), threshold).counts
        assert counts.hit == 1


@pytest.mark.parametrize("bad", [np.nan, -0.01, 1.01, np.inf, -np.inf])
def test_values_outside_0_to_1_are_refused(bad: float) -> None:
    with pytest.raises(IrisError, match="1 of 3 probabilities are NaN or outside 0..1"):
        tally(np.array([0.5, bad, 1.0]), np.zeros(3, bool), 0.5)


@given(arrays(np.float32, 30, elements=st.floats(0, 1, width=32)))
def test_ranks_have_the_order_of_the_probabilities(p: np.ndarray) -> None:
    ranks = ranks_of(p, np.zeros(len(p), bool))
    np.testing.assert_array_equal(np.argsort(ranks, kind="stable"), np.argsort(p, kind="stable"))
    np.testing.assert_array_equal(ranks_of(p, np.ones(len(p), bool)), ranks + 1)


def test_minus_zero_equals_zero() -> None:
    ranks = ranks_of(np.float32([-0.0, 0.0]), np.zeros(2, bool))
    assert ranks[0] == ranks[1]
