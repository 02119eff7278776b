"""A prediction becomes the label by one key; a person's own mask is never lost to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from qtpy.QtCore import Qt

from napari_iris.app.keys import CURATION, MODEL, NAPARI
from napari_iris.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.desk.conftest import Desk

pytestmark = pytest.mark.gui


@pytest.fixture
def work(open_desk: Callable[..., Desk], make_model: Callable[..., Path], project: Path) -> Any:
    """A project in the Curate dock, the Predict dock beside it, the third frame current."""
    make_model()
    desk = open_desk(project)
    dock = desk.viewer.window.add_plugin_dock_widget("napari-iris", "Predict")[1]
    dock.models.choose(project.parent / "night_models" / "unet1")
    desk.press("N", "N")
    await_prediction(desk, dock)
    return desk, dock


def await_prediction(desk: Desk, dock: Any) -> None:
    path = desk.curation.session.path
    desk.wait(
        lambda: dock.prediction.result is not None and dock.prediction.result.frame == path,
        timeout=60_000,
    )


def history(folder: Path, row: int) -> list[Any]:
    with Project(folder, read_only=True) as project:
        return project.history(int(project.table.id[row]))


def test_the_key_approves_the_mask_at_the_threshold_and_goes_on(work: Any) -> None:
    desk, dock = work
    dock.threshold.number.setValue(0.9)
    mask, model = dock.prediction.mask.copy(), dock.prediction.result.prediction.model
    assert not np.array_equal(mask, desk.stored(2, "auto"))
    desk.press("Y")
    assert desk.row == 3
    np.testing.assert_array_equal(desk.stored(2, "human"), mask)
    known = desk.decision(2)
    assert (known.status, known.frame_class) == ("approved", "cloudy")
    assert known.how == f"accepted from {model}, threshold 0.90"
    assert dock.accept_box.message.isHidden()
    desk.press("J")
    np.testing.assert_array_equal(desk.mask, mask)


def test_a_hidden_prediction_is_shown_before_it_is_accepted(work: Any) -> None:
    desk, dock = work
    dock.checks["mask"].setChecked(False)
    desk.press("Y")
    assert (desk.row, desk.stored(2, "human")) == (2, None)
    assert "was hidden" in dock.accept_box.message.text()
    assert dock.checks["mask"].isChecked()
    desk.press("Y")
    assert desk.row == 3


def test_it_can_be_taken_back_by_the_history_and_by_revert(work: Any) -> None:
    desk, _ = work
    desk.press("G")
    drawn = desk.mask
    assert desk.curation.save()
    desk.press("Y", "Y")
    assert desk.row == 3
    desk.press("J")
    assert not np.array_equal(desk.mask, drawn)
    saved = [one.mask for one in history(desk.folder, 2) if one.value.startswith("human: drawn")]
    desk.dock.others.restore(saved[-1])
    np.testing.assert_array_equal(desk.mask, drawn)
    desk.press("U")
    np.testing.assert_array_equal(desk.mask, desk.stored(2, "auto"))


def test_a_human_mask_is_replaced_only_when_asked_twice(work: Any) -> None:
    desk, dock = work
    desk.press("G")
    drawn = desk.mask
    desk.press("Y")
    assert desk.row == 2
    np.testing.assert_array_equal(desk.stored(2, "human"), drawn, "saved, and still active")
    assert "Press Y again" in dock.accept_box.message.text()
    assert dock.accept_box.message.isVisible()
    desk.press("N")
    assert not dock.accept_box.message.isVisible()
    desk.press("J")
    await_prediction(desk, dock)
    desk.press("Y")
    np.testing.assert_array_equal(desk.stored(2, "human"), drawn, "one must say it twice here")
    desk.press("Y")
    np.testing.assert_array_equal(desk.stored(2, "human"), dock_mask(desk, 2))


def dock_mask(desk: Desk, row: int) -> np.ndarray:
    accepted = [one for one in history(desk.folder, row) if "accepted from" in one.value]
    with Project(desk.folder, read_only=True) as project:
        assert accepted
        return project.mask(int(project.table.id[row]), "human")


def test_the_same_mask_is_accepted_at_once(work: Any) -> None:
    desk, dock = work
    desk.press("Y")
    desk.press("J")
    await_prediction(desk, dock)
    desk.press("Y")
    assert desk.row == 3, "nothing of it is lost"


def test_the_key_works_whichever_layer_is_selected(work: Any) -> None:
    """napari has a Y of its own for image layers, in 3D."""
    desk, dock = work
    layers = desk.viewer.layers
    for row, name in ((2, "label"), (3, desk.folder.name), (4, None)):
        layers.selection.active = None if name is None else layers[name]
        assert desk.row == row
        await_prediction(desk, dock)
        desk.press("Y")
        assert desk.decision(row).status == "approved", name


def test_the_button_does_the_same(work: Any, qtbot: QtBot) -> None:
    desk, dock = work
    qtbot.mouseClick(dock.accept_box.button, Qt.MouseButton.LeftButton)
    assert desk.decision(2).status == "approved"


def test_with_no_project_it_says_what_to_do(
    open_desk: Callable[..., Desk], make_model: Callable[..., Path], make_night: Any
) -> None:
    desk = open_desk()
    make_model()
    desk.viewer.open(str(make_night(2)), plugin="napari-iris")
    dock = desk.viewer.window.add_plugin_dock_widget("napari-iris", "Predict")[1]
    await_prediction(desk, dock)
    desk.press("Y")
    assert (
        dock.accept_box.message.text()
        == "Open a project in the Curate dock: labels are stored there."
    )
    desk.press("Right")
    desk.wait(lambda: not dock.accept_box.message.isVisible())


def test_another_night_is_not_the_projects(work: Any, make_night: Any) -> None:
    desk, dock = work
    desk.viewer.open(str(make_night(2, "tuesday")), plugin="napari-iris")
    await_prediction(desk, dock)
    desk.press("Y")
    assert dock.accept_box.message.text() == "This frame does not belong to the open project."


def test_a_project_to_look_at_is_not_changed(
    open_desk: Callable[..., Desk], make_model: Callable[..., Path], project: Path
) -> None:
    make_model()
    desk = open_desk(project, read_only=True)
    dock = desk.viewer.window.add_plugin_dock_widget("napari-iris", "Predict")[1]
    dock.models.choose(project.parent / "night_models" / "unet1")
    await_prediction(desk, dock)
    desk.press("Y")
    assert "is open read-only" in desk.message
    assert desk.stored(0, "human") is None


def test_no_key_is_in_two_tables() -> None:
    keys = [one.key for one in (*CURATION, *MODEL, *NAPARI)]
    assert len(set(keys)) == len(keys)


def test_the_keys_are_given_back_with_the_last_dock(work: Any) -> None:
    desk, dock = work
    review = desk.viewer.window.add_plugin_dock_widget("napari-iris", "Review")[1]
    desk.viewer.window.remove_dock_widget(dock)
    desk.wait(lambda: dock.prediction.source is None or not dock.live_prediction.enabled)
    assert "Y" in {str(key) for key in desk.viewer.keymap}, "the Review dock needs it still"
    desk.viewer.window.remove_dock_widget(review)
    desk.wait(lambda: "Y" not in {str(key) for key in desk.viewer.keymap})
    assert not [one for one in desk.viewer.layers if one.name.startswith(("mask (", "prob"))]
