"""Undo in the Curate dock: it takes back whole strokes, and never leaves its frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from .conftest import drag_threshold

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.desk.conftest import Desk

pytestmark = pytest.mark.gui

CLEAR, FIRST, SECOND = 0, 1, 2
"""Rows: a frame without cloud, one with 16 columns of it, one with 32."""

EDITS: dict[str, Callable[[Desk], object]] = {
    "grow key": lambda desk: desk.press("G"),
    "threshold key": lambda desk: desk.press("."),
    "napari brush": lambda desk: [desk.press("P"), desk.drag((60, 90), (60, 120)), desk.press("Z")],
    "threshold brush": lambda desk: [desk.press("T"), desk.drag((60, 12), (60, 40))],
    "click": lambda desk: [desk.press("K"), desk.drag((60, 100))],
    "fill": lambda desk: [desk.press("F"), desk.drag((60, 100)), desk.press("Z")],
    "copy": lambda desk: desk.press("D"),
}
"""Every kind of edit, on the first frame, that a person can make."""

UNDO: dict[str, Callable[[Desk], object]] = {
    "key": lambda desk: desk.press("Control+Z"),
    "layer": lambda desk: desk.layer.undo(),
    "button": lambda desk: desk.click(desk.dock.tools.buttons["undo"]),
}


@pytest.fixture
def at_first(desk: Desk) -> Desk:
    """The first cloudy frame is current."""
    desk.press("Right")
    assert desk.row == FIRST
    return desk


def test_one_undo_takes_an_edit_back_and_redo_brings_it(at_first: Desk) -> None:
    desk, before = at_first, at_first.mask
    for name, edit in EDITS.items():
        edit(desk)
        edited = desk.mask
        assert (edited != before).any(), name
        desk.press("Control+Z")
        np.testing.assert_array_equal(desk.mask, before, name)
        desk.press("Control+Shift+Z")
        np.testing.assert_array_equal(desk.mask, edited, name)
        desk.press("Control+Z")


@pytest.mark.parametrize(
    ("edit", "undo"),
    [("grow key", "layer"), ("napari brush", "key"), ("threshold brush", "button")],
)
def test_undo_never_crosses_to_another_frame(at_first: Desk, edit: str, undo: str) -> None:
    desk = at_first
    EDITS[edit](desk)
    edited = desk.mask
    desk.press("Right")
    assert desk.row == SECOND
    other = desk.stored(SECOND)
    np.testing.assert_array_equal(desk.mask, other)
    for _ in range(3):
        UNDO[undo](desk)
    desk.press("Control+Shift+Z")
    np.testing.assert_array_equal(desk.mask, other)
    assert desk.curation.save(), "nothing is left to save"
    np.testing.assert_array_equal(desk.stored(SECOND), other)
    assert desk.stored(SECOND, "human") is None
    assert desk.decision(SECOND).status == "auto"
    desk.press("Left")
    assert desk.row == FIRST
    np.testing.assert_array_equal(desk.mask, edited)
    np.testing.assert_array_equal(desk.stored(FIRST, "human"), edited)
    desk.press("Control+Z")
    np.testing.assert_array_equal(desk.mask, edited, "what could be undone is forgotten")


@pytest.mark.parametrize(
    "leave", ["Right", "A", "8"], ids=["by step", "by approval", "by overcast"]
)
def test_a_stroke_ends_where_its_frame_does(at_first: Desk, leave: str) -> None:
    """The mouse is still down when a key brings the next frame."""
    desk = at_first
    desk.press("T")
    desk.drag((60, 12), (60, 40), drop=False)
    desk.press(leave)
    assert desk.row == SECOND
    other = desk.stored(SECOND)
    desk.move(60, 60)
    desk.move(60, 90)
    desk.drop(60, 90)
    np.testing.assert_array_equal(desk.mask, other)
    desk.drag((60, 28), (60, 60))
    stroke = desk.mask
    assert (stroke != other).any(), "the brush is still up for the new frame"
    desk.press("Control+Z")
    np.testing.assert_array_equal(desk.mask, other)
    desk.press("Control+Z")
    if leave == "Right":
        np.testing.assert_array_equal(desk.mask, other)
    else:
        assert desk.row == FIRST, "the decision is taken back"
        assert desk.decision(FIRST).status == "edited"


def test_a_drag_of_the_threshold_is_one_step(at_first: Desk) -> None:
    desk, before = at_first, at_first.mask
    drag_threshold(desk, 0.5, 0.9, 1.0)
    assert (desk.mask != before).any()
    desk.press("Control+Z")
    np.testing.assert_array_equal(desk.mask, before)


@pytest.mark.parametrize("key", ["A", "R", "0", "8", "9"])
def test_the_key_of_undo_takes_a_decision_back(at_first: Desk, key: str) -> None:
    desk = at_first
    before = desk.decision(FIRST)
    desk.viewer.layers.selection.active = desk.viewer.layers[0]  # not the mask
    desk.press(key, "Control+Z")
    assert desk.row == FIRST
    assert desk.decision(FIRST) == before


def test_a_stroke_of_naparis_brush_over_a_change_of_frames_marks_neither(at_first: Desk) -> None:
    desk = at_first
    desk.press("P")
    desk.drag((60, 90), (60, 120), drop=False)
    first = desk.mask
    desk.press("Right")
    desk.drop(60, 120)
    np.testing.assert_array_equal(desk.mask, desk.stored(SECOND, "auto"))
    np.testing.assert_array_equal(desk.stored(FIRST, "human"), first)


def test_a_mode_of_naparis_stays_from_frame_to_frame(at_first: Desk) -> None:
    """A person who paints on ten frames in turn presses P once."""
    for mode in ("paint", "erase", "fill", "pan_zoom"):
        at_first.layer.mode = mode
        at_first.press("N")
        assert at_first.layer.mode == mode
        assert at_first.layer.mouse_pan == (mode == "pan_zoom")


@pytest.mark.parametrize("tool", ["T", "K"])
def test_a_tool_stays_up_from_frame_to_frame(at_first: Desk, tool: str) -> None:
    desk = at_first
    desk.press(tool, "Right", "N")
    camera: Any = desk.viewer.scene.camera.center
    before = desk.mask
    desk.drag((60, 100), (70, 110))
    assert (desk.mask != before).any()
    assert desk.viewer.scene.camera.center == camera, "the mouse draws, it does not move the view"
