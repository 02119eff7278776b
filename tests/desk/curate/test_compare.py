"""Other masks than the edited one: compare, copy from the previous frame, revert."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.masks import edit
from napari_iris.project.project import Project
from napari_iris.project.records import NewMask

from .conftest import ROW

if TYPE_CHECKING:
    from pathlib import Path

    from tests.desk.conftest import Desk

pytestmark = pytest.mark.gui


def add_model_mask(folder: Path, mask: np.ndarray) -> None:
    """Put a model's mask of the frame into the project, as prediction does."""
    with Project(folder) as project:
        frame = int(project.table.id[ROW])
        made = NewMask(project.store.save(mask, durable=False), float(mask.mean()))
        with project.repository.transaction() as transaction:
            transaction.add_mask(frame, "model", made, "a model")


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
    for expected, text in (
        (auto, "Showing: automatic mask"),
        (edit.grow(auto, 20), "Showing: model mask"),
        (mine, None),
        (auto, "Showing: automatic mask"),
    ):
        desk.press("Q")
        np.testing.assert_array_equal(shown(desk), expected)
        assert text in (None, desk.dock.decision.detail.text())
        assert desk.viewer.layers.selection.active == desk.viewer.layers["label"]
    np.testing.assert_array_equal(desk.mask, mine)
    desk.press("Right")
    np.testing.assert_array_equal(shown(desk), desk.stored(ROW + 1), "another frame ends it")
    assert "Showing" not in desk.dock.decision.detail.text()


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
    assert desk.dock.decision.detail.text() == "Showing: automatic mask"
    desk.press("Control+Z")
    desk.wait(lambda: "Showing" not in desk.dock.decision.detail.text())
    np.testing.assert_array_equal(shown(desk), mine)
    desk.press("Q", "T")
    desk.drag((60, 20), (60, 60))
    assert desk.layer.visible
