"""Predicting a night from the window: a real child process, and its way into the project."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtGui import QGuiApplication

from napari_iris.inference.cloud_mask import cloud_mask
from napari_iris.inference.prediction_file import read_prediction
from napari_iris.matching.names import prediction_path
from napari_iris.project.project import Project
from tests.timing import SOON_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from napari_iris.desk.predict.box import PredictBox
    from napari_iris.desk.predict.dock import PredictDock
    from tests.desk.conftest import Desk

pytestmark = pytest.mark.gui

CHILD_S = 120
"""Seconds within which any of these jobs ends, on a slow machine."""


@pytest.fixture
def box(predict_dock: PredictDock) -> PredictBox:
    return predict_dock.job_box


@pytest.fixture
def night(
    make_model: Callable[..., Path],
    make_night: Callable[..., Path],
    open_night: Callable[..., Any],
    predict_dock: PredictDock,
    qtbot: QtBot,
) -> Path:
    """Five frames in the viewer, and a model beside them."""
    make_model()
    folder = make_night(5)
    open_night(folder)
    predict_dock.session.go_to(0)
    qtbot.waitUntil(predict_dock.job_box.panel.start.isEnabled, timeout=60_000)
    return folder


def click(qtbot: QtBot, button: Any) -> None:
    assert button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton, pos=button.rect().center())


def wait(qtbot: QtBot, box: PredictBox) -> str:
    qtbot.waitUntil(lambda: not box.job.control.is_running, timeout=1000 * CHILD_S)
    return str(box.panel.status.text())


def test_all_frames_are_predicted_and_shown_from_their_files(
    night: Path, box: PredictBox, predict_dock: PredictDock, qtbot: QtBot
) -> None:
    prediction = predict_dock.prediction
    qtbot.waitUntil(lambda: prediction.result is not None, timeout=60_000)
    live = prediction.result.prediction
    written = []
    prediction.predictions_written.connect(written.append)
    click(qtbot, box.panel.start)
    assert box.panel.status.text() == "Starting..."
    assert not box.panel.start.isEnabled()
    assert box.panel.cancel.isEnabled()
    assert not box.frames.isEnabled()
    status = wait(qtbot, box)
    assert status.startswith("5 frames predicted ("), status
    assert written == [box.job.folder.value]
    with (box.job.folder.value / "predictions.csv").open(newline="") as table:
        rows = list(csv.DictReader(table))
    assert [Path(row["frame"]).name for row in rows] == [f"sky_{n}.fits" for n in range(1, 6)]
    assert {row["model"] for row in rows} == {live.model}
    qtbot.waitUntil(lambda: prediction.result is not None and prediction.result.file is not None)
    assert prediction.result.file == prediction_path(night / "sky_1.fits", box.job.folder.value)
    np.testing.assert_allclose(
        prediction.result.prediction.probability, live.probability, atol=5e-3
    )
    click(qtbot, box.panel.start)
    assert wait(qtbot, box) == "5 frames predicted before."


def test_one_frame_at_a_threshold_with_a_classifier_and_turned_copies(
    night: Path,
    box: PredictBox,
    predict_dock: PredictDock,
    make_model: Callable[..., Path],
    qtbot: QtBot,
) -> None:
    vgg = make_model("vgg1", 1, "vgg8", threshold=0.0)
    predict_dock.models.choose(vgg)
    qtbot.waitUntil(lambda: predict_dock.models.classifier is not None)
    qtbot.waitUntil(
        lambda: predict_dock.prediction.result is not None and predict_dock.prediction.is_current
    )
    predict_dock.threshold.number.setValue(0.7)
    box.augmented.click()
    box.frames.this_frame.click()
    (words,) = box.job.commands()
    assert words[:3] == [
        "predict",
        str(predict_dock.models.model.folder),
        str(night / "sky_1.fits"),
    ]
    assert words[words.index("--classifier") + 1] == str(vgg)
    assert words[words.index("--threshold") + 1] == "0.7"
    click(qtbot, box.panel.start)
    assert wait(qtbot, box).startswith("1 frame predicted (")
    (path,) = box.job.folder.value.glob("*_pred.fits")
    found = read_prediction(path)
    assert found.threshold == 0.7
    assert found.spread is not None
    assert "vgg1" in found.model


def test_cancel_leaves_whole_predictions_and_the_same_button_does_the_rest(
    predict_dock: PredictDock,
    box: PredictBox,
    make_model: Callable[..., Path],
    make_night: Callable[..., Path],
    open_night: Callable[..., Any],
    qtbot: QtBot,
) -> None:
    predict_dock.models.choose(make_model(channels=(16, 32), seed=1))
    folder = make_night(1)
    for number in range(2, 2001):
        (folder / f"sky_{number}.fits").hardlink_to(folder / "sky_1.fits")
    open_night(folder)
    qtbot.waitUntil(box.panel.start.isEnabled, timeout=60_000)
    click(qtbot, box.panel.start)
    qtbot.waitUntil(lambda: box.panel.bar.value() > 20, timeout=1000 * CHILD_S)
    assert " of 2,000" in box.panel.status.text()
    begin = time.monotonic()
    click(qtbot, box.panel.cancel)
    assert not box.panel.cancel.isEnabled()
    status = wait(qtbot, box)
    print(f"stopped within {time.monotonic() - begin:.1f} s")
    assert time.monotonic() - begin < SOON_S
    assert status.startswith("Stopped after ")
    assert status.endswith("their predictions are kept.")
    made = list(box.job.folder.value.glob("*_pred.fits"))
    assert 20 <= len(made) < 2000
    for path in made:
        assert read_prediction(path).probability.shape == (128, 160)
    assert not list(box.job.folder.value.glob(".*.part"))
    box.frames.some.setChecked(True)
    box.frames.last.setValue(len(made))
    click(qtbot, box.panel.start)
    assert "predicted before" in wait(qtbot, box)


def test_a_model_just_chosen_is_the_one_that_predicts(
    predict_dock: PredictDock,
    box: PredictBox,
    make_model: Callable[..., Path],
    night: Path,
    qtbot: QtBot,
) -> None:
    """It is looked at beside the window: until it is there, nothing starts with the one before."""
    assert box.panel.start.isEnabled()
    chosen = make_model("elsewhere/other", seed=5)
    predict_dock.models.choose(chosen)
    assert not box.panel.start.isEnabled()
    box.job.start()
    assert not box.job.control.is_running
    qtbot.waitUntil(box.panel.start.isEnabled)
    assert predict_dock.models.model.folder == chosen
    assert box.job.folder.value.name == "other"
    click(qtbot, box.panel.start)
    first = predict_dock.model_box.model.currentIndex()
    predict_dock.model_box.model.setCurrentIndex(0 if first else 1)
    assert box.job.folder.value.name == "other", "the job goes on with its own"
    wait(qtbot, box)
    qtbot.waitUntil(lambda: box.job.folder.value.name == predict_dock.models.model.name != "other")


def test_a_job_that_is_killed_says_so_and_the_window_lives_on(
    predict_dock: PredictDock, box: PredictBox, night: Path, make_night: Any, qtbot: QtBot
) -> None:
    click(qtbot, box.panel.start)
    os.kill(box.job.control.job.pid, signal.SIGKILL)
    assert "killed (SIGKILL)" in wait(qtbot, box)
    assert box.panel.start.isEnabled()
    predict_dock.session.go_to(2)
    qtbot.waitUntil(
        lambda: (
            predict_dock.prediction.result is not None
            and predict_dock.prediction.result.frame.name == "sky_3.fits"
        ),
        timeout=60_000,
    )


def test_a_folder_that_cannot_be_made_is_reported(
    night: Path, box: PredictBox, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "file").touch()
    box.folder.value = tmp_path / "file" / "predictions"
    click(qtbot, box.panel.start)
    assert wait(qtbot, box).startswith("Job failed: ")


def test_a_bad_frame_is_named_and_the_rest_goes_on(
    night: Path, box: PredictBox, qtbot: QtBot
) -> None:
    (night / "sky_2.fits").write_bytes(b"")
    click(qtbot, box.panel.start)
    status = wait(qtbot, box)
    assert "1 file failed:\nsky_2.fits: is empty (0 bytes)" in status
    assert len(list(box.job.folder.value.glob("*_pred.fits"))) == 4


def test_with_no_project_open_none_is_spoken_of(night: Path, box: PredictBox) -> None:
    assert not box.into_project.isVisible()
    assert "napari-iris project" not in box.job.shell_line()


@pytest.fixture
def work(open_desk: Callable[..., Desk], make_model: Callable[..., Path], project: Path) -> Any:
    """A project in the Curate dock, with the Predict dock beside it."""
    make_model()
    desk = open_desk(project)
    dock = desk.viewer.window.add_plugin_dock_widget("napari-iris", "Predict")[1]
    dock.models.choose(project.parent / "night_models" / "unet1")
    desk.wait(dock.job_box.panel.start.isEnabled, timeout=60_000)
    return desk, dock


@pytest.mark.slow
def test_a_night_goes_into_the_project_and_the_queue_asks_for_the_uncertain(work: Any) -> None:
    desk, dock = work
    desk.press("N", "G")  # a person's mask of the second frame
    drawn, person = desk.mask, desk.row
    box = dock.job_box
    assert box.into_project.isVisible()
    assert not box.into_project.isChecked()
    box.into_project.click()
    assert box.job.folder.value == desk.folder / "predictions" / "unet1"
    desk.click(box.panel.start)
    desk.wait(lambda: not box.job.control.is_running, 120_000)
    assert box.panel.status.text().endswith("; added to the project.")
    desk.wait(lambda: not np.isnan(desk.curation.project.table.uncertainty).any(), 10_000)
    np.testing.assert_array_equal(desk.mask, drawn)
    np.testing.assert_array_equal(desk.stored(person, "human"), drawn)
    assert desk.decision(person).status == "edited"
    with Project(desk.folder, read_only=True) as project:
        assert project.status()["masks"] == {"auto": 6, "model": 6, "human": 1}
        for frame, path in zip(project.table.id.tolist(), project.table.paths, strict=True):
            found = read_prediction(prediction_path(path, box.job.folder.value))
            expected = cloud_mask(found.probability, found.threshold)
            np.testing.assert_array_equal(project.mask(frame, "model"), expected)
            facts = project.mask_facts(frame, "model")
            assert facts.by == found.model
            assert facts.uncertainty == pytest.approx(found.uncertainty)
    queue = desk.dock.queue
    queue.order.setCurrentText("Most uncertain")
    queue.update_queue()
    rows = queue.model.rows
    uncertainty = desk.curation.project.table.uncertainty[rows]
    assert (np.diff(uncertainty) <= 0).all()
    desk.press("Right")
    assert desk.dock.decision.status.text() == "Model"
    desk.click(box.remove)
    desk.wait(lambda: desk.dock.decision.status.text() == "Unreviewed")
    np.testing.assert_array_equal(desk.mask, desk.stored(desk.row, "auto"))
    np.testing.assert_array_equal(desk.stored(person), drawn)
    assert not box.remove.isVisible()
    assert box.removed.text() == "Model masks of 6 frames removed. Labels are unchanged."


@pytest.mark.slow
def test_the_copied_commands_do_the_same_in_a_shell(
    work: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    desk, dock = work
    dock.job_box.frames.this_frame.setChecked(True)
    dock.job_box.into_project.click()
    desk.click(dock.job_box.panel.copy)
    line = QGuiApplication.clipboard().text()
    assert " && " in line
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
    subprocess.run(["/bin/sh", "-c", line], check=True, cwd=tmp_path, capture_output=True)
    assert desk.stored(desk.row, "model") is not None
    dock.job_box.into_project.click()
    assert " && " not in dock.job_box.job.shell_line()
