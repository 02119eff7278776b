"""Jobs started, followed and cancelled without a window: real child processes."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest

from napari_iris.app.jobs.control import JobControl, shell_commands
from napari_iris.app.jobs.progress import JobProgress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Control = JobControl[JobProgress]


@pytest.fixture
def control(timers: Mock) -> Iterator[Control]:
    control = JobControl(timers, JobProgress())
    yield control
    job = control.job
    control.close()
    if job is not None:
        job.wait(10)


@pytest.fixture
def frames(make_frames: Callable[..., Path]) -> Path:
    return make_frames(2)


def mask(frames: Path, out: Path) -> list[str]:
    return ["mask", str(frames), "--out", str(out), "--shape", "32", "40"]


@pytest.mark.slow
def test_commands_run_one_after_the_other(
    control: Control, timers: Mock, frames: Path, tmp_path: Path
) -> None:
    changed, ended = Mock(), Mock()
    control.changed.connect(changed)
    control.ended.connect(ended)
    assert control.can_start
    (frames / "bad.fits").touch()
    control.start([mask(frames, tmp_path / "a"), mask(frames, tmp_path / "b")])
    assert control.is_running
    assert control.can_cancel
    assert not control.can_start
    assert control.text == "Starting..."
    control.start([["info"]])
    timers.wait_until(lambda: not control.is_running)
    ended.assert_called_once_with()
    assert control.progress.succeeded
    assert [result["done"] for result in control.progress.results] == [3, 3]
    assert control.text.startswith("2 files failed:\nbad.fits: is empty")
    assert control.details.startswith("bad.fits")
    assert len(list((tmp_path / "b").glob("*_mask.fits"))) == 2
    assert changed.call_count > 3
    control.start([["info", "--no-such"]])
    timers.wait_until(lambda: not control.is_running)
    assert control.text.startswith("Job failed: "), "the results before are gone"


@pytest.mark.slow
def test_a_failed_command_ends_the_job(control: Control, timers: Mock) -> None:
    control.start([["info", "--no-such"], ["info"]])
    timers.wait_until(lambda: not control.is_running)
    assert control.progress.commands_done == 0
    assert not control.progress.succeeded


def test_a_cancelled_job_runs_no_further_command(
    control: Control, timers: Mock, frames: Path, tmp_path: Path
) -> None:
    control.start([mask(frames, tmp_path / "a"), mask(frames, tmp_path / "b")])
    control.cancel()
    assert control.text == "Stopping..."
    assert not control.can_cancel
    timers.wait_until(lambda: not control.is_running)
    assert control.text == "Stopped after 0 frames; their files are kept."
    assert not (tmp_path / "b").exists()
    assert control.can_start


def test_why_a_job_cannot_be_started(control: Control) -> None:
    control.offer("Choose a folder.")
    assert not control.can_start
    assert not control.has_command
    control.offer("Choose a folder.", has_command=True)
    assert control.has_command
    control.offer("")
    assert control.can_start
    assert control.has_command


def test_a_notice_replaces_the_status_until_it_changes(control: Control) -> None:
    control.progress.start()
    control.notify("Command copied.")
    assert control.text == "Command copied."
    control.notify("")
    assert control.text == "Starting..."


def test_commands_for_a_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: "/bin/napari-iris")
    line = shell_commands([["mask", "a b"], ["info"]])
    assert line == "napari-iris mask 'a b' && napari-iris info"
