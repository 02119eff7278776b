"""Simulated nights of small frames, made once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.radiometry.statistics import frame_statistics
from napari_iris.sky.config import SeriesConfig
from napari_iris.sky.nights import simulate_nights
from napari_iris.sky.truth import rebin_truth

if TYPE_CHECKING:
    from napari_iris.radiometry.statistics import FrameStatistics
    from napari_iris.sky.observe import SimulatedFrame

SHAPE = (128, 160)


@dataclass(frozen=True)
class Nights:
    """Frames of one camera, their statistics and truth."""

    frames: list[SimulatedFrame]

    @property
    def pixels(self) -> list[np.ndarray]:
        return [frame.data.astype(np.float32) for frame in self.frames]

    @property
    def statistics(self) -> list[FrameStatistics]:
        return list(self._statistics)

    @cached_property
    def _statistics(self) -> tuple[FrameStatistics, ...]:
        return tuple(
            frame_statistics(pixels, frame.header, with_fingerprint=True)
            for pixels, frame in zip(self.pixels, self.frames, strict=True)
        )

    @property
    def truth(self) -> np.ndarray:
        return np.stack([rebin_truth(frame.truth, SHAPE) == 1 for frame in self.frames])

    @property
    def decided(self) -> np.ndarray:
        return np.stack([rebin_truth(frame.undecided, SHAPE) == 0 for frame in self.frames])


@cache
def nights(seed: int, count: int = 30, number: int = 2) -> Nights:
    config = SeriesConfig(count=count, nights=number, seed=seed, shape=SHAPE)
    return Nights(list(simulate_nights(config)))
