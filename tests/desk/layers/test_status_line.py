"""The status line tells ADU and excess under the mouse, quickly, whichever layer is selected."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_iris.desk.workspace import workspace_of
from napari_iris.resources import sample_night

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from napari_iris.desk.mask.dock import MaskDock

pytestmark = pytest.mark.gui

BROKEN = 15
"""Frame of the sample night with cloud and clear sky."""


@pytest.fixture
def night(model: Any, mask_dock: MaskDock, open_night: Any, qtbot: QtBot) -> Any:
    """The viewer at a frame with cloud, its mask over it."""
    open_night(sample_night())
    model.dims.set_current_step(0, BROKEN)
    clear_sky = workspace_of(model).clear_sky
    qtbot.waitUntil(lambda: clear_sky.is_known and mask_dock.preview.is_current, timeout=60_000)
    model.mouse_over_canvas = True
    model.cursor.position = (BROKEN, 300, 402)
    return model


def status(model: Any) -> dict[str, str]:
    """What napari's own thread asks for as the mouse moves."""
    return model.layers.selection.active.get_status(
        model.cursor.position,
        view_direction=None,
        dims_displayed=list(model.dims.displayed),
        world=True,
    )


def test_over_a_frame_and_over_its_mask(night: Any, mask_dock: MaskDock) -> None:
    frame = mask_dock.session.frame().data
    made = mask_dock.preview.made
    assert made is not None
    assert made.excess is not None
    expected = f"{frame[300, 402]:.0f} ADU, excess {made.excess.values[75, 100]:+.0f}"
    night.layers.selection.active = workspace_of(night).frames.layer
    assert status(night)["coordinates"].endswith(f": {expected}")
    night.layers.selection.active = mask_dock._overlay.layer
    label = made.mask[75, 100]
    assert status(night)["value"] == f"{label}, {expected}"


def test_beside_the_frame_the_status_line_is_empty(night: Any) -> None:
    night.layers.selection.active = workspace_of(night).frames.layer
    night.cursor.position = (BROKEN, -5, 2000)
    assert "ADU" not in status(night)["coordinates"]


def test_other_layers_are_left_alone(night: Any) -> None:
    other = night.add_image(np.zeros((4, 5)))
    assert "get_status" not in vars(other)


@pytest.mark.timed
def test_it_is_quick(night: Any) -> None:
    night.layers.selection.active = workspace_of(night).frames.layer
    status(night)
    begin = time.perf_counter()
    for column in range(200):
        night.cursor.position = (BROKEN, 300, column)
        status(night)
    each = (time.perf_counter() - begin) / 200
    print(f"{1000 * each:.2f} ms")
    assert each < 0.005
