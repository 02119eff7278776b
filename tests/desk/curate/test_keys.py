"""The keys of the Curate dock: each does its action, wherever the focus is but in a text field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Image, Labels
from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import QApplication, QDialog, QLabel

from napari_iris.app.keys import CURATION, NAPARI, VIEW
from napari_iris.desk.forms.keyboard import holds
from napari_iris.desk.keys.binding import DELAY_MS, bind, unbind
from napari_iris.desk.workspace import workspace_of
from napari_iris.masks import edit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from napari_iris.app.curation.teaching import Teaching
    from tests.desk.conftest import Desk

pytestmark = pytest.mark.gui


def decided(desk: Desk, row: int) -> tuple[Any, ...]:
    known = desk.decision(row)
    return (known.status, known.frame_class, known.reason, desk.row - row)


def learned(desk: Desk) -> Teaching:
    """What was learned from clear frames, once it is."""
    teaching = workspace_of(desk.viewer).teaching
    desk.wait(lambda: not teaching.is_busy)
    return teaching


def previewed(desk: Desk) -> bool:
    """Whether a run was previewed, which Escape ends."""
    was_previewed = desk.dock.run.is_previewing
    desk.press("Escape")
    return was_previewed and not desk.dock.run.is_previewing


def taken_back(desk: Desk) -> str:
    """What was taken back of the last run, once it is."""
    runs = workspace_of(desk.viewer).run_labels
    desk.wait(lambda: not runs.jobs.is_busy)
    return runs.text


def is_mask(tool: Callable[[np.ndarray], np.ndarray]) -> Callable[..., bool]:
    return lambda desk, row, before: bool(
        (desk.mask == tool(before)).all() and (desk.mask != before).any()
    )


def is_cut(desk: Desk, row: int, before: np.ndarray) -> bool:
    """Whether the mask is that of a threshold: without the speck and the hole."""
    threshold = desk.curation.editor.threshold()
    pixels = desk.curation.editor.pixels
    return bool((desk.mask != before).any() and (desk.mask == (pixels > threshold)).all())


def add_speck_and_hole(desk: Desk) -> None:
    """Something for every tool to work on."""
    mask = desk.mask
    mask[60, 10] = 0
    mask[60, 100] = 1
    desk.curation.editor.set_mask(mask)


OUTCOMES: dict[str, Callable[[Desk, int, np.ndarray], object]] = {
    "next": lambda desk, row, before: desk.row == row + 1,
    "back": lambda desk, row, before: desk.row == row - 1,
    "approve": lambda desk, row, before: decided(desk, row) == ("approved", "cloudy", "", 1),
    "reject": lambda desk, row, before: decided(desk, row) == ("rejected", None, "unusable", 1),
    "clear": lambda desk, row, before: (
        decided(desk, row) == ("approved", "clear", "", 1) and not desk.stored(row).any()
    ),
    "overcast": lambda desk, row, before: (
        decided(desk, row) == ("approved", "cloudy", "", 1) and (desk.stored(row) == 1).all()
    ),
    "unsure": lambda desk, row, before: decided(desk, row) == ("rejected", "unsure", "unsure", 1),
    "run": lambda desk, row, before: previewed(desk),
    "unrun": lambda desk, row, before: taken_back(desk) == "There is no run to undo",
    "unlearn": lambda desk, row, before: learned(desk).result.endswith("restored"),
    "threshold": lambda desk, row, before: desk.dock.tools.buttons["threshold"].isChecked(),
    "lower": lambda desk, row, before: np.count_nonzero(desk.mask) > np.count_nonzero(before),
    "raise": lambda desk, row, before: np.count_nonzero(desk.mask) < np.count_nonzero(before),
    "lower a little": lambda desk, row, before: (desk.mask > before).any(),
    "raise a little": lambda desk, row, before: (desk.mask < before).any(),
    "scribble": lambda desk, row, before: desk.dock.tools.buttons["scribble"].isChecked(),
    "otsu": is_cut,
    "recipe": is_cut,
    "reference": lambda desk, row, before: desk.message.startswith("No clear-sky reference"),
    "pick": lambda desk, row, before: desk.dock.tools.buttons["pick"].isChecked(),
    "ignore": lambda desk, row, before: (
        desk.layer.mode == "paint"
        and desk.layer.selected_label == 2
        and desk.dock.tools.buttons["ignore"].isChecked()
    ),
    "grow": is_mask(edit.grow),
    "shrink": is_mask(edit.shrink),
    "holes": is_mask(edit.fill_holes),
    "smooth": is_mask(edit.smooth),
    "copy": lambda desk, row, before: (desk.mask == desk.stored(row - 1)).all(),
    "revert": lambda desk, row, before: (desk.mask == desk.stored(row, "auto")).all(),
    "compare": lambda desk, row, before: (
        not desk.layer.visible and (desk.viewer.layers["compared"].data != before).any()
    ),
    "keys": lambda desk, row, before: any(
        one.isVisible() for one in desk.dock.findChildren(QDialog)
    ),
}
"""What each action leaves behind, from the row and the mask as they were before."""


def test_every_key_of_the_table_is_tried() -> None:
    assert list(OUTCOMES) == [shortcut.action for shortcut in CURATION]


def test_every_key_does_its_action(
    open_desk: Callable[..., Desk], make_project: Callable[[int], Path]
) -> None:
    """Each on a frame of its own, with 32 columns of cloud, that one has come to from the last."""
    desk = open_desk(make_project(4 * len(CURATION)))
    for number, shortcut in enumerate(CURATION):
        row = 4 * number + 2
        learned(desk)
        desk.curation.session.go_to(row - 1)
        desk.curation.session.go_to(row)
        add_speck_and_hole(desk)
        before, outcome = desk.mask, OUTCOMES[shortcut.action]
        assert not outcome(desk, row, before), f"{shortcut.action} before {shortcut.key}"
        desk.press(shortcut.label)
        assert outcome(desk, row, before), f"{shortcut.action} after {shortcut.key}"


def test_with_no_project_a_key_does_nothing(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    for shortcut in CURATION[:-1]:
        desk.press(shortcut.label)
    desk.press("F1")
    assert desk.dock.findChild(QDialog).isVisible()


@pytest.fixture
def focused(desk: Desk, qtbot: QtBot) -> Callable[[Any], None]:
    """Give a widget the focus, as the Tab key does."""

    def give(widget: Any) -> None:
        window = desk.dock.window()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        widget.setFocus()
        qtbot.waitUntil(widget.hasFocus)

    return give


def test_keys_work_whatever_in_the_dock_has_the_focus(
    desk: Desk, focused: Callable[[Any], None]
) -> None:
    dock = desk.dock
    widgets = (dock.queue.view, dock.decision.buttons["approve"], dock.tools.histogram, dock)
    for row, widget in enumerate(widgets, start=1):
        focused(widget)
        desk.press("N", on=widget)
        assert desk.row == row
        before = desk.mask
        desk.press("G", on=widget)
        assert (desk.mask == edit.grow(before)).all()
    desk.press("A", on=widget)
    assert desk.decision(row).status == "approved"


def test_a_key_gives_the_keys_to_a_dock_then_to_the_next_and_esc_gives_them_back(
    desk: Desk, focused: Callable[[Any], None], qtbot: QtBot
) -> None:
    _, mask = desk.viewer.window.add_plugin_dock_widget("napari-iris", "Mask")
    _, night = desk.viewer.window.add_plugin_dock_widget("napari-iris", "Night timeline")
    qtbot.wait(50)  # docks find their places
    focused(desk.canvas)
    entered = []
    for _ in range(3):
        desk.press("F6", on=QApplication.focusWidget())
        focus = QApplication.focusWidget()
        entered += [one for one in (desk.dock, mask, night) if holds(one, focus)]
    assert len(entered) == 3, "one dock each time"
    assert entered[0] is entered[2], "after the last the first one again"
    assert set(entered) == {mask, night}, "the Curate dock lies behind the Mask dock"
    desk.press("Esc", on=QApplication.focusWidget())
    assert QApplication.focusWidget() is None or not holds(entered[2], QApplication.focusWidget())


def test_esc_in_a_field_gives_the_keys_back(
    desk: Desk, focused: Callable[[Any], None], qtbot: QtBot
) -> None:
    note = desk.dock.decision.note
    focused(note)
    desk.press("Esc", on=note)
    assert not note.hasFocus()
    desk.press("N", on=QApplication.focusWidget() or desk.dock.window())
    assert desk.row == 1


@pytest.mark.parametrize("name", ["table", "dock"])
def test_the_arrows_step_through_the_frames_from_the_dock(
    desk: Desk, focused: Callable[[Any], None], name: str
) -> None:
    widget = desk.dock.queue.view if name == "table" else desk.dock
    focused(widget)
    desk.press("Right", "Right", on=widget)
    assert desk.row == 2
    desk.press("Left", on=widget)
    assert desk.row == 1


def test_down_in_the_table_goes_to_the_next_frame(
    desk: Desk, focused: Callable[[Any], None]
) -> None:
    focused(desk.dock.queue.view)
    desk.press("Down", "Down", on=desk.dock.queue.view)
    assert desk.row == 2


def test_typing_a_note_triggers_no_key(
    desk: Desk, focused: Callable[[Any], None], qtbot: QtBot
) -> None:
    desk.press("N")
    note, before = desk.dock.decision.note, desk.mask
    focused(note)
    qtbot.keyClicks(note, "anrg089 tkis.,uqdhw")
    assert note.text() == "anrg089 tkis.,uqdhw"
    assert desk.row == 1
    assert (desk.mask == before).all()
    qtbot.keyClick(note, Qt.Key.Key_Return)
    assert desk.decision(1).note == "anrg089 tkis.,uqdhw"
    assert not note.hasFocus(), "the next letter is a key again"


def test_typing_a_reason_triggers_no_key_and_then_r_rejects(
    desk: Desk, focused: Callable[[Any], None], qtbot: QtBot
) -> None:
    reason = desk.dock.decision.reason
    focused(reason)
    reason.lineEdit().selectAll()
    qtbot.keyClicks(reason.lineEdit(), "bird")
    assert desk.row == 0
    qtbot.keyClick(reason.lineEdit(), Qt.Key.Key_Return)
    assert not reason.hasFocus()
    desk.press("R")
    assert desk.decision(0).reason == "bird"


def test_a_reason_that_is_chosen_leaves_the_keyboard_to_the_canvas(
    desk: Desk, focused: Callable[[Any], None], qtbot: QtBot
) -> None:
    reason = desk.dock.decision.reason
    focused(reason)
    reason.showPopup()
    view = reason.view()
    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert reason.currentText() == "shutter closed"
    assert not reason.hasFocus()
    desk.press("R")
    assert desk.decision(0).reason == "shutter closed"


@pytest.mark.parametrize("kind", [Labels, Image, ViewerModel])
def test_napari_binds_no_key_of_the_table_itself(desk: Desk, kind: Any) -> None:
    bound = {str(key) for key in kind.class_keymap}
    assert bound >= {Labels: {"P", "Ctrl+Z"}, Image: {"1"}, ViewerModel: {"Left"}}[kind]
    assert not bound & {shortcut.label for shortcut in (*CURATION, *VIEW)}


def test_the_keys_called_naparis_are_bound_by_napari(desk: Desk) -> None:
    bound = {str(key) for kind in (Labels, ViewerModel) for key in kind.class_keymap}
    assert {shortcut.label for shortcut in NAPARI} <= bound


def test_the_table_has_no_key_twice() -> None:
    keys = [shortcut.key for shortcut in (*CURATION, *NAPARI)]
    assert len(set(keys)) == len(keys)


def test_the_keys_that_are_naparis_are_named_as_napari_has_them(desk: Desk) -> None:
    desk.press("N", "P")
    assert desk.layer.mode == "paint"
    desk.press("E")
    assert desk.layer.mode == "erase"
    desk.press("F")
    assert desk.layer.mode == "fill"
    desk.press("Z")
    assert desk.layer.mode == "pan_zoom"
    size = desk.layer.brush_size
    desk.press("]")
    assert desk.layer.brush_size > size
    desk.press("[")
    assert desk.layer.brush_size == size


def test_the_dialog_lists_every_key_with_what_it_does(desk: Desk) -> None:
    desk.click(desk.dock.shortcuts)
    dialog = desk.dock.findChild(QDialog)
    texts = [label.text() for label in dialog.findChildren(QLabel)]
    for shortcut in (*CURATION, *VIEW, *NAPARI):
        assert shortcut.label in texts
        assert shortcut.text in texts
    dialog.close()
    assert not dialog.isVisible()


def test_bound_keys_are_given_back(model: Any) -> None:
    before = dict(model.keymap)
    bind(model, CURATION, {shortcut.action: list for shortcut in CURATION})
    assert len(model.keymap) == len(before) + len(CURATION)
    unbind(model, CURATION)
    assert dict(model.keymap) == before


def test_a_held_key_repeats_until_it_is_released(desk: Desk, qtbot: QtBot) -> None:
    desk.press("Right")
    masks = {desk.mask.tobytes()}
    qtbot.keyPress(desk.canvas, Qt.Key.Key_G)
    for count in (2, 3, 4):  # at once, after a delay, and again
        desk.wait(lambda count=count: bool(masks.add(desk.mask.tobytes()) or len(masks) >= count))
    qtbot.keyRelease(desk.canvas, Qt.Key.Key_G)
    after = desk.mask
    desk.press("Left", "Right")
    np.testing.assert_array_equal(desk.mask, after)


def test_a_held_key_ends_where_another_widget_has_the_keys(desk: Desk, qtbot: QtBot) -> None:
    desk.press("Right")
    desk.dock.activateWindow()
    desk.canvas.setFocus()
    desk.wait(desk.canvas.hasFocus)
    before = desk.mask
    qtbot.keyPress(desk.canvas, Qt.Key.Key_G)
    once = desk.mask
    assert (once != before).any()
    desk.dock.decision.note.setFocus()
    desk.wait(desk.dock.decision.note.hasFocus)
    ended: list[bool] = []
    QTimer.singleShot(2 * DELAY_MS, lambda: ended.append(True))
    desk.wait(lambda: bool(ended))
    np.testing.assert_array_equal(desk.mask, once)
    qtbot.keyRelease(desk.canvas, Qt.Key.Key_G)
