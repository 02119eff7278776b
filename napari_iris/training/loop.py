"""The training loop: the same epochs, rates, saves and stops for both engines."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.metrics.counts import Counts, scores
from napari_iris.training.checkpoint import RunProgress
from napari_iris.training.epochs import Epoch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_iris.events import EpochEvent, OnEvent
    from napari_iris.networks.card import ModelCard
    from napari_iris.training.config import TrainConfig
    from napari_iris.training.event_log import EventLog
    from napari_iris.training.run_folder import RunFolder
    from napari_iris.training.trainer import Array, Trainer

REPORTED_METRICS = ("accuracy", "balanced_accuracy", "iou_cloud", "iou_clear", "mcc")
"""Scores that are kept of every epoch."""

CURVES = ("loss", "val_loss", *REPORTED_METRICS, "learning_rate", "seconds")
"""What TensorBoard shows of every epoch."""


class Batch(Protocol):
    """Some frames with their truth; see `Trainer.step`."""

    x: Array
    y: Array
    weight: Array


class Batches(Protocol):
    """All frames of a part, batch by batch."""

    def __len__(self) -> int: ...

    def epoch(self, number: int) -> Iterator[Batch]:
        """Give the batches of an epoch, from 0; the same for the same number."""


def fit(
    engine: Trainer,
    train: Batches,
    validation: Batches,
    config: TrainConfig,
    folder: RunFolder,
    card: ModelCard,
    on_event: OnEvent,
) -> RunProgress:
    """Train until the last epoch, or until the validation loss has not improved for long.

    Every epoch leaves the run so that it can go on from there; the best one leaves the model.

    Parameters
    ----------
    engine : Trainer
        The network, where the run is to begin or go on.
    train, validation : Batches
        What is learnt, and what it is judged by.
    config : TrainConfig
        The run.
    folder : RunFolder
        Where it is kept.
    card : ModelCard
        The model's card, without its metrics.
    on_event : callable
        Called with a `StepEvent` after each step and an `EpochEvent` after each epoch.

    Returns
    -------
    RunProgress
        Where the run ended.

    Raises
    ------
    IrisError
        If the loss is no number any more.
    """
    position = folder.load_checkpoint(config, engine)
    history = folder.epochs()[: position.epochs]
    while position.epochs < config.epochs and not patience_exhausted(position, config):
        started, number = time.monotonic(), position.epochs + 1
        rate = config.learning_rate_at(position.epochs)
        with folder.event_log(number, position.epochs * len(train) + 1) as log:
            losses = list(_steps(engine, train, position.epochs, rate, on_event, log))
            val_loss, found = validate(engine, validation)
            _check(val_loss, number)
            seconds = round(time.monotonic() - started, 3)
            kept = {name: found[name] for name in REPORTED_METRICS}
            loss = float(np.mean(losses))
            line = Epoch(number, loss, val_loss, **kept, learning_rate=rate, seconds=seconds)
            log.write({f"epoch/{name}": vars(line)[name] for name in CURVES}, number)
        history.append(line)
        if val_loss < position.best:
            metrics = {"val_loss": val_loss, **_known(found)}
            weights = engine.weights()  # a layer may hide its own from the loss: ReLU of NaN is 0
            _check(float(sum(np.abs(one).sum() for one in weights.values())), number, "a weight")
            folder.save_model(card.model_copy(update={"metrics": metrics}), weights)
            position = RunProgress(number, val_loss, number)
        else:
            position = RunProgress(number, position.best, position.best_epoch)
        folder.write_steps(number, losses)
        folder.write_epochs(history)
        folder.save_checkpoint(engine, position)
        left = (config.epochs - number) * float(np.mean([epoch.seconds for epoch in history]))
        on_event(_epoch_event(line, config.epochs, round(left, 1)))
    return position


def validate(engine: Trainer, batches: Batches) -> tuple[float, dict[str, float]]:
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
    engine: Trainer,
    batches: Batches,
    epoch: int,
    rate: float,
    on_event: OnEvent,
    log: EventLog,
) -> Iterator[float]:
    """Take every step of an epoch."""
    for step, batch in enumerate(batches.epoch(epoch), start=1):
        loss = engine.step(batch.x, batch.y, batch.weight, rate)
        _check(loss, epoch + 1)
        on_event(
            {
                "event": "step",
                "epoch": epoch + 1,
                "step": step,
                "steps": len(batches),
                "loss": loss,
            }
        )
        log.write({"step/loss": loss}, epoch * len(batches) + step)
        yield loss


def _epoch_event(line: Epoch, epochs: int, eta_s: float) -> EpochEvent:
    return {
        "event": "epoch",
        "epoch": line.epoch,
        "loss": line.loss,
        "val_loss": line.val_loss,
        "accuracy": line.accuracy,
        "balanced_accuracy": line.balanced_accuracy,
        "iou_cloud": line.iou_cloud,
        "iou_clear": line.iou_clear,
        "mcc": line.mcc,
        "learning_rate": line.learning_rate,
        "seconds": line.seconds,
        "epochs": epochs,
        "eta_s": eta_s,
    }


def _check(value: float, epoch: int, what: str = "the loss") -> None:
    """Stop a run that has diverged: no later step can bring it back."""
    if not np.isfinite(value):
        raise IrisError(
            f"{what} is no number any more in epoch {epoch}; begin anew with a lower "
            "--learning-rate (the best epoch so far is kept)"
        )


def _known(found: dict[str, float]) -> dict[str, float]:
    """Leave out scores that are not defined, as precision where no cloud was found."""
    return {name: value for name, value in found.items() if np.isfinite(value)}


def patience_exhausted(position: RunProgress, config: TrainConfig) -> bool:
    """Whether the validation loss has not improved for `patience` epochs."""
    return position.epochs - position.best_epoch >= config.patience
