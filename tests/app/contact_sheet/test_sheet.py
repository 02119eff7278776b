"""The contact sheet lists frames as the frame list does, and makes what is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import numpy as np
import pytest

from napari_iris.app.clear_sky import ClearSky
from napari_iris.app.contact_sheet import sheet as module
from napari_iris.app.contact_sheet.sheet import ContactSheet
from napari_iris.app.contact_sheet.thumbnail import CLOUD_EDGE
from napari_iris.app.curation.curation import Curation
from napari_iris.frames.index import FrameIndex
from napari_iris.frames.sequence import FrameSequence
from napari_iris.masks.config import MaskConfig
from napari_iris.project.indexing import index
from napari_iris.project.project import Project
from napari_iris.project.queue import QueueConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from napari_iris.app.session import Session
    from tests.app.conftest import ManualTimers


class Canvas(Mock):
    """A canvas of masks that nobody paints on."""

    def show(self, mask: np.ndarray, *_: Any, **__: Any) -> None:
        self.labels = mask.copy()


@pytest.fixture
def curation(session: Session) -> Curation:
    view = Mock()
    view.show.side_effect = lambda sequence, index, _: session.show(sequence, (), index) or Canvas()
    return Curation(session, view)


@pytest.fixture
def sheet(session: Session, curation: Curation) -> Iterator[ContactSheet]:
    sheet = ContactSheet(session, curation, ClearSky(session))
    yield sheet
    sheet.close()


@pytest.fixture
def project(make_frames: Callable[..., Path], tmp_path: Path) -> Project:
    project = Project(tmp_path / "project")
    list(index(project, list(FrameIndex([str(make_frames(8))]).paths), MaskConfig(), jobs=1))
    return project


def show(session: Session, folder: Path) -> None:
    session.show(FrameSequence(FrameIndex([str(folder)]).paths), [str(folder)])


def made(sheet: ContactSheet, timers: ManualTimers, place: int) -> np.ndarray:
    sheet.thumbnail(place)
    timers.wait_until(lambda: sheet.thumbnail(place) is not None)
    image = sheet.thumbnail(place)
    assert image is not None
    return image


def test_all_open_frames_are_listed_and_made_when_they_are_asked_for(
    session: Session, sheet: ContactSheet, timers: ManualTimers, make_frames: Callable[..., Path]
) -> None:
    assert (len(sheet), sheet.count) == (0, "")
    show(session, make_frames(5))
    assert sheet.numbers.tolist() == [0, 1, 2, 3, 4]
    assert sheet.count == "5 frames"
    timers.wait_until(lambda: sheet._clear_sky.is_known)
    assert made(sheet, timers, 3).shape == (32, 40)
    assert set(sheet._made) == {3}
    assert sheet.status(3) is None


def test_a_project_is_listed_as_its_queue_and_masks_are_its_own(
    session: Session,
    sheet: ContactSheet,
    curation: Curation,
    timers: ManualTimers,
    project: Project,
) -> None:
    curation.open(project)
    assert sheet.numbers.tolist() == curation.queue.rows.tolist()
    half = np.zeros((32, 40), np.uint8)
    half[:, :20] = 1
    project.label(int(project.table.id[5]), half, "cloudy", "approve")
    curation.changed.emit()
    curation.set_queue(QueueConfig(status=("approved",)))
    assert sheet.numbers.tolist() == [5]
    image = made(sheet, timers, 0)
    assert (image[:, 19] == CLOUD_EDGE).all()
    assert sheet.status(0) == "approved"
    assert sheet.current is None
    sheet.go_to(0)
    assert session.number == 5
    curation.release()


def test_a_changed_label_makes_its_thumbnail_anew_and_no_other(
    sheet: ContactSheet, curation: Curation, timers: ManualTimers, project: Project
) -> None:
    curation.open(project)
    curation.set_queue(QueueConfig())
    for place in (1, 2):
        made(sheet, timers, place)
    project.label(int(project.table.id[2]), np.ones((32, 40), np.uint8), "cloudy", "overcast")
    curation.changed.emit()
    assert sheet.thumbnail(1) is not None
    assert sheet.thumbnail(2) is None
    curation.release()


def test_the_selection_is_that_of_the_session(
    session: Session, sheet: ContactSheet, make_frames: Callable[..., Path]
) -> None:
    show(session, make_frames(6))
    sheet.select(4, 2)
    assert session.selected.tolist() == [2, 3, 4]
    assert [sheet.is_selected(place) for place in range(6)] == [
        False,
        False,
        True,
        True,
        True,
        False,
    ]
    sheet.toggle(3)
    assert session.selected.tolist() == [2, 4]
    sheet.go_to(5)
    assert (session.number, session.selected.tolist()) == (5, [])
    sheet.toggle(1)
    assert session.selected.tolist() == [1, 5]


def test_frames_that_cannot_be_read_are_not_tried_for_ever(
    session: Session, sheet: ContactSheet, timers: ManualTimers, make_frames: Callable[..., Path]
) -> None:
    folder = make_frames(6)
    (folder / "sky_2.fits").write_bytes(b"SIMPLE  = nonsense")
    show(session, folder)
    timers.wait_until(lambda: sheet._clear_sky.is_known)
    sheet.thumbnail(1)
    made(sheet, timers, 0)
    timers.wait_until(lambda: 1 in sheet._made)
    assert sheet.thumbnail(1) is None
    assert not sheet._asked


def test_few_thumbnails_are_kept_and_few_wait(
    session: Session,
    sheet: ContactSheet,
    timers: ManualTimers,
    make_frames: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "KEPT", 2)
    monkeypatch.setattr(module, "ASKED", 3)
    show(session, make_frames(8))
    timers.wait_until(lambda: sheet._clear_sky.is_known)
    for place in range(8):
        sheet.thumbnail(place)
    assert list(sheet._asked) == [5, 6, 7]
    timers.wait_until(lambda: not sheet._asked)
    assert len(sheet._made) == 2
