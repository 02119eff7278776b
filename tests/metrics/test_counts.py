"""Scores against an independent computation, and where they are not defined."""

from __future__ import annotations

from math import isnan, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_iris.metrics.counts import Counts, scores


@given(arrays(bool, 50), arrays(bool, 50), arrays(bool, 50))
def test_scores_are_those_of_their_definitions(
    found: np.ndarray, truth: np.ndarray, counted: np.ndarray
) -> None:
    counts = Counts.of(found, truth, counted)
    got = scores(counts)
    a, b = found[counted], truth[counted]
    assert counts.total == len(a)
    if not len(a):
        assert all(isnan(value) for value in got.values())
        return
    assert got["accuracy"] == pytest.approx(np.mean(a == b), abs=1e-12)
    assert got["error_rate"] == pytest.approx(np.mean(a != b), abs=1e-12)
    expected = np.corrcoef(a, b)[0, 1] if _both(a) and _both(b) else 0.0
    assert got["mcc"] == pytest.approx(expected, abs=1e-9)
    if (a | b).any():
        assert got["iou_cloud"] == pytest.approx((a & b).sum() / (a | b).sum(), abs=1e-12)
    if (~a | ~b).any():
        assert got["iou_clear"] == pytest.approx((~a & ~b).sum() / (~a | ~b).sum(), abs=1e-12)
    if _both(b):
        rates = (a & b).sum() / b.sum(), (~a & ~b).sum() / (~b).sum()
        assert got["balanced_accuracy"] == pytest.approx(np.mean(rates), abs=1e-12)


def _both(answers: np.ndarray) -> bool:
    return bool(answers.any() and not answers.all())


@pytest.mark.parametrize(
    ("counts", "name", "expected"),
    [
        (Counts(5, 0, 0, 5), "mcc", 1),
        (Counts(0, 5, 5, 0), "mcc", -1),
        (Counts(8, 2, 0, 0), "mcc", 0),
        (Counts(8, 2, 0, 0), "balanced_accuracy", 0.5),
        (Counts(8, 2, 0, 0), "iou_clear", 0),
        (Counts(8, 0, 0, 0), "iou_clear", nan),
        (Counts(8, 0, 2, 0), "balanced_accuracy", 0.8),
        (Counts(0, 0, 0, 9), "precision", nan),
        (Counts(), "accuracy", nan),
    ],
)
def test_known_answers(counts: Counts, name: str, expected: float) -> None:
    assert scores(counts)[name] == pytest.approx(expected, nan_ok=True)


@given(st.lists(st.tuples(*[st.integers(0, 10**9)] * 4), min_size=1, max_size=5))
def test_counts_add_up(parts: list[tuple[int, ...]]) -> None:
    total = sum((Counts(*part) for part in parts), Counts())
    assert total.total == sum(map(sum, parts))
    assert -1 <= scores(total)["mcc"] <= 1 or total.total == 0


def test_rounding_never_exceeds_a_perfect_score() -> None:
    assert scores(Counts(hit=1, clear=3))["mcc"] == 1
    assert scores(Counts(false=1, missed=3))["mcc"] == -1


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (Counts(), True),
        (Counts(clear=9), True),
        (Counts(false=9), True),
        (Counts(clear=8, false=1), False),
        (Counts(hit=8, false=1), False),
    ],
)
def test_truth_and_answer_of_one_class_each(counts: Counts, expected: bool) -> None:
    assert counts.is_one_kind is expected
