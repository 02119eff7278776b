"""The night against time: order, frames without times, the band, statuses, descriptions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_iris.app.timeline.levels import NightLevels, coarse_first
from napari_iris.app.timeline.series import BAND_POINTS, NightSeries
from napari_iris.labels import STATUSES

START = np.datetime64("2024-01-15T18:00:00", "us")
HOUR = np.timedelta64(1, "h")


def night(times: np.ndarray, status: np.ndarray | None = None) -> NightSeries:
    """A night whose floor is the frame's number, whose clear sky lies at 10 +- 2 ADU."""
    count = len(times)
    levels = NightLevels.unknown(count)
    levels.floor[:], levels.median[:] = np.arange(count), np.arange(count) + 5
    levels.reference[:], levels.sigma[:] = 10, 2
    return NightSeries.of(times, levels, np.full(count, 0.5, np.float32), status)


def test_frames_stand_in_order_of_time_whatever_their_numbers() -> None:
    times = START + np.array([2, 0, 1]) * HOUR
    series = night(times)
    assert series.is_timed
    np.testing.assert_array_equal(series.numbers, [1, 2, 0])
    np.testing.assert_array_equal(series.floor, [1, 2, 0])
    assert [series.row_of(number) for number in range(3)] == [2, 0, 1]


def test_a_few_frames_without_a_time_are_left_out() -> None:
    times = START + np.arange(20) * HOUR
    times[7] = np.datetime64("NaT")
    series = night(times)
    assert (series.is_timed, len(series)) == (True, 19)
    assert series.row_of(7) is None


@pytest.mark.parametrize("known", [0, 8])
def test_frames_mostly_without_times_are_numbered(known: int) -> None:
    times = np.full(10, np.datetime64("NaT", "us"))
    times[:known] = START + np.arange(known) * HOUR
    series = night(times)
    assert not series.is_timed
    np.testing.assert_array_equal(series.x, np.arange(1, 11))
    assert series.description(3).startswith("frame 4\n")


def test_a_frame_is_described() -> None:
    status = np.array([STATUSES.index("approved")], np.int8)
    assert night(START + np.zeros(1, int) * HOUR, status).description(0) == (
        "2024-01-15 18:00:00\nfloor: 0 ADU, median: 5 ADU\nclear sky: 10 ± 2 ADU\n"
        "cloud cover: 50% (4.0 oktas)\nstatus: approved"
    )


def test_nothing_is_said_of_what_is_not_known() -> None:
    series = NightSeries.of(
        START + np.arange(1) * HOUR, NightLevels.unknown(1), np.full(1, np.nan, np.float32), None
    )
    assert series.description(0) == "2024-01-15 18:00:00"
    assert series.limits is None
    assert series.description(None) == series.description(1) == ""


def test_odd_frames_do_not_squeeze_the_others() -> None:
    levels = NightLevels.unknown(1000)
    levels.floor[:], levels.median[:] = 600, 650
    levels.floor[3], levels.median[4] = -16_000, 16_000
    series = NightSeries.of(START + np.arange(1000) * HOUR, levels, levels.cover, None)
    assert series.limits == (600, 650)


def test_the_clear_sky_is_always_in_view() -> None:
    low, high = night(START + np.arange(3) * HOUR).limits or (0, 0)
    assert low < 1
    assert high >= 12


def test_the_band_is_thin_for_a_long_night_and_spans_all_of_it() -> None:
    series = night(START + np.arange(100_000) * np.timedelta64(1, "s"))
    ((x, low, high),) = series.band()
    assert len(x) <= BAND_POINTS + 2
    assert (x[0], x[-1]) == (series.x[0], series.x[-1])
    np.testing.assert_array_equal(low, 8)
    np.testing.assert_array_equal(high, 12)


def test_the_band_is_interrupted_in_the_day() -> None:
    times = START + np.array([0, 1, 2, 60, 61, 62]) * np.timedelta64(10, "m")
    assert [len(x) for x, _, _ in night(times).band()] == [3, 3]


def test_a_place_has_the_status_of_the_frame_there_and_none_in_the_day() -> None:
    times = START + np.array([0, 1, 2, 60, 61, 62]) * np.timedelta64(10, "m")
    status = np.array([1, 1, 3, 3, 4, 4], np.int8)
    series = night(times, status)
    np.testing.assert_array_equal(series.status_at(series.x.astype(float)), status)
    middle = float(series.x[2] + series.x[3]) / 2
    np.testing.assert_array_equal(series.status_at(np.array([middle])), [-1])


@pytest.mark.parametrize("count", [0, 1])
def test_no_frame_and_one_frame(count: int) -> None:
    series = night(START + np.arange(count) * HOUR, np.ones(count, np.int8))
    assert series.nearest(1e15) == (0 if count else None)
    assert len(series.band()) == 1
    assert (series.status_at(series.x.astype(float)) == 1).all()


@given(st.integers(1, 300))
def test_coarse_order_has_each_frame_once_and_any_beginning_is_spread_evenly(count: int) -> None:
    order = coarse_first(count)
    np.testing.assert_array_equal(np.sort(order), np.arange(count))
    for some in (2, 4, 8, 16):
        first = np.sort(order[:some])
        gaps = np.diff([*first, count])
        assert gaps.max() <= 4 * max(count / len(first), 1)


def test_a_keogram_has_the_mean_profile_of_each_cell_and_nothing_in_gaps() -> None:
    times = START + np.array([0, 1, 2, 3, 30, 31]) * HOUR
    levels = NightLevels.unknown(6)
    levels.profile[:5] = np.array([10, 20, 30, 40, 50])[:, None] + np.arange(32)
    series = NightSeries.of(times, levels, levels.cover, None)
    x = series.x / series.unit
    edges = np.array([x[0] - 1, x[1] + 1, x[2] + 1, x[3] + 1, x[4] - 4000, x[4] + 1])
    keogram = series.keogram(edges)
    assert keogram.shape == (32, 5)
    np.testing.assert_array_equal(keogram[0], [15, 30, 40, np.nan, 50])
    np.testing.assert_array_equal(keogram[:, 0], 15 + np.arange(32))


def test_a_keogram_of_many_frames_is_that_of_some_spread_evenly() -> None:
    count = 100_000
    levels = NightLevels.unknown(count)
    levels.profile[:] = np.linspace(0, 1000, count)[:, None]
    series = NightSeries.of(
        START + np.arange(count) * np.timedelta64(6, "s"), levels, levels.cover, None
    )
    edges = np.linspace(series.x[0], series.x[-1], 101) / series.unit
    np.testing.assert_allclose(series.keogram(edges)[7], np.arange(5, 1000, 10), atol=2)


def test_cells_of_selected_frames_are_found_whatever_the_zoom() -> None:
    series = night(START + np.arange(10) * HOUR)
    wide = np.array([-1, 100]) + series.x[[0, -1]] / series.unit
    assert series.is_any(np.array([7]), wide).tolist() == [True]
    assert series.is_any(np.array([], np.int64), wide).tolist() == [False]
    narrow = np.linspace(*(series.x[[2, 4]] / series.unit), 9)
    assert series.is_any(np.array([3]), narrow).tolist() == [False] * 2 + [True] * 4 + [False] * 2
