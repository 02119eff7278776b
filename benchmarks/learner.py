"""A small U-Net that is trained again and again from the same weights, in this process."""

from __future__ import annotations

from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.dataset.batches import Batches
from napari_iris.dataset.cache import CachedSamples
from napari_iris.dataset.concatenated import ConcatenatedSamples
from napari_iris.dataset.simulated import SimulatedSamples
from napari_iris.inference.cloud_mask import is_cloud
from napari_iris.inference.model import Model
from napari_iris.inference.predictor import Predictor
from napari_iris.labels import CLOUD, IGNORE
from napari_iris.metrics.counts import Counts, scores
from napari_iris.networks.card import ModelCard
from napari_iris.networks.spec import NetworkSpec
from napari_iris.training.config import TrainConfig
from napari_iris.training.framework import make_trainer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from numpy.typing import NDArray

    from napari_iris.dataset.samples import SampleSource
    from napari_iris.inference.prediction_file import Prediction

SHAPE = (32, 40)
"""Rows and columns of the network's input: a training takes a second or two."""

NETWORK = NetworkSpec(kind="unet", channels=(8, 16, 24), shape=SHAPE)

CONFIG = TrainConfig.of(
    NETWORK, normalisation="asinh", schedule="cosine", batch_size=8, aug_batch_size=8
)

SIMULATED = 600
"""Simulated frames of any cameras that the first weights are trained on."""


class Learner:
    """A U-Net, its first weights, and a predictor with its current ones.

    Attributes
    ----------
    predictor : Predictor
        Predicts with the current weights.
    """

    name, precision = "keras", "float32"

    def __init__(self) -> None:
        self._simulated = CachedSamples(SimulatedSamples(SIMULATED))
        self._trainer = make_trainer(CONFIG, self.precision)
        self._start, self._state = self._trainer.weights(), self._trainer.optimizer_state()
        card = ModelCard.of(NETWORK, normalisation=CONFIG.normalisation)
        self.predictor = Predictor(Model(Path("learner"), card, self, "", {}))

    @classmethod
    def of_any_cameras(cls, steps: int) -> Self:
        """Train the first weights on simulated frames of any cameras."""
        made = cls()
        made.restart()
        made._train(made._simulated, np.arange(SIMULATED), steps, seed=0)
        made._start = made._trainer.weights()
        return made

    def logits(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give the logits of some inputs, as an `Engine`."""
        return self._trainer.predict(x)

    def restart(self) -> None:
        """Go back to the first weights."""
        self._trainer.set_weights(self._start)
        self._trainer.set_optimizer_state(self._state)

    def train(self, source: SampleSource, steps: int, seed: int) -> None:
        """Train from the first weights, on all samples of a source and as many simulated ones.

        Of the camera's frames alone it would forget what it knows.
        """
        self.restart()
        rows = np.concatenate([
            np.resize(np.arange(len(source)), SIMULATED), len(source) + np.arange(SIMULATED)
        ])  # fmt: skip
        self._train(ConcatenatedSamples(source, self._simulated), rows, steps, seed)

    def _train(self, source: SampleSource, rows: NDArray[np.intp], steps: int, seed: int) -> None:
        batches = Batches(
            source,
            rows,
            NETWORK,
            CONFIG.normalisation,
            batch_size=CONFIG.batch_size,
            augmented=CONFIG.aug_batch_size,
            seed=seed,
            threads=0,
        )
        config = CONFIG.model_copy(update={"epochs": steps})  # one cosine over all steps
        stream = (batch for epoch in count() for batch in batches.epoch(epoch))
        for step, batch in enumerate(islice(stream, steps)):
            rate = config.learning_rate_at(step)
            self._trainer.step(batch.x, batch.y, batch.weight, rate)


def accuracy(made: Sequence[Prediction], truth: Sequence[NDArray[np.uint8]]) -> float:
    """Part of the pixels of some predictions that are right, where truth is decided."""
    counts = Counts()
    for one, mask in zip(made, truth, strict=True):
        cloud = is_cloud(one.probability, one.threshold)
        counts += Counts.of(cloud, mask == CLOUD, mask != IGNORE)
    return scores(counts)["accuracy"]
