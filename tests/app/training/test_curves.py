"""Loss and score of runs, side by side."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from napari_iris.app.training.curves import MAX_RUNS, SCORES, RunCurves, TrainingCurves
from napari_iris.training.epochs import Epoch


def epochs(*losses: float) -> list[Epoch]:
    return [
        Epoch(n, loss + 0.1, loss, 0.9, 0.8, 0.7, 1 - loss, 0.5, 1e-3, 1.0)
        for n, loss in enumerate(losses, start=1)
    ]


@pytest.fixture
def curves() -> TrainingCurves:
    return TrainingCurves()


def test_runs_are_compared(curves: TrainingCurves) -> None:
    changed = Mock()
    curves.changed.connect(changed)
    curves.show([RunCurves("unet1", epochs(0.5, 0.3, 0.4)), RunCurves("unet2", epochs(0.6))])
    changed.assert_called_once_with()
    curves.losses.read(1)
    assert curves.losses.text.splitlines() == [
        "Epoch 1",
        "unet1 training: 0.6000",
        "unet1 validation: 0.5000",
        "unet2 training: 0.7000",
        "unet2 validation: 0.6000",
    ]
    assert curves.scores.epoch == 1, "both plots read the same epoch"
    assert "unet1 clear IoU: 0.5000" in curves.scores.text
    curves.scores.read(2)
    assert curves.losses.epoch == 2
    best = {curve.name: curve.best for curve in curves.losses.curves}
    assert best["unet1 validation"] == 2


def test_a_single_run_is_not_named(curves: TrainingCurves) -> None:
    curves.show([RunCurves("unet1", epochs(0.5))])
    curves.losses.read(1)
    assert curves.losses.text == "Epoch 1\ntraining: 0.6000\nvalidation: 0.5000"


def test_any_score_can_be_drawn(curves: TrainingCurves) -> None:
    curves.show([RunCurves("unet1", epochs(0.5))])
    shown = {}
    for name in SCORES:
        curves.choose_score(name)
        (curve,) = curves.scores.curves
        shown[name] = curve.points[0][1]
        assert curves.scores.title.casefold() == f"{name} (validation)".casefold()
    assert shown == {
        "clear IoU": 0.5,
        "cloud IoU": 0.7,
        "accuracy": 0.9,
        "balanced accuracy": 0.8,
        "MCC": 0.5,
    }


def test_the_first_epoch_shows_its_steps(curves: TrainingCurves) -> None:
    curves.show([RunCurves("unet1", [], [(0.1, 0.7), (0.2, 0.6)])])
    assert curves.losses.limits is not None
    assert curves.losses.last == 0


def test_no_more_runs_are_drawn_than_colours_are_told_apart(curves: TrainingCurves) -> None:
    runs = [RunCurves(f"run{number}", epochs(0.5, 0.4)) for number in range(9)]
    curves.show(runs)
    assert {curve.color for curve in curves.scores.curves} == set(range(MAX_RUNS))
    assert (len(curves.runs), curves.left_out) == (MAX_RUNS, 9 - MAX_RUNS)
    curves.show(runs[:2])
    assert curves.left_out == 0
