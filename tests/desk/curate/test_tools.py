"""Tools that correct the current mask: brushes, click, histogram, threshold's keys."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from qtpy.QtCore import Qt

from napari_iris.app.view.histogram import METHODS
from napari_iris.desk.workspace import workspace_of
from napari_iris.masks import edit

from .conftest import CLOUD_COLUMNS, drag_threshold

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.desk.conftest import Desk

pytestmark = pytest.mark.gui


COLUMN = np.broadcast_to(np.arange(160), (128, 160))


def under(desk: Desk, wider: float, *places: tuple[float, float]) -> np.ndarray:
    """Pixels under a stroke; the mouse is only as exact as the screen."""
    radius = desk.layer.brush_size / 2 + wider
    lines = [edit.stroke(desk.mask.shape, *ends, radius) for ends in pairwise(places)]
    return np.any(lines, axis=0)


def clear_all(desk: Desk) -> None:
    desk.curation.editor.set_mask(np.zeros_like(desk.mask))


def test_the_threshold_brush_paints_cloud_where_it_is_warm_and_nowhere_else(at_cloud: Desk) -> None:
    desk = at_cloud
    clear_all(desk)
    before = desk.mask
    desk.press("T")
    desk.drag((30, 20), (90, 34), (60, 50))
    inner, outer = (under(desk, width, (30, 20), (90, 34), (60, 50)) for width in (-1, 1))
    assert desk.mask[inner & (COLUMN < CLOUD_COLUMNS - 1)].all()
    assert not desk.mask[~outer].any()
    assert desk.mask[outer & (COLUMN > CLOUD_COLUMNS)].mean() < 0.03, "a speck of noise or two"
    desk.press("Control+Z")
    np.testing.assert_array_equal(desk.mask, before, "one undo takes the whole stroke")
    desk.press("Control+Z")
    assert desk.mask[:, :CLOUD_COLUMNS].all(), "the next one what was before"


def test_with_shift_the_threshold_brush_paints_clear_sky(at_cloud: Desk) -> None:
    desk = at_cloud
    desk.curation.editor.set_mask(np.ones_like(desk.mask))
    desk.press("T")
    desk.drag((60, 20), (60, 60), shift=True)
    gone = desk.mask == 0
    assert gone[60, 36:60].all(), "the sky beside the cloud"
    assert not gone[:, :CLOUD_COLUMNS].any(), "not the cloud"


def test_a_brush_of_another_size_paints_another_width(at_cloud: Desk) -> None:
    desk = at_cloud
    clear_all(desk)
    desk.layer.brush_size = 4
    desk.press("T")
    desk.drag((60, 5), (60, 25))
    assert 3 <= np.count_nonzero(desk.mask[:, 15]) <= 5


@pytest.mark.parametrize("place", [(60, 300), (-200, 60)])
def test_a_stroke_outside_of_the_frame_does_nothing(
    at_cloud: Desk, place: tuple[float, float]
) -> None:
    desk, before = at_cloud, at_cloud.mask
    desk.viewer.scene.camera.zoom = 1
    desk.press("T")
    desk.drag(place, (place[0] + 5, place[1]))
    desk.press(",", ".")
    desk.press("K")
    desk.drag(place)
    assert desk.dock.tools.histogram.isEnabled()
    np.testing.assert_array_equal(desk.mask, before)


def test_a_click_marks_a_cloud_and_with_shift_a_clear_patch(at_cloud: Desk) -> None:
    desk, cloudy = at_cloud, at_cloud.mask
    clear_all(desk)
    desk.press("K")
    desk.drag((60, 10))
    assert (desk.mask != cloudy).mean() < 0.01
    desk.press("Control+Z")
    assert not desk.mask.any()
    desk.curation.editor.set_mask(np.ones_like(cloudy))
    desk.drag((60, 100), shift=True)
    assert (desk.mask != cloudy).mean() < 0.01


def test_the_region_under_the_mouse_is_outlined_and_the_wheel_sets_its_tolerance(
    at_cloud: Desk,
) -> None:
    desk, zoom = at_cloud, at_cloud.viewer.scene.camera.zoom
    clear_all(desk)
    desk.press("K")
    desk.hover(60, 10)
    outline = desk.viewer.layers["stroke"]
    assert outline.visible
    assert outline.data[:, :CLOUD_COLUMNS].mean() > 0.95
    assert not desk.mask.any()
    desk.wait(lambda: not desk.curation.unsaved)
    assert "tolerance" in desk.dock.tools.scope.text()
    for _ in range(30):
        desk.scroll(60, 10, 1)
    assert outline.data.all(), "the sky is within the tolerance now"
    desk.qtbot.wait(50)  # vispy zooms when it draws
    assert desk.viewer.scene.camera.zoom == zoom
    desk.press("Esc")
    assert not outline.visible
    assert desk.dock.tools.scope.text() == "Applies to: whole frame"
    desk.scroll(60, 10, 1)
    desk.wait(lambda: desk.viewer.scene.camera.zoom != zoom)


def test_another_frame_has_no_outline_of_the_last_region(at_cloud: Desk) -> None:
    desk = at_cloud
    desk.press("K")
    desk.hover(60, 10)
    desk.press("N")
    assert not desk.viewer.layers["stroke"].visible


def test_the_ignore_brush_paints_what_no_tool_then_changes(at_cloud: Desk) -> None:
    desk, before = at_cloud, at_cloud.mask
    desk.press("I")
    desk.drag((60, 20), (60, 50))
    ignored = desk.mask == 2
    assert ignored[60, 20:50].all()
    np.testing.assert_array_equal(desk.mask[~ignored], before[~ignored])
    desk.press("G", "S", "H", "W", ",", ".")
    np.testing.assert_array_equal(desk.mask == 2, ignored)
    desk.press("I")
    assert desk.layer.mode == "pan_zoom"
    assert desk.layer.selected_label == 1, "P paints cloud again"


def test_a_frame_that_is_all_ignored_has_no_threshold(at_cloud: Desk) -> None:
    desk = at_cloud
    desk.layer.data[:] = 2
    desk.layer.refresh()
    desk.wait(lambda: not desk.curation.unsaved)
    assert not desk.dock.tools.histogram.isEnabled()
    desk.press(",", ".", "G", "T")
    desk.drag((60, 20), (60, 50))
    assert (desk.mask == 2).all()


def test_tools_show_which_is_up_and_one_puts_the_other_down(at_cloud: Desk) -> None:
    desk, buttons = at_cloud, at_cloud.dock.tools.buttons

    def up() -> set[str]:
        return {name for name, button in buttons.items() if button.isChecked()}

    for key, expected in (
        ("T", {"threshold"}),
        ("K", {"pick"}),
        ("I", {"ignore"}),
        ("T", {"threshold"}),
        ("P", {"ignore"}),  # it is still the label chosen
        ("T", {"threshold"}),
        ("E", set()),
        ("T", {"threshold"}),
        ("T", set()),
    ):
        desk.press(key)
        assert up() == expected, key
        assert desk.layer.mouse_pan == (not expected and desk.layer.mode == "pan_zoom")
    desk.click(buttons["pick"])
    assert up() == {"pick"}
    desk.click(buttons["pick"])
    assert up() == set()


def test_the_mask_follows_the_line_in_the_histogram(at_cloud: Desk) -> None:
    desk, tools = at_cloud, at_cloud.dock.tools
    drag_threshold(desk, 0.3, 0.002)
    low = desk.mask
    assert low.mean() > 0.5, "the sky's noise is above a low threshold"
    drag_threshold(desk, 0.3, 0.5)
    assert (desk.mask[:, :CLOUD_COLUMNS] == 1).all()
    assert not desk.mask[:, CLOUD_COLUMNS:].any()
    assert tools.value.value() == pytest.approx(750, abs=20)
    desk.press("Control+Z")
    assert desk.mask.mean() > 0.3, "an undo takes the drag back"


def test_the_mask_follows_a_threshold_that_is_typed(at_cloud: Desk, qtbot: QtBot) -> None:
    desk, value = at_cloud, at_cloud.dock.tools.value
    desk.dock.window().activateWindow()
    value.setFocus()
    desk.wait(value.hasFocus)
    value.selectAll()
    qtbot.keyClicks(value, "602")
    qtbot.keyClick(value, Qt.Key.Key_Return)
    editor = desk.curation.editor
    np.testing.assert_array_equal(desk.mask, editor.pixels > 602)
    assert not value.hasFocus(), "the next key is the canvas's"


def test_the_arrow_keys_move_the_threshold_in_the_histogram(at_cloud: Desk) -> None:
    desk, histogram = at_cloud, at_cloud.dock.tools.histogram
    cloudy = np.count_nonzero(desk.mask)
    desk.press("Home", on=histogram)
    assert np.count_nonzero(desk.mask) > cloudy
    desk.press("End", on=histogram)
    assert np.count_nonzero(desk.mask) < cloudy


def test_the_histogram_has_ticks_of_the_methods(at_cloud: Desk) -> None:
    tools = at_cloud.dock.tools
    suggestions = workspace_of(at_cloud.viewer).suggestions
    at_cloud.wait(lambda: suggestions.is_current)
    assert set(suggestions.thresholds) == {"otsu", "recipe"}, "there is no reference"
    assert [tools.buttons[name].isEnabled() for name in METHODS] == [True, True, False]


def outlined(desk: Desk) -> bool:
    names = [layer.name for layer in desk.viewer.layers if layer.visible]
    return "stroke" in names


def test_a_stroke_is_outlined_until_it_is_undone_or_ended(at_cloud: Desk) -> None:
    desk, tools, before = at_cloud, at_cloud.dock.tools, at_cloud.mask
    desk.press("T")
    for end, up in (("Control+Z", True), ("Escape", True), ("T", False)):
        desk.drag((60, 20), (60, 50))
        assert outlined(desk)
        assert tools.scope.text() == "Applies to: last stroke"
        assert desk.viewer.layers.selection.active == desk.layer
        desk.press(end)
        desk.wait(lambda: not outlined(desk))
        assert tools.scope.text() == "Applies to: whole frame"
        assert tools.buttons["threshold"].isChecked() == up, end
        if end == "Control+Z":
            np.testing.assert_array_equal(desk.mask, before)
            desk.press(*"." * 70)
            assert not desk.mask.any(), "the threshold is that of the frame"
            desk.layer.undo()
    desk.press("K", "Escape")
    assert not tools.buttons["pick"].isChecked()


def test_a_stroke_undone_with_the_button_down_stays_undone(at_cloud: Desk) -> None:
    desk = at_cloud
    desk.press("G", "T")
    desk.drag((60, 20), (60, 50), drop=False)
    desk.press("Control+Z")
    undone = desk.mask
    desk.move(60, 60)
    desk.move(60, 90)
    desk.drop(60, 90)
    np.testing.assert_array_equal(desk.mask, undone)


def test_the_threshold_is_of_the_last_stroke_until_one_says_otherwise(at_cloud: Desk) -> None:
    desk, tools = at_cloud, at_cloud.dock.tools
    assert tools.scope.text() == "Applies to: whole frame"
    desk.press("T")
    desk.drag((60, 20), (60, 50))
    assert tools.scope.text() == "Applies to: last stroke"
    before, stroke = desk.mask, under(desk, 1, (60, 20), (60, 50))
    desk.press(*"." * 70)
    assert not desk.mask[under(desk, -1, (60, 20), (60, 50))].any()
    np.testing.assert_array_equal(desk.mask[~stroke], before[~stroke])
    desk.click(tools.whole)
    assert tools.scope.text() == "Applies to: whole frame"
    desk.press(*"." * 70)
    assert not desk.mask.any()
    desk.press("T")
    desk.drag((60, 20), (60, 50))
    desk.press("N")
    assert tools.scope.text() == "Applies to: whole frame", "the next frame has no stroke"


def test_scribbles_of_cloud_clear_and_ignore(at_cloud: Desk) -> None:
    desk = at_cloud
    truth = np.zeros_like(desk.mask)
    truth[:, :CLOUD_COLUMNS] = 1
    desk.curation.editor.set_mask(1 - truth)
    desk.press("Shift+T")
    wrong = desk.mask
    desk.drag((60, 8), (60, 20))
    after = desk.mask
    assert (after != wrong).sum() > 1000
    assert (after >= truth)[after != wrong].all()
    desk.press("Control+Z")
    np.testing.assert_array_equal(desk.mask, wrong)
    desk.press("Control+Shift+Z")
    desk.drag((60, 100), (60, 120), shift=True)
    assert (desk.mask == truth).mean() > (after == truth).mean() + 0.1
    assert desk.curation.save()
    assert any("drawn with scribble" in action.text() for action in history(desk))


def history(desk: Desk) -> list:
    menu = desk.dock.decision.history.menu()
    menu.aboutToShow.emit()
    return menu.actions()
