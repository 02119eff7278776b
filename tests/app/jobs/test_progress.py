"""Progress of a job in numbers and words, and how it ended."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from napari_iris.app.jobs.progress import JobProgress
from napari_iris.app.jobs.wording import duration, shortened
from napari_iris.app.mask_job import MaskProgress
from napari_iris.jobs.job import Ending

OK = Ending(0, cancelled=False, message="")
SOME_FAILED = Ending(1, cancelled=False, message="")


def progress_event(done: int, total: int, eta_s: float = 5.0) -> Any:
    return {"event": "progress", "done": done, "total": total, "eta_s": eta_s}


def failed(name: str, reason: str = "is empty") -> Any:
    return {"event": "failed", "file": f"/data/{name}", "message": f"/data/{name}: {reason}"}


@pytest.fixture
def progress() -> JobProgress:
    progress = JobProgress()
    progress.start()
    return progress


def test_nothing_is_reported_before_the_start() -> None:
    assert JobProgress().text == ""


def test_the_time_left_is_shown_once_it_is_reliable(progress: JobProgress) -> None:
    assert (progress.text, progress.bar) == ("Starting...", (0, 0))
    progress.take(progress_event(19, 2000, 60))
    assert (progress.text, progress.bar) == ("19 of 2,000", (19, 2000))
    progress.take(progress_event(20, 2000, 600))
    assert progress.text == "20 of 2,000, 10 min left"


def test_a_cancelled_job(progress: JobProgress) -> None:
    progress.take(progress_event(1200, 2000))
    progress.stop()
    assert progress.text == "Stopping..."
    progress.end(Ending(130, cancelled=True, message=""))
    assert progress.text == "Stopped after 1,200 frames; their files are kept."
    assert not progress.succeeded


@pytest.mark.parametrize(
    ("ending", "text"),
    [
        (
            Ending(-signal.SIGKILL, cancelled=False, message=""),
            "Job failed: killed (SIGKILL); check whether memory ran out",
        ),
        (
            Ending(-99, cancelled=False, message=""),
            "Job failed: killed (signal 99); check whether memory ran out",
        ),
        (
            Ending(2, cancelled=False, message="first\nnapari-iris mask: no such folder"),
            "Job failed: no such folder",
        ),
        (Ending(2, cancelled=False, message=""), "Job failed: exit code 2"),
        (
            Ending(
                2,
                cancelled=False,
                message="napari-iris train: no memory; use a smaller --batch-size",
            ),
            "Job failed: no memory; use a smaller “Batch size”",
        ),
    ],
)
def test_a_failed_job(progress: JobProgress, ending: Ending, text: str) -> None:
    progress.end(ending)
    assert progress.text == text
    assert not progress.succeeded


def test_some_failures_are_named_the_tooltip_has_more(progress: JobProgress) -> None:
    for number in range(60):
        progress.take(failed(f"{number}.fits"))
    assert progress.details == "", "not while it is running"
    progress.end(SOME_FAILED)
    assert progress.succeeded
    assert progress.text.splitlines() == [
        "60 files failed:",
        *(f"{number}.fits: is empty" for number in range(3)),
        "...",
    ]
    assert len(progress.details.splitlines()) == 50


def test_a_job_that_leaves_nothing_to_report(progress: JobProgress) -> None:
    progress.end(OK)
    assert progress.text == ""


@pytest.mark.parametrize(
    ("masks", "text"),
    [
        ({"clear": 2, "cloudy": 3}, "5 masks made (2 clear, 3 cloudy)."),
        ({"recipe": 1}, "1 mask made (1 without sky gate)."),
        ({"clear": 1200, "human": 1}, "1,200 masks made (1,200 clear), 1 human mask kept."),
        ({}, "0 masks made."),
    ],
)
def test_masks_are_counted(masks: dict[str, int], text: str) -> None:
    progress = MaskProgress()
    progress.start()
    progress.take({"event": "end", "failed": 0, "masks": masks})
    progress.end(OK)
    assert progress.text == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (89, "89 s"), (90, "2 min"), (3540, "59 min"), (3660, "1 h 01 min")],
)
def test_a_duration_is_written_in_its_largest_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_long_file_name_is_shortened_in_its_middle() -> None:
    name = "a" * 60 + "_0001.fits"
    assert shortened(f"{name}: is empty") == f"{'a' * 20}…{'a' * 10}_0001.fits: is empty"
    assert shortened("a.fits: is empty") == "a.fits: is empty"
