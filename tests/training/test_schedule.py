"""The loop without a framework: learning rates, early stopping, and resuming at any point."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.networks.card import ModelCard
from napari_iris.networks.weights import initial_weights
from napari_iris.training.config import TrainConfig
from napari_iris.training.loop import fit
from napari_iris.training.run_folder import RunFolder

from .conftest import SkyBatch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from napari_iris.networks.spec import NetworkSpec
    from napari_iris.training.checkpoint import RunProgress

pytest.importorskip("tensorboardX", reason="tensorboardX is not installed")


class ScriptedTrainer:
    """A trainer with given validation losses, which records the learning rates of its steps."""

    def __init__(self, config: TrainConfig, losses: list[float]) -> None:
        self.losses, self.rates = iter(losses), list[float]()
        self.values = initial_weights(config.network, config.seed)

    def step(self, x: object, y: object, weight: object, learning_rate: float) -> float:
        self.rates.append(learning_rate)
        return 0.5

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Logits of cloud with the next binary cross-entropy: ln(1 + exp(-z))."""
        return np.full((1, 1), -np.log(np.expm1(next(self.losses))), np.float32)

    def averaged(self) -> AbstractContextManager[None]:
        return nullcontext()

    def weights(self) -> dict[str, np.ndarray]:
        return self.values

    def set_weights(self, weights: dict[str, np.ndarray]) -> None:
        self.values = weights

    def optimizer_state(self) -> dict[str, np.ndarray]:
        return {}

    def set_optimizer_state(self, state: dict[str, np.ndarray]) -> None:
        pass


class OneCloud:
    """Batches of a single cloudy pixel."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __len__(self) -> int:
        return self.count

    def epoch(self, number: int) -> Iterator[SkyBatch]:
        one = np.ones((1, 1), np.float32)
        yield from [SkyBatch(one, one, one)] * self.count


def run(config: TrainConfig, folder: RunFolder, trainer: ScriptedTrainer) -> RunProgress:
    if not folder.path.exists():
        folder.create(config, {})
    card = ModelCard.of(config.network)
    return fit(trainer, OneCloud(2), OneCloud(1), config, folder, card, lambda event: None)


def test_every_step_has_the_learning_rate_of_its_epoch(
    tmp_path: Path, network: NetworkSpec
) -> None:
    config = TrainConfig(network=network, epochs=5, learning_rate=8e-3, halve_every=2)
    folder, trainer = RunFolder(tmp_path), ScriptedTrainer(config, [0.5] * 5)
    run(config, folder, trainer)
    rates = np.repeat([8e-3, 8e-3, 4e-3, 4e-3, 2e-3], 2)
    np.testing.assert_allclose(trainer.rates, rates)
    np.testing.assert_allclose([epoch.learning_rate for epoch in folder.epochs()], rates[::2])


@pytest.mark.parametrize(
    ("losses", "patience", "epochs", "best"),
    [
        ([0.9, 0.8, 0.85, 0.86], 2, 4, 2),
        ([0.9, 0.8, 0.85, 0.7, 0.75, 0.75], 2, 6, 4),
        ([0.9, 0.9], 1, 2, 1),
        ([0.5, 0.6, 0.6, 0.6], 3, 4, 1),
        ([0.9, 0.8, 0.7, 0.6, 0.5, 0.4], 1, 6, 6),
    ],
    ids=["rises", "improves in time", "equal is not an improvement", "patience 3", "maximum"],
)
def test_early_stopping_counts_the_epochs_without_improvement(
    losses: list[float], patience: int, epochs: int, best: int, tmp_path: Path, network: NetworkSpec
) -> None:
    config = TrainConfig(network=network, epochs=6, patience=patience)
    # More losses than may be used: improvements after the stop must not count.
    trainer = ScriptedTrainer(config, losses + [0.1] * 6)
    progress = run(config, RunFolder(tmp_path), trainer)
    assert (progress.epochs, progress.best_epoch) == (epochs, best)
    assert progress.best == pytest.approx(losses[best - 1], rel=1e-5)


def test_a_table_ahead_of_the_checkpoint_is_cut_back(tmp_path: Path, network: NetworkSpec) -> None:
    """As after a kill between writing the table and the checkpoint."""
    config = TrainConfig(network=network, epochs=2)
    folder = RunFolder(tmp_path)
    run(config, folder, ScriptedTrainer(config, [0.9, 0.8]))
    rows = folder.epochs()
    folder.write_epochs([*rows, rows[-1]])
    longer = config.model_copy(update={"epochs": 3})
    run(longer, folder, ScriptedTrainer(config, [0.7]))
    assert [epoch.epoch for epoch in folder.epochs()] == [1, 2, 3]
    assert folder.epochs()[2].val_loss == pytest.approx(0.7, rel=1e-5)
