"""The tables of a run: ``epochs.csv``, and the loss of every step."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

from napari_iris.io.atomic import atomic_open, make_folder
from napari_iris.numbers import defined

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
    OSError, ValueError, TypeError
        If the file is damaged.
    """
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Epoch(int(row.pop("epoch")), **{name: float(v or "nan") for name, v in row.items()})
            for row in csv.DictReader(file)
        ]


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
    text = io.StringIO()
    table = csv.DictWriter(text, [field.name for field in fields(Epoch)], lineterminator="\n")
    table.writeheader()
    table.writerows(defined(asdict(epoch)) for epoch in epochs)
    with atomic_open(path) as file:
        file.write(text.getvalue().encode())


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
    lines = [f"{epoch},{step},{loss:.8g}\n" for step, loss in enumerate(losses, start=1)]
    make_folder(folder)
    with atomic_open(folder / f"{epoch:04d}.csv") as file:
        file.write("".join(["epoch,step,loss\n", *lines]).encode())
