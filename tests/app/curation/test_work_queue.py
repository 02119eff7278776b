"""What comes next, how fast it goes, and the words for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.app.curation.progress import Progress
from napari_iris.app.curation.queue_table import (
    CLASS_FILTERS,
    CLOUD_FILTERS,
    COLUMNS,
    ORDERS,
    STATUS_FILTERS,
    cell_text,
    count_text,
    queue_config,
)
from napari_iris.app.curation.visited import Visited
from napari_iris.app.curation.work_queue import BREAK_S, Pace, WorkQueue
from napari_iris.labels import STATUSES
from napari_iris.project.queue import QueueConfig, queue

if TYPE_CHECKING:
    from napari_iris.app.curation.curation import Curation
    from napari_iris.app.curation.decisions import Decisions


@pytest.fixture
def reviewed(opened: Curation, decisions: Decisions) -> Curation:
    """Six frames: approved clear, rejected, approved overcast, and three to review."""
    decisions.clear()
    decisions.reject("bird")
    decisions.overcast()
    return opened


CHOICES = [
    ({}, [3, 4, 5]),
    ({"status": "All"}, [0, 1, 2, 3, 4, 5]),
    ({"status": "Approved"}, [0, 2]),
    ({"status": "Rejected"}, [1]),
    ({"status": "Unreviewed"}, [3, 4, 5]),
    ({"order": "Rejected"}, [1]),
    ({"frame_class": "Clear"}, []),
    ({"frame_class": "Clear", "status": "All"}, [0]),
    ({"frame_class": "No class"}, [3, 4, 5]),
    ({"cloud": "Over 7/8", "status": "All"}, [2]),
    ({"cloud": "1/8 to 7/8"}, [3]),
]


@pytest.mark.parametrize(("choices", "rows"), CHOICES)
def test_choices_filter_the_frames(
    reviewed: Curation, choices: dict[str, str], rows: list[int]
) -> None:
    first = {
        "order": "Time",
        "status": "To review",
        "frame_class": "Any class",
        "cloud": "Any cloud",
    }
    reviewed.set_queue(queue_config(**{**first, **choices}))
    assert reviewed.queue.rows.tolist() == rows


def test_the_first_choice_of_every_box_is_the_default_queue() -> None:
    boxes = (ORDERS, STATUS_FILTERS, CLASS_FILTERS, CLOUD_FILTERS)
    assert queue_config(*(next(iter(box)) for box in boxes)) == QueueConfig()


def test_the_order_is_followed(opened: Curation) -> None:
    opened.set_queue(QueueConfig(order="least trusted"))
    expected = queue(opened.project.table, QueueConfig(order="least trusted"))
    opened.session.go_to(int(expected[0]))
    for row in expected[1:]:
        opened.next()
        assert opened.row == row


def test_rejected_frames_are_gone_through(reviewed: Curation) -> None:
    reviewed.set_queue(QueueConfig(order="rejected"))
    reviewed.next()
    assert reviewed.row == 1
    reviewed.next()
    assert reviewed.message == "Queue finished."


def test_a_queue_without_frames_has_no_next(opened: Curation) -> None:
    work = WorkQueue()
    assert work.next_row(opened.project.table, 0) is None
    work.update(None, QueueConfig(order="random"))
    assert work.config.order == "random"
    assert not len(work.rows)


def test_cells_are_written_in_words(reviewed: Curation) -> None:
    table = reviewed.project.table
    cells = {column: cell_text(table, 2, column) for column in COLUMNS}
    assert cells == {
        "Frame": "3",
        "Time": "01-15 21:20:00",
        "Status": "Approved",
        "Cloud": "100%",
        "Class": "Cloudy",
        "Trust": cells["Trust"],
        "File": "sky_3.fits",
    }
    assert 0 <= float(cells["Trust"]) <= 1
    assert cell_text(table, 3, "Status") == "Unreviewed"
    assert cell_text(table, 3, "Class") == ""
    table.cloud_fraction[3] = np.nan
    assert cell_text(table, 3, "Cloud") == ""


def test_every_status_has_a_filter() -> None:
    assert {(status,) for status in STATUSES} <= set(STATUS_FILTERS.values())


@pytest.mark.parametrize(
    ("count", "text"), [(0, "No frames match"), (6, "6 frames"), (100_000, "100,000 frames")]
)
def test_the_count_is_written(count: int, text: str) -> None:
    assert count_text(count) == text


@pytest.mark.parametrize(
    ("gaps", "rate"),
    [
        ([], None),
        ([10, 10], None),
        ([10, 10, 10], 6),
        ([10, BREAK_S + 1, 10, 10], 6),
        ([0, 0, 0], 600),
        ([1] * 10 + [20] * 30, 3),
    ],
    ids=["none", "too few", "steady", "a break", "at once", "only the last count"],
)
def test_the_pace_leaves_breaks_out(gaps: list[float], rate: float | None) -> None:
    moments = iter(np.cumsum([0.0, *gaps]).tolist())
    pace = Pace(lambda: next(moments))
    for _ in range(len(gaps) + 1):
        pace.count()
    assert pace.per_minute() == (None if rate is None else pytest.approx(rate))


@pytest.mark.parametrize(
    ("progress", "done", "left"),
    [
        (Progress(0, 0), "0 of 0 done", "This project has no frames."),
        (Progress(0, 6), "0 of 6 done", "6 frames left"),
        (Progress(6, 6, 10.0), "6 of 6 done", "All frames are done."),
        (Progress(4, 6, 60.0), "4 of 6 done", "60 frames/min, 1 min left"),
        (Progress(26, 200, 6.0), "26 of 200 done", "6 frames/min, 29 min left"),
        (Progress(0, 1200, 6.0), "0 of 1,200 done", "6 frames/min, 3.3 h left"),
    ],
)
def test_progress_is_written(progress: Progress, done: str, left: str) -> None:
    assert (progress.done_text, progress.left_text) == (done, left)


def test_progress_counts_what_is_decided(reviewed: Curation) -> None:
    assert Progress.of(reviewed.project.table, None) == Progress(3, 6)


def test_going_back_is_not_remembered() -> None:
    visited = Visited()
    for frame in (1, 2, 3):
        visited.add(frame)
    for expected in (3, 2, 1, None):
        with visited.back() as frame:
            visited.add(9)
            assert frame == expected
    visited.add(4)
    visited.clear()
    with visited.back() as frame:
        assert frame is None
