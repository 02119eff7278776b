"""Batches of arrays to learn from: the same for a seed and an epoch, read ahead by threads."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.dataset.augment import AugmentConfig, augment
from napari_iris.dataset.cache import GIB, Cached
from napari_iris.dataset.facts import CLEAR, CLOUDY, UNSURE
from napari_iris.errors import IrisError
from napari_iris.labels import CLOUD, CLOUDY_FROM, IGNORE
from napari_iris.masks.mask_file import cloud_fraction
from napari_iris.networks.normalisation import Normalisation, network_input

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from napari_iris.dataset.samples import Source
    from napari_iris.networks.spec import NetworkSpec

THREADS = 2
"""Threads that read ahead, each one batch at a time."""


@dataclass(eq=False)
class Batch:
    """One batch; its shapes never vary within a `Batches`.

    Attributes
    ----------
    x : ndarray of float32, shape (n, rows, columns, planes)
        Normalised frames: the real ones, then the augmented copies.
    y : ndarray of float32, shape (n, rows, columns, 1), or (n, 1) for VGG8
        0 clear, 1 cloud.
    weight : ndarray of float32, shape like `y`
        1 where `y` counts; 0 where the mask is to be ignored, the frame has no label, or is there
        only to fill up the last batch of a set in order.
    rows : ndarray of int, shape (n,)
        Number of the sample of each.
    count : int
        Real frames that are new in this epoch: ``batch_size``, or fewer in the last batch.
    """

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    weight: NDArray[np.float32]
    rows: NDArray[np.intp]
    count: int


class Batches:
    """Batches of some samples, epoch by epoch.

    Each epoch has every frame once as it is; the last batch is filled up: with frames of the
    epoch's beginning where shuffled, else with frames of weight 0, so that sums are exact. To each
    batch come augmented copies of frames that are not in it, as far as there are others.

    Frames are normalised first and augmented then: what a mask calls cloud is so of the whole
    frame's levels, not of those in view. A cloudy frame whose cloud was turned out of view counts
    as clear.

    Parameters
    ----------
    source : Source
        The samples.
    rows : ndarray of int
        Those to use.
    spec : NetworkSpec
        The network: kind and shape.
    normalisation : {'zscale', 'recipe', 'full-scale'}
        How frames become input.
    batch_size : int
        Real frames a batch.
    augmented : int
        Augmented copies a batch.
    augmentation : AugmentConfig
        Their ranges.
    seed : int
        The order and the augmentation of epoch k depend on this and k alone.
    shuffle : bool
        Whether to draw a new order each epoch.
    threads : int
        Threads that read ahead; 0 for none. Results are the same for any number. At most one batch
        more than threads is held.
    cache_bytes : int
        Bytes of binned frames to keep in memory.

    Raises
    ------
    IrisError
        If there is no sample, or the network wants other than grey frames.
    """

    def __init__(  # noqa: PLR0913 (one name a setting; most have a default)
        self,
        source: Source,
        rows: NDArray[np.intp],
        spec: NetworkSpec,
        normalisation: Normalisation = "zscale",
        *,
        batch_size: int = 32,
        augmented: int = 0,
        augmentation: AugmentConfig | None = None,
        seed: int = 0,
        shuffle: bool = True,
        threads: int = THREADS,
        cache_bytes: int = GIB,
    ) -> None:
        if not len(rows):
            raise IrisError("there is no sample to make batches of; give more, or split otherwise")
        if spec.planes != 1:
            raise IrisError(f"planes: frames are read as grey, 1 plane; received {spec.planes}")
        if batch_size < 1 or augmented < 0:
            given = f"{batch_size} and {augmented}"
            raise IrisError(f"batch_size must be 1 or more and augmented 0 or more; got {given}")
        self.source = Cached(source, cache_bytes) if cache_bytes else source
        self.rows = np.asarray(rows, np.intp)
        self.spec = spec
        self.normalisation = normalisation
        self.batch_size = batch_size
        self.augmented = augmented
        self.augmentation = augmentation or AugmentConfig()
        self.seed = seed
        self.shuffle = shuffle
        self.threads = threads

    def __len__(self) -> int:
        return (len(self.rows) + self.batch_size - 1) // self.batch_size

    def epoch(self, number: int) -> Iterator[Batch]:
        """Give the batches of an epoch, in order, while the next ones are read.

        Parameters
        ----------
        number : int
            Number of the epoch, from 0.

        Raises
        ------
        FileError
            If a frame or mask cannot be read (any more).
        """
        order = np.arange(len(self.rows))
        if self.shuffle:
            order = np.random.default_rng([self.seed, number]).permutation(len(order))
        if not self.threads:
            for place in range(len(self)):
                yield self._batch(order, number, place)
            return
        ahead: deque[Future[Batch]] = deque()
        executor = ThreadPoolExecutor(self.threads, "batches")
        try:
            for place in range(len(self)):
                ahead.append(executor.submit(self._batch, order, number, place))
                if len(ahead) > self.threads:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            executor.shutdown(wait=True, cancel_futures=True)

    def _batch(self, order: NDArray[np.intp], number: int, place: int) -> Batch:
        """Make batch `place` of an epoch; its draws depend on nothing but these numbers."""
        rng = np.random.default_rng([self.seed, number, place + 1])
        start = place * self.batch_size
        count = min(self.batch_size, len(order) - start)
        real = order[(start + np.arange(self.batch_size)) % len(order)]
        chosen = np.concatenate([real, self._others(order, start, rng)])
        size = len(chosen)
        shape = self.spec.shape
        label = (*shape, 1) if self.spec.kind == "unet" else (1,)
        x = np.zeros((size, *shape, 1), np.float32)
        y, weight = np.zeros((2, size, *label), np.float32)
        for slot, one in enumerate(chosen.tolist()):
            turn = rng if slot >= self.batch_size else None
            x[slot, ..., 0], y[slot], weight[slot] = self._sample(one, turn)
        if not self.shuffle:
            weight[count : self.batch_size] = 0
        return Batch(x, y, weight, self.rows[chosen], count)

    def _others(
        self, order: NDArray[np.intp], start: int, rng: np.random.Generator
    ) -> NDArray[np.intp]:
        """Draw the frames to augment: of those not in the batch, where there are any."""
        rest = len(order) - self.batch_size
        if rest <= 0:
            return order[rng.integers(len(order), size=self.augmented)]
        steps = rng.choice(rest, self.augmented, replace=self.augmented > rest)
        return order[(start + self.batch_size + steps) % len(order)]

    def _sample(
        self, one: int, turn: np.random.Generator | None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """Input, truth and weight of one frame; augmented where a generator is given."""
        frame, mask = self.source.read(int(self.rows[one]), self.spec.shape)
        x, seen = network_input(frame, self.normalisation), mask
        if turn is not None:
            x, seen = augment(x, mask, self.augmentation, turn)
        if self.spec.kind == "vgg8":
            label = _class(int(self.source.facts.sky[self.rows[one]]), mask, seen)
            told = np.float32(not np.isnan(label))
            return x, np.array([label if told else 0], np.float32), np.array([told])
        if seen is None:
            nothing = np.zeros((*self.spec.shape, 1), np.float32)
            return x, nothing, nothing
        y, weight = (seen == CLOUD)[..., None], (seen != IGNORE)[..., None]
        return x, y.astype(np.float32), weight.astype(np.float32)


def _class(said: int, mask: NDArray[np.uint8] | None, seen: NDArray[np.uint8] | None) -> float:
    """Class of a frame as it is in view: what was said of it, else what its mask says.

    A cloudy frame whose cloud was turned out of view is clear.
    """
    if said == CLEAR:
        return 0.0
    if said == UNSURE:
        return np.nan
    if mask is None or seen is None:
        return 1.0 if said == CLOUDY else np.nan
    if said == CLOUDY and not cloud_fraction(mask) > CLOUDY_FROM:
        return 1.0
    in_view = cloud_fraction(seen)
    return in_view if np.isnan(in_view) else float(in_view > CLOUDY_FROM)
