"""Tools that correct the mask in hand: the brushes, the slider, comparing, ditto and revert."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QStyle, QStyleOptionSlider

from napari_iris.masks import edit
from napari_iris.project.database import transaction
from napari_iris.project.indexing import MachineMask, add_machine_mask
from napari_iris.project.project import Project

if TYPE_CHECKING:
    from pathlib import Path

    from tests.desk.conftest import Desk

pytestmark = pytest.mark.gui

ROW, CLOUD_COLUMNS = 2, 32
"""A frame with cloud in its first columns."""


@pytest.fixture
def at_cloud(desk: Desk) -> Desk:
    """The frame in hand, its cloud and nothing else marked."""
    desk.press("N", "N")
    assert desk.row == ROW
    cloudy = np.zeros_like(desk.mask)
    cloudy[:, :CLOUD_COLUMNS] = 1
    desk.layer.data = cloudy
    assert desk.curation.save()
    desk.curation.changed.emit()
    return desk


def clear_all(desk: Desk) -> None:
    desk.curation.hand.correct(np.zeros_like(desk.mask))


def test_the_threshold_brush_paints_cloud_where_it_is_warm_and_nowhere_else(at_cloud: Desk) -> None:
    desk = at_cloud
    clear_all(desk)
    before = desk.mask
    desk.press("T")
    desk.drag((30, 20), (90, 34), (60, 50))
    radius = desk.layer.brush_size / 2
    touched = edit.stroke(before.shape, (30, 20), (90, 34), radius)
    touched |= edit.stroke(before.shape, (90, 34), (60, 50), radius)
    warm = np.zeros_like(touched)
    warm[:, :CLOUD_COLUMNS] = True
    np.testing.assert_array_equal(desk.mask == 1, touched & warm)
    desk.press("Control+Z")
    np.testing.assert_array_equal(desk.mask, before, "one undo takes the whole stroke")
    desk.press("Control+Z")
    assert desk.mask[:, :CLOUD_COLUMNS].all(), "the next one what was before"


def test_with_shift_the_threshold_brush_paints_clear_sky(at_cloud: Desk) -> None:
    desk = at_cloud
    desk.curation.hand.correct(np.ones_like(desk.mask))
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
    assert np.ptp(np.flatnonzero(desk.mask[:, 15])) == 4


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
    assert desk.dock.tools.slider.isEnabled()
    np.testing.assert_array_equal(desk.mask, before)


def test_a_click_marks_a_cloud_and_with_shift_a_clear_patch(at_cloud: Desk) -> None:
    desk, cloudy = at_cloud, at_cloud.mask
    clear_all(desk)
    desk.press("K")
    desk.drag((60, 10))
    np.testing.assert_array_equal(desk.mask, cloudy)
    desk.press("Control+Z")
    assert not desk.mask.any()
    desk.curation.hand.correct(np.ones_like(cloudy))
    desk.drag((60, 100), shift=True)
    np.testing.assert_array_equal(desk.mask, cloudy)


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
    assert not desk.dock.tools.slider.isEnabled()
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
        ("P", set()),
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


def drag_slider(slider: Any, share: float) -> None:
    """Drag the slider's handle to a share of its way."""
    option = QStyleOptionSlider()
    slider.initStyleOption(option)
    style = QStyle.ComplexControl.CC_Slider
    handle = slider.style().subControlRect(style, option, QStyle.SubControl.SC_SliderHandle, slider)
    groove = slider.style().subControlRect(style, option, QStyle.SubControl.SC_SliderGroove, slider)
    start = handle.center()
    end = QPoint(groove.left() + round(share * groove.width()), start.y())
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(slider, (start + end) / 2)
    QTest.mouseMove(slider, end)
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=end)


def test_the_mask_follows_the_slider(at_cloud: Desk) -> None:
    desk, tools = at_cloud, at_cloud.dock.tools
    drag_slider(tools.slider, 0.02)
    low = desk.mask
    assert low.mean() > 0.5, "the sky's noise is above a low threshold"
    drag_slider(tools.slider, 0.5)
    assert (desk.mask[:, :CLOUD_COLUMNS] == 1).all()
    assert not desk.mask[:, CLOUD_COLUMNS:].any()
    assert float(tools.value.text()) == pytest.approx(750, abs=20)
    desk.press("Control+Z")
    assert desk.mask.mean() > 0.3, "an undo takes a step of the slider back"


def test_the_threshold_is_of_the_last_stroke_until_one_says_otherwise(at_cloud: Desk) -> None:
    desk, tools = at_cloud, at_cloud.dock.tools
    assert tools.where.text() == "of the whole frame"
    desk.press("T")
    desk.drag((60, 20), (60, 50))
    assert tools.where.text() == "of the last stroke"
    before = desk.mask
    desk.press(*"," * 40)
    changed = np.argwhere(desk.mask != before)
    assert len(changed) > 100
    assert changed.min(axis=0) == pytest.approx((54, 14), abs=20)
    assert changed.max(axis=0) == pytest.approx((66, 56), abs=1)
    desk.click(tools.where)
    assert tools.where.text() == "of the whole frame"
    desk.press(*"," * 40)
    assert desk.mask.mean() > 0.9
    desk.press("T")
    desk.drag((60, 20), (60, 50))
    desk.press("N")
    assert tools.where.text() == "of the whole frame", "the next frame has no stroke"


