"""The folder of a training run: the model itself, and beside it all that the run was."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.errors import ModelError
from napari_iris.frames.write import atomic_open, make_folder
from napari_iris.networks.card import ModelCard, write_card
from napari_iris.networks.weights import WEIGHTS, load_weights, save_weights
from napari_iris.training.config import TrainConfig

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from napari_iris.networks.weights import Weights
    from napari_iris.training.engine import Array, TrainingEngine

RUN = "run"
STATE = "last.safetensors"
OPTIMIZER = "optimizer/"
"""Before the names of what the optimizer remembers, in the file of the last state."""


@dataclass(frozen=True)
class Epoch:
    """One line of ``epochs.csv``.

    Attributes
    ----------
    epoch : int
        Number, from 1.
    loss, val_loss : float
        Mean loss of the training steps, and of the validation frames after them.
    accuracy, balanced_accuracy, iou_cloud, iou_clear, mcc : float
        Scores of the validation frames, pooled over pixels (frames for VGG8).
    learning_rate : float
        Rate of the epoch's steps.
    seconds : float
        How long it took.
    """

    epoch: int
    loss: float
    val_loss: float
    accuracy: float
    balanced_accuracy: float
    iou_cloud: float
    iou_clear: float
    mcc: float
    learning_rate: float
    seconds: float


@dataclass(frozen=True)
class Position:
    """How far a run is: epochs done, the best validation loss, and how long ago that was.

    Attributes
    ----------
    epochs : int
        Epochs done.
    best : float
        Best validation loss so far; infinite before the first.
    best_epoch : int
        Epoch, from 1, that it was reached in; 0 before the first.
    """

    epochs: int = 0
    best: float = float("inf")
    best_epoch: int = 0


class RunFolder:
    """``model.json`` and ``weights.safetensors`` of the best epoch, and the run in ``run/``.

    Every file is whole at every moment, so that a killed run can go on from its last epoch.

    Parameters
    ----------
    folder : Path
        The model folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.run = folder, folder / RUN
        self._state = self.run / STATE

    def begin(self, config: TrainConfig, facts: Mapping[str, Any]) -> None:
        """Make the folder and keep the config, the surroundings and the data's facts.

        Raises
        ------
        ModelError
            If there is a run already.
        """
        if self._state.exists() or (self.run / "config.json").exists():
            fix = "go on with --resume, or choose another --out"
            raise ModelError(self.folder, "holds a training run already", fix)
        make_folder(self.run)
        self._write_json("facts.json", facts)
        with atomic_open(self.run / "config.json") as file:
            file.write(config.model_dump_json(indent=2).encode() + b"\n")

    def config(self) -> TrainConfig:
        """Read the config of the run that is to go on.

        Raises
        ------
        ModelError
            If there is no run.
        """
        try:
            text = (self.run / "config.json").read_bytes()
        except OSError as error:
            reason = "holds no training run to go on with"
            raise ModelError(self.folder, reason, "leave out --resume") from error
        return TrainConfig.model_validate_json(text)

    def facts(self) -> dict[str, Any]:
        """Read the surroundings and the data's facts that the run began with."""
        return dict(json.loads((self.run / "facts.json").read_bytes()))

    def save_best(self, card: ModelCard, weights: Weights) -> None:
        """Keep the best epoch as the model."""
        save_weights(self.folder / WEIGHTS, weights)
        write_card(self.folder, card)

    def save_last(self, engine: TrainingEngine, position: Position) -> None:
        """Keep all that it takes to go on after this epoch, in one file."""
        place = {name: np.float64(value) for name, value in asdict(position).items()}
        state = {f"{OPTIMIZER}{name}": value for name, value in engine.optimizer_state().items()}
        _save(self._state, {**engine.weights(), **state}, place)

    def load_last(self, config: TrainConfig, engine: TrainingEngine) -> Position:
        """Put the engine where the run was after its last whole epoch."""
        if not self._state.exists():
            return Position()
        engine.set_weights(load_weights(self._state, config.network))
        arrays, place = _load(self._state)
        names = [name for name in arrays if name.startswith(OPTIMIZER)]
        engine.set_optimizer_state({name.removeprefix(OPTIMIZER): arrays[name] for name in names})
        return Position(int(place["epochs"]), place["best"], int(place["best_epoch"]))

    def epochs(self) -> list[Epoch]:
        """Read the epochs so far."""
        path = self.run / "epochs.csv"
        if not path.exists():
            return []
        with path.open(encoding="utf-8", newline="") as file:
            return [
                Epoch(int(row.pop("epoch")), **{name: float(value) for name, value in row.items()})
                for row in csv.DictReader(file)
            ]

    def write_epochs(self, epochs: list[Epoch]) -> None:
        """Write the table of the epochs anew."""
        text = io.StringIO()
        table = csv.DictWriter(text, [field.name for field in fields(Epoch)], lineterminator="\n")
        table.writeheader()
        table.writerows(asdict(epoch) for epoch in epochs)
        with atomic_open(self.run / "epochs.csv") as file:
            file.write(text.getvalue().encode())

    def write_steps(self, epoch: int, losses: list[float]) -> None:
        """Write the loss of every step of one epoch to a table of its own."""
        lines = [f"{epoch},{step},{loss:.8g}\n" for step, loss in enumerate(losses, start=1)]
        make_folder(self.run / "steps")
        with atomic_open(self.run / "steps" / f"{epoch:04d}.csv") as file:
            file.write("".join(["epoch,step,loss\n", *lines]).encode())

    def _write_json(self, name: str, content: Mapping[str, Any]) -> None:
        with atomic_open(self.run / name) as file:
            file.write(json.dumps(content, indent=2).encode() + b"\n")


def _save(path: Path, arrays: Mapping[str, Array], place: Mapping[str, np.float64]) -> None:
    from safetensors.numpy import save

    metadata = {name: repr(float(value)) for name, value in place.items()}
    whole = {name: np.array(value, order="C") for name, value in arrays.items()}
    with atomic_open(path, durable=True) as file:
        file.write(save(whole, metadata))


def _load(path: Path) -> tuple[dict[str, Array], dict[str, float]]:
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no dict)
        place = {name: float(value) for name, value in file.metadata().items()}
    return arrays, place
