"""Where a run of frames ends, and which of its frames agrees least."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_iris.app.curation.frame_run import (
    FLOOR_ADU,
    LEVEL_ADU,
    LONG_GAP,
    OKTA,
    REFUSED,
    find_run,
    is_open,
)
from napari_iris.labels import FRAME_CLASSES, STATUSES, Status
from napari_iris.project.frame_table import FrameTable

START = np.datetime64("2024-01-15T21:00:00", "us")


def night(count: int, **columns: Any) -> FrameTable:
    """Frames a minute apart, all alike and unlabelled by a person, but for some columns."""
    table = FrameTable(
        **{
            "packed" if field.name == "packed" else field.name: np.zeros(count, "f4")
            for field in fields(FrameTable)
        }
    )
    values: dict[str, Any] = {
        "id": np.arange(1, count + 1),
        "time": START + np.arange(count) * np.timedelta64(1, "m"),
        "status": np.full(count, STATUSES.index("auto"), np.int8),
        "frame_class": np.full(count, -1, np.int8),
        "is_copy": np.zeros(count, bool),
        "labelled_at": np.zeros(count, "i8"),
        "floor": np.full(count, 650, "f4"),
        "level": np.full(count, 640, "f4"),
        "cloud_fraction": np.full(count, 0.5, "f4"),
    }
    return replace(table, **values | columns)


def but(name: str, *changes: tuple[int, Any], count: int = 8) -> FrameTable:
    """Such frames, with some values of a column changed."""
    table = night(count)
    for row, value in changes:
        getattr(table, name)[row] = value
    return table


def status(name: Status) -> int:
    return STATUSES.index(name)


LAST = "it is the last frame of the project"

UNKNOWN_LEVEL = np.full(8, np.nan, "f4")

ENDS = [
    (night(8), 8, LAST),
    (but("floor", (5, 701)), 5, "floor +51 ADU"),
    (but("floor", (5, 599)), 5, "floor -51 ADU"),
    (but("floor", (5, 700)), 8, LAST),
    (replace(but("floor", (5, 676)), level=UNKNOWN_LEVEL), 5, "floor +26 ADU"),
    (replace(but("floor", (5, 624)), level=UNKNOWN_LEVEL), 5, "floor -26 ADU"),
    (replace(but("floor", (5, 675)), level=UNKNOWN_LEVEL), 8, LAST),
    (but("cloud_fraction", (3, 0.63)), 3, "cloud cover +1.0 oktas"),
    (but("cloud_fraction", (3, 0.625)), 8, LAST),
    (but("cloud_fraction", (3, 0.1)), 3, "cloud cover -3.2 oktas"),
    (but("level", (4, np.nan)), 4, "the clear-sky reference ends or begins"),
    (but("level", (0, np.nan)), 1, "the clear-sky reference ends or begins"),
    (but("level", (4, 700)), 4, "clear-sky reference +60 ADU"),
    (but("floor", (4, np.nan)), 4, "its floor or cloud cover is not known"),
    (but("cloud_fraction", (0, np.nan)), 1, "its floor or cloud cover is not known"),
    (but("time", (7, np.datetime64("NaT"))), 7, "its time is not known"),
    (but("status", (2, status("approved"))), 2, "a person has labelled it"),
    (but("status", (2, status("rejected"))), 2, "a person has labelled it"),
    (but("status", (2, status("edited"))), 2, "a person has labelled it"),
    (but("labelled_at", (2, 5)), 2, "a person has labelled it"),
    (but("frame_class", (2, FRAME_CLASSES.index("unsure"))), 2, "a person has labelled it"),
    (
        night(8, time=START + np.array([0, 1, 2, 18, 19, 20, 21, 22]) * np.timedelta64(1, "m")),
        3,
        "more than 15 minutes without a frame",
    ),
    (
        night(8, time=np.datetime64("2024-01-15T11:57:00", "us") + np.arange(8) * LONG_GAP // 15),
        3,
        "another night begins",
    ),
    (
        night(8, time=np.full(8, np.datetime64("NaT", "us"))),
        8,
        "it is the last frame of the project",
    ),
    (night(8, level=np.full(8, np.nan, "f4")), 8, LAST),
    (night(1), 1, LAST),
]


@pytest.mark.parametrize(("table", "stop", "end"), ENDS)
def test_a_run_ends_where_the_scene_changes(table: FrameTable, stop: int, end: str) -> None:
    run = find_run(table, 0)
    assert (run.stop, run.end) == (stop, end)
    assert run.rows.tolist() == list(range(stop))


def test_a_slow_drift_is_not_followed() -> None:
    run = find_run(night(40, level=640 + np.arange(40, dtype="f4")), 0)
    assert (run.stop, run.end) == (26, "clear-sky reference +26 ADU")


@pytest.mark.parametrize(
    ("row", "refused", "stop"), [(0, 6, 3), (1, 6, 4), (0, 1, 1), (0, 2, 1), (6, 6, 8), (7, 3, 8)]
)
def test_after_a_frame_where_a_run_did_not_hold_it_ends_half_way(
    row: int, refused: int, stop: int
) -> None:
    run = find_run(night(8), row, refused=refused)
    assert run.stop == stop
    assert (run.end == REFUSED) == (stop < 8)


def test_the_least_agreeing_frame_is_the_one_nearest_to_an_end() -> None:
    table = but("floor", (3, 660))
    table.cloud_fraction[5] = 0.56
    run = find_run(table, 0)
    assert (run.least, run.difference) == (5, "cloud cover +0.5 oktas")
    table.floor[6] = 610
    run = find_run(table, 0)
    assert (run.least, run.difference) == (6, "floor -40 ADU")


@pytest.mark.parametrize(
    ("column", "value", "is_labelled"),
    [
        ("status", status("edited"), True),
        ("status", status("approved"), False),
        ("status", status("rejected"), False),
        ("labelled_at", 5, False),
        ("frame_class", 0, False),
    ],
)
def test_the_first_frame_is_labelled_only_if_it_needs_a_decision(
    column: str, value: int, is_labelled: bool
) -> None:
    run = find_run(but(column, (2, value)), 2)
    assert run.rows.tolist() == list(range(2 if is_labelled else 3, 8))


def test_an_edited_frame_is_compared_by_its_mask_before() -> None:
    table = but("cloud_fraction", (0, 0.1))
    assert find_run(table, 0).stop == 1
    assert find_run(table, 0, cover=0.5).stop == 8


def test_copies_are_passed_over_but_time_is_not() -> None:
    table = but("is_copy", (3, True))
    table.status[3], table.floor[3] = status("approved"), 900
    assert find_run(table, 0).rows.tolist() == [0, 1, 2, 4, 5, 6, 7]
    table.time[3:] += LONG_GAP
    assert find_run(table, 0).stop == 3


@st.composite
def nights(draw: st.DrawFn) -> FrameTable:
    count = draw(st.integers(1, 12))

    def column(values: st.SearchStrategy[Any], dtype: str) -> Any:
        drawn = draw(st.lists(values, min_size=count, max_size=count))
        return np.array(drawn, dtype)

    minutes = np.cumsum(column(st.sampled_from([0, 1, 5, 14, 15, 16]), "i8"))
    return night(
        count,
        time=START + minutes * np.timedelta64(1, "m"),
        floor=column(st.sampled_from([600, 640, 650, 675, 676, 700, 701, np.nan]), "f4"),
        level=column(st.sampled_from([640, 650, 666, np.nan]), "f4"),
        cloud_fraction=column(st.sampled_from([0.4, 0.5, 0.55, 0.6, np.nan]), "f4"),
        labelled_at=column(st.sampled_from([0, 0, 0, 0, 0, 7]), "i8"),
        is_copy=column(st.sampled_from([False, False, False, True]), "?"),
    )


def agrees(table: FrameTable, row: int, other: int) -> bool:
    """Whether a frame belongs to the run of another, one by one."""
    floor, level = table.floor[other] - table.floor[row], table.level[other] - table.level[row]
    return bool(
        is_open(table)[other]
        and abs(floor) <= (LEVEL_ADU if np.isnan(level) else FLOOR_ADU)
        and abs(table.cloud_fraction[other] - table.cloud_fraction[row]) <= OKTA + 1e-6
        and (np.isnan(table.level[[row, other]]).all() or abs(level) <= LEVEL_ADU)
    )


@given(nights(), st.data())
def test_a_run_is_as_long_as_its_frames_agree_and_no_longer(
    table: FrameTable, data: st.DataObject
) -> None:
    row = data.draw(st.integers(0, len(table) - 1))
    run = find_run(table, row)
    assert row < run.stop <= len(table)
    others = run.rows[run.rows > row].tolist()
    assert others == [other for other in range(row + 1, run.stop) if not table.is_copy[other]]
    assert all(agrees(table, row, other) for other in others)
    assert (np.diff(table.time[row : run.stop]) <= LONG_GAP).all()
    if run.stop < len(table):
        is_gap = table.time[run.stop] - table.time[run.stop - 1] > LONG_GAP
        assert is_gap or not agrees(table, row, run.stop)
        assert run.end
    assert run.least in (others or [row])


@given(nights(), st.data(), st.integers(-40, 40))
def test_what_came_before_and_the_zero_of_the_camera_do_not_matter(
    table: FrameTable, data: st.DataObject, zero: int
) -> None:
    row = data.draw(st.integers(0, len(table) - 1))
    run = find_run(table, row)
    later = replace(
        table, **{field.name: getattr(table, field.name)[row:] for field in fields(table)}
    )
    alone = find_run(replace(later, floor=later.floor + zero, level=later.level + zero), 0)
    assert (alone.rows + row).tolist() == run.rows.tolist()
    assert (alone.stop + row, alone.end) == (run.stop, run.end)
    assert (alone.least + row, alone.difference) == (run.least, run.difference)
