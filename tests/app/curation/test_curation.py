"""Curation of a project: open and close, save, go from frame to frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import numpy as np
import pytest

from napari_iris.errors import IrisError, ProjectError
from napari_iris.masks import edit
from napari_iris.masks.config import MaskConfig
from napari_iris.project.project import Project
from tests.app.curation.conftest import COLUMNS, ROWS, add_frames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from napari_iris.app.curation.curation import Curation
    from napari_iris.app.curation.mask_editor import MaskEditor
    from tests.app.conftest import ManualTimers
    from tests.app.curation.conftest import FakeView


def disk_full(project: Project, *_: object) -> None:
    raise ProjectError(project.folder, "the disk is full", "make room, then try again")


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    with monkeypatch.context() as broken:
        broken.setattr(Project, "save_mask", disk_full)
        yield broken


# --- opening and closing


def test_a_project_opens_at_its_first_frame_to_review(opened: Curation, view: FakeView) -> None:
    assert (opened.row, opened.frame, opened.message) == (0, 1, "")
    assert opened.session.project == opened.project.folder
    assert view.canvas.path == opened.session.path
    assert view.canvas.editable
    assert not opened.unsaved


@pytest.mark.parametrize("row", [0, 2, 3])
def test_a_project_opens_at_the_frame_that_is_half_done(
    curation: Curation, folder: Path, row: int
) -> None:
    half_done = np.eye(ROWS, COLUMNS, dtype=np.uint8)
    with Project(folder) as project:
        project.save_mask(row + 1, half_done)
    curation.open(Project(folder))
    assert curation.row == row
    np.testing.assert_array_equal(curation.editor.mask, half_done)


def test_closing_frees_the_project_and_shows_what_was_open(
    curation: Curation, view: FakeView, folder: Path, write_night: Callable[..., Path]
) -> None:
    changed = Mock()
    curation.project_changed.connect(changed)
    curation.open(Project(folder, exclusive=True))
    assert curation.close()
    assert changed.call_count == 2
    assert view.canvas.is_removed
    assert curation.project is curation.editor is curation.row is curation.session.project is None
    Project(folder, exclusive=True).close()
    with pytest.raises(IrisError, match="no frame of a project is current"):
        _ = curation.frame


def test_released_layers_stay(opened: Curation, view: FakeView) -> None:
    opened.release(keep_layers=True)
    assert opened.project is None
    assert not view.canvas.is_removed


def test_another_project_is_opened_only_once_the_mask_is_saved(
    opened: Curation, editor: MaskEditor, full_disk: Any, tmp_path: Path
) -> None:
    editor.apply(edit.grow)
    before, other = opened.project, Project(tmp_path / "other", exclusive=True)
    opened.open(other)
    assert opened.project is before
    Project(tmp_path / "other", exclusive=True).close()


def test_an_empty_project_has_no_current_frame(curation: Curation, tmp_path: Path) -> None:
    curation.open(Project(tmp_path / "empty"))
    assert curation.editor is curation.row is None
    curation.next()
    curation.back()
    curation.show_again()
    assert curation.save()
    assert not curation.perform(Mock())
    assert curation.close()


# --- the current frame


def test_each_frame_brings_its_mask(opened: Curation, view: FakeView, stored: Any) -> None:
    frames = Mock()
    opened.frame_changed.connect(frames)
    for row in (1, 2, 3):
        opened.session.go_to(row)
        np.testing.assert_array_equal(opened.editor.mask, stored(row))
        assert view.canvas.path.name == f"sky_{row + 1}.fits"
    assert frames.call_count == 3


def test_text_being_typed_is_kept_for_its_own_frame(opened: Curation) -> None:
    left: list[int | None] = []
    opened.leaving.connect(lambda: left.append(opened.row))
    opened.session.go_to(1)
    opened.session.go_to(4)
    opened.close()
    assert left == [0, 1, 4]


def test_other_frames_in_front_put_the_label_out_of_reach(
    opened: Curation,
    view: FakeView,
    write_night: Callable[..., Path],
    stored: Any,
    show_frames: Callable[[Path], None],
) -> None:
    opened.session.go_to(1)
    show_frames(write_night(2, "tuesday"))
    assert opened.row is None
    assert not view.canvas.editable
    opened.editor.apply(edit.grow)
    assert not opened.perform(Mock())
    assert opened.save()
    view.bring_to_front()
    assert opened.row == 0
    assert stored(1, "human") is None


def test_a_frame_that_is_gone_is_reported_and_its_mask_shown(
    opened: Curation, stored: Any, write_night: Callable[..., Path]
) -> None:
    opened.session.sequence.paths[2].unlink()
    opened.session.go_to(2)
    assert "sky_3.fits" in opened.message
    np.testing.assert_array_equal(opened.editor.mask, stored(2))
    assert opened.editor.threshold() is None
    opened.session.go_to(3)
    assert opened.message == ""


def test_a_mask_that_is_gone_is_reported_and_can_be_drawn_again(
    opened: Curation, stored: Any
) -> None:
    opened.project.store.path(opened.project.mask_facts(3).name).unlink()
    opened.session.go_to(2)
    assert "is missing; restore it from a backup" in opened.message
    assert not opened.editor.mask.any()
    opened.editor.set_mask(np.ones((ROWS, COLUMNS), np.uint8))
    assert opened.save()
    assert (stored(2, "human") == 1).all()


def test_a_frame_without_a_mask_has_an_empty_one(
    curation: Curation, write_night: Callable[..., Path], tmp_path: Path
) -> None:
    curation.open(Project(add_frames(tmp_path / "bare", write_night(2, "bare"), masks=False)))
    expected = tuple(map(min, MaskConfig().shape, (ROWS, COLUMNS)))
    assert curation.editor.mask.shape == expected
    assert not curation.editor.mask.any()


# --- saving


def test_an_edit_is_saved_within_half_a_second(
    opened: Curation, editor: MaskEditor, timers: ManualTimers, stored: Any, decision: Any
) -> None:
    editor.apply(edit.grow)
    assert opened.unsaved
    timers.advance(500)
    assert not opened.unsaved
    np.testing.assert_array_equal(stored(2, "human"), editor.mask)
    assert decision(2).status == "edited"
    editor.undo()
    timers.advance(500)
    np.testing.assert_array_equal(stored(2, "human"), editor.mask)


def test_what_is_not_changed_is_not_saved(opened: Curation, timers: ManualTimers) -> None:
    for row in (1, 2, 0):
        opened.session.go_to(row)
        timers.advance(1000)
    assert opened.project.status()["masks"] == {"auto": 6, "model": 0, "human": 0}


LEAVE: dict[str, Callable[[Curation], object]] = {
    "step": lambda curation: curation.session.go_to(4),
    "next": lambda curation: curation.next(),
    "other frames": lambda curation: curation.session.show(None),
    "close": lambda curation: curation.close(),
}


@pytest.mark.parametrize("leave", LEAVE)
def test_leaving_a_frame_saves_it_at_once(
    opened: Curation, editor: MaskEditor, stored: Any, leave: str
) -> None:
    editor.apply(edit.grow)
    edited = editor.mask
    LEAVE[leave](opened)
    np.testing.assert_array_equal(stored(2, "human"), edited)


def test_a_full_disk_keeps_the_edit_and_the_frame(
    opened: Curation,
    editor: MaskEditor,
    timers: ManualTimers,
    full_disk: pytest.MonkeyPatch,
    stored: Any,
) -> None:
    editor.apply(edit.grow)
    edited = editor.mask
    timers.advance(500)
    assert opened.message.startswith("Not saved: ")
    assert "the disk is full; make room" in opened.message
    opened.session.go_to(4)
    opened.next()
    assert not opened.perform(Mock())
    assert not opened.close()
    assert opened.row == opened.session.number == 2
    np.testing.assert_array_equal(editor.mask, edited)
    full_disk.undo()
    timers.advance(500)
    assert opened.message == ""
    np.testing.assert_array_equal(stored(2, "human"), edited)


def test_a_change_that_fails_is_reported(opened: Curation) -> None:
    def fail(project: Project, frame: int) -> None:
        raise ProjectError(project.folder, f"frame {frame} is odd", "fix it")

    assert not opened.perform(fail)
    assert "frame 1 is odd; fix it" in opened.message


def test_a_read_only_project_is_never_changed(
    curation: Curation, view: FakeView, folder: Path, timers: ManualTimers
) -> None:
    curation.open(Project(folder, read_only=True))
    assert not view.canvas.editable
    curation.editor.apply(edit.grow)
    view.canvas.labels[:] = 1  # from a console
    timers.advance(1000)
    change = Mock()
    assert not curation.perform(change)
    assert not change.called
    assert "is open read-only; close the other window" in curation.message
    curation.session.go_to(1)
    assert curation.row == 1
    assert curation.close()


def test_labels_changed_is_forwarded(opened: Curation, editor: MaskEditor) -> None:
    labels = Mock()
    opened.session.labels_changed.connect(labels)
    editor.apply(edit.grow)
    assert labels.call_count == 1
    opened.save()
    assert labels.call_count == 2


# --- going on


def test_next_goes_round_and_skips_what_is_done(opened: Curation) -> None:
    for row in (4, 5):
        opened.session.go_to(row)
        opened.perform(lambda project, frame: project.reject(frame, "bird"))
    opened.next()
    assert opened.row == 0
    opened.next()
    assert opened.row == 1
    opened.session.go_to(3)
    opened.next()
    assert opened.row == 0


def test_next_says_when_the_queue_is_finished(opened: Curation) -> None:
    for row in range(1, 6):
        opened.session.go_to(row)
        opened.perform(lambda project, frame: project.reject(frame, "bird"))
    opened.session.go_to(0)
    opened.next()
    assert opened.message == "Queue finished."
    assert opened.row == 0


def test_back_retraces_the_way(opened: Curation) -> None:
    for row in (3, 1, 5):
        opened.session.go_to(row)
    for row in (1, 3, 0):
        opened.back()
        assert opened.row == row
    opened.back()
    assert opened.message == "There is no frame to go back to."
    opened.next()
    assert opened.message == ""


# --- frames that another program adds


def reload(curation: Curation, timers: ManualTimers, count: int) -> None:
    curation.reload()
    timers.wait_until(lambda: len(curation.project.table) == count)


def test_added_frames_leave_the_current_frame_and_the_way_back(
    opened: Curation, folder: Path, write_frame: Any, timers: ManualTimers
) -> None:
    """They are of an earlier hour, so every row moves."""
    opened.session.go_to(2)
    opened.session.go_to(5)
    path = opened.session.path
    for hour in (14, 15):
        frame = np.random.default_rng(hour).integers(598, 603, (ROWS, COLUMNS)).astype(np.int16)
        frame[:8] += 300
        early = write_frame(f"early/{hour}.fits", frame, DATE_OBS=f"2024-01-15T{hour}:00:00")
    opened.editor.apply(edit.grow)
    drawn = opened.editor.mask
    add_frames(folder, early.parent)
    reload(opened, timers, 8)
    assert (opened.row, opened.session.path) == (7, path)
    np.testing.assert_array_equal(opened.editor.mask, drawn)
    opened.back()
    assert opened.row == 4, "the same frame, in its new row"


def test_added_frames_do_not_replace_other_frames_in_front(
    opened: Curation,
    view: FakeView,
    folder: Path,
    write_night: Callable[..., Path],
    show_frames: Callable[[Path], None],
    timers: ManualTimers,
) -> None:
    tuesday = write_night(3, "tuesday", first=6)
    show_frames(tuesday)
    opened.session.go_to(1)
    shown = opened.session.sequence
    add_frames(folder, tuesday)
    reload(opened, timers, 9)
    assert opened.session.sequence is shown
    assert (opened.session.number, opened.row) == (1, None)
    view.bring_to_front()
    assert opened.row == 0
    assert len(opened.session.sequence) == 9


def test_the_first_frames_of_an_empty_project_are_shown(
    curation: Curation, write_night: Callable[..., Path], tmp_path: Path, timers: ManualTimers
) -> None:
    curation.open(Project(tmp_path / "empty"))
    add_frames(tmp_path / "empty", write_night(3))
    reload(curation, timers, 3)
    assert curation.row == 0
    assert curation.editor is not None


def test_a_decision_during_a_reload_is_kept(
    opened: Curation, timers: ManualTimers, folder: Path, write_night: Callable[..., Path]
) -> None:
    add_frames(folder, write_night(2, "tuesday", first=6))
    opened.reload()
    opened.perform(lambda project, frame: project.reject(frame, "bird"))
    timers.wait_until(lambda: len(opened.project.table) == 8)
    assert opened.project.table.status_of(0) == "rejected"


def test_a_reload_that_fails_is_reported(opened: Curation, timers: ManualTimers) -> None:
    opened.project.folder.joinpath("iris.db").rename(opened.project.folder / "away.db")
    opened.reload()
    timers.wait_until(lambda: bool(opened.message))
    opened.project.folder.joinpath("away.db").rename(opened.project.folder / "iris.db")
    assert len(opened.project.table) == 6
