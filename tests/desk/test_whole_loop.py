"""The whole loop in one window: mask, correct, train, predict, review, accept the sample night."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from qtpy.QtCore import Qt

from napari_iris.desk.workspace import workspace_of
from napari_iris.inference.cloud_mask import cloud_mask
from napari_iris.inference.prediction_file import read_prediction
from napari_iris.inference.rows import find_predictions
from napari_iris.masks.mask_file import read_mask
from napari_iris.project.project import Project
from napari_iris.resources import sample_night

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.desk.conftest import Desk

pytestmark = [
    pytest.mark.gui,
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(find_spec("tensorflow") is None, reason="TensorFlow is not installed"),
]

JOB_MS = 400_000
"""Milliseconds within which any of the jobs ends, on a busy machine."""

FRAMES = 30
CORRECTED = 15
LABELLED = 24
"""Frames that the person goes through before the training; the other ones are left to do."""


class Loop:
    """A person at one window, with all docks."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.viewer, self.qtbot = desk, desk.viewer, desk.qtbot

    def dock(self, name: str) -> Any:
        """Open a dock from the plugin menu, in front of those before."""
        return self.viewer.window.add_plugin_dock_widget("napari-iris", name, tabify=True)[1]

    def click(self, button: Any) -> None:
        self.wait(button.isEnabled)
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def wait(self, true: Callable[[], bool], timeout: int = JOB_MS) -> None:
        self.qtbot.waitUntil(lambda: bool(true()), timeout=timeout)


@pytest.fixture
def loop(open_desk: Callable[..., Desk], tmp_path: Path) -> Loop:
    """The sample night in a window with the Curate dock."""
    desk = open_desk()
    shutil.copytree(sample_night(), tmp_path / "night")
    desk.viewer.open(str(tmp_path / "night"), plugin="napari-iris")
    return Loop(desk)


def test_from_raw_frames_to_an_accepted_prediction(loop: Loop, tmp_path: Path) -> None:
    make_masks(loop, tmp_path / "night_masks")
    project = start_project(loop, tmp_path / "night_project")
    drawn = correct_and_approve(loop)
    model = train(loop, project)
    predictions = predict(loop, project, model)
    review(loop, predictions)
    accept(loop, project, drawn)


def make_masks(loop: Loop, folder: Path) -> None:
    dock = loop.dock("Mask")
    assert dock.apply.folder.value == folder
    loop.click(dock.apply.panel.start)
    loop.wait(lambda: not dock.job.control.is_running)
    assert " masks made (" in dock.apply.panel.status.text()
    masks = sorted(folder.glob("*_mask.fits"))
    assert len(masks) == FRAMES
    assert read_mask(masks[CORRECTED]).mask.any()
    loop.viewer.window.remove_dock_widget(dock)


def start_project(loop: Loop, folder: Path) -> Path:
    box = loop.desk.dock.project
    assert box.folder.value == folder
    loop.click(box.open)
    loop.wait(lambda: not box.job.is_running and loop.desk.row is not None)
    assert loop.desk.dock.queue.count.text() == f"{FRAMES} frames"
    return folder


def correct_and_approve(loop: Loop) -> np.ndarray:
    """Correct one mask by the threshold key, and approve it with the first frames."""
    desk = loop.desk
    for row in range(LABELLED):
        assert desk.row == row
        if row == CORRECTED:
            desk.press(",", ",", "G")
            drawn = desk.mask
            assert not np.array_equal(drawn, desk.stored(row, "auto"))
        desk.press("A")
    np.testing.assert_array_equal(desk.stored(CORRECTED, "human"), drawn)
    assert desk.dock.project.done.text() == f"{LABELLED} of {FRAMES} done"
    return drawn


def train(loop: Loop, project: Path) -> Path:
    dock = loop.dock("Train")
    values = {"channels": (4, 8), "shape": (64, 80), "epochs": 2, "batch_size": 4}
    for name, value in {**values, "aug_batch_size": 0}.items():
        dock.training.form.set(name, value)
    assert dock.training.data.folder.value == project
    loop.click(dock.train.panel.start)
    loop.wait(lambda: not dock.training.is_running)
    text = dock.train.panel.status.text()
    assert text.startswith("Finished after 2 epochs."), text
    loop.viewer.window.remove_dock_widget(dock)
    return project / "models" / "unet1"


