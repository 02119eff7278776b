"""Round times along an axis."""

from __future__ import annotations

import numpy as np
import pytest

from napari_iris.app.time_ticks import time_label, time_step, time_ticks

START = int(np.datetime64("2024-01-15T18:00:00", "s").astype(int))


@pytest.mark.parametrize(
    ("hours", "most", "expected"),
    [
        (6, 6, ["18:00", "19:00", "20:00", "21:00", "22:00", "23:00", "01-16"]),
        (6, 3, ["18:00", "20:00", "22:00", "01-16"]),
        (96, 4, ["01-16", "01-17", "01-18", "01-19"]),
        (0.01, 4, ["18:00:00", "18:00:10", "18:00:20", "18:00:30"]),
    ],
)
def test_an_axis_has_round_times(hours: float, most: int, expected: list[str]) -> None:
    last = START + 3600 * hours
    step = time_step(last - START, most)
    labels = [time_label(tick, step) for tick in time_ticks(START, last, step)]
    assert labels == expected


def test_decades_have_the_widest_interval() -> None:
    step = time_step(40 * 365 * 86_400, 4)
    assert len(time_ticks(0, 40 * 365 * 86_400, step)) == 41


def test_fractions_of_a_second_are_on_either_side() -> None:
    assert time_ticks(START - 0.5, START + 1.5, 1) == [START, START + 1]
