"""The queue: each order and filter, and least times between frames."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import ValidationError

from napari_iris.labels import FRAME_CLASSES, STATUSES
from napari_iris.project.frame_table import UNKNOWN, FrameTable
from napari_iris.project.queue import SIMILAR_S, QueueConfig, queue

NIGHT = np.datetime64("2024-01-15T18:00:00", "us")
NAN = float("nan")


def night(seconds: list[float | None], **columns: object) -> FrameTable:
    """Table of frames at some seconds of a night, None for no time; other columns as given."""
    count = len(seconds)
    times = [
        np.datetime64("NaT")
        if second is None
        else NIGHT + np.timedelta64(round(second * 1e6), "us")
        for second in seconds
    ]

    def column(name: str, dtype: str, otherwise: float) -> NDArray[np.generic]:
        return np.array(columns.get(name, [otherwise] * count), dtype)

    return FrameTable(
        id=np.arange(1, count + 1),
        packed=np.array([b"/sky.fits"] * count, "S9"),
        time=np.array(times, "M8[us]"),
        status=column("status", "i1", 0),
        frame_class=column("frame_class", "i1", UNKNOWN),
        part=column("part", "i1", UNKNOWN),
        duplicate_of=column("duplicate_of", "i8", 0),
        is_copy=column("is_copy", "?", 0),
        trust=column("trust", "f4", NAN),
        uncertainty=column("uncertainty", "f4", NAN),
        cloud_fraction=column("cloud_fraction", "f4", NAN),
        labelled_at=column("labelled_at", "i8", 0),
        floor=column("floor", "f4", NAN),
        median=column("median", "f4", NAN),
        level=column("level", "f4", NAN),
        excess=column("excess", "f4", NAN),
        undecided=column("undecided", "f4", NAN),
        disagreement=column("disagreement", "f4", NAN),
        novelty=column("novelty", "f4", NAN),
        from_model=column("from_model", "?", 0),
    )


def rows(table: FrameTable, **config: object) -> list[int]:
    return queue(table, QueueConfig(**config)).tolist()


FIVE = night(
    [0, 600, 1200, 1800, None],
    status=[STATUSES.index(status) for status in STATUSES],
    frame_class=[UNKNOWN, 0, 1, 2, UNKNOWN],
    cloud_fraction=[NAN, 0.0, 0.5, 1.0, 0.5],
    is_copy=[False, False, True, False, False],
)
EVERY = {"status": STATUSES, "duplicates": True}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, [0, 1]),
        ({"duplicates": True}, [0, 1, 2]),
        ({"status": ["approved"]}, [3]),
        ({"status": ["approved", "unlabelled"]}, [0, 3]),
        ({"status": []}, []),
        (EVERY, [0, 1, 2, 3, 4]),
        ({"status": STATUSES}, [0, 1, 3, 4]),
        ({**EVERY, "frame_class": ["none"]}, [0, 4]),
        *(({**EVERY, "frame_class": [sky]}, [row]) for row, sky in enumerate(FRAME_CLASSES, 1)),
        ({**EVERY, "frame_class": []}, []),
        ({**EVERY, "since": "2024-01-15T18:10"}, [1, 2, 3]),
        ({**EVERY, "since": "2024-01-15T18:10:01Z"}, [2, 3]),
        ({**EVERY, "since": "2024-01-15T20:10+02:00"}, [1, 2, 3]),
        ({**EVERY, "since": "2024-01-15"}, [0, 1, 2, 3]),
        ({**EVERY, "since": "2024-01-16"}, []),
        ({**EVERY, "until": "2024-01-15T18:10:00"}, [0, 1]),
        ({**EVERY, "until": "2024-01-15"}, [0, 1, 2, 3]),
        ({**EVERY, "until": "2024-01-14"}, []),
        ({**EVERY, "since": "2024-01-15T18:05", "until": "2024-01-15T18:25"}, [1, 2]),
        ({**EVERY, "cloud": [0.0, 0.9]}, [1, 2, 4]),
        ({**EVERY, "cloud": [0.5, 1.0]}, [2, 3, 4]),
        ({**EVERY, "count": 2}, [0, 1]),
        ({**EVERY, "count": 9}, [0, 1, 2, 3, 4]),
        ({"order": "rejected"}, [4]),
        ({"order": "rejected", "status": ["auto"]}, [4]),
        ({"order": "rejected", "frame_class": ["clear"]}, []),
    ],
)
def test_filters(config: dict[str, object], expected: list[int]) -> None:
    assert rows(FIVE, **config) == expected


@pytest.mark.parametrize(
    ("order", "trust", "expected"),
    [
        ("least trusted", [0.5, 0.1, NAN, 0.9, 0.1], [1, 4, 0, 3, 2]),
        ("least trusted", [NAN, NAN, NAN, NAN, NAN], [0, 1, 2, 3, 4]),
        ("time", [0.5, 0.1, NAN, 0.9, 0.1], [0, 1, 2, 3, 4]),
    ],
)
def test_orders_by_time_and_by_trust(order: str, trust: list[float], expected: list[int]) -> None:
    assert rows(night([0, 1, 2, 3, None], trust=trust), order=order) == expected


@pytest.mark.parametrize(
    ("seconds", "uncertainty", "expected"),
    [
        ([0, 1000, 2000], [0.1, 0.3, 0.2], [1, 2, 0]),
        ([0, 10, 2000], [0.2, 0.3, 0.1], [1, 2, 0]),
        ([0, 10, 20, 2000], [0.2, 0.4, 0.3, 0.1], [1, 3, 2, 0]),
        ([0, SIMILAR_S, SIMILAR_S - 1], [0.3, 0.2, 0.1], [0, 1, 2]),
        ([0, 10, None, None], [NAN, 0.1, 0.3, NAN], [2, 1, 3, 0]),
    ],
)
def test_uncertain_frames_come_first_spread_out_in_time(
    seconds: list[float | None], uncertainty: list[float], expected: list[int]
) -> None:
    assert rows(night(seconds, uncertainty=uncertainty), order="most uncertain") == expected


SECONDS = st.lists(st.none() | st.integers(-60_000, 60_000).map(lambda ms: ms / 1000), max_size=60)


@given(SECONDS, st.sampled_from([0, 0.5, 2, 10.25]), st.integers(0, 5))
def test_random_frames_are_never_neighbours_in_time(
    seconds: list[float | None], apart_s: float, seed: int
) -> None:
    table = night(seconds)
    found = rows(table, order="random", apart_s=apart_s, seed=seed)
    assert len(set(found)) == len(found)
    gap = np.timedelta64(round(apart_s * 1e6), "us")
    times = table.time[found]
    known = np.sort(times[~np.isnat(times)])
    assert (np.diff(known) >= gap).all()
    assert np.isnat(times).sum() == seconds.count(None), "without a time, no neighbour"
    left_out = np.setdiff1d(np.arange(len(seconds)), found)
    for time in table.time[left_out]:
        assert (abs(known - time) < gap).any(), "none is left out without need"


@given(SECONDS, st.integers(0, 5))
def test_by_uncertainty_no_frame_is_lost_and_the_first_are_no_neighbours(
    seconds: list[float | None], seed: int
) -> None:
    doubt = np.random.default_rng(seed).random(len(seconds))
    table = night(
        [None if second is None else second * 60 for second in seconds], uncertainty=doubt
    )
    found = rows(table, order="most uncertain")
    assert sorted(found) == list(range(len(seconds)))
    falls = np.flatnonzero(np.diff(table.uncertainty[found]) > 0)
    assert len(falls) <= 1, "two runs, each from the most uncertain on"
    times = table.time[found[: falls[0] + 1]] if len(falls) else table.time[:0]
    known = np.sort(times[~np.isnat(times)])
    assert (np.diff(known) >= np.timedelta64(round(SIMILAR_S), "s")).all()


def test_a_random_order_is_that_of_its_seed() -> None:
    table = night(list(range(0, 1000, 10)))
    orders = [rows(table, order="random", seed=seed) for seed in (1, 1, 2)]
    assert orders[0] == orders[1] != orders[2]
    assert [sorted(order) for order in orders] == [list(range(100))] * 3
    assert rows(table, order="random", seed=1, count=7) == orders[0][:7]


def test_the_published_selection_takes_half_of_a_frame_a_second() -> None:
    found = rows(night(list(range(1000))), order="random", count=300)
    assert len(found) == 300
    assert np.diff(np.sort(found)).min() >= 2


@pytest.mark.parametrize("order", ["time", "random", "least trusted", "most uncertain", "rejected"])
def test_without_frames_the_queue_is_empty(order: str) -> None:
    assert rows(night([]), order=order) == []
    assert rows(FIVE, order=order, since="2030-01-01", until="2031-01-01", cloud=(0.1, 0.2)) == []


@pytest.mark.parametrize(
    "config",
    [
        {"since": "yesterday"},
        {"until": "now"},
        {"since": "15/01/2024"},
        {"apart_s": -1},
        {"count": -1},
        {"order": "reverse"},
        {"status": ["done"]},
        {"frame_class": ["foggy"]},
        {"colour": "red"},
    ],
)
def test_invalid_settings_are_refused(config: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        QueueConfig(**config)


def test_frames_that_level_leaves_undecided_or_contradicts_come_sooner() -> None:
    table = night(
        range(0, 3600, 600),
        trust=[0.9, 0.9, 0.9, 0.6, 0.95, 0.9],
        undecided=[0.1, 0.8, 0.1, NAN, 0.0, NAN],
        disagreement=[0.0, 0.0, 0.5, NAN, 0.0, 1.0],
    )
    assert rows(table, order="least trusted") == [5, 1, 2, 3, 0, 4]
    assert rows(table, order="time") == [0, 1, 2, 3, 4, 5]


def test_frames_unlike_the_training_frames_come_before_uncertain_ones() -> None:
    table = night(
        [0, 600, 1200, 1800, 2400],
        uncertainty=[0.2, 0.9, 0.1, 0.5, 0.3],
        novelty=[0.5, 0.9, 1.5, NAN, 1.1],
    )
    assert rows(table, order="most uncertain") == [4, 2, 1, 3, 0]
    assert rows(table, order="time") == [0, 1, 2, 3, 4]
