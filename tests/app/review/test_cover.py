"""Cloud cover against time: nearest frames, interruptions, steps, descriptions."""

from __future__ import annotations

import numpy as np
import pytest

from napari_iris.app.review.cover import CoverSeries

START = np.datetime64("2024-01-15T18:00:00", "us")
HOUR = 3_600_000_000


@pytest.fixture
def cover() -> CoverSeries:
    """Seven frames, an hour apart."""
    times = START + np.arange(7) * np.timedelta64(1, "h")
    truth = np.where(np.arange(7) % 2, np.nan, 0.5)
    return CoverSeries.of(times, np.linspace(0, 1, 7), truth)


@pytest.mark.parametrize(
    ("hours", "row"), [(0.0, 0), (3.1, 3), (2.9, 3), (3.6, 4), (-5.0, 0), (99.0, 6)]
)
def test_the_nearest_frame_in_time(cover: CoverSeries, hours: float, row: int) -> None:
    assert cover.nearest(int(cover.x[0]) + hours * HOUR) == row


def test_a_frame_is_described(cover: CoverSeries) -> None:
    assert cover.description(0) == "2024-01-15 18:00:00\npredicted: 0.0%\ntruth: 50.0%"
    assert cover.description(1) == "2024-01-15 19:00:00\npredicted: 16.7%"
    assert cover.description(None) == cover.description(7) == ""


def test_frames_without_a_time_are_numbered() -> None:
    times = np.array([START, np.datetime64("NaT")])
    cover = CoverSeries.of(times, np.array([0.1, 0.2]), None)
    assert not cover.is_timed
    assert cover.description(1) == "frame 2\npredicted: 20.0%"
    assert cover.nearest(2) == 1


@pytest.mark.parametrize("count", [0, 1])
def test_no_frame_and_one_frame(count: int) -> None:
    times = START + np.arange(count) * np.timedelta64(1, "h")
    cover = CoverSeries.of(times, np.full(count, 0.5), None)
    assert cover.nearest(10) == (0 if count else None)
    assert cover.step(None, "next") == (0 if count else None)
    assert sum(len(x) for x, _ in cover.parts(cover.predicted)) == count


@pytest.mark.parametrize(
    ("row", "step", "expected"),
    [
        (None, "next", 0),
        (None, "previous", 6),
        (0, "next", 1),
        (6, "next", 6),
        (6, "previous", 5),
        (0, "previous", 0),
        (3, "first", 0),
        (3, "last", 6),
    ],
)
def test_steps_go_through_the_frames(
    cover: CoverSeries, row: int | None, step: str, expected: int
) -> None:
    assert cover.step(row, step) == expected


def test_the_curve_is_interrupted_where_there_are_no_frames() -> None:
    times = START + np.array([0, 1, 2, 60, 61, 62]) * np.timedelta64(10, "m")
    cover = CoverSeries.of(times, np.full(6, 0.3), None)
    assert [len(x) for x, _ in cover.parts(cover.predicted)] == [3, 3]
    assert [len(x) for x, _ in cover.parts(cover.truth)] == [0]


def test_unknown_values_are_left_out(cover: CoverSeries) -> None:
    ((x, y),) = cover.parts(cover.truth)
    np.testing.assert_array_equal(x, cover.x[::2])
    assert (y == 0.5).all()


@pytest.mark.parametrize(
    ("hours", "dates"),
    [(1, "2024-01-15 UTC"), (7, "2024-01-15 to 01-16 UTC")],
)
def test_the_dates_of_a_series(hours: int, dates: str) -> None:
    times = START + np.array([0, hours]) * np.timedelta64(1, "h")
    assert CoverSeries.of(times, np.full(2, 0.5), None).dates == dates
    assert CoverSeries.of(np.full(2, np.datetime64("NaT")), np.full(2, 0.5), None).dates == ""
