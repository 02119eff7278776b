"""The folder of a training run: the model, and in ``run/`` everything about its training."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ValidationError

from napari_iris.errors import IrisError, ModelError, first_problem
from napari_iris.io.atomic import atomic_open, make_folder, sweep
from napari_iris.io.locks import Lock
from napari_iris.io.regular import refuse_special
from napari_iris.networks.card import CARD, ModelCard, write_card
from napari_iris.networks.weights import WEIGHTS, save_weights
from napari_iris.numbers import to_json
from napari_iris.radiometry.reference_file import read_references
from napari_iris.radiometry.reference_set import ReferenceSet
from napari_iris.training.checkpoint import (
    RunProgress,
    load_checkpoint,
    read_progress,
    save_checkpoint,
)
from napari_iris.training.config import TrainConfig
from napari_iris.training.epochs import Epoch, read_epochs, write_epochs, write_steps
from napari_iris.training.event_log import EventLog
from napari_iris.training.split_file import read_identities, read_split, write_split

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from napari_iris.dataset.samples import SampleSource
    from napari_iris.dataset.split import Split
    from napari_iris.frames.paths import FramePaths
    from napari_iris.networks.weights import Weights
    from napari_iris.training.split_file import FrameIdentities
    from napari_iris.training.trainer import Trainer

RUN = "run"
CONFIG, FACTS, EPOCHS = "config.json", "facts.json", "epochs.csv"
SPLIT = "split.csv"
REFERENCE = "reference.fits"
CHECKPOINT = "last.safetensors"
LOCK = ".lock"

EVALUATED_PARTS = ("validation", "test")
"""Parts of the split that a trained model is evaluated on; the report of each is in its folder."""


class _Facts(BaseModel, extra="allow"):
    """The facts that a resumed run reads; the others are for people."""

    precision: Literal["float32", "float16", "bfloat16"] = "float32"
    data_hash: str = ""
    data: str | None = None
    init: str | None = None
    init_chain: list[str] = []
    init_unknown: list[str] = []


class RunFolder:
    """A model folder with the model of the best epoch, and its run in ``run/``.

    Every file is replaced atomically, so that a killed run can resume after its last epoch.

    Parameters
    ----------
    folder : Path
        The model folder.

    Attributes
    ----------
    folder : Path
        The model folder.
    path : Path
        The folder of the run, ``run/``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / RUN
        self._checkpoint = self.path / CHECKPOINT

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Create the folder and keep other processes from training into it.

        A folder created here is removed if the run fails before its first epoch is complete. File
        systems without locks (some network file systems) do not detect a second process.

        Raises
        ------
        ModelError
            If another process trains into it.
        FileError
            If it cannot be created or written.
        """
        folders = [Path(os.path.realpath(folder)) for folder in (self.path, self.folder)]
        new = [folder for folder in folders if not folder.exists()]  # of `new/..`, none is
        make_folder(self.path)
        fix = "wait until it has finished, or choose another --out"
        busy = ModelError(self.folder, "is being trained by another process", fix)
        with Lock(self.path / LOCK, busy, "choose another --out"):
            try:
                sweep(self.folder)
                sweep(self.path)
                yield
            except IrisError:
                if new and not self._checkpoint.exists():
                    shutil.rmtree(new[-1], ignore_errors=True)
                raise

    def create(self, config: TrainConfig, facts: Mapping[str, Any]) -> None:
        """Write the config and the facts of a new run; one without a complete epoch is replaced.

        Parameters
        ----------
        config : TrainConfig
            The config.
        facts : mapping of str to JSON value
            Device, package versions, data and its split, see `facts`.

        Raises
        ------
        ModelError
            If the folder holds a run, or a model from elsewhere.
        """
        if self.progress().epochs:
            fix = "continue it with --resume, or choose another --out"
            raise ModelError(self.folder, "already holds a training run", fix)
        if (self.folder / CARD).exists():
            raise ModelError(self.folder, "already holds a model", "choose another --out")
        make_folder(self.path)
        self._write_facts(facts)
        self.write_config(config)

    def add_fact(self, name: str, value: object) -> None:
        """Add a fact that is known at the end of the run, or replace it.

        Raises
        ------
        ModelError
            If the facts are missing or damaged.
        FileError
            If they cannot be written.
        """
        self._write_facts({**self.facts(), name: value})

    def _write_facts(self, facts: Mapping[str, Any]) -> None:
        with atomic_open(self.path / FACTS) as file:
            file.write(to_json(facts, indent=2).encode() + b"\n")

    def config(self) -> TrainConfig:
        """Read the config.

        Raises
        ------
        ModelError
            If there is no run, or its config is damaged.
        """
        path = self.path / CONFIG
        try:
            refuse_special(path)
            return TrainConfig.model_validate_json(path.read_bytes())
        except OSError as error:
            reason = "holds no training run to resume"
            raise ModelError(self.folder, reason, "omit --resume") from error
        except ValidationError as error:
            field, reason, _ = first_problem(error)
            reason = f"is damaged ({field or 'the whole file'}: {reason})"
            raise ModelError(path, reason, "choose a new --out") from error

    def write_config(self, config: TrainConfig) -> None:
        """Write the config, also that of a resumed run with changes.

        Raises
        ------
        FileError
            If it cannot be written.
        """
        with atomic_open(self.path / CONFIG) as file:
            file.write(config.model_dump_json(indent=2).encode() + b"\n")

    def facts(self) -> dict[str, Any]:
        """Read the device, package versions, data and split that the run started with.

        Raises
        ------
        ModelError
            If they are missing or damaged.
        """
        path = self.path / FACTS
        try:
            refuse_special(path)
            return _Facts.model_validate_json(path.read_bytes()).model_dump(exclude_unset=True)
        except OSError as error:
            reason = f"cannot be read ({error.strerror or error})"
            raise ModelError(path, reason, "choose a new --out") from error
        except ValidationError as error:
            field, reason, _ = first_problem(error)
            reason = f"is damaged ({field or 'the whole file'}: {reason})"
            raise ModelError(path, reason, "choose a new --out") from error

    def write_split(self, source: SampleSource, split: Split, files: int | None = None) -> None:
        """Write the part of every sample; see `write_split`."""
        write_split(self.path / SPLIT, source, split, files)

    def split(self) -> dict[str, FramePaths]:
        """Read the frames of each part of the split.

        Returns
        -------
        dict of str to FramePaths
            By 'train', 'validation', 'test' and 'left_out'; without the simulated frames.

        Raises
        ------
        ModelError
            If the model was not trained here, or the file is damaged.
        """
        return read_split(self.path / SPLIT)

    def has_split(self) -> bool:
        """Whether the training frames are known."""
        return (self.path / SPLIT).exists()

    def identities(self) -> dict[str, FrameIdentities]:
        """Read the frames of each part as `split` does, to find them in other data."""
        return read_identities(self.path / SPLIT)

    def write_references(self, references: ReferenceSet) -> None:
        """Write the clear-sky references that were learned from the data; no file without any."""
        if references.found:
            references.to_fits(self.path / REFERENCE)

    def references(self) -> ReferenceSet:
        """Read the clear-sky references that were learned from the data.

        Raises
        ------
        ReferenceFileError
            If their file is damaged.
        """
        path = self.path / REFERENCE
        return ReferenceSet(tuple(read_references(path)) if path.exists() else ())

    def event_log(self, epoch: int, first_step: int) -> EventLog:
        """Open the TensorBoard event file of an epoch; see `EventLog`."""
        return EventLog(self.path / "tensorboard", epoch, first_step)

    def save_model(self, card: ModelCard, weights: Weights) -> None:
        """Save the best epoch as the model.

        Raises
        ------
        FileError
            If it cannot be written.
        """
        save_weights(self.folder / WEIGHTS, weights)
        write_card(self.folder, card)

    def save_checkpoint(self, trainer: Trainer, progress: RunProgress) -> None:
        """Save everything needed to resume after this epoch; see `save_checkpoint`."""
        save_checkpoint(self._checkpoint, trainer, progress)

    def load_checkpoint(self, config: TrainConfig, trainer: Trainer) -> RunProgress:
        """Restore a trainer to the end of the last complete epoch; see `load_checkpoint`."""
        return load_checkpoint(self._checkpoint, config.network, trainer)

    def progress(self) -> RunProgress:
        """Read the progress.

        Raises
        ------
        ModelError
            If the checkpoint is damaged.
        """
        return read_progress(self._checkpoint)

    def epochs(self) -> list[Epoch]:
        """Read the table of epochs; see `read_epochs`."""
        return read_epochs(self.path / EPOCHS)

    def write_epochs(self, epochs: Sequence[Epoch]) -> None:
        """Write the table of all epochs; see `write_epochs`."""
        write_epochs(self.path / EPOCHS, epochs)

    def write_steps(self, epoch: int, losses: Sequence[float]) -> None:
        """Write the loss of every step of an epoch; see `write_steps`."""
        write_steps(self.path / "steps", epoch, losses)
