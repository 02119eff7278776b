"""A job on frames of the open sequence: which frames, where to, when it can be started."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from napari_iris.app.form import config_form
from napari_iris.app.jobs.frame_job import MAX_ARGUMENTS
from napari_iris.app.mask_job import MaskJob
from napari_iris.frames.index import FrameIndex
from napari_iris.frames.sequence import FrameSequence
from napari_iris.masks.config import MaskConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari_iris.app.session import Session
    from tests.app.conftest import ManualTimers


def show(session: Session, *sources: Path) -> None:
    names = [str(source) for source in sources]
    session.show(FrameSequence(FrameIndex(names).paths), names)


@pytest.fixture
def job(session: Session) -> Iterator[MaskJob]:
    job = MaskJob(session, config_form(MaskConfig))
    session.sequence_changed.connect(job.follow_sequence)
    job.follow_sequence()
    yield job
    running = job.control.job
    job.control.close()
    if running is not None:
        running.wait(10)


@pytest.fixture
def frames(session: Session, job: MaskJob, make_frames: Callable[..., Path]) -> Path:
    """Folder of five frames that are open."""
    folder = make_frames(5)
    show(session, folder)
    return folder


def named(job: MaskJob) -> list[str]:
    """Frames that the command names."""
    ((command, *words),) = job.commands()
    assert command == "mask"
    return list(words[: words.index("--out")])


def test_without_frames_there_is_nothing_to_start(job: MaskJob) -> None:
    assert job.problem == "No frames are open."
    assert not job.control.can_start
    job.start()
    assert not job.control.is_running
    assert named(job) == []


def test_a_folder_beside_the_frames_is_suggested(job: MaskJob, frames: Path) -> None:
    assert job.folder.value == frames.parent / "frames_masks"
    assert job.control.can_start
    job.folder.choose(None)
    assert job.problem == "Choose a folder for the masks."
    assert not job.control.can_start
    assert not job.control.has_command


def test_settings_that_are_not_valid_say_so(session: Session, frames: Path) -> None:
    settings = config_form(MaskConfig)
    settings.set("shape", "4 4")
    job = MaskJob(session, settings)
    job.follow_sequence()
    assert job.problem == "Rows and columns: each side needs at least 8 pixels"
    assert job.commands() == []


def test_another_sequence_has_another_folder_and_range(
    session: Session, job: MaskJob, frames: Path, make_frames: Callable[..., Path]
) -> None:
    job.folder.choose(frames.parent / "mine")
    job.range.set_range(2, 3)
    make_frames(2, first=5)
    session.replace(FrameSequence(FrameIndex([str(frames)]).paths), FrameIndex([str(frames)]))
    assert job.folder.value == frames.parent / "mine", "the same frames, and more"
    assert job.range.span(0) == range(1, 3)
    other = frames.rename(frames.with_name("other"))
    show(session, other)
    assert job.folder.value == other.parent / "other_masks"
    assert job.range.span(0) is None


def test_all_frames_are_named_by_their_sources(job: MaskJob, frames: Path) -> None:
    assert named(job) == [str(frames)]
    line = job.shell_line()
    assert " mask " in line
    assert str(frames) in line


def test_a_few_frames_are_named_one_by_one(session: Session, job: MaskJob, frames: Path) -> None:
    job.range.set_range(2, 3)
    assert named(job) == [str(frames / "sky_2.fits"), str(frames / "sky_3.fits")]
    session.go_to(4)
    job.range.choose("current")
    assert named(job) == [str(frames / "sky_5.fits")]


@pytest.mark.slow
def test_many_frames_are_named_in_a_file_that_is_removed(
    session: Session,
    job: MaskJob,
    timers: ManualTimers,
    make_frames: Callable[..., Path],
    tmp_path: Path,
) -> None:
    folder = make_frames(MAX_ARGUMENTS + 2)
    show(session, *[folder / f"sky_{number}.fits" for number in range(1, MAX_ARGUMENTS + 2)])
    job.folder.choose(tmp_path / "masks")
    job.start()
    assert job.control.job is not None
    listed = Path(job.control.job.arguments[1].removeprefix("@"))
    assert len(listed.read_text(encoding="utf-8").splitlines()) == MAX_ARGUMENTS + 1
    timers.wait_until(lambda: not job.control.is_running)
    assert job.control.progress.succeeded
    assert len(list((tmp_path / "masks").glob("*_mask.fits"))) == MAX_ARGUMENTS + 1
    assert not listed.exists()
