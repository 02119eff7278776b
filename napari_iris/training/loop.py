"""The training loop: epochs, learning rate, checkpoints and early stopping."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.training.checkpoint import RunProgress
from napari_iris.training.epochs import Epoch
from napari_iris.training.validation import REPORTED_METRICS, validate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_iris.events import EpochEvent, OnEvent
    from napari_iris.networks.card import ModelCard
    from napari_iris.networks.weights import Weights
    from napari_iris.training.adapting import Guard
    from napari_iris.training.config import TrainConfig
    from napari_iris.training.event_log import EventLog
    from napari_iris.training.run_folder import RunFolder
    from napari_iris.training.trainer import BatchSource, Trainer

CURVES = ("loss", "val_loss", *REPORTED_METRICS, "learning_rate", "seconds")
"""Values of every epoch in TensorBoard."""


def fit(
    trainer: Trainer,
    train: BatchSource,
    validation: BatchSource,
    config: TrainConfig,
    folder: RunFolder,
    card: ModelCard,
    on_event: OnEvent,
    guard: Guard | None = None,
) -> RunProgress:
    """Train until the last epoch, or until early stopping.

    Every epoch ends with a checkpoint from which the run can resume; the best epoch is saved as
    the model.

    Parameters
    ----------
    trainer : Trainer
        The network; restored from the checkpoint of a resumed run.
    train, validation : BatchSource
        Training and validation batches.
    config : TrainConfig
        The run.
    folder : RunFolder
        Its folder.
    card : ModelCard
        The model's card, without metrics.
    on_event : callable
        Called with a `StepEvent` after each step and an `EpochEvent` after each epoch.
    guard : Guard, optional
        The initial model, which is kept unless an epoch is better on the validation frames, and
        not worse on simulated truth.

    Returns
    -------
    RunProgress
        Progress at the end.

    Raises
    ------
    IrisError
        If the loss or a weight is not finite, or a file cannot be written.
    """
    progress = folder.load_checkpoint(config, trainer)
    if guard is not None and not progress.epochs:
        progress = RunProgress(0, guard.val_loss, 0)
    history = folder.epochs()[: progress.epochs]  # the table may be one epoch ahead after a kill
    while progress.epochs < config.epochs and not patience_exhausted(progress, config):
        row, scored, losses, weights = _train_epoch(
            trainer, train, validation, config, folder, progress.epochs, on_event
        )
        history.append(row)
        number = row.epoch
        if row.val_loss < progress.best and _is_allowed(trainer, guard):
            # The loss can be finite although a weight is not: ReLU turns NaN into 0.
            _check_finite(sum(np.abs(one).sum() for one in weights.values()), number, "a weight")
            folder.save_model(_with_metrics(card, row.val_loss, scored), weights)
            progress = RunProgress(number, row.val_loss, number)
        else:
            if guard is not None and number == 1:
                initial = _with_metrics(card, guard.val_loss, guard.scores)
                folder.save_model(initial, guard.weights)
            progress = RunProgress(number, progress.best, progress.best_epoch)
        folder.write_steps(number, losses)
        folder.write_epochs(history)
        # Last, so that a kill before it repeats the epoch, and a kill after it loses nothing.
        folder.save_checkpoint(trainer, progress)
        left = (config.epochs - number) * float(np.mean([epoch.seconds for epoch in history]))
        on_event(_epoch_event(row, config.epochs, round(left, 1)))
    return progress


def _is_allowed(trainer: Trainer, guard: Guard | None) -> bool:
    if guard is None:
        return True
    with trainer.averaged():
        return guard.allows(trainer)


def _with_metrics(card: ModelCard, val_loss: float, scored: dict[str, float]) -> ModelCard:
    """Enter the scores in a card, without those that are not defined: no cloud, no precision."""
    finite = {name: value for name, value in scored.items() if np.isfinite(value)}
    return card.model_copy(update={"metrics": {"val_loss": val_loss, **finite}})


def patience_exhausted(progress: RunProgress, config: TrainConfig) -> bool:
    """Whether the validation loss has not improved for ``config.patience`` epochs.

    Parameters
    ----------
    progress : RunProgress
        Progress of the run.
    config : TrainConfig
        The run.

    Returns
    -------
    bool
        True if the run is to stop.
    """
    return progress.epochs - progress.best_epoch >= config.patience


def _train_epoch(
    trainer: Trainer,
    train: BatchSource,
    validation: BatchSource,
    config: TrainConfig,
    folder: RunFolder,
    epoch: int,
    on_event: OnEvent,
) -> tuple[Epoch, dict[str, float], list[float], Weights]:
    """Train and validate one epoch, from 0.

    Returns its row, all scores, the losses of its steps, and the weights that were validated.
    """
    started, number = time.monotonic(), epoch + 1
    rate = config.learning_rate_at(epoch)
    with folder.event_log(number, epoch * len(train) + 1) as log:
        losses = list(_steps(trainer, train, epoch, config, on_event, log))
        with trainer.averaged():
            val_loss, scored = validate(trainer, validation)
            weights = trainer.weights()
        _check_finite(val_loss, number)
        reported = {name: scored[name] for name in REPORTED_METRICS}
        seconds = round(time.monotonic() - started, 3)
        loss = float(np.mean(losses))
        row = Epoch(number, loss, val_loss, **reported, learning_rate=rate, seconds=seconds)
        log.write({f"epoch/{name}": vars(row)[name] for name in CURVES}, number)
    return row, scored, losses, weights


def _steps(
    trainer: Trainer,
    batches: BatchSource,
    epoch: int,
    config: TrainConfig,
    on_event: OnEvent,
    log: EventLog,
) -> Iterator[float]:
    """Take all steps of an epoch, and yield their losses."""
    for step, batch in enumerate(batches.epoch(epoch), start=1):
        rate = config.learning_rate_at(epoch + (step - 1) / len(batches))
        loss = trainer.step(batch.x, batch.y, batch.weight, rate)
        _check_finite(loss, epoch + 1)
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


def _epoch_event(row: Epoch, epochs: int, eta_s: float) -> EpochEvent:
    return {
        "event": "epoch",
        "epoch": row.epoch,
        "loss": row.loss,
        "val_loss": row.val_loss,
        "accuracy": row.accuracy,
        "balanced_accuracy": row.balanced_accuracy,
        "iou_cloud": row.iou_cloud,
        "iou_clear": row.iou_clear,
        "mcc": row.mcc,
        "learning_rate": row.learning_rate,
        "seconds": row.seconds,
        "epochs": epochs,
        "eta_s": eta_s,
    }


def _check_finite(value: float, epoch: int, what: str = "the loss") -> None:
    """Stop a diverged run: no later step can recover it."""
    if not np.isfinite(value):
        raise IrisError(
            f"{what} is not finite in epoch {epoch}; start again with a lower --learning-rate "
            "(the best epoch so far is kept)"
        )
