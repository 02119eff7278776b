"""Batches of arrays to train on: reproducible by seed and epoch, read ahead in threads."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.dataset.augment import AugmentConfig, augment
from napari_iris.dataset.batch import Batch, frame_target, pixel_target
from napari_iris.dataset.prefetch import prefetch
from napari_iris.errors import IrisError
from napari_iris.networks.normalisation import ABSENT, Normalisation, network_input

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from napari_iris.dataset.batch import Target
    from napari_iris.dataset.samples import Sample, SampleSource
    from napari_iris.networks.spec import NetworkSpec

THREADS = 2
"""Threads that read ahead, each one batch at a time."""

WITHOUT_EXCESS = 1 / 3
"""Share of the samples whose excess is left out, so that a network with a plane for it also works
on frames of which no clear sky is known."""


class Batches:
    """Batches of some samples, epoch by epoch.

    Every epoch contains every frame once, unchanged or mirrored. The last batch is filled up: with
    frames from the start of the epoch if shuffled, else with frames of weight 0, so that sums stay
    exact. Each batch also gets augmented copies of frames that are not in it, if there are any.

    Frames are normalized before they are augmented: the mask was made from the levels of the whole
    frame, not of the visible part. Of a third of the samples, drawn anew in each epoch, the excess
    is left out.

    Parameters
    ----------
    source : SampleSource
        The samples.
    rows : ndarray of int
        Rows of the samples to use.
    spec : NetworkSpec
        The network: kind and input shape.
    normalisation : {'zscale', 'recipe', 'full-scale', 'asinh'}
        Input normalization.
    batch_size : int
        Unchanged frames per batch.
    augmented : int
        Augmented copies per batch.
    augmentation : AugmentConfig
        Ranges of the augmentation.
    seed : int
        Random seed; order, augmentation and excess of epoch k depend only on it and on k.
    shuffle : bool
        Whether each epoch has a new order.
    halves : bool
        Whether the first and the second half of `rows` each give half of every shuffled batch.
    mirrored : bool
        Whether each frame is mirrored at random, left to right and top to bottom.
    threads : int
        Threads that read ahead; 0 for none. Results do not depend on their number. At most one
        batch more than threads is in memory.

    Raises
    ------
    IrisError
        If there is no sample, or the network expects other than grey frames.
    """

    def __init__(  # noqa: PLR0913 (most have a default)
        self,
        source: SampleSource,
        rows: NDArray[np.intp],
        spec: NetworkSpec,
        normalisation: Normalisation = "zscale",
        *,
        batch_size: int = 32,
        augmented: int = 0,
        augmentation: AugmentConfig | None = None,
        seed: int = 0,
        shuffle: bool = True,
        halves: bool = False,
        mirrored: bool = False,
        threads: int = THREADS,
    ) -> None:
        if not len(rows):
            raise IrisError("there are no samples to train on; add some, or change --percent")
        if spec.planes not in (1, 2, 3):
            raise IrisError(f"planes: expected 1 to 3, received {spec.planes}")
        if batch_size < 1 or augmented < 0:
            given = f"{batch_size} and {augmented}"
            raise IrisError(f"batch_size must be 1 or more and augmented 0 or more; got {given}")
        self.source = source
        self.rows = np.asarray(rows, np.intp)
        self.spec = spec
        self.normalisation = normalisation
        self.batch_size = batch_size
        self.augmented = augmented
        self.augmentation = augmentation or AugmentConfig()
        self.seed = seed
        self.shuffle = shuffle
        self.halves = halves
        self.mirrored = mirrored
        self.threads = threads

    def __len__(self) -> int:
        return (len(self.rows) + self.batch_size - 1) // self.batch_size

    def epoch(self, number: int) -> Iterator[Batch]:
        """Iterate over the batches of an epoch, in order, reading ahead.

        Parameters
        ----------
        number : int
            Number of the epoch, from 0.

        Yields
        ------
        Batch
            The batches.

        Raises
        ------
        FileError
            If a frame or mask cannot be read.
        """
        # A new generator per epoch: a resumed run gets the same batches as an uninterrupted one.
        order = np.arange(len(self.rows))
        if self.shuffle:
            rng = np.random.default_rng([self.seed, number])
            parts = np.split(order, 2) if self.halves else [order]
            order = np.stack([rng.permutation(part) for part in parts], axis=1).ravel()
        return prefetch(partial(self._batch, order, number), len(self), self.threads)

    def _batch(self, order: NDArray[np.intp], epoch: int, number: int) -> Batch:
        """Make one batch; what it draws depends only on the seed and these numbers."""
        # A generator per batch, so that the threads may compute the batches in any order.
        rng = np.random.default_rng([self.seed, epoch, number + 1])
        start = number * self.batch_size
        count = min(self.batch_size, len(order) - start)
        unchanged = order[(start + np.arange(self.batch_size)) % len(order)]
        chosen = np.concatenate([unchanged, self._frames_to_augment(order, start, rng)])
        rows = self.rows[chosen]
        size = len(rows)
        shape = self.spec.shape
        self.source.prepare(rows.tolist(), shape)
        with_excess = (
            rng.random(size) >= WITHOUT_EXCESS if self.spec.planes == 2 else [False] * size
        )
        target = (*shape, 1) if self.spec.kind == "unet" else (1,)
        x = np.zeros((size, *shape, self.spec.planes), np.float32)
        y, weight = np.zeros((2, size, *target), np.float32)
        for slot, row in enumerate(rows.tolist()):
            augmenting = rng if slot >= self.batch_size else None
            sample = self.source.read(row, shape)
            if not with_excess[slot]:
                sample = sample._replace(excess=None)
            x[slot], visible = self._input(sample, augmenting)
            y[slot], weight[slot] = self._target(row, sample.mask, visible)
        if self.mirrored:
            _mirror((x, y, weight) if self.spec.kind == "unet" else (x,), rng)
        if not self.shuffle:
            weight[count : self.batch_size] = 0
        return Batch(x, y, weight, rows, count)

    def _frames_to_augment(
        self, order: NDArray[np.intp], start: int, rng: np.random.Generator
    ) -> NDArray[np.intp]:
        """Draw frames that are not in the batch, if there are any."""
        # A copy of a frame that is in the batch anyway would count it twice in one step.
        rest = len(order) - self.batch_size
        if rest <= 0:
            return order[rng.integers(len(order), size=self.augmented)]
        steps = rng.choice(rest, self.augmented, replace=self.augmented > rest)
        return order[(start + self.batch_size + steps) % len(order)]

    def _input(
        self, sample: Sample, augmenting: np.random.Generator | None
    ) -> tuple[NDArray[np.float32], NDArray[np.uint8] | None]:
        """Compute input and visible mask of one frame; augmented if a generator is given."""
        x = network_input(sample.frame, self.normalisation, sample.excess, self.spec.planes)
        if augmenting is None:
            return x, sample.mask
        if sample.excess is not None:
            # NaN, as only these planes are blank: interpolated, ABSENT would be some excess.
            x[..., 1][x[..., 1] == ABSENT] = np.nan
        x, visible = augment(x, sample.mask, self.augmentation, augmenting)
        return np.nan_to_num(x, copy=False, nan=ABSENT), visible

    def _target(
        self, row: int, mask: NDArray[np.uint8] | None, visible: NDArray[np.uint8] | None
    ) -> Target:
        if self.spec.kind == "unet":
            return pixel_target(visible, self.spec.shape)
        return frame_target(int(self.source.table.frame_class[row]), mask, visible)


def _mirror(arrays: Sequence[NDArray[np.float32]], rng: np.random.Generator) -> None:
    """Mirror each sample of a batch in place, at random, left to right and top to bottom."""
    for axis in (0, 1):
        for slot in np.flatnonzero(rng.random(len(arrays[0])) < 0.5).tolist():
            for array in arrays:
                array[slot] = np.flip(array[slot], axis).copy()
