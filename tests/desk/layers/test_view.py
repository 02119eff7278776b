"""How the frame and its masks are shown: stretch, colour bar, style, dock in front, fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import numpy as np
import pytest

from napari_iris.app.view.limits import frame_limits, recipe_limits
from napari_iris.app.view.shown import Shown
from napari_iris.desk.layers.mask_layer import MaskLayer
from napari_iris.desk.layers.mask_style import FAINT, FILLED, OUTLINED
from napari_iris.desk.layers.stretch_layer import SCALE, logarithmic
from napari_iris.desk.workspace import workspace_of
from napari_iris.masks.config import MaskConfig
from napari_iris.resources import sample_night

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from napari_iris.desk.mask.dock import MaskDock
    from tests.desk.conftest import Desk

pytestmark = pytest.mark.gui


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """What a person chooses is kept: not from one test to the next."""
    yield
    from napari.settings import get_plugin_settings

    view = get_plugin_settings("napari-iris").view
    view.stretch, view.masks = "frame", "outline"


@pytest.fixture
def night(model: Any, open_night: Callable[..., Any], make_night: Callable[..., Path]) -> Any:
    workspace_of(model).stretch  # noqa: B018 (as a dock asks for it)
    return open_night(make_night(4))


def test_every_frame_is_stretched_by_its_own_limits(night: Any, model: Any) -> None:
    for number in (2, 1):
        model.dims.set_current_step(0, number)
        assert tuple(night.contrast_limits) == pytest.approx(frame_limits(night.data[number]))
    assert night.gamma == 1
    assert night.colorbar.visible
    assert model.canvas.overlays[SCALE].text == "frame · ADU"


def test_the_recipe_shows_what_it_thresholds(night: Any, model: Any) -> None:
    from astropy.visualization import LogStretch

    workspace_of(model).stretch.choose("recipe")
    assert tuple(night.contrast_limits) == pytest.approx(
        recipe_limits(night.data[workspace_of(model).session.number])
    )
    values = logarithmic().controls
    stretched = LogStretch(MaskConfig().a_log)(values)
    np.testing.assert_allclose(night.colormap.map(values)[:, 0], stretched, atol=1e-3)
    workspace_of(model).stretch.choose("frame")
    assert night.colormap.name == "gray"


def test_the_excess_lies_over_the_frame_and_under_the_masks(
    model: Any, mask_dock: MaskDock, open_night: Callable[..., Any], qtbot: QtBot
) -> None:
    frames = open_night(sample_night())
    qtbot.waitUntil(lambda: "cloud mask" in model.layers)
    workspace_of(model).stretch.choose("excess")
    qtbot.waitUntil(lambda: "excess" in model.layers)
    assert [layer.name for layer in model.layers] == [frames.name, "excess", "cloud mask"]
    assert model.layers["excess"].colorbar.visible
    assert not frames.colorbar.visible
    workspace_of(model).stretch.choose("frame")
    assert not model.layers["excess"].visible
    assert frames.colorbar.visible


def test_a_choice_is_there_in_the_next_window(night: Any, model: Any) -> None:
    from napari.components import ViewerModel

    workspace = workspace_of(model)
    workspace.stretch.choose("night")
    workspace.shown.next_style()
    viewer = ViewerModel()
    other = workspace_of(viewer)
    assert (other.stretch.name, other.shown.style) == ("night", "fill")


@pytest.fixture
def shown(model: Any) -> Shown:
    return workspace_of(model).shown


@pytest.fixture
def mask(model: Any, shown: Shown) -> MaskLayer:
    canvas = MaskLayer(model.layers, shown)
    pixels = np.zeros((8, 10), np.uint8)
    pixels[:4] = 1
    canvas.show(pixels, (8, 10), None, editable=True)
    return canvas


def test_a_mask_is_an_outline_a_fill_or_nothing(mask: MaskLayer, shown: Shown) -> None:
    layer = mask.layer
    seen = [(layer.contour, layer.opacity, layer.visible)]
    for _ in range(3):
        shown.next_style()
        seen.append((layer.contour, layer.opacity, layer.visible))
    outline = (1, OUTLINED, True)
    assert seen == [outline, (0, FILLED, True), (0, FILLED, False), outline]


def test_an_outline_that_grows_is_not_placed_again(mask: MaskLayer) -> None:
    """A stroke is outlined at each move of the mouse, and placing a layer takes longest."""
    region = np.zeros(mask.labels.shape, bool)
    region[:2] = True
    mask.outline(region)
    moved = Mock()
    outline = mask._outline
    for event in (outline.events.scale, outline.events.translate, outline.events.visible):
        event.connect(moved)
    region[:3] = True
    mask.outline(region)
    assert (outline.data[:3] == 1).all()
    np.testing.assert_array_equal(outline.scale, mask.layer.scale)
    moved.assert_not_called()


def test_a_mask_without_an_edge_is_filled_faintly(mask: MaskLayer) -> None:
    mask.change(np.ones((8, 10), np.uint8))
    assert (mask.layer.contour, mask.layer.opacity) == (0, FAINT)
    mask.undo()
    assert (mask.layer.contour, mask.layer.opacity) == (1, OUTLINED)


def test_another_frame_has_no_history_though_its_pixels_are_put_into_the_same_array(
    mask: MaskLayer,
) -> None:
    before = mask.labels
    mask.change(np.ones((8, 10), np.uint8))
    mask.show(np.zeros((8, 10), np.uint8), (8, 10), None, editable=True)
    assert mask.labels is before
    mask.undo()
    assert not mask.labels.any()


def test_the_mask_of_another_dock_is_hidden_with_what_belongs_to_it(
    mask: MaskLayer, shown: Shown, model: Any
) -> None:
    shown.bring("curate")
    mask.outline(np.eye(8, 10, dtype=bool))
    shown.bring("mask")
    assert not any(layer.visible for layer in model.layers)
    mask.restore()
    assert not mask.visible, "blinking brings nothing back"
    mask.reveal()
    assert mask.visible
    assert shown.front == "curate"
    assert all(layer.visible for layer in model.layers)


def test_the_frame_fills_the_canvas_until_a_person_zooms(desk: Desk) -> None:
    def fills() -> bool:
        height, width = desk.viewer.canvas.size
        rows, columns = desk.curation.session.sequence.shape[1:]
        zoom = min(height / rows, width / columns)
        return bool(abs(desk.viewer.scene.camera.zoom / zoom - 1) < 0.03)

    desk.viewer.fit_to_view(margin=0.01)
    desk.viewer.window.resize(1300, 700)
    desk.wait(fills)
    desk.viewer.scene.camera.zoom *= 3
    desk.viewer.window.resize(1000, 800)
    desk.qtbot.wait(200)
    assert not fills()