def predict(loop: Loop, project: Path, model: Path) -> Path:
    dock, desk = loop.dock("Predict"), loop.desk
    box = dock.model_box.model
    loop.wait(lambda: dock.models.list.is_current and box.count() > 0)
    box.setCurrentIndex(box.findData(str(model)))
    assert dock.models.model.folder == model
    loop.wait(lambda: dock.prediction.result is not None and "unet1@" in dock.summary.model.text())
    assert dock.prediction.result.frame == desk.curation.session.path
    assert dock.prediction.result.prediction.probability.shape == (64, 80)
    loop.click(dock.job_box.into_project)
    loop.click(dock.job_box.panel.start)
    loop.wait(lambda: not dock.job.control.is_running)
    assert dock.job_box.panel.status.text().endswith("; added to the project.")
    out = project / "predictions" / "unet1"
    assert dock.job.folder.value == out
    assert len(find_predictions(out)) == FRAMES
    loop.wait(lambda: not np.isnan(desk.curation.project.table.uncertainty).any())
    with Project(project, read_only=True) as opened:
        assert opened.status()["masks"] == {"auto": FRAMES, "model": FRAMES, "human": LABELLED}
    return out


def review(loop: Loop, predictions: Path) -> None:
    dock, desk = loop.dock("Review"), loop.desk
    loop.wait(lambda: dock.is_current and dock.reviewer.review is not None)
    assert dock.choice.predictions.value == predictions
    assert dock.choice.source.folder == desk.folder
    loop.click(dock.evaluation.panel.start)
    loop.wait(lambda: not dock.job.control.is_running and dock.is_current)
    facts = dock.reviewer.review.report.content
    assert facts["n_frames"] == LABELLED
    assert dock.confusion.matrix.sum() == LABELLED * 64 * 80
    assert dock.table.order.currentText() == "Worst first"
    accuracy = dock.reviewer.review.columns["accuracy"][dock.table.model.rows]
    assert (np.diff(accuracy[:LABELLED]) >= 0).all()
    assert np.isnan(accuracy[LABELLED:]).all()
    spot = dock.table.view.visualRect(dock.table.model.index(0, 0)).center()
    loop.qtbot.mouseClick(dock.table.view.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    worst = int(dock.reviewer.review.places[dock.table.model.rows[0]])
    assert desk.row == worst
    loop.wait(lambda: dock.is_current and "Accuracy" in dock.frame.scores.text())
    assert f"Accuracy {accuracy[0]:.3f}" in dock.frame.scores.text()
    desk.press("O", "O")
    assert dock.frame.blink.text() == "Blink: truth"
    assert desk.layer.visible
    desk.press("O", "O")


def accept(loop: Loop, project: Path, drawn: np.ndarray) -> None:
    """Take a prediction as the label of a frame that is still to do."""
    desk, prediction = loop.desk, workspace_of(loop.desk.viewer).prediction
    desk.press("N")
    row = desk.row
    assert row >= LABELLED
    assert desk.decision(row).status == "auto"
    path = desk.curation.session.path
    loop.wait(lambda: prediction.result is not None and prediction.result.frame == path)
    found = read_prediction(prediction.result.file)
    desk.press("Y")
    assert desk.row != row
    with Project(project, read_only=True) as opened:
        frame = int(opened.table.id[row])
        known = opened.decision(frame)
        assert known.status == "approved"
        assert known.how == f"accepted from {found.model}, threshold {found.threshold:.2f}"
        expected = cloud_mask(found.probability, found.threshold)
        np.testing.assert_array_equal(opened.mask(frame, "human"), expected)
    np.testing.assert_array_equal(desk.stored(CORRECTED, "human"), drawn)
    assert desk.dock.project.done.text() == f"{LABELLED + 1} of {FRAMES} done"
