"""Keys are chosen in napari's own preferences: bound at once, and shown wherever they are named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from napari.settings import get_plugin_settings
from qtpy.QtWidgets import QDialog, QLabel

from napari_iris.app.keys import CHANGEABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.desk.conftest import Desk

pytestmark = pytest.mark.gui


@pytest.fixture(autouse=True)
def keyboard() -> Iterator[Any]:
    """What a person chooses is kept: not from one test to the next."""
    keyboard = get_plugin_settings("napari-iris").keyboard
    yield keyboard
    for one in CHANGEABLE:
        setattr(keyboard, one.setting, one.label)


def test_a_key_that_is_chosen_works_at_once(desk: Desk, keyboard: Any) -> None:
    keyboard.approve_key = "Shift+A"
    desk.press("A")
    assert desk.decision(0).status == "auto"
    desk.press("Shift+A")
    assert desk.decision(0).status == "approved"
    keyboard.approve_key = ""
    desk.press("Shift+A")
    assert (desk.row, desk.decision(1).status) == (1, "auto")
    keyboard.approve_key = "A"
    desk.press("A")
    assert desk.decision(1).status == "approved"


def test_a_key_that_is_held_is_chosen_too(desk: Desk, keyboard: Any) -> None:
    keyboard.next_key = "Alt+K"
    desk.press("Alt+K")
    assert desk.row == 1


def test_what_the_preferences_dialog_sets_at_once_is_bound(desk: Desk, keyboard: Any) -> None:
    """It sets all values together, and resets them so."""
    approve = desk.dock.decision.buttons["approve"]
    keyboard.update({"approve_key": "Shift+A", "reject_key": "A"})
    desk.press("A")
    assert desk.decision(0).status == "rejected"
    assert approve.toolTip() == "Approve  [Shift+A]"
    keyboard.reset()
    assert approve.toolTip() == "Approve  [A]"


def test_a_key_of_napari_is_not_taken(desk: Desk, keyboard: Any) -> None:
    keyboard.approve_key = "V"  # hides the selected layer
    assert desk.dock.decision.buttons["approve"].toolTip() == "Approve  [A]"
    desk.press("A")
    assert desk.decision(0).status == "approved"


def test_the_keys_of_every_dock_are_chosen(desk: Desk, keyboard: Any) -> None:
    keyboard.masks_key = "Alt+K"
    desk.press("Shift+M", "Shift+M")
    assert desk.layer.visible
    desk.press("Alt+K", "Alt+K")
    assert not desk.layer.visible
    desk.press("Alt+K")  # outlines again: the next window shows masks as this one did
    assert desk.layer.visible


def test_the_key_of_the_accepted_prediction_is_chosen(desk: Desk, keyboard: Any) -> None:
    desk.viewer.window.add_plugin_dock_widget("napari-iris", "Predict")
    keyboard.accept_key = "Alt+Y"
    image = next(layer for layer in desk.viewer.layers if type(layer).__name__ == "Image")
    for place in (desk.viewer, image):
        bound = {str(key) for key in place.keymap}
        assert "Alt+Y" in bound
        assert "Y" not in bound


def test_buttons_and_the_list_name_the_keys_that_were_chosen(desk: Desk, keyboard: Any) -> None:
    approve, shortcuts = desk.dock.decision.buttons["approve"], desk.dock.shortcuts
    assert approve.toolTip() == "Approve  [A]"
    keyboard.approve_key, keyboard.keys_key = "Shift+A", "F2"
    assert approve.toolTip() == "Approve  [Shift+A]"
    assert shortcuts.toolTip().endswith("[F2]")
    desk.press("F2")
    (dialog,) = [one for one in desk.dock.findChildren(QDialog) if one.isVisible()]
    texts = [label.text() for label in dialog.findChildren(QLabel)]
    place = texts.index("Approve")
    assert texts[place - 1] == "Shift+A"
    dialog.close()


def test_the_keys_of_a_dock_that_is_gone_stay_unbound(desk: Desk, keyboard: Any) -> None:
    desk.viewer.window.remove_dock_widget(desk.dock)
    keyboard.approve_key = "Shift+A"
    assert not {"A", "Shift+A"} & {str(key) for key in desk.viewer.keymap}
