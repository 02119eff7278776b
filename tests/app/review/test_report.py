"""The report of an evaluation in texts: scores, confusion matrix, ROC curve."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from napari_iris.app.review.confusion import confusion_lines, row_fractions, short_count
from napari_iris.app.review.report import METHODS, SCORES, StoredReport, score_texts
from napari_iris.app.review.roc import Roc
from napari_iris.metrics.ranking import Curve
from napari_iris.numbers import UNDEFINED


def evaluated(**more: Any) -> StoredReport:
    """The report on 10 clear and 10 cloud pixels."""
    matrix = {"true_clear": {"clear": 8, "cloud": 2}, "true_cloud": {"clear": 1, "cloud": 9}}
    always = {"true_clear": {"clear": 0, "cloud": 10}, "true_cloud": {"clear": 0, "cloud": 10}}
    content = {
        "model": {"accuracy": 0.85, "balanced_accuracy": 0.85, "iou_clear": None, "auc": 0.9},
        "baselines": {"all_cloud": {"accuracy": 0.5, "mcc": 0.0}},
        "confusion": {"model": matrix, "all_cloud": always},
        "warnings": ["no clear frame"],
    }
    curve = Curve(np.array([0.9, 0.5, 0.1], np.float32), np.array([5, 9, 10]), np.array([0, 2, 10]))
    return StoredReport(Path("report"), {**content, **more}, {"pixels": {"model": curve}})


def test_scores_are_written_beside_the_baselines() -> None:
    texts = score_texts(evaluated())
    assert set(texts) == {(method, name) for method in METHODS for name in SCORES}
    assert texts["model", "accuracy"] == "0.850"
    assert texts["model", "iou_clear"] == UNDEFINED
    assert texts["all_cloud", "mcc"] == "0.000"
    assert texts["otsu", "mcc"] == UNDEFINED
    assert set(score_texts(None).values()) == {UNDEFINED}
    assert evaluated().warnings == ["no clear frame"]
    assert evaluated().threshold is None


def test_the_confusion_matrix_is_written() -> None:
    matrix = evaluated().confusion
    assert matrix is not None
    assert confusion_lines(matrix)[1] == "clear predicted as cloud: 2 pixels"
    np.testing.assert_allclose(row_fractions(matrix), [[0.8, 0.2], [0.1, 0.9]])
    assert confusion_lines(None) == []
    assert evaluated(confusion={}).confusion is None


def test_a_class_without_pixels_has_no_fractions() -> None:
    fractions = row_fractions(np.array([[0, 0], [1, 3]]))
    np.testing.assert_array_equal(fractions, [[np.nan, np.nan], [0.25, 0.75]])


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0"), (9999, "9,999"), (360_123, "360 k"), (12_345_678, "12 M")]
)
def test_large_counts_are_short(count: int, text: str) -> None:
    assert short_count(count) == text


def test_the_roc_curve_has_the_baselines_as_points() -> None:
    roc = Roc.of(evaluated())
    assert roc.points == {"model": (0.2, 0.9), "all_cloud": (1.0, 1.0)}
    assert roc.area == 0.9
    lines = roc.description.splitlines()
    assert lines[0] == "Area under the curve (AUC) 0.900"
    assert lines[-1] == ("Always cloud: true-positive rate 100.0%, false-positive rate 100.0%")


@pytest.mark.parametrize(
    ("threshold", "point"),
    [(0.5, (0.2, 0.9)), (0.6, (0.0, 0.5)), (0.95, (0, 0)), (0, (1, 1)), (None, None)],
)
def test_the_point_at_a_threshold(
    threshold: float | None, point: tuple[float, float] | None
) -> None:
    assert Roc.of(evaluated()).at(threshold) == point


def test_a_truth_of_one_class_has_no_roc_curve() -> None:
    curve = Curve(np.array([0.5], np.float32), np.array([0]), np.array([10]))
    report = evaluated()
    roc = Roc.of(StoredReport(report.folder, report.content, {"pixels": {"model": curve}}))
    assert roc.curve is roc.at(0.5) is Roc.of(None).curve is None
    assert roc.description == ""
