"""Open or create a project, and add frames to it."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

import pytest

from napari_iris.app.curation.project_opener import ProjectOpener
from napari_iris.app.form import config_form
from napari_iris.masks.config import MaskConfig
from napari_iris.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from napari_iris.app.curation.curation import Curation
    from tests.app.conftest import ManualTimers
    from tests.app.curation.conftest import FakeView


@pytest.fixture
def opener(curation: Curation) -> Iterator[ProjectOpener]:
    opener = ProjectOpener(curation, config_form(MaskConfig))
    yield opener
    opener.job.close()


def test_the_folder_beside_the_frames_is_suggested(
    opener: ProjectOpener,
    write_night: Callable[..., Path],
    show_frames: Callable[[Path], None],
    folder: Path,
    tmp_path: Path,
) -> None:
    assert opener.default_folder() is None
    show_frames(write_night(2, "tuesday"))
    assert opener.default_folder() == tmp_path / "tuesday_project"
    opener.open(folder)
    assert opener.default_folder() is None


def test_a_project_is_opened_where_there_is_one_else_created(
    opener: ProjectOpener,
    curation: Curation,
    folder: Path,
    tmp_path: Path,
    write_night: Callable[..., Path],
    show_frames: Callable[[Path], None],
) -> None:
    new = tmp_path / "new"
    assert (opener.open_text(folder), opener.can_open(folder)) == ("Open project", True)
    assert opener.open_text(new) == "Create project from these frames"
    assert not opener.can_open(new), "there are no frames"
    assert not opener.can_open(None)
    show_frames(write_night(2, "tuesday"))
    assert opener.can_open(new)
    opener.open(folder)
    assert curation.project.folder == folder
    assert not opener.job.is_running


def test_a_project_that_another_window_has_can_be_opened_read_only(
    opener: ProjectOpener, curation: Curation, folder: Path
) -> None:
    with Project(folder, exclusive=True):
        opener.open(folder)
        assert curation.project is None
        assert "is open in another window" in curation.message
        opener.open_read_only(folder)
        assert curation.project.read_only
        assert not opener.can_add_frames
        curation.release()


@pytest.mark.slow
def test_a_new_project_gets_the_open_frames(
    opener: ProjectOpener,
    curation: Curation,
    tmp_path: Path,
    write_night: Callable[..., Path],
    show_frames: Callable[[Path], None],
    timers: ManualTimers,
) -> None:
    tuesday = write_night(3, "tuesday")
    show_frames(tuesday)
    opener.open(tmp_path / "new")
    assert opener.job.is_running
    assert not opener.can_add_frames
    assert not opener.can_open(tmp_path / "new")
    timers.wait_until(lambda: not opener.job.is_running and curation.row is not None)
    assert len(curation.project.table) == 3
    write_night(2, "tuesday", first=3)
    assert opener.can_add_frames
    opener.add_frames()
    timers.wait_until(lambda: len(curation.project.table) == 5)
    assert curation.row == 0


def test_an_empty_project_asks_for_frames(
    opener: ProjectOpener, curation: Curation, tmp_path: Path
) -> None:
    Project(tmp_path / "empty").close()
    opener.add_frames()
    opener.open(tmp_path / "empty")
    opener.add_frames()
    assert curation.message == "Open a folder of frames first to add them."
    assert not opener.job.is_running


def test_a_damaged_project_is_reported(
    opener: ProjectOpener, curation: Curation, tmp_path: Path
) -> None:
    (tmp_path / "iris.db").write_bytes(b"no database" * 100)
    opener.open(tmp_path)
    assert curation.project is None
    assert "iris.db is damaged" in curation.message


def test_a_large_project_is_read_in_the_background(
    opener: ProjectOpener,
    view: FakeView,
    curation: Curation,
    folder: Path,
    timers: ManualTimers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("napari_iris.app.curation.project_opener.LARGE", 0)
    opener.open(folder)
    assert curation.project is None
    assert curation.message == f"Opening {folder.name}..."
    assert not opener.can_open(folder), "one at a time"
    timers.wait_until(lambda: curation.project is not None)
    assert curation.message == ""
    assert curation.row == 0
    assert not opener.is_opening


def test_a_project_that_is_being_read_does_not_open_in_a_closed_window(
    opener: ProjectOpener,
    curation: Curation,
    folder: Path,
    timers: ManualTimers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = Event()
    monkeypatch.setattr("napari_iris.app.curation.project_opener.LARGE", 0)
    monkeypatch.setattr("napari_iris.app.curation.project_opener.read_table", lambda _: read.set())
    opener.open(folder)
    assert read.wait(10)
    opener.stop()
    timers.advance(1000)
    assert curation.project is None
    assert not opener.is_opening
