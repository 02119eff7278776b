"""Measuring from the Review dock: the evaluation's own numbers, by a real child process."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtGui import QDesktopServices, QGuiApplication

from napari_iris.evaluation.config import EvaluateConfig
from napari_iris.evaluation.evaluate import evaluate_frames

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from napari_iris.desk.review.dock import ReviewDock
    from tests.desk.conftest import Desk

pytestmark = [pytest.mark.gui, pytest.mark.slow]

CHILD_S = 120
"""Seconds within which any of these jobs ends, on a slow machine."""


@pytest.fixture(scope="session")
def _sky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight simulated frames with their exact truth."""
    from napari_iris.cli.main import main

    folder = tmp_path_factory.mktemp("sky") / "sky"
    words = ["simulate", folder, "--count", 8, "--sky", "mixed", "--seed", 4]
    assert main([str(word) for word in words]) == 0
    return folder


@pytest.fixture
def sky(_sky: Path, tmp_path: Path) -> Path:
    return shutil.copytree(_sky, tmp_path / "sky")


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Folders that the desktop was asked to open."""
    asked: list[Path] = []

    def open_url(url: Any) -> bool:
        asked.append(Path(url.toLocalFile()))
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    return asked


@pytest.fixture
def review(
    review_dock: ReviewDock,
    sky: Path,
    make_model: Callable[..., Path],
    make_predictions: Callable[..., Path],
    open_night: Callable[..., Any],
    qtbot: QtBot,
) -> ReviewDock:
    out = make_predictions(sky / "frames", make_model())
    open_night(sky / "frames")
    review_dock.choice_box.predictions.value = out
    qtbot.waitUntil(lambda: review_dock.is_current, timeout=60_000)
    return review_dock


def click(qtbot: QtBot, button: Any) -> None:
    assert button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def evaluate(dock: ReviewDock, qtbot: QtBot, button: Any = None) -> str:
    click(qtbot, button or dock.evaluation.panel.start)
    assert dock.evaluation.panel.cancel.isEnabled()
    qtbot.waitUntil(lambda: not dock.job.control.is_running, timeout=1000 * CHILD_S)
    qtbot.waitUntil(lambda: dock.is_current, timeout=60_000)
    return str(dock.evaluation.panel.status.text())


def test_the_numbers_are_the_evaluations(review: ReviewDock, sky: Path, qtbot: QtBot) -> None:
    assert review.table.order.currentText() == "Most uncertain first"
    assert evaluate(review, qtbot) == ""
    report = evaluate_frames(review.choice.predictions.value, sky, EvaluateConfig(jobs=1))
    found, block = review.reviewer.review, report.pixels
    np.testing.assert_array_equal(review.confusion.matrix, block.counts["model"].matrix())
    curve = block.curves["model"]
    np.testing.assert_array_equal(review.roc.roc.curve.hit, curve.hit)
    np.testing.assert_array_equal(review.roc.roc.curve.threshold, curve.threshold)
    assert review.roc.roc.area == pytest.approx(block.scores["model"]["auc"])
    for answer, scores in block.scores.items():
        for name in ("accuracy", "iou_clear", "mcc"):
            text = review.scores.texts[answer, name].text()
            assert f"{scores[name]:.3f}" in text, (answer, name)
    frames = report.table
    assert found.names == frames.names
    for name in ("accuracy", "true_cloud_fraction", "bce"):
        np.testing.assert_allclose(found.columns[name], frames.values[name], rtol=1e-8)
    assert review.table.order.currentText() == "Worst first"
    np.testing.assert_array_equal(review.table.model.rows, frames.order())
    np.testing.assert_allclose(review.cover.series.truth, frames.values["true_cloud_fraction"])
    assert review.warnings.text() == "\n".join(report.warnings())


def test_a_threshold_that_is_chosen_is_measured(
    review: ReviewDock, sky: Path, qtbot: QtBot
) -> None:
    review.frame.threshold.number.setValue(0.9)
    evaluate(review, qtbot)
    report = evaluate_frames(
        review.choice.predictions.value, sky, EvaluateConfig(jobs=1, threshold=0.9)
    )
    np.testing.assert_array_equal(review.confusion.matrix, report.pixels.counts["model"].matrix())
    assert review.roc.threshold == 0.9
    x, y = review.roc.roc.at(review.roc.threshold)
    matrix = review.confusion.matrix
    assert x == pytest.approx(matrix[0, 1] / matrix[0].sum(), abs=0.02)
    assert y == pytest.approx(matrix[1, 1] / matrix[1].sum(), abs=0.02)


def test_a_threshold_that_is_moved_afterwards_is_reported(review: ReviewDock, qtbot: QtBot) -> None:
    evaluate(review, qtbot)
    assert not review.outdated.isVisible()
    review.frame.threshold.number.setValue(0.9)
    assert review.outdated.isVisible()
    assert "Evaluated at threshold 0.500, now 0.900. Evaluate again." in review.outdated.text()
    qtbot.mouseClick(review.frame.threshold.reset, Qt.MouseButton.LeftButton)
    assert not review.outdated.isVisible()


def test_nothing_is_cut_off_once_it_is_measured(review: ReviewDock, qtbot: QtBot) -> None:
    review.resize(review.minimumWidth(), 660)
    evaluate(review, qtbot)
    qtbot.waitUntil(lambda: review.viewport().width() >= review.widget().minimumSizeHint().width())
    inner, width = review.widget(), review.viewport().width()
    parts = (*review.scores.texts.values(), review.roc, review.table.count)
    qtbot.waitUntil(lambda: all(one.width() >= one.minimumSizeHint().width() for one in parts))
    for part in parts:
        assert part.mapTo(inner, part.rect().topRight()).x() < width, part
    assert review.minimumWidth() <= 394, "beside napari's own docks a screen of 1024 has no more"


def test_another_truth_forgets_what_was_measured(
    review: ReviewDock, tmp_path: Path, qtbot: QtBot
) -> None:
    evaluate(review, qtbot)
    assert review.confusion.matrix is not None
    shutil.copytree(tmp_path / "sky" / "truth", tmp_path / "other")
    review.choice_box.truth.value = tmp_path / "other"
    qtbot.waitUntil(lambda: review.is_current)
    assert review.confusion.matrix is None
    assert review.roc.roc.curve is None
    assert "accuracy" not in review.reviewer.review.columns


def test_the_report_is_exported_and_its_folder_opened(
    review: ReviewDock, sky: Path, opened: list[Path], qtbot: QtBot
) -> None:
    out = sky / "frames_reports" / "unet1"
    assert review.evaluation.folder.value == out
    line = evaluate(review, qtbot, review.evaluation.export)
    assert line == f"Report in {out}."
    assert opened == [out]
    made = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    wanted = {"report.json", "report.md", "frames.csv", "curves.csv", "figures/roc.pdf"}
    assert wanted <= made
    assert json.loads((out / "report.json").read_text())["n_frames"] == 8
    assert review.confusion.matrix is not None, "and shown"


def test_the_copied_command_writes_the_same_report(
    review: ReviewDock, sky: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    click(qtbot, review.evaluation.panel.copy)
    line = QGuiApplication.clipboard().text()
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
    subprocess.run(
        ["/bin/sh", "-c", f"{line} --no-figures"], check=True, cwd=tmp_path, capture_output=True
    )
    facts = json.loads((sky / "frames_reports" / "unet1" / "report.json").read_text())
    evaluate(review, qtbot)
    assert facts["model"] == review.reviewer.review.report.content["model"]


def test_cancel_and_a_kill_leave_what_was_known(review: ReviewDock, qtbot: QtBot) -> None:
    box = review.evaluation
    click(qtbot, box.panel.start)
    assert not box.panel.start.isEnabled()
    click(qtbot, box.panel.cancel)
    qtbot.waitUntil(lambda: not box.job.control.is_running, timeout=60_000)
    assert box.panel.status.text() == "Stopped; nothing was evaluated."
    click(qtbot, box.panel.start)
    os.kill(box.job.control.job.pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: not box.job.control.is_running, timeout=60_000)
    assert "killed (SIGKILL)" in box.panel.status.text()
    assert review.reviewer.review is not None
    assert review.confusion.matrix is None
    assert box.panel.start.isEnabled()


def test_a_truth_without_labels_is_reported(
    open_desk: Callable[..., Desk],
    project: Path,
    make_model: Callable[..., Path],
    make_predictions: Callable[..., Path],
) -> None:
    out = make_predictions(project.parent / "night", make_model())
    desk = open_desk(project)
    dock = desk.viewer.window.add_plugin_dock_widget("napari-iris", "Review")[1]
    dock.choice_box.predictions.value = out
    desk.wait(lambda: dock.is_current and dock.reviewer.review is not None, timeout=60_000)
    line = evaluate(dock, desk.qtbot)
    assert line == "Job failed: 0 of 6 frames are approved; approve some, or give “Masks” auto"
    dock.choice_box.masks.setCurrentText("Automatic masks")
    assert evaluate(dock, desk.qtbot) == ""
    assert dock.confusion.matrix.sum() == 6 * 128 * 160
    desk.press("A")
    assert dock.evaluation.panel.status.text() == "Labels have changed: evaluate again."
    dock.choice_box.masks.setCurrentText("Human masks")
    assert evaluate(dock, desk.qtbot) == ""
    assert dock.confusion.matrix.sum() == 128 * 160
