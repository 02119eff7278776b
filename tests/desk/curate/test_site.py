"""The box of what is never sky: shapes, ignored pixels, a file; the project's masks follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from qtpy.QtWidgets import QFileDialog

from napari_iris.desk.curate.site_box import SHAPES
from napari_iris.desk.workspace import workspace_of
from napari_iris.project.site_mask import project_site_mask

if TYPE_CHECKING:
    from pathlib import Path

    from tests.desk.conftest import Desk

pytestmark = pytest.mark.gui


def hidden(desk: Desk) -> np.ndarray:
    site = project_site_mask(desk.curation.project.folder)
    assert site is not None
    return site.images[0]


def settle(desk: Desk) -> None:
    desk.wait(lambda: not workspace_of(desk.viewer).teaching.is_busy)


def test_a_drawn_circle_hides_what_is_outside_and_remove_takes_it_back(desk: Desk) -> None:
    box = desk.dock.site
    assert box.text.text() == "None"
    assert not box.remove.isEnabled()
    desk.click(box.draw)
    shapes = desk.viewer.layers[SHAPES]
    assert shapes.mode == "add_ellipse"
    rows, columns = desk.dock.site._masks.frame_shape
    corners = [[2, 2], [2, columns - 3], [rows - 3, columns - 3], [rows - 3, 2]]
    shapes.add(np.array(corners, float), shape_type="ellipse")
    desk.click(box.outside)
    settle(desk)
    assert SHAPES not in desk.viewer.layers
    image = hidden(desk)
    assert image[0, 0]
    assert image[-1, -1]
    assert not image[rows // 2, columns // 2]
    assert "pixels" in box.text.text()
    assert (desk.stored(1, "auto") == 2).mean() == pytest.approx(image.mean(), abs=0.03)
    desk.click(box.remove)
    settle(desk)
    assert box.text.text() == "None"
    assert not (desk.stored(1, "auto") == 2).any()


def test_a_drawing_ends_with_its_layer(desk: Desk) -> None:
    box = desk.dock.site
    desk.dock.pages.turn_to("Sky", wanted=True)
    desk.click(box.draw)
    assert not box.draw.isVisible()
    desk.viewer.layers.remove(SHAPES)
    assert box.draw.isVisible()
    desk.click(box.draw)
    desk.click(box.cancel)
    assert SHAPES not in desk.viewer.layers


def test_a_file_is_taken(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trees = np.zeros(desk.dock.site._masks.frame_shape, np.uint8)
    trees[-4:] = 1
    fits.writeto(tmp_path / "trees.fits", trees)
    chosen = (str(tmp_path / "trees.fits"), "")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: chosen)
    desk.click(desk.dock.site.file)
    settle(desk)
    assert np.array_equal(hidden(desk), trees == 1)
