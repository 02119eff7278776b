"""Frames along an axis: a long curve keeps its peaks, and a part of it stays what it was."""

from __future__ import annotations

import numpy as np

from napari_iris.app.frame_series import CURVE_POINTS
from napari_iris.app.review.cover import CoverSeries

START = np.datetime64("2024-01-15T18:00:00", "us")


def long_series(count: int) -> CoverSeries:
    times = START + np.arange(count) * np.timedelta64(3, "s")
    return CoverSeries.of(times, np.random.default_rng(0).uniform(0, 1, count), None)


def test_a_long_curve_has_few_points_and_all_its_peaks() -> None:
    series = long_series(100_000)
    series.predicted[12_345] = 7.0
    x, y = series.curve(series.predicted)
    assert len(x) <= CURVE_POINTS + 3
    assert np.nanmax(y) == 7.0
    assert abs(x[np.nanargmax(y)] - series.x[12_345] / 1e6) < 3 * 100
    assert np.nanmin(y) == series.predicted.min()


def test_a_short_curve_is_what_it_is() -> None:
    series = long_series(1000)
    x, y = series.curve(series.predicted)
    np.testing.assert_array_equal(x[:-1] * 1e6, series.x)
    np.testing.assert_array_equal(y[:-1], series.predicted)
    assert np.isnan(y[-1])


def test_a_part_has_its_frames_and_one_on_either_side() -> None:
    series = long_series(100)
    first, last = series.x[[40, 50]] / 1e6
    part = series.within(first - 1, last + 1)
    np.testing.assert_array_equal(part.x, series.x[39:52])
    np.testing.assert_array_equal(part.predicted, series.predicted[39:52])


def test_a_curve_without_known_values_is_empty() -> None:
    series = long_series(5)
    x, y = series.curve(series.truth)
    assert np.isnan(x).all()
    assert np.isnan(y).all()