def test_threshold_keys_go_to_the_ends_and_back(at_cloud: Desk) -> None:
    desk = at_cloud
    desk.press(*"," * 70)
    assert (desk.mask == 1).all()
    desk.press(",", ",")
    assert (desk.mask == 1).all(), "lower than all is no less cloud"
    desk.press(*"." * 140)
    assert not desk.mask.any()
    desk.press(".", ".")
    assert not desk.mask.any(), "higher than all is no more cloud"
    desk.press(",")
    assert desk.mask.any()


def add_model_mask(folder: Path, mask: np.ndarray) -> None:
    """Put a model's mask of the frame into the project, as prediction does."""
    with Project(folder) as project:
        frame = int(project.table.id[ROW])
        made = MachineMask(project.store.keep(mask, durable=False), float(mask.mean()))
        with transaction(folder, project.connection) as connection:
            add_machine_mask(connection, frame, "model", made, "a model")


def shown(desk: Desk) -> np.ndarray:
    """The mask that is in view."""
    names = [layer.name for layer in desk.viewer.layers if layer.visible]
    assert len({"label", "compared"} & set(names)) == 1
    return np.array(desk.viewer.layers["label" if "label" in names else "compared"].data)


def test_compare_blinks_through_the_masks_and_comes_back(at_cloud: Desk) -> None:
    desk, auto = at_cloud, at_cloud.stored(ROW, "auto")
    add_model_mask(desk.folder, edit.grow(auto, 20))
    desk.press("G")
    mine = desk.mask
    for expected, told in (
        (auto, "showing: auto"),
        (edit.grow(auto, 20), "showing: model"),
        (mine, None),
        (auto, "showing: auto"),
    ):
        desk.press("Q")
        np.testing.assert_array_equal(shown(desk), expected)
        assert told in (None, desk.dock.decision.maker.text())
        assert desk.viewer.layers.selection.active is desk.viewer.layers["label"].__wrapped__
    np.testing.assert_array_equal(desk.mask, mine)
    desk.press("Right")
    np.testing.assert_array_equal(shown(desk), desk.stored(ROW + 1), "another frame ends it")
    assert "showing" not in desk.dock.decision.maker.text()


def test_no_edit_is_made_unseen_while_another_mask_is_shown(at_cloud: Desk) -> None:
    desk = at_cloud
    desk.press("G", "Q")
    mine = desk.mask
    desk.press("P")
    desk.drag((60, 90), (60, 120))
    np.testing.assert_array_equal(desk.mask, mine, "napari's brush is refused")
    desk.press("G")
    np.testing.assert_array_equal(shown(desk), edit.grow(mine), "a tool ends it")
    desk.press("Q", "H")
    np.testing.assert_array_equal(shown(desk), edit.grow(mine), "also where it changes nothing")
    desk.press("Q")
    assert desk.dock.decision.maker.text() == "showing: auto"
    desk.press("Control+Z")
    desk.wait(lambda: "showing" not in desk.dock.decision.maker.text(), timeout=1000)
    np.testing.assert_array_equal(shown(desk), mine)
    desk.press("Q", "T")
    desk.drag((60, 20), (60, 60))
    assert desk.layer.visible


def test_ditto_takes_the_mask_of_the_frame_before(at_cloud: Desk) -> None:
    desk, mine = at_cloud, at_cloud.mask
    before = desk.stored(ROW - 1)
    desk.press("D")
    np.testing.assert_array_equal(desk.mask, before)
    desk.press("Control+Z")
    np.testing.assert_array_equal(desk.mask, mine)
    desk.press("Left", "Left")
    desk.press("D")
    assert desk.line == "There is no frame before this one."


def test_revert_brings_the_automatic_mask_and_keeps_the_persons(at_cloud: Desk) -> None:
    desk, auto = at_cloud, at_cloud.stored(ROW, "auto")
    desk.press("G")
    mine = desk.mask
    desk.press("U")
    np.testing.assert_array_equal(desk.mask, auto)
    assert desk.decision(ROW).status == "auto"
    assert desk.stored(ROW, "human") is None
    with Project(desk.folder, read_only=True) as project:
        history = project.history(int(project.table.id[ROW]))
    saved = [entry.mask for entry in history if entry.value.startswith("human: drawn")]
    desk.curation.restore(saved[-1])
    np.testing.assert_array_equal(desk.mask, mine)
    assert desk.decision(ROW).status == "edited"
