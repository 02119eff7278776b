"""Simulated samples, drawn in worker processes when they are needed, and kept while they fit."""

from __future__ import annotations

import hashlib
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Literal

import numpy as np

from napari_iris.dataset.cache import GIB
from napari_iris.dataset.packed import PackedSample
from napari_iris.dataset.sample_table import SampleTable
from napari_iris.dataset.samples import Sample
from napari_iris.errors import IrisError
from napari_iris.labels import CLOUD, SKY
from napari_iris.masks.recipe import recipe
from napari_iris.project.frame_table import UNKNOWN
from napari_iris.sky.samples import draw_sample

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Future

    from napari_iris.dataset.workers import Workers

Masks = Literal["truth", "recipe"]

FEW = 64
"""Fewer frames are simulated when they are read: worker processes take a second to start."""


class SimulatedSamples:
    """Simulated frames of any camera, with exact truth: frame `row` is a matter of seed and `row`.

    A frame takes some 10 ms, and is kept in memory once it is drawn, up to a limit: 20,000 frames
    of 128 by 160 pixels take 2 GiB. What a frame shows is not known before it is drawn: the table
    has no class and no cloud fraction. Train on these frames, do not evaluate on them.

    Parameters
    ----------
    count : int
        Number of frames.
    seed : int
        Random seed; the same seed gives the same frames.
    masks : {'truth', 'recipe'}
        Masks: the simulator's exact truth, or those of the published recipe for frames with clear
        sky and cloud in view. Of other frames the recipe would call half the pixels cloud, whatever
        they show: they keep the truth.
    workers : Workers, optional
        Processes that simulate ahead; by default, each frame is simulated when it is read.
    limit_bytes : int
        Memory for the frames [bytes]; those that do not fit are drawn again in each epoch.
    """

    def __init__(
        self,
        count: int,
        seed: int = 0,
        masks: Masks = "truth",
        workers: Workers | None = None,
        *,
        limit_bytes: int = 3 * GIB,
    ) -> None:
        self.masks, self.seed = masks, seed
        self.limit_bytes, self.bytes = limit_bytes, 0
        self._kept: dict[tuple[int, tuple[int, int]], PackedSample | Future[PackedSample]] = {}
        self._lock = Lock()
        self._workers = workers
        digests = [hashlib.sha256(str(self.path(row)).encode()).digest() for row in range(count)]
        # Names stand in for pixels: simulating all frames just to hash them would take minutes.
        unknown = np.full(count, UNKNOWN, np.int8)
        self.table = SampleTable(
            time=np.full(count, np.datetime64("NaT", "us")),
            frame_class=unknown,
            part=unknown,
            has_mask=np.ones(count, bool),
            cloud_fraction=np.full(count, np.nan, np.float32),
            perceptual_hash=np.frombuffer(b"".join(one[16:24] for one in digests), np.int64),
            frame_hash=np.array([one[:16] for one in digests], object),
            mask_hash=np.full(count, masks.encode(), object),
        )

    def __len__(self) -> int:
        return len(self.table)

    def path(self, row: int) -> Path:
        """Give the name of a frame, which has no file."""
        return Path(f"sim_{self.seed}_{row:06d}")

    def prepare(self, rows: Iterable[int], shape: tuple[int, int]) -> None:
        """Begin to draw, in worker processes, the frames that are not in memory."""
        if self._workers is None or len(self) < FEW:
            return
        with self._lock:
            for row in rows:
                if (row, shape) not in self._kept:
                    task = (draw_packed, self.seed, row, shape, self.masks)
                    self._kept[row, shape] = self._workers.submit(*task)

    def read(self, row: int, shape: tuple[int, int]) -> Sample:
        """Return a frame with its mask, drawn if it is not in memory; see `Samples.read`."""
        kept = self._kept.get((row, shape))
        if isinstance(kept, PackedSample):
            return kept.unpack()
        try:
            drawn = kept.result() if kept else draw_packed(self.seed, row, shape, self.masks)
        except BrokenProcessPool as error:
            reason = "a process that simulates frames was killed (out of memory?)"
            raise IrisError(f"{reason}; continue with --resume") from error
        self._keep(row, shape, drawn)
        return drawn.unpack()  # as from memory: rounded in the first epoch too

    def _keep(self, row: int, shape: tuple[int, int], drawn: PackedSample) -> None:
        with self._lock:
            if isinstance(self._kept.pop((row, shape), None), PackedSample):
                self.bytes -= drawn.nbytes  # another thread was faster
            if self.bytes + drawn.nbytes <= self.limit_bytes:
                self.bytes += drawn.nbytes
                self._kept[row, shape] = drawn


def draw_packed(seed: int, row: int, shape: tuple[int, int], masks: Masks) -> PackedSample:
    """Simulate a frame, in whatever process.

    Parameters
    ----------
    seed, row : int
        Seed of the series, and number of the frame.
    shape : (int, int)
        Rows and columns [pixels].
    masks : {'truth', 'recipe'}
        As for `SimulatedSamples`.

    Returns
    -------
    PackedSample
        The frame, its mask and its excess.
    """
    sample = Sample(*draw_sample(seed, row, shape))
    mask = sample.mask
    if masks == "recipe" and mask is not None and {SKY, CLOUD} <= set(np.unique(mask).tolist()):
        sample = sample._replace(mask=recipe(sample.frame).mask)
    return PackedSample.of(sample)
