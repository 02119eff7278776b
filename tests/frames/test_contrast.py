"""Display limits: right at first sight, whatever the frames hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.frames.contrast import SAMPLED_PIXELS, display_limits
from napari_iris.frames.paths import FramePaths
from napari_iris.frames.sequence import FrameSequence

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RAMP = np.linspace(600, 700, 200 * 210).reshape(200, 210)


@pytest.fixture
def limits(write_frame: Callable[..., Path]) -> Callable[..., tuple[float, float]]:
    """Limits of a sequence of the given frames; None for a file that is damaged."""

    def of(*frames: np.ndarray | None) -> tuple[float, float]:
        paths = [
            write_frame(f"{number}.fits", RAMP if data is None else data)
            for number, data in enumerate(frames)
        ]
        for path, data in zip(paths, frames, strict=True):
            if data is None:
                path.write_bytes(b"no FITS")
        sequence = FrameSequence(FramePaths.of(paths))
        try:
            return display_limits(sequence)
        finally:
            sequence.close()

    return of


def with_nan(frame: np.ndarray) -> np.ndarray:
    return np.where(np.arange(frame.size).reshape(frame.shape) % 3 == 0, np.nan, frame)


def with_hot_pixels(frame: np.ndarray) -> np.ndarray:
    return np.where(np.arange(frame.size).reshape(frame.shape) % 1000 == 0, 16383, frame)


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        ([RAMP], (600.5, 699.5)),
        ([RAMP, RAMP + 100], (601, 799)),
        ([with_nan(RAMP)], (600.5, 699.5)),
        ([with_hot_pixels(RAMP)], (600.5, 699.5)),
        ([np.where(np.isnan(with_nan(RAMP)), -np.inf, RAMP)], (600.5, 699.5)),
        ([None, RAMP, None], (600.5, 699.5)),
        ([RAMP / 2**14], (600.5 / 2**14, 699.5 / 2**14)),
        ([np.full((20, 30), 16383)], (16383, 16384)),
        ([np.zeros((20, 30))], (0, 1)),
        ([np.full((20, 30), np.nan)], (0, 1)),
    ],
)
def test_limits_hold_all_but_the_extremes(
    limits: Callable[..., tuple[float, float]],
    frames: list[np.ndarray | None],
    expected: tuple[float, float],
) -> None:
    low, high = limits(*frames)
    assert low < high
    assert (low, high) == pytest.approx(expected, rel=1e-3)


def test_a_night_is_sampled_from_end_to_end(limits: Callable[..., tuple[float, float]]) -> None:
    """A few frames of many are looked at, the last one among them."""
    night = [np.full((20, 30), 600.0 + number) for number in range(40)]
    low, high = limits(*night)
    assert low == 600
    assert high == 639


def test_frames_of_any_size_cost_the_same(write_frame: Callable[..., Path]) -> None:
    class Large:
        """A million frames of 2000 x 2000 pixels, of which few may be looked at."""

        shape = (10**6, 2000, 2000)
        seen = 0

        def pixels(self, number: int) -> np.ndarray:
            self.seen += 2000 * 2000
            return np.full((2000, 2000), number, np.float32)

    frames = Large()
    display_limits(frames)
    assert 0 < frames.seen <= SAMPLED_PIXELS
