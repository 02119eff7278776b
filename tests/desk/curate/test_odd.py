"""Awkward projects at the Curate dock: mixed shapes, files that are gone, none, and two in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from qtpy.QtCore import Qt

from napari_iris.masks.config import MaskConfig
from napari_iris.project.indexing import index
from napari_iris.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.desk.conftest import Desk

pytestmark = pytest.mark.gui

SHAPES = [(128, 160), (256, 320), (64, 48), (200, 100)]
"""Frames, and with them masks, of one project."""


@pytest.fixture
def mixed(write_frame: Callable[..., Path], tmp_path: Path) -> Path:
    """A project of frames of different shapes, each with a truth of its own shape."""
    folder = tmp_path / "mixed"
    with Project(folder) as project:
        for hour, shape in enumerate(SHAPES):
            frame = np.full(shape, 600, np.int16)
            frame[: shape[0] // 2] = 900
            name = f"images/sky_{hour}.fits"
            path = write_frame(name, frame, DATE_OBS=f"2024-01-15T0{hour}:00:00")
            assert list(index(project, [path], None, jobs=1)) == [path]
            truth = (frame > 700).astype(np.uint8)
            project.label(hour + 1, truth, "cloudy", "imported")
            project.reopen(hour + 1)
    return folder


def test_a_mask_keeps_its_shape_and_lies_on_its_frame(
    open_desk: Callable[..., Desk], mixed: Path
) -> None:
    desk = open_desk(mixed)
    for row, shape in enumerate(SHAPES):
        desk.curation.session.go_to(row)
        assert desk.message == ""
        assert desk.mask.shape == shape
        np.testing.assert_array_equal(desk.mask, desk.stored(row))
        corner = desk.layer.data_to_world((shape[0] - 0.5, shape[1] - 0.5))
        np.testing.assert_allclose(corner, (127.5, 159.5))
        desk.press("T")
        desk.drag((60, 80), (70, 80), shift=True)
        desk.press("T", "G", ".")
        edited = desk.mask
        assert edited.shape == shape
        assert desk.curation.save()
        np.testing.assert_array_equal(desk.stored(row), edited)


def test_a_missing_frame_is_reported_and_the_work_goes_on(
    open_desk: Callable[..., Desk], project: Path
) -> None:
    (project.parent / "night" / "sky_3.fits").unlink()
    desk = open_desk(project)
    desk.press("Right", "Right")
    assert desk.row == 2
    assert "sky_3.fits" in desk.message
    assert desk.message.count("\n") == 0
    before = desk.mask
    np.testing.assert_array_equal(before, desk.stored(2))
    desk.press("T")
    desk.drag((60, 60), (60, 90))
    desk.press("T", ",", ".", "K")
    desk.drag((60, 60))
    np.testing.assert_array_equal(desk.mask, before, "with no pixels there is no threshold")
    assert not desk.dock.tools.histogram.isEnabled()
    desk.press("G")
    grown = desk.mask
    desk.press("A")
    assert desk.decision(2).status == "approved"
    np.testing.assert_array_equal(desk.stored(2), grown)
    assert desk.row == 3
    assert desk.message == ""


def test_a_missing_first_frame_is_no_hindrance(
    open_desk: Callable[..., Desk], project: Path
) -> None:
    (project.parent / "night" / "sky_1.fits").unlink()
    desk = open_desk(project)
    assert desk.row == 0
    assert "sky_1.fits" in desk.message
    desk.press("R")
    assert desk.row == 1
    np.testing.assert_array_equal(desk.mask, desk.stored(1))


def test_a_missing_mask_is_reported_and_can_be_drawn_again(desk: Desk, project: Path) -> None:
    with Project(project, read_only=True) as seen:
        facts = seen.mask_facts(3)
        seen.store.path(facts.name).unlink()
    desk.press("Right", "Right")
    assert desk.row == 2
    assert "is missing; restore it from a backup" in desk.message
    assert not desk.mask.any()
    assert desk.mask.shape == (128, 160)
    for key in ("A", "Q"):
        desk.press(key)
        assert desk.row == 2, "what is not there is not approved"
        assert "is missing; restore it from a backup" in desk.message
    assert desk.layer.visible
    desk.press("Right", "D")
    assert "is missing; restore it from a backup" in desk.message
    desk.press("Left", "P")
    desk.drag((60, 60), (60, 90))
    drawn = desk.mask
    desk.press("A")
    assert desk.decision(2).status == "approved"
    np.testing.assert_array_equal(desk.stored(2), drawn)


def test_an_empty_project_says_so_and_takes_the_night_in_view(
    open_desk: Callable[..., Desk], make_night: Callable[..., Path], tmp_path: Path
) -> None:
    folder = tmp_path / "empty"
    Project(folder).close()
    desk = open_desk(folder)
    box = desk.dock.project
    assert box.rate.text() == "This project has no frames."
    assert desk.row is None
    for key in ("A", "N", "J", "G", "T", "Q", "8", ".", "D", "U", "I", "K"):
        desk.press(key)
    desk.click(box.add_frames)
    assert desk.message == "Open a folder of frames first to add them."
    desk.viewer.open(str(make_night(3)), plugin="napari-iris")
    desk.click(box.add_frames)
    desk.wait(lambda: desk.row is not None, timeout=60_000)
    assert desk.dock.queue.count.text() == "3 frames"


def test_closing_a_project_takes_its_layers_and_shows_what_was_there(
    open_desk: Callable[..., Desk], make_night: Callable[..., Path], project: Path
) -> None:
    desk = open_desk()
    hidden, night = (
        desk.viewer.open(str(make_night(2, name)), plugin="napari-iris")[0]
        for name in ("hidden", "tuesday")
    )
    hidden.visible = False
    desk.open(project)
    assert not night.visible
    desk.press("Q")
    desk.click(desk.dock.project.close_project)
    assert [layer.name for layer in desk.viewer.layers] == ["hidden", "tuesday"]
    assert night.visible
    assert not hidden.visible
    assert not desk.dock.decision.isVisible()
    desk.press("A", "G", "T", "N")
    with Project(project, read_only=True) as seen:
        assert seen.status()["status"]["auto"] == 6


def test_one_project_after_another(
    open_desk: Callable[..., Desk], project: Path, mixed: Path
) -> None:
    desk = open_desk(project)
    desk.press("N", "N", "G")
    edited = desk.mask
    desk.click(desk.dock.project.close_project)
    desk.open(mixed)
    assert desk.row == 0
    assert len(desk.curation.project.table) == len(SHAPES)
    desk.press("Control+Z")
    np.testing.assert_array_equal(desk.mask, desk.stored(0))
    desk.press("J")
    assert desk.message == "There is no frame to go back to."
    desk.click(desk.dock.project.close_project)
    desk.open(project)
    assert desk.row == 2
    np.testing.assert_array_equal(desk.mask, edited)


def test_the_label_of_other_frames_than_those_selected_cannot_be_edited(
    desk: Desk, make_night: Callable[..., Path], project: Path
) -> None:
    desk.press("Right")
    before = desk.stored(1)
    night = desk.viewer.open(str(make_night(2, "tuesday")), plugin="napari-iris")[0]
    assert desk.row is None
    assert desk.dock.decision.status.text() == "No frame"
    for key in ("G", "T", "A", "8", ".", "D", "U"):
        desk.press(key)
    desk.layer.mode = "paint"
    assert desk.layer.mode == "pan_zoom"
    desk.viewer.layers.selection.active = desk.viewer.layers["project"]
    assert desk.row is not None
    desk.curation.session.go_to(1)
    np.testing.assert_array_equal(desk.mask, before)
    with Project(project, read_only=True) as seen:
        assert seen.status()["status"]["auto"] == 6
    desk.press("G")
    assert (desk.mask != before).any()
    desk.viewer.layers.remove(night)
    assert desk.row == 1


def test_a_label_layer_that_is_deleted_comes_back_with_the_next_frame(desk: Desk) -> None:
    desk.press("Right", "G")
    edited = desk.mask
    desk.viewer.layers.remove("label")
    desk.wait(lambda: not desk.curation.unsaved)
    np.testing.assert_array_equal(desk.stored(1), edited)
    desk.press("Right")
    assert "label" in [layer.name for layer in desk.viewer.layers]
    np.testing.assert_array_equal(desk.mask, desk.stored(2))


def test_all_layers_cleared_leave_no_current_frame(desk: Desk, project: Path) -> None:
    desk.press("Right", "G")
    edited = desk.mask
    desk.viewer.layers.clear()
    assert desk.row is None
    desk.press("G", "A")
    desk.click(desk.dock.project.close_project)
    desk.open(project)
    assert desk.row == 1
    np.testing.assert_array_equal(desk.mask, edited)


def test_a_folder_that_is_no_project_is_reported(
    open_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "iris.db").write_bytes(b"no database" * 100)
    desk = open_desk(folder)
    assert desk.curation.project is None
    assert "iris.db is damaged" in desk.message
    assert desk.message.count("\n") == 0


def test_a_project_of_frames_without_masks_is_worked_through(
    open_desk: Callable[..., Desk], make_night: Callable[..., Path], tmp_path: Path
) -> None:
    with Project(tmp_path / "bare") as bare:
        assert list(index(bare, sorted(make_night(3).iterdir()), None, jobs=1))
    desk = open_desk(tmp_path / "bare")
    assert desk.mask.shape == MaskConfig().shape
    desk.press("A")
    assert desk.row == 0
    assert "has no mask to approve; draw one, or label it clear or overcast" in desk.message
    desk.press("0")
    assert desk.row == 1
    desk.press("K")
    desk.drag((60, 8))
    desk.press("A")
    assert desk.decision(1).frame_class == "cloudy"
    desk.qtbot.keyClick(desk.canvas, Qt.Key.Key_U)
    assert desk.row == 2
