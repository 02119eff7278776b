"""The tables of a run: ``epochs.csv``, and the loss of every step."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from typing import TYPE_CHECKING

from napari_iris.errors import ModelError
from napari_iris.io.atomic import make_folder
from napari_iris.io.tables import read_table, write_table
from napari_iris.numbers import nan_to_none

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Epoch:
    """One row of ``epochs.csv``.

    Attributes
    ----------
    epoch : int
        Number, from 1.
    loss, val_loss : float
        Mean loss of the training steps, and loss of the validation frames after them.
    accuracy, balanced_accuracy, iou_cloud, iou_clear, mcc : float
        Scores on the validation frames, pooled over pixels (over frames for VGG8); NaN where not
        defined.
    learning_rate : float
        Learning rate of the epoch.
    seconds : float
        Duration of training and validation [s].
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


COLUMNS = [field.name for field in fields(Epoch)]


def read_epochs(path: Path) -> list[Epoch]:
    """Read the table of epochs.

    Parameters
    ----------
    path : Path
        ``epochs.csv``.

    Returns
    -------
    list of Epoch
        In order; empty if there is no file.

    Raises
    ------
    ModelError
        If the file is damaged.
    """
    if not path.exists() or not path.stat().st_size:
        return []
    fix = "train the model again"
    return list(read_table(path, COLUMNS, _epoch, fix=fix, error=ModelError))


def _epoch(row: dict[str, str]) -> Epoch:
    scores = {name: float(row[name] or "nan") for name in COLUMNS[1:]}
    return Epoch(int(row["epoch"]), **scores)


def write_epochs(path: Path, epochs: Iterable[Epoch]) -> None:
    """Write the table of epochs; a score that is not defined is an empty cell.

    Parameters
    ----------
    path : Path
        ``epochs.csv``; replaced atomically.
    epochs : iterable of Epoch
        All epochs so far.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    with write_table(path, COLUMNS) as table:
        table.writerows(nan_to_none(astuple(epoch)) for epoch in epochs)


def write_steps(folder: Path, epoch: int, losses: Sequence[float]) -> None:
    """Write the loss of every step of an epoch to ``<epoch>.csv``.

    Parameters
    ----------
    folder : Path
        Folder of these tables; created if necessary.
    epoch : int
        Number of the epoch, from 1.
    losses : sequence of float
        Loss of each step.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    make_folder(folder)
    with write_table(folder / f"{epoch:04d}.csv", ("epoch", "step", "loss")) as table:
        for step, loss in enumerate(losses, start=1):
            table.writerow((epoch, step, f"{loss:.8g}"))
