"""Autosave of the Curate dock: whatever changes the mask is soon on the disk."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
from qtpy.QtWidgets import QApplication

from napari_iris.errors import ProjectError
from napari_iris.project.project import Project
from tests.timing import assert_within, seconds

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.desk.conftest import Desk

pytestmark = pytest.mark.gui

FIRST = 1
"""Row of a frame with 16 columns of cloud."""


@pytest.fixture
def at_first(desk: Desk) -> Desk:
    """The first cloudy frame is current, with its automatic mask."""
    desk.press("Right")
    assert desk.row == FIRST
    assert desk.stored(FIRST, "human") is None
    return desk


def write_as_a_console(desk: Desk) -> None:
    desk.layer.data[10:20, 10:50] = 2
    desk.layer.refresh()


def wait_until_saved(desk: Desk) -> None:
    def saved() -> bool:
        stored = desk.stored(FIRST, "human")
        return stored is not None and bool((stored == desk.mask).all())

    desk.wait(saved)
    assert not desk.curation.unsaved


@pytest.mark.timed
def test_an_edit_is_saved_within_a_second(at_first: Desk) -> None:
    def edit_and_save() -> None:
        at_first.press("G")
        wait_until_saved(at_first)

    assert_within(1, lambda: seconds(edit_and_save))


def test_whatever_changes_the_mask_is_saved(at_first: Desk) -> None:
    desk, before = at_first, at_first.mask
    desk.press("P")
    desk.drag((60, 90), (60, 120))
    wait_until_saved(desk)
    stroke = desk.mask
    assert (stroke != before).any()
    desk.press("Control+Z")
    np.testing.assert_array_equal(desk.mask, before)
    desk.wait(lambda: desk.stored(FIRST, "human") is None)  # the label is as it was
    desk.press("Control+Shift+Z")
    np.testing.assert_array_equal(desk.mask, stroke)
    wait_until_saved(desk)
    write_as_a_console(desk)
    wait_until_saved(desk)
    desk.layer.data = np.zeros_like(desk.mask)
    wait_until_saved(desk)
    assert desk.decision(FIRST).status == "edited"


def test_a_label_that_there_is_none_of_is_saved_as_cloud(at_first: Desk) -> None:
    """M and = choose labels above 2; a person meant cloud with them."""
    at_first.layer.data[:] = 7
    at_first.wait(lambda: at_first.stored(FIRST, "human") is not None)
    assert (at_first.stored(FIRST, "human") == 1).all()
    for _ in range(3):  # as the clock does
        assert at_first.curation.save()
    with Project(at_first.folder, read_only=True) as project:
        saves = [one for one in project.history(int(project.table.id[FIRST])) if one.mask]
    assert len(saves) == 2, "the automatic mask, and one save: it is not saved again and again"


LEAVE: dict[str, Callable[[Desk], object]] = {
    "a click in the table": lambda desk: desk.dock.queue.view.setCurrentIndex(
        desk.dock.queue.model.index(4, 0)
    ),
    "another night in front": lambda desk: desk.viewer.open(
        str(desk.folder.parent / "tuesday"), plugin="napari-iris"
    ),
    "closing the window": lambda desk: desk.viewer.window.close(),
}


@pytest.mark.parametrize("leave", LEAVE)
def test_leaving_a_frame_saves_it_at_once(
    at_first: Desk, make_night: Callable[..., Path], leave: str
) -> None:
    desk, folder = at_first, at_first.folder
    make_night(2, "tuesday")
    write_as_a_console(desk)
    edited = desk.mask
    LEAVE[leave](desk)  # no event is processed that the clock could have come with
    with Project(folder, read_only=True) as project:
        frame = int(project.table.id[FIRST])
        np.testing.assert_array_equal(project.mask(frame, "human"), edited)


def test_what_is_not_changed_is_not_saved(at_first: Desk) -> None:
    for key in ("Right", "Right", "Left", "Left", "Q", "T", "T", "K", "I", "I"):
        at_first.press(key)
        QApplication.processEvents()
        assert at_first.curation.save(), "as the clock does"
    with Project(at_first.folder, read_only=True) as project:
        assert project.status()["masks"] == {"auto": 6, "model": 0, "human": 0}


def test_an_edit_outlasts_a_full_disk_which_is_reported_until_it_is_saved(
    at_first: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = at_first
    with monkeypatch.context() as broken:
        broken.setattr(Project, "save_mask", disk_full)
        desk.press("G")
        edited = desk.mask
        desk.wait(lambda: "disk is full" in desk.message)
        assert desk.message.startswith("Not saved: ")
        assert "make room" in desk.message
        for key in ("Right", "A", "R", "8", "N", "J"):
            desk.press(key)
            assert desk.row == FIRST, "one stays until the edit is safe"
        np.testing.assert_array_equal(desk.mask, edited)
        desk.dock.queue.view.setCurrentIndex(desk.dock.queue.model.index(4, 0))
        assert desk.row == FIRST
        assert desk.dock.queue.view.currentIndex().row() == FIRST
        desk.click(desk.dock.project.close_project)
        assert desk.curation.project is not None
    wait_until_saved(desk)
    np.testing.assert_array_equal(desk.mask, edited)
    assert desk.message == "", "it is over"
    assert desk.decision(FIRST).status == "edited"
    assert desk.decision(2).status == "auto"


def disk_full(project: Project, *_: object) -> None:
    raise ProjectError(project.folder, "the disk is full", "make room, then try again")


def test_an_edit_outlasts_a_missing_folder_which_is_reported(
    at_first: Desk, tmp_path: Path
) -> None:
    desk, folder = at_first, at_first.folder
    away = tmp_path / "away"
    folder.rename(away)
    desk.press("G")
    edited = desk.mask
    desk.wait(lambda: desk.message.startswith("Not saved: "))
    desk.press("Right")
    assert desk.row == FIRST
    if folder.exists():
        shutil.rmtree(folder)
    away.rename(folder)
    wait_until_saved(desk)
    np.testing.assert_array_equal(desk.mask, edited)
