"""The folder of a training run: the model itself, and beside it all that the run was."""

from __future__ import annotations

import csv
import io
import json
import shutil
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError

from napari_iris.errors import IrisError, ModelError
from napari_iris.io.atomic import atomic_open, make_folder, sweep
from napari_iris.networks.card import CARD, ModelCard, write_card
from napari_iris.networks.weights import WEIGHTS, load_weights, save_weights
from napari_iris.numbers import defined, to_json
from napari_iris.training.config import TrainConfig
from napari_iris.training.event_log import EventLog
from napari_iris.training.split_file import read_identities, read_split, write_split

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from napari_iris.dataset import Parts, Source
    from napari_iris.frames.paths import FramePaths
    from napari_iris.networks.weights import Weights
    from napari_iris.training.engine import Array, TrainingEngine
    from napari_iris.training.split_file import Identities

RUN = "run"
STATE = "last.safetensors"
SPLIT = "split.csv"
LOCK = ".lock"
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

    @contextmanager
    def held(self) -> Iterator[None]:
        """Make the folder and keep other processes from training into it.

        What is refused before its first epoch leaves nothing that was not there before.

        Some network file systems have no locks: there two of them are not told of one another.

        Raises
        ------
        ModelError
            If another process trains into it.
        FileError
            If it cannot be made or written.
        """
        from filelock import FileLock, Timeout

        new = [folder for folder in (self.run, self.folder) if not folder.exists()]
        make_folder(self.run)
        lock = FileLock(self.run / LOCK, timeout=0)
        try:
            with suppress(NotImplementedError):
                lock.acquire()
            sweep(self.folder)
            sweep(self.run)
            yield
        except Timeout as error:
            fix = "wait until it is done, or choose another --out"
            raise ModelError(self.folder, "is being trained by another process", fix) from error
        except IrisError:
            if new and not self._state.exists():
                shutil.rmtree(new[-1], ignore_errors=True)
            raise
        finally:
            lock.release()

    def begin(self, config: TrainConfig, facts: Mapping[str, Any]) -> None:
        """Keep the config, the surroundings and the data's facts in the folder, made if need be.

        A run that was stopped in its first epoch is begun anew.

        Raises
        ------
        ModelError
            If there is a run already, or a model of another origin.
        """
        if self.position().epochs:
            fix = "go on with --resume, or choose another --out"
            raise ModelError(self.folder, "holds a training run already", fix)
        if (self.folder / CARD).exists():
            raise ModelError(self.folder, "holds a model already", "choose another --out")
        make_folder(self.run)
        self._write_json("facts.json", facts)
        self.change(config)

    def config(self) -> TrainConfig:
        """Read the config of the run that is to go on.

        Raises
        ------
        ModelError
            If there is no run, or its config is damaged.
        """
        path = self.run / "config.json"
        try:
            return TrainConfig.model_validate_json(path.read_bytes())
        except OSError as error:
            reason = "holds no training run to go on with"
            raise ModelError(self.folder, reason, "leave out --resume") from error
        except ValidationError as error:
            raise ModelError(path, f"is damaged ({_first(error)})", "begin a new --out") from error

    def change(self, config: TrainConfig) -> None:
        """Keep another config for the run that goes on."""
        with atomic_open(self.run / "config.json") as file:
            file.write(config.model_dump_json(indent=2).encode() + b"\n")

    def facts(self) -> dict[str, Any]:
        """Read the surroundings and the data's facts that the run began with.

        Raises
        ------
        ModelError
            If they are missing or damaged.
        """
        path = self.run / "facts.json"
        try:
            return dict(json.loads(path.read_bytes()))
        except (OSError, ValueError) as error:
            raise ModelError(path, f"is damaged ({error})", "begin a new --out") from error

    def write_split(self, source: Source, parts: Parts) -> None:
        """Keep the part of every sample, see `split`."""
        write_split(self.run / SPLIT, source, parts)

    def split(self) -> dict[str, FramePaths]:
        """Read which frames the run learnt from, was judged by, and left for a test.

        Returns
        -------
        dict of str to FramePaths
            By 'train', 'validation', 'test' and 'left_out'; simulated frames are not among them.

        Raises
        ------
        ModelError
            If the model was not trained here, or the file is damaged.
        """
        return read_split(self.run / SPLIT)

    def has_split(self) -> bool:
        """Whether it is known which frames the model has learnt."""
        return (self.run / SPLIT).exists()

    def identities(self) -> dict[str, Identities]:
        """Read the frames of each part as `split` does, to know them again in other data."""
        return read_identities(self.run / SPLIT)

    def event_log(self, epoch: int, first_step: int) -> EventLog:
        """Begin what TensorBoard shows of an epoch."""
        return EventLog(self.run / "tensorboard", epoch, first_step)

    def save_best(self, card: ModelCard, weights: Weights) -> None:
        """Keep the best epoch as the model."""
        save_weights(self.folder / WEIGHTS, weights)
        write_card(self.folder, card)

    def save_last(self, engine: TrainingEngine, position: Position) -> None:
        """Keep all that it takes to go on after this epoch, in one file."""
        place = {name: np.float64(value) for name, value in asdict(position).items()}
        state = {f"{OPTIMIZER}{name}": value for name, value in engine.optimizer_state().items()}
        _save(self._state, {**engine.weights(), **state}, place)

    def position(self) -> Position:
        """Tell how far the run is.

        Raises
        ------
        ModelError
            If its last state is damaged.
        """
        from safetensors import SafetensorError, safe_open

        if not self._state.exists():
            return Position()
        try:
            with safe_open(self._state, framework="numpy") as file:
                place = {name: float(value) for name, value in file.metadata().items()}
            return Position(int(place["epochs"]), place["best"], int(place["best_epoch"]))
        except (SafetensorError, OSError, AttributeError, KeyError, ValueError) as error:
            reason = f"is damaged ({error})"
            raise ModelError(self._state, reason, "begin a new --out") from error

    def load_last(self, config: TrainConfig, engine: TrainingEngine) -> Position:
        """Put the engine where the run was after its last whole epoch."""
        position = self.position()
        if position.epochs:
            engine.set_weights(load_weights(self._state, config.network))
            engine.set_optimizer_state(_load_optimizer(self._state))
        return position

    def epochs(self) -> list[Epoch]:
        """Read the epochs so far."""
        path = self.run / "epochs.csv"
        if not path.exists():
            return []
        with path.open(encoding="utf-8", newline="") as file:
            return [
                Epoch(int(row.pop("epoch")), **{name: float(v or "nan") for name, v in row.items()})
                for row in csv.DictReader(file)
            ]

    def write_epochs(self, epochs: list[Epoch]) -> None:
        """Write the table of the epochs anew."""
        text = io.StringIO()
        table = csv.DictWriter(text, [field.name for field in fields(Epoch)], lineterminator="\n")
        table.writeheader()
        table.writerows(defined(asdict(epoch)) for epoch in epochs)  # blank where not defined
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
            file.write(to_json(content, indent=2).encode() + b"\n")


def _first(error: ValidationError) -> str:
    """Say what is wrong with a config, in short."""
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc'])) or 'the whole file'}: {first['msg']}"


def _save(path: Path, arrays: Mapping[str, Array], place: Mapping[str, np.float64]) -> None:
    from safetensors.numpy import save

    metadata = {name: repr(float(value)) for name, value in place.items()}
    whole = {name: np.array(value, order="C") for name, value in arrays.items()}
    with atomic_open(path, durable=True) as file:
        file.write(save(whole, metadata))


def _load_optimizer(path: Path) -> dict[str, Array]:
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        names = [name for name in file.keys() if name.startswith(OPTIMIZER)]  # noqa: SIM118 (no dict)
        return {name.removeprefix(OPTIMIZER): file.get_tensor(name) for name in names}
