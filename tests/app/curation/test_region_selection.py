"""Select a region by a click: outlined before, with a tolerance by the wheel."""

from __future__ import annotations

import numpy as np
import pytest

from napari_iris.app.curation.mask_editor import MaskEditor
from napari_iris.app.curation.region_selection import RegionSelection

from .conftest import FakeCanvas

SHAPE = (128, 160)
LEVELS = (600, 640, 700, 900)
"""ADU of four bands of the frame, each forty columns wide."""


def bands(noise: float = 1.0) -> np.ndarray:
    frame = np.random.default_rng(0).normal(0, noise, SHAPE) + np.repeat(LEVELS, 40)
    return frame.astype(np.float32)


@pytest.fixture
def canvas() -> FakeCanvas:
    return FakeCanvas()


@pytest.fixture
def editor(canvas: FakeCanvas) -> MaskEditor:
    editor = MaskEditor(canvas)
    editor.show(np.zeros(SHAPE, np.uint8), bands(), SHAPE)
    return editor


@pytest.fixture
def regions(editor: MaskEditor) -> RegionSelection:
    """Regions above a level clear sky."""
    return RegionSelection(editor, lambda: bands() - np.float32(LEVELS[0]))


def columns(region: np.ndarray | None) -> list[int]:
    """The bands that a region holds most of."""
    assert region is not None
    return [band for band in range(4) if region[:, 40 * band : 40 * band + 40].mean() > 0.9]


def test_what_is_outlined_is_what_a_click_takes(
    regions: RegionSelection, editor: MaskEditor, canvas: FakeCanvas
) -> None:
    regions.preview((60, 140), 1)
    assert not editor.mask.any(), "a preview changes nothing"
    outlined = canvas.outlined
    assert columns(outlined) == [1, 2, 3], "without a tolerance, what is warmer than clear sky"
    regions.take((60, 140), 1)
    np.testing.assert_array_equal(editor.mask == 1, outlined)
    assert editor.how == "drawn with region"
    assert editor.undo()
    assert not editor.mask.any(), "it is one step to undo"


def test_a_click_takes_all_that_is_warmer_or_colder_and_connected(
    regions: RegionSelection, canvas: FakeCanvas
) -> None:
    regions.tolerance = 10
    regions.preview((60, 100), 1)
    assert columns(canvas.outlined) == [2, 3]
    regions.preview((60, 60), 0)
    assert columns(canvas.outlined) == [0, 1]


def test_a_gap_bounds_the_region(regions: RegionSelection, editor: MaskEditor) -> None:
    mask = editor.mask
    mask[:, 78:80] = 2
    editor.set_mask(mask)
    regions.take((60, 140), 0)
    regions.tolerance = 300
    regions.take((60, 140), 1)
    assert columns(editor.mask == 1) == [2, 3]
    assert not (editor.mask[:, :78] == 1).any()


def test_the_wheel_widens_and_narrows_until_the_tool_ends(
    regions: RegionSelection, canvas: FakeCanvas
) -> None:
    regions.tolerance = 50
    regions.preview((60, 100), 1)
    assert columns(canvas.outlined) == [2, 3]
    regions.step_tolerance(1)
    assert columns(canvas.outlined) == [1, 2, 3], "60 ADU colder, within 62"
    assert regions.text.endswith("tolerance 62 ADU")
    regions.step_tolerance(-1)
    assert columns(canvas.outlined) == [2, 3]
    assert regions.tolerance == pytest.approx(50)
    regions.end()
    assert canvas.outlined is None
    assert regions.tolerance is None
    assert not regions.text


def test_beside_the_frame_nothing_is_outlined_or_taken(
    regions: RegionSelection, editor: MaskEditor, canvas: FakeCanvas
) -> None:
    regions.preview((60, 140), 1)
    regions.take((-3, 200), 1)
    assert canvas.outlined is None
    assert not editor.mask.any()
    regions.step_tolerance(1)
    assert regions.tolerance is None


def test_another_frame_has_a_region_of_its_own(
    regions: RegionSelection, editor: MaskEditor, canvas: FakeCanvas
) -> None:
    other = RegionSelection(editor, lambda: None)
    other.preview((60, 140), 1)
    assert columns(canvas.outlined) == [1, 2, 3]
    editor.show(np.zeros(SHAPE, np.uint8), bands()[:, ::-1].copy(), SHAPE)
    other.preview((60, 140), 0)
    assert columns(canvas.outlined) == [3], "now it is the coldest band"


def test_without_a_frame_there_is_no_region(canvas: FakeCanvas) -> None:
    editor = MaskEditor(canvas)
    editor.show(np.zeros(SHAPE, np.uint8), None, SHAPE)
    RegionSelection(editor, lambda: None).take((60, 140), 1)
    assert not editor.mask.any()


def test_a_frame_scaled_to_one_has_its_tolerance_in_adu(canvas: FakeCanvas) -> None:
    editor = MaskEditor(canvas)
    editor.show(np.zeros(SHAPE, np.uint8), bands() / np.float32(2**14), SHAPE)
    regions = RegionSelection(editor, lambda: None)
    regions.tolerance = 50 / 2**14
    regions.preview((60, 140), 1)
    assert regions.text.endswith("tolerance 50 ADU")
