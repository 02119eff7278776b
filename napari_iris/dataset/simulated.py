"""Frames from the simulator as they are needed, and two sources as one."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from napari_iris.dataset.facts import Facts
from napari_iris.dataset.samples import Pair, Sample, Source
from napari_iris.frames.rebin import rebin
from napari_iris.masks.recipe import recipe
from napari_iris.project.frame_table import UNKNOWN
from napari_iris.sky import SimulationConfig, rebin_truth, simulate_frame
from napari_iris.sky.simulate import MIXED

if TYPE_CHECKING:
    from napari_iris.labels import SkyCondition

Masks = Literal["truth", "recipe"]

EXPECTED = {"clear": 0.0, "cloudy": 0.75, "overcast": 1.0}
"""Cloud fraction that a kind of sky has on average, before a frame of it is simulated."""


class SimulatedSamples:
    """A series of simulated frames with exact truth, each made when it is read.

    A frame takes some 40 ms, at the camera's full 512 by 640 pixels, which are then binned. Mixed
    series repeat one third clear, half cloudy, the rest overcast. What is known beforehand is the
    kind of sky: ``facts.cloud`` is the fraction it has on average, and labels are told from the
    truth when a frame is read. Use them to learn from, not to measure on.

    Parameters
    ----------
    count : int
        Number of frames.
    seed : int
        Seed; the same seed gives the same frames.
    sky : {'mixed', 'clear', 'cloudy', 'overcast'}
        State of the sky.
    masks : {'truth', 'recipe'}
        What they are labelled by: the simulator's exact truth, or the recipe as published.
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
        digests = [hashlib.sha256(self._name(row).encode()).digest() for row in range(count)]
        nothing = np.full(count, UNKNOWN, np.int8)
        self.facts = Facts(
            time=np.full(count, np.datetime64("NaT", "us")),
            sky=nothing,
            part=nothing,
            masked=np.ones(count, bool),
            cloud=np.array([EXPECTED[self._sky(row)] for row in range(count)], np.float32),
            look=np.frombuffer(b"".join(one[16:24] for one in digests), np.int64),
            frame_hash=[one[:16] for one in digests],
            mask_hash=[masks.encode()] * count,
        )

    def __len__(self) -> int:
        return len(self.facts)

    def __getitem__(self, row: int) -> Sample:
        return Sample(self._name(row), Path(), self.facts.time[row], None, "")

    def read(self, row: int, shape: tuple[int, int]) -> Pair:
        """Simulate a frame and its mask, and bring both to `shape`: see `Samples.read`."""
        made = simulate_frame(self.configs[self._sky(row)], row)
        frame = rebin(made.data, shape)
        if self.masks == "recipe":
            return frame, recipe(frame).mask
        return frame, rebin_truth(made.truth, shape)

    def _sky(self, row: int) -> SkyCondition:
        return self.skies[row % len(self.skies)]

    def _name(self, row: int) -> str:
        return f"sim_{self.seed}_{self._sky(row)}_{row:06d}"


class Joined:
    """Samples of several sources, one behind the other.

    Parameters
    ----------
    *sources : Source
        The sources; the first one's samples keep their numbers.
    """

    def __init__(self, *sources: Source) -> None:
        self.sources = sources
        self.facts = Facts.joined(source.facts for source in sources)
        self.ends = np.cumsum([len(source) for source in sources])

    def __len__(self) -> int:
        return int(self.ends[-1])

    def __getitem__(self, row: int) -> Sample:
        source, place = self._find(row)
        return source[place]

    def read(self, row: int, shape: tuple[int, int]) -> Pair:
        """Read a sample of the source it is from."""
        source, place = self._find(row)
        return source.read(place, shape)

    def _find(self, row: int) -> tuple[Source, int]:
        if not 0 <= row < len(self):
            raise IndexError(f"row: expected 0 to {len(self) - 1}, received {row}")
        number = int(np.searchsorted(self.ends, row, side="right"))
        return self.sources[number], row - (int(self.ends[number - 1]) if number else 0)
