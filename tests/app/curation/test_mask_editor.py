"""The mask editor: tools, the threshold, and what can be undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import numpy as np
import pytest

from napari_iris.app.curation.mask_editor import MaskEditor
from napari_iris.app.curation.region_selection import RegionSelection
from napari_iris.masks import edit
from tests.app.curation.conftest import CLOUD_ADU, COLUMNS, ROWS, SKY_ADU, FakeCanvas

if TYPE_CHECKING:
    from collections.abc import Callable

SHAPE = (ROWS, COLUMNS)


def frame_with_cloud(columns: int) -> np.ndarray:
    """A frame with noise of 0 to 3 ADU and cloud in its first columns."""
    noise = np.random.default_rng(0).integers(0, 4, SHAPE)
    frame = (SKY_ADU + noise).astype(np.float32)
    frame[:, :columns] += CLOUD_ADU - SKY_ADU
    return frame


@pytest.fixture
def canvas() -> FakeCanvas:
    return FakeCanvas()


@pytest.fixture
def editor(canvas: FakeCanvas) -> MaskEditor:
    """Eight columns of cloud, all marked."""
    editor = MaskEditor(canvas)
    frame = frame_with_cloud(8)
    editor.show((frame > 700).astype(np.uint8), frame, SHAPE)
    return editor


TOOLS: dict[str, Callable[[MaskEditor], object]] = {
    "grow": lambda editor: editor.apply(edit.grow),
    "raise": lambda editor: editor.step_threshold(1),
    "slider": lambda editor: editor.set_threshold(601.5),
    "brush": lambda editor: editor.paint_threshold(editor.mask, np.ones(SHAPE, bool), more=False),
    "region": lambda editor: RegionSelection(editor, lambda: None).take((10, 30), 1),
    "copy": lambda editor: editor.set_mask(np.ones(SHAPE, np.uint8)),
}


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_is_one_step_to_undo_and_is_signalled(
    editor: MaskEditor, canvas: FakeCanvas, tool: str
) -> None:
    edited, before = Mock(), editor.mask
    editor.edited.connect(edited)
    TOOLS[tool](editor)
    after = editor.mask
    assert (after != before).any()
    assert edited.call_count == 1
    assert editor.is_modified
    editor.undo()
    np.testing.assert_array_equal(editor.mask, before)
    assert not editor.is_modified
    editor.redo()
    np.testing.assert_array_equal(editor.mask, after)


@pytest.mark.parametrize("tool", TOOLS)
def test_no_tool_changes_a_mask_that_may_not_be_edited(
    editor: MaskEditor, canvas: FakeCanvas, tool: str
) -> None:
    editor.show(np.zeros(SHAPE, np.uint8), frame_with_cloud(8), SHAPE, editable=False)
    TOOLS[tool](editor)
    assert not editor.mask.any()
    editor.show(np.zeros(SHAPE, np.uint8), frame_with_cloud(8), SHAPE)
    editor.lock()
    TOOLS[tool](editor)
    assert not editor.mask.any()
    assert not canvas.editable


def test_another_frame_forgets_what_could_be_undone(editor: MaskEditor) -> None:
    editor.apply(edit.grow)
    editor.paint_threshold(editor.mask, np.ones(SHAPE, bool), more=True)
    other = np.ones(SHAPE, np.uint8)
    editor.show(other, frame_with_cloud(4), SHAPE)
    editor.undo()
    np.testing.assert_array_equal(editor.mask, other)
    assert editor.region is None
    assert not editor.is_modified


def test_while_the_canvas_changes_frames_nothing_counts_as_modified(canvas: FakeCanvas) -> None:
    """A viewer sends events while it shows a mask of another shape."""
    seen: list[Any] = []

    class Telling(FakeCanvas):
        def show(self, *arguments: Any, **options: Any) -> None:
            seen.append((editor.is_modified, editor.threshold()))
            super().show(*arguments, **options)
            seen.append((editor.is_modified, editor.threshold()))

    editor = MaskEditor(Telling())
    for shape in ((8, 10), (6, 4)):
        editor.show(np.zeros(shape, np.uint8), np.ones(shape, np.float32), shape)
    assert seen == [(False, None)] * 4


def test_labels_above_ignore_are_cloud(editor: MaskEditor, canvas: FakeCanvas) -> None:
    canvas.labels[:] = 7
    assert (editor.mask == 1).all()
    assert editor.is_modified
    editor.mark_saved()
    assert not editor.is_modified, "it is not saved again and again"


def test_the_threshold_fits_the_mask(editor: MaskEditor) -> None:
    threshold, limits = editor.threshold(), editor.threshold_range()
    assert limits == pytest.approx((SKY_ADU, CLOUD_ADU + 3), abs=1)
    assert SKY_ADU + 3 < threshold < CLOUD_ADU
    editor.set_threshold(CLOUD_ADU + 1.5)
    assert editor.mask[:, :8].mean() == pytest.approx(0.5, abs=0.1)
    assert editor.threshold() == pytest.approx(CLOUD_ADU + 1.5, abs=0.5)


def test_threshold_steps_reach_both_ends_and_come_back(editor: MaskEditor) -> None:
    steps = 0
    while not (editor.mask == 1).all():
        editor.step_threshold(-1)
        steps += 1
    assert steps <= 70
    editor.step_threshold(-1)
    assert (editor.mask == 1).all()
    steps = 0
    while editor.mask.any():
        editor.step_threshold(1)
        steps += 1
    assert steps <= 140
    editor.step_threshold(1)
    assert not editor.mask.any()
    editor.step_threshold(-1)
    assert editor.mask.any()


def test_a_step_only_adds_or_only_removes_cloud(editor: MaskEditor) -> None:
    mask = editor.mask
    mask[5:9, 30:34] = 1  # painted in clear sky
    mask[20:24, 2:4] = 0  # and a hole in the cloud
    editor.set_mask(mask)
    editor.step_threshold(1)
    assert (editor.mask <= mask).all()
    assert (editor.mask != mask).any()
    before = editor.mask
    editor.step_threshold(-1)
    assert (editor.mask >= before).all()


def test_after_a_stroke_the_threshold_applies_to_it_alone(editor: MaskEditor) -> None:
    stroke = np.zeros(SHAPE, bool)
    stroke[10:20] = True
    assert editor.threshold_scope == "whole frame"
    editor.paint_threshold(editor.mask, stroke, more=True)
    assert editor.threshold_scope == "last stroke"
    before = editor.mask
    editor.set_threshold(CLOUD_ADU + 100)
    assert not editor.mask[stroke].any()
    np.testing.assert_array_equal(editor.mask[~stroke], before[~stroke])
    assert editor.end_region()
    editor.set_threshold(CLOUD_ADU + 100)
    assert not editor.mask.any()
    assert not editor.end_region(), "it has ended"


def test_an_undone_stroke_stays_undone(editor: MaskEditor, canvas: FakeCanvas) -> None:
    before, stroke, edited = editor.mask, np.zeros(SHAPE, bool), Mock()
    stroke[:, 6:12] = True
    editor.paint_threshold(before, stroke, more=False)
    assert (editor.mask != before).any()
    editor.step_threshold(-1)
    editor.undo()
    assert editor.threshold_scope == "last stroke", "only a step of the threshold was undone"
    editor.edited.connect(edited)
    canvas.undo()  # as by a key of the viewer
    np.testing.assert_array_equal(editor.mask, before)
    editor.follow_undo()
    assert edited.call_count == 1
    assert (editor.threshold_scope, canvas.outlined) == ("whole frame", None)
    editor.set_threshold(SKY_ADU - 10)
    assert (editor.mask == 1).all(), "the threshold is that of the frame"


def test_a_stroke_whose_steps_lead_back_is_not_undone(editor: MaskEditor) -> None:
    before, stroke = editor.mask, np.zeros(SHAPE, bool)
    stroke[:, 20:30] = True
    editor.paint_threshold(before, stroke, more=True)
    assert (editor.mask != before).any(), "specks of noise"
    for _ in range(5):
        editor.step_threshold(1)
    np.testing.assert_array_equal(editor.mask, before)
    editor.follow_undo()
    assert editor.threshold_scope == "last stroke"
    editor.undo()
    editor.undo()
    np.testing.assert_array_equal(editor.mask, before)
    assert editor.threshold_scope == "whole frame"


def test_a_region_is_outlined_while_it_is_active(editor: MaskEditor, canvas: FakeCanvas) -> None:
    stroke = np.zeros(SHAPE, bool)
    stroke[10:20] = True
    for end in (editor.end_region, editor.lock):
        editor.show(np.zeros(SHAPE, np.uint8), frame_with_cloud(8), SHAPE)
        editor.paint_threshold(editor.mask, stroke, more=True)
        np.testing.assert_array_equal(canvas.outlined, stroke)
        end()
        assert canvas.outlined is None


def test_a_mask_that_was_hidden_is_shown(editor: MaskEditor, canvas: FakeCanvas) -> None:
    assert not editor.reveal()
    canvas.visible = False
    assert editor.reveal()
    assert canvas.visible
    editor.compare(np.ones(SHAPE, np.uint8), "auto")
    assert editor.reveal()
    assert (canvas.visible, canvas.other, editor.compared) == (True, None, None)


@pytest.mark.parametrize(
    ("frame", "value"),
    [
        (None, 0),
        (np.full(SHAPE, np.nan, np.float32), 0),
        (np.full(SHAPE, 600, np.float32), 0),
        (frame_with_cloud(8), 2),
    ],
    ids=["unreadable", "blank", "constant", "all ignored"],
)
def test_without_pixels_to_judge_there_is_no_threshold(
    canvas: FakeCanvas, frame: np.ndarray | None, value: int
) -> None:
    editor, mask = MaskEditor(canvas), np.full(SHAPE, value, np.uint8)
    editor.show(mask, frame, SHAPE)
    assert editor.threshold() is None
    editor.step_threshold(1)
    editor.step_threshold(-1)
    np.testing.assert_array_equal(editor.mask, mask)


def test_tools_leave_ignored_pixels(editor: MaskEditor) -> None:
    mask = editor.mask
    mask[10:14, 4:12] = 2
    editor.set_mask(mask)
    for tool in TOOLS.values():
        if tool is not TOOLS["copy"]:
            tool(editor)
            np.testing.assert_array_equal(editor.mask == 2, mask == 2)


def test_the_frame_is_rebinned_to_the_mask(canvas: FakeCanvas) -> None:
    editor, large = MaskEditor(canvas), np.kron(frame_with_cloud(8), np.ones((4, 4), np.float32))
    editor.show(np.zeros(SHAPE, np.uint8), large, large.shape)
    np.testing.assert_allclose(editor.pixels, frame_with_cloud(8))


@pytest.mark.parametrize("tool", [edit.grow, np.array], ids=["a change", "no change"])
def test_a_tool_ends_a_comparison_and_says_so(
    editor: MaskEditor, canvas: FakeCanvas, tool: Callable[..., Any]
) -> None:
    edited = Mock()
    editor.edited.connect(edited)
    editor.compare(np.ones((4, 5), np.uint8), "auto")
    assert (editor.compared, canvas.visible) == ("auto", False)
    editor.apply(tool)
    assert (editor.compared, canvas.visible) == (None, True)
    assert edited.call_count == 1


@pytest.mark.parametrize("is_known", [False, True], ids=["floor", "excess"])
@pytest.mark.parametrize("steps", [-4, -0.25, 0.25, 4])
def test_a_cut_along_the_clear_sky_moves_along_it(
    canvas: FakeCanvas, is_known: bool, steps: float
) -> None:
    """Under a sky whose gradient is larger than its clouds, no level cut is near the mask."""
    shape = (128, 160)
    rng, gradient = np.random.default_rng(0), np.linspace(0, 300, 160)
    row, column = np.mgrid[: shape[0], : shape[1]]
    heights = 60 * np.clip(np.cos(row / 9) * np.cos(column / 11), 0, 1) + rng.normal(0, 1, shape)
    frame = (SKY_ADU + gradient + heights).astype(np.float32)
    excess = heights.astype(np.float32) if is_known else None
    editor = MaskEditor(canvas)
    before = (heights > 25).astype(np.uint8)
    editor.show(before, frame, shape)
    editor.step_threshold(steps, excess)
    after = editor.mask
    changed = after != before
    assert changed.any()
    assert changed.sum() < 0.3 * before.sum(), "a step, not most of the mask"
    assert set(after[changed].tolist()) == {int(steps < 0)}
    nearest = np.abs(heights - 25)
    assert np.median(nearest[changed]) < np.median(nearest[~changed])
