"""Units of the bootstrap: nights, else blocks that do not cross noon."""

from __future__ import annotations

import numpy as np
import pytest

from napari_iris.evaluation.units import units_of

NIGHT = np.datetime64("2024-01-15T18:00", "us")
HOUR, DAY = np.timedelta64(1, "h"), np.timedelta64(1, "D")


@pytest.mark.parametrize(
    ("times", "kind", "count", "nights"),
    [
        (
            [NIGHT + day * DAY + hour * HOUR for day in range(8) for hour in range(12)],
            "night",
            8,
            8,
        ),
        (
            [NIGHT + day * DAY + hour * HOUR for day in range(7) for hour in range(12)],
            "block",
            25,
            7,
        ),
        ([NIGHT + hour / 10 * HOUR for hour in range(100)], "block", 20, 1),
        ([NIGHT + hour * HOUR for hour in range(12)], "frame", 12, 1),
        ([np.datetime64("NaT")] * 50, "block", 20, 0),
        ([], "frame", 0, 0),
    ],
)
def test_nights_stay_together_else_blocks(times: list, kind: str, count: int, nights: int) -> None:
    times = [np.datetime64(NIGHT) + (time - NIGHT) for time in times]
    found = units_of(np.array(times, "M8[us]"))
    assert (found.kind, found.count, found.nights) == (kind, count, nights)
    assert len(found.number) == len(times)
    assert (np.diff(found.number) >= 0).all(), "in order of time"


def test_blocks_do_not_cross_noon() -> None:
    times = np.array(
        [NIGHT + day * DAY + minute * HOUR / 6 for day in range(3) for minute in range(50)]
    )
    found = units_of(times.astype("M8[us]"))
    assert found.kind == "block"
    for day in range(3):
        inside = set(found.number[50 * day : 50 * day + 50].tolist())
        outside = set(found.number[50 * day + 50 :].tolist())
        assert not inside & outside
    assert 20 <= found.count <= 22
