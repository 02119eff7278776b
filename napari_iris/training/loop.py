"""The training loop: the same epochs, rates, saves and stops for both engines."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.masks.scores import Counts, scores
from napari_iris.training.run_folder import Epoch, Position

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari_iris.networks.card import ModelCard
    from napari_iris.training.config import TrainConfig
    from napari_iris.training.engine import Array, TrainingEngine
    from napari_iris.training.run_folder import RunFolder

TOLD = ("accuracy", "balanced_accuracy", "iou_cloud", "iou_clear", "mcc")
"""Scores that are kept of every epoch."""


class Batch(Protocol):
    """Some frames with their truth; see `TrainingEngine.step`."""

    x: Array
    y: Array
    weight: Array


class Batches(Protocol):
    """All frames of a part, batch by batch."""

    def __len__(self) -> int: ...

    def epoch(self, number: int) -> Iterator[Batch]:
        """Give the batches of an epoch, from 0; the same for the same number."""


def fit(
    engine: TrainingEngine,
    train: Batches,
    validation: Batches,
    config: TrainConfig,
    folder: RunFolder,
    card: ModelCard,
    tell: Callable[[str, dict[str, Any]], None],
) -> Position:
    """Train until the last epoch, or until the validation loss has not improved for long.

    Every epoch leaves the run so that it can go on from there; the best one leaves the model.

    Parameters
    ----------
    engine : TrainingEngine
        The network, where the run is to begin or go on.
    train, validation : Batches
        What is learnt, and what it is judged by.
    config : TrainConfig
        The run.
    folder : RunFolder
        Where it is kept.
    card : ModelCard
        The model's card, without its metrics.
    tell : callable
        Takes the name of an event and its facts.

    Returns
    -------
    Position
        Where the run ended.

    Raises
    ------
    IrisError
        If the loss is no number any more.
    """
    position = folder.load_last(config, engine)
    history = folder.epochs()[: position.epochs]
    while position.epochs < config.epochs and not _is_tired(position, config):
        started, number = time.monotonic(), position.epochs + 1
        rate = config.rate(position.epochs)
        losses = list(_steps(engine, train, position.epochs, rate, tell))
        val_loss, found = validate(engine, validation)
        if not np.isfinite([*losses, val_loss]).all():
            raise IrisError(
                f"the loss is no number in epoch {number}; give a lower --learning-rate"
            )
        seconds = round(time.monotonic() - started, 3)
        kept = {name: found[name] for name in TOLD}
        line = Epoch(
            number, float(np.mean(losses)), val_loss, **kept, learning_rate=rate, seconds=seconds
        )
        history.append(line)
        if val_loss < position.best:
            metrics = {"val_loss": val_loss, **found}
            folder.save_best(card.model_copy(update={"metrics": metrics}), engine.weights())
            position = Position(number, val_loss, number)
        else:
            position = Position(number, position.best, position.best_epoch)
        folder.write_steps(number, losses)
        folder.write_epochs(history)
        folder.save_last(engine, position)
        left = (config.epochs - number) * float(np.mean([epoch.seconds for epoch in history]))
        tell("epoch", {**vars(line), "epochs": config.epochs, "eta_s": round(left, 1)})
    return position


def validate(engine: TrainingEngine, batches: Batches) -> tuple[float, dict[str, float]]:
    """Judge the network on some frames.

    Returns
    -------
    loss : float
        Mean binary cross-entropy of all that counts.
    scores : dict of str to float
        See `scores`.
    """
    total, weight, counts = 0.0, 0.0, Counts()
    for batch in batches.epoch(0):
        logits = engine.predict(batch.x)
        with np.errstate(invalid="ignore"):  # a network that has diverged; the caller says so
            each = np.logaddexp(0, logits) - batch.y * logits
        total += float(np.sum(each * batch.weight, dtype=np.float64))
        weight += float(np.sum(batch.weight, dtype=np.float64))
        counts += Counts.of(logits > 0, batch.y > 0.5, batch.weight > 0)
    return total / max(weight, 1e-7), scores(counts)


def _steps(
    engine: TrainingEngine,
    batches: Batches,
    epoch: int,
    rate: float,
    tell: Callable[[str, dict[str, Any]], None],
) -> Iterator[float]:
    """Take every step of an epoch."""
    for step, batch in enumerate(batches.epoch(epoch), start=1):
        loss = engine.step(batch.x, batch.y, batch.weight, rate)
        tell("step", {"epoch": epoch + 1, "step": step, "steps": len(batches), "loss": loss})
        yield loss


def _is_tired(position: Position, config: TrainConfig) -> bool:
    return position.epochs - position.best_epoch >= config.patience
