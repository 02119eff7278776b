"""The benchmark of effort: what a person's doings are counted as, and where strokes are drawn."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SHAPE = (64, 80)


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))
    import hands

    yield hands
    del sys.modules["hands"]


def test_a_look_a_key_and_a_stroke_take_their_time(hands: Any) -> None:
    effort = hands.Effort(looks=2, keys=3, strokes=1)
    assert effort.minutes * 60 == pytest.approx(2 * 1.35 + 3 * 0.2 + 2 * 1.1)


@pytest.mark.parametrize("seed", range(5))
def test_a_stroke_is_drawn_inside_what_is_wrong(hands: Any, seed: int) -> None:
    row, column = np.mgrid[: SHAPE[0], : SHAPE[1]]
    centre = np.random.default_rng(seed).uniform(10, 50, 2)
    region = (np.hypot(row - centre[0], (column - centre[1]) / 2) < 8) | (row < 3)
    start, end = hands.segment_in(region)
    for part in np.linspace(0, 1, 50):
        place = (1 - part) * np.array(start) + part * np.array(end)
        assert region[tuple(np.rint(place).astype(int))]
    assert abs(start[1] - end[1]) > 16, "along the longer side"
