"""The data to train on: what is suggested, what is missing, where the models go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from napari_iris.app.training.data import DataChoice
from napari_iris.app.training.form import TrainingForm
from napari_iris.frames.index import FrameIndex
from napari_iris.frames.sequence import FrameSequence
from napari_iris.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari_iris.app.session import Session
    from tests.app.conftest import ManualTimers


@pytest.fixture
def data(session: Session) -> Iterator[DataChoice]:
    data = DataChoice(session, TrainingForm())
    data.suggest()
    yield data
    data.close()


@pytest.fixture
def update(timers: ManualTimers, data: DataChoice) -> Callable[[], None]:
    """Count again, and wait for it."""

    def wait() -> None:
        data.refresh()
        timers.wait_until(lambda: data.is_idle)

    return wait


def open_frames(session: Session, folder: Path) -> None:
    session.show(FrameSequence(FrameIndex([str(folder)]).paths), [str(folder)])


def test_with_nothing_open_it_says_what_to_do(data: DataChoice) -> None:
    assert data.supply.text == (
        "Open a project in the Curate dock, make masks in the Mask dock, or choose a folder."
    )
    assert data.problem == "No labelled frames to train on."
    assert data.models_folder() is None


def test_the_masks_of_the_open_frames_are_suggested_once_they_exist(
    session: Session,
    data: DataChoice,
    masks: Path,
    make_frames: Callable[..., Path],
    update: Callable[[], None],
) -> None:
    frames = make_frames(3)
    open_frames(session, frames)
    update()
    assert data.folder.value is None
    masks.rename(frames.parent / "frames_masks")
    update()
    assert data.folder.value == frames.parent / "frames_masks"
    assert data.supply.text == "3 frames with masks"
    assert data.problem == ""
    assert data.models_folder() == frames.parent / "frames_models"
    (frames.parent / "other").mkdir()
    frames.rename(frames.parent / "other" / "night")
    open_frames(session, frames.parent / "other" / "night")
    update()
    assert data.folder.value is None, "they belong to frames that are no longer open"


def test_an_open_project_is_suggested_and_counted(
    session: Session, data: DataChoice, project: Path, update: Callable[[], None]
) -> None:
    session.set_project(project)
    update()
    assert data.folder.value == project
    assert data.models_folder() == project / "models"
    assert data.supply.text == "6 frames: 0 approved, 6 with automatic masks, 0 with model masks"
    assert data.problem.startswith("No frame is approved: ")
    data._form.set("masks", "auto")
    assert data.problem == ""
    data._form.set("masks", "model")
    assert data.problem == "No frame has such a mask: choose other masks."
    data._form.set("masks", "approved")
    with Project(project) as opened:
        opened.approve(int(opened.table.id[0]))
    update()
    assert "1 approved" in data.supply.text
    assert data.problem == ""
    session.set_project(None)
    update()
    assert data.folder.value == project, "a closed project can still be trained on"


def test_classes_are_enough_for_vgg8(
    data: DataChoice, project: Path, update: Callable[[], None]
) -> None:
    with Project(project) as opened:
        opened.set_class(1, "clear")
    data.folder.choose(project)
    update()
    assert data.problem
    data._form.set("kind", "vgg8")
    assert data.problem == ""


def test_a_chosen_folder_stays(
    session: Session, data: DataChoice, masks: Path, project: Path, update: Callable[[], None]
) -> None:
    data.folder.choose(masks)
    assert data.problem == "Counting the labelled frames..."
    update()
    assert data.models_folder() == masks.parent / "masks_models"
    session.set_project(project)
    update()
    assert data.folder.value == masks


def test_an_emptied_folder_is_left_empty(
    session: Session,
    data: DataChoice,
    masks: Path,
    make_frames: Callable[..., Path],
    update: Callable[[], None],
) -> None:
    frames = make_frames(3)
    masks.rename(frames.parent / "frames_masks")
    open_frames(session, frames)
    update()
    assert data.folder.value is not None
    data.folder.choose(None)
    update()
    assert data.folder.value is None


@pytest.mark.parametrize(
    ("name", "reason"),
    [("gone", "does not exist"), ("frames", "mask"), ("empty", "contains no masks")],
)
def test_a_folder_without_labelled_frames_says_so(
    data: DataChoice,
    make_frames: Callable[..., Path],
    tmp_path: Path,
    update: Callable[[], None],
    name: str,
    reason: str,
) -> None:
    make_frames(2)
    (tmp_path / "empty").mkdir()
    data.folder.choose(tmp_path / name)
    update()
    assert reason in data.supply.text
    assert data.problem == data.supply.text
