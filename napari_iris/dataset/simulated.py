"""Simulated samples, made when they are read, and the concatenation of sources."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from napari_iris.dataset.sample_table import SampleTable
from napari_iris.frames.rebin import rebin
from napari_iris.masks.recipe import recipe
from napari_iris.project.frame_table import UNKNOWN
from napari_iris.sky import SimulationConfig, rebin_truth, simulate_frame
from napari_iris.sky.simulate import MIXED

if TYPE_CHECKING:
    from napari_iris.dataset.samples import FrameAndMask, SampleSource
    from napari_iris.labels import SkyCondition

Masks = Literal["truth", "recipe"]

EXPECTED = {"clear": 0.0, "cloudy": 0.75, "overcast": 1.0}
"""Mean cloud fraction of each sky condition."""


class SimulatedSamples:
    """Simulated frames with exact truth, each simulated when it is read.

    A frame takes some 40 ms, at the camera's full 512 by 640 pixels, which are then binned. Mixed
    series are one third clear, half cloudy, the rest overcast. Before a frame is simulated only its
    sky condition is known: ``table.cloud_fraction`` is the mean of that condition. Train on these
    frames, do not evaluate on them.

    Parameters
    ----------
    count : int
        Number of frames.
    seed : int
        Random seed; the same seed gives the same frames.
    sky : {'mixed', 'clear', 'cloudy', 'overcast'}
        Sky condition.
    masks : {'truth', 'recipe'}
        Masks: the simulator's exact truth, or those of the published recipe.
    """

    def __init__(
        self,
        count: int,
        seed: int = 0,
        sky: Literal["mixed", "clear", "cloudy", "overcast"] = "mixed",
        masks: Masks = "truth",
    ) -> None:
        self.masks = masks
        self.skies: tuple[SkyCondition, ...] = MIXED if sky == "mixed" else (sky,)
        self.configs = {
            one: SimulationConfig(count=count, seed=seed, sky=one) for one in set(self.skies)
        }
        self.seed = seed
        digests = [hashlib.sha256(str(self.path(row)).encode()).digest() for row in range(count)]
        # Names stand in for pixels: simulating all frames just to hash them would take minutes.
        unknown = np.full(count, UNKNOWN, np.int8)
        self.table = SampleTable(
            time=np.full(count, np.datetime64("NaT", "us")),
            frame_class=unknown,
            part=unknown,
            has_mask=np.ones(count, bool),
            cloud_fraction=np.array([EXPECTED[self._sky(row)] for row in range(count)], np.float32),
            perceptual_hash=np.frombuffer(b"".join(one[16:24] for one in digests), np.int64),
            frame_hash=np.array([one[:16] for one in digests], object),
            mask_hash=np.full(count, masks.encode(), object),
        )

    def __len__(self) -> int:
        return len(self.table)

    def path(self, row: int) -> Path:
        """Give the name of a frame, which has no file."""
        return Path(f"sim_{self.seed}_{self._sky(row)}_{row:06d}")

    def read(self, row: int, shape: tuple[int, int]) -> FrameAndMask:
        """Simulate a frame and its mask, and rebin both to `shape`; see `Samples.read`."""
        simulated = simulate_frame(self.configs[self._sky(row)], row)
        frame = rebin(simulated.data, shape)
        if self.masks == "recipe":
            return frame, recipe(frame).mask
        return frame, rebin_truth(simulated.truth, shape)

    def _sky(self, row: int) -> SkyCondition:
        return self.skies[row % len(self.skies)]


class ConcatenatedSamples:
    """The concatenation of several sources.

    Parameters
    ----------
    *sources : SampleSource
        The sources; samples of the first one keep their row numbers.
    """

    def __init__(self, *sources: SampleSource) -> None:
        self.sources = sources
        self.table = SampleTable.concatenate(source.table for source in sources)
        self.ends = np.cumsum([len(source) for source in sources])

    def __len__(self) -> int:
        return int(self.ends[-1])

    def path(self, row: int) -> Path:
        """Give the file of a frame, or the name of a simulated one."""
        source, own_row = self._find(row)
        return source.path(own_row)

    def read(self, row: int, shape: tuple[int, int]) -> FrameAndMask:
        """Read a sample; see `Samples.read`."""
        source, own_row = self._find(row)
        return source.read(own_row, shape)

    def _find(self, row: int) -> tuple[SampleSource, int]:
        if not 0 <= row < len(self):
            raise IndexError(f"row: expected 0 to {len(self) - 1}, received {row}")
        number = int(np.searchsorted(self.ends, row, side="right"))
        return self.sources[number], row - (int(self.ends[number - 1]) if number else 0)
