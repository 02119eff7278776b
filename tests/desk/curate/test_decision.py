"""What is decided on a frame in the Curate dock: buttons, classes, notes, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from qtpy.QtCore import Qt

from napari_iris.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.desk.conftest import Desk

pytestmark = pytest.mark.gui


def test_a_button_does_what_its_key_does(desk: Desk) -> None:
    for row, (button, status, sky) in enumerate(
        (
            ("approve", "approved", "clear"),
            ("clear", "approved", "clear"),
            ("overcast", "approved", "cloudy"),
            ("reject", "rejected", None),
        )
    ):
        desk.click(desk.dock.decision.buttons[button])
        known = desk.decision(row)
        assert (known.status, known.frame_class) == (status, sky)
        assert desk.row == row + 1
        desk.click(desk.dock.decision.buttons["back"])
        assert desk.row == row
        assert desk.dock.decision.status.text() == status.capitalize()
        desk.click(desk.dock.decision.buttons["next"])


def test_a_hidden_mask_is_shown_before_it_is_approved(desk: Desk) -> None:
    layers = desk.viewer.layers

    def lower_opacity() -> None:
        desk.layer.opacity = 0

    hide: tuple[Callable[[], object], ...] = (
        lambda: desk.press("V"),
        lambda: desk.press("Q"),
        lower_opacity,
        lambda: layers.remove(desk.layer),
    )
    for row, act in enumerate(hide):
        act()
        desk.press("A")
        assert (desk.row, desk.decision(row).status) == (row, "auto")
        assert "was hidden" in desk.message
        assert desk.layer in layers
        assert desk.layer.visible
        assert desk.layer.opacity > 0
        desk.press("A")
        assert (desk.row, desk.decision(row).status) == (row + 1, "approved")


def test_a_class_is_set_without_leaving_the_frame(desk: Desk) -> None:
    box = desk.dock.decision
    for sky in ("clear", "unsure", "cloudy"):
        desk.click(box.classes[sky])
        assert desk.row == 0
        assert desk.decision(0).frame_class == sky
        assert [name for name, button in box.classes.items() if button.isChecked()] == [sky]
    desk.click(box.classes["cloudy"])
    assert box.classes["cloudy"].isChecked(), "it stays what was said"
    desk.press("A")
    assert desk.decision(0).frame_class == "cloudy", "a person's word stands over the mask's"


@pytest.fixture
def noting(desk: Desk, qtbot: QtBot) -> Callable[[str], Any]:
    """Type a note without pressing Enter."""

    def type_note(text: str) -> None:
        window, note = desk.dock.window(), desk.dock.decision.note
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        note.setFocus()
        qtbot.waitUntil(note.hasFocus)
        note.selectAll()
        qtbot.keyClicks(note, text)

    return type_note


LEAVE: dict[str, Callable[[Desk], object]] = {
    "approve": lambda desk: desk.click(desk.dock.decision.buttons["approve"]),
    "table": lambda desk: desk.dock.queue.view.setCurrentIndex(desk.dock.queue.model.index(1, 0)),
    "slider": lambda desk: desk.viewer.dims.set_current_step(0, 1),
}


@pytest.mark.parametrize("leave", LEAVE)
def test_a_note_stays_with_the_frame_it_was_typed_for(
    desk: Desk, noting: Callable[[str], Any], leave: str
) -> None:
    noting("contrail")
    LEAVE[leave](desk)
    assert desk.row == 1
    assert desk.decision(0).note == "contrail"
    assert desk.dock.decision.note.text() == ""
    noting("birds")
    desk.qtbot.keyClick(desk.dock.decision.note, Qt.Key.Key_Return)
    assert desk.decision(1).note == "birds"
    assert desk.decision(0).note == "contrail"
    desk.press("Left")
    assert desk.dock.decision.note.text() == "contrail"


def test_an_autosave_does_not_take_a_note_that_is_being_typed(
    desk: Desk, noting: Callable[[str], Any]
) -> None:
    desk.press("Right", "G")
    noting("contr")
    desk.wait(lambda: not desk.curation.unsaved)
    assert desk.dock.decision.note.text() == "contr"


def test_a_note_is_kept_when_the_project_is_closed(
    desk: Desk, noting: Callable[[str], Any]
) -> None:
    folder = desk.folder
    noting("contrail")
    desk.click(desk.dock.project.close_project)
    desk.open(folder)
    assert desk.decision(0).note == "contrail"


def test_it_opens_at_the_frame_that_is_half_done(
    open_desk: Callable[..., Desk], project: Path
) -> None:
    """Also where it is the one that napari shows first."""
    desk, half_done = open_desk(), np.zeros((128, 160), np.uint8)
    half_done[:, ::2] = 1
    for row in (0, 2, 3):
        with Project(project) as opened:
            frame = int(opened.table.id[row])
            opened.save_mask(frame, half_done)
        desk.open(project)
        assert desk.row == row
        np.testing.assert_array_equal(desk.mask, half_done)
        desk.press("G")
        desk.wait(lambda: not desk.curation.unsaved)
        assert (desk.stored(row) == 1).all()
        desk.click(desk.dock.project.close_project)
        with Project(project) as opened:
            opened.revert(frame)


def test_an_edit_after_the_approval_opens_the_frame_again(desk: Desk) -> None:
    desk.press("Right", "A", "J", "G")
    desk.wait(lambda: not desk.curation.unsaved)
    assert desk.decision(1).status == "edited"
    assert desk.dock.decision.status.text() == "Edited"
    desk.press("A")
    assert desk.decision(1).status == "approved"
    np.testing.assert_array_equal(desk.stored(1, "human")[0, :18], [1] * 17 + [0])


def test_progress_and_rate_are_shown(desk: Desk) -> None:
    box = desk.dock.project
    assert box.done.text() == "0 of 6 done"
    assert box.rate.text() == "6 frames left"
    desk.press("A", "8", "R", "0")
    assert box.done.text() == "4 of 6 done"
    assert box.rate.text().endswith(" frames/min, 1 min left")
