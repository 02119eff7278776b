"""The checkpoint of a run: weights, optimizer state and progress after its last epoch."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import ModelError
from napari_iris.io.atomic import atomic_open
from napari_iris.networks.weights import load_weights

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.networks.spec import NetworkSpec
    from napari_iris.training.trainer import Array, Trainer

OPTIMIZER = "optimizer/"
"""Prefix of the optimizer's arrays in the file; the weights have their usual names."""


@dataclass(frozen=True)
class RunProgress:
    """Progress of a run.

    Attributes
    ----------
    epochs : int
        Completed epochs.
    best : float
        Lowest validation loss so far; infinite before the first epoch.
    best_epoch : int
        Its epoch, from 1; 0 before the first, and while an initial model is better.
    """

    epochs: int = 0
    best: float = float("inf")
    best_epoch: int = 0

    @property
    def has_model(self) -> bool:
        """Whether there is a model: of the best epoch, or the initial one."""
        return self.epochs > 0


def save_checkpoint(path: Path, trainer: Trainer, progress: RunProgress) -> None:
    """Save everything a run needs to resume, in one file.

    One file, so that weights, optimizer and progress can never be of different epochs.

    Parameters
    ----------
    path : Path
        The checkpoint; replaced atomically.
    trainer : Trainer
        The network after the epoch.
    progress : RunProgress
        Progress after the epoch.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    from safetensors.numpy import save

    metadata = {name: repr(float(value)) for name, value in asdict(progress).items()}
    state = {f"{OPTIMIZER}{name}": value for name, value in trainer.optimizer_state().items()}
    arrays = {**trainer.weights(), **state}
    # safetensors writes the memory as it lies, whatever the strides say.
    contiguous = {name: np.array(value, order="C") for name, value in arrays.items()}
    with atomic_open(path, durable=True) as file:
        file.write(save(contiguous, metadata))


def read_progress(path: Path) -> RunProgress:
    """Read the progress from a checkpoint.

    Parameters
    ----------
    path : Path
        The checkpoint.

    Returns
    -------
    RunProgress
        Progress; that of a new run if there is no file.

    Raises
    ------
    ModelError
        If the checkpoint is damaged.
    """
    from safetensors import SafetensorError, safe_open

    if not path.exists():
        return RunProgress()
    try:
        with safe_open(path, framework="numpy") as file:
            values = {name: float(value) for name, value in file.metadata().items()}
        return RunProgress(int(values["epochs"]), values["best"], int(values["best_epoch"]))
    except (SafetensorError, OSError, AttributeError, KeyError, ValueError) as error:
        raise ModelError(path, f"is damaged ({error})", "choose a new --out") from error


def load_checkpoint(path: Path, network: NetworkSpec, trainer: Trainer) -> RunProgress:
    """Restore a trainer from a checkpoint.

    Parameters
    ----------
    path : Path
        The checkpoint.
    network : NetworkSpec
        The network that it is of.
    trainer : Trainer
        Gets the weights and the optimizer state; unchanged if there is no file.

    Returns
    -------
    RunProgress
        Progress of the run.

    Raises
    ------
    ModelError
        If the checkpoint is damaged or of another network.
    """
    progress = read_progress(path)
    if progress.epochs:
        trainer.set_weights(load_weights(path, network))
        trainer.set_optimizer_state(_optimizer_state(path))
    return progress


def _optimizer_state(path: Path) -> dict[str, Array]:
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        names = [name for name in file.keys() if name.startswith(OPTIMIZER)]  # noqa: SIM118 (no dict)
        return {name.removeprefix(OPTIMIZER): file.get_tensor(name) for name in names}
