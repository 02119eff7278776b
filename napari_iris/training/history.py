"""Which frames a model has learnt, itself or by the models that it started from."""

from __future__ import annotations

import csv
import io
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from napari_iris.errors import ModelError
from napari_iris.io.atomic import atomic_open
from napari_iris.networks.card import find_model
from napari_iris.resources import is_shipped
from napari_iris.training.run_folder import RunFolder
from napari_iris.training.split_file import Identities

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.dataset import Samples

BEFORE = "learnt_before.csv"
"""In a run's folder: the training frames of the models that it started from."""


@dataclass(frozen=True, eq=False)
class History:
    """What the model that a run starts from has learnt.

    Attributes
    ----------
    models : tuple of str
        The models, from the one that the run starts from to the first.
    frames : Identities
        Their training frames, as far as these are known.
    unknown : tuple of str
        Those of the models whose training frames are not known.
    """

    models: tuple[str, ...] = ()
    frames: Identities = field(default_factory=Identities)
    unknown: tuple[str, ...] = ()

    def has_seen(self, samples: Samples) -> NDArray[np.bool_]:
        """Tell which samples are among the training frames, by their pixels or their file."""
        return self.frames.among(samples)


def history_of(init: str | None) -> History:
    """Tell what a model has learnt that a run is to start from.

    A shipped model has learnt from simulated frames that no person has.

    Parameters
    ----------
    init : str or None
        A model folder or the name of a shipped model; None for new weights.

    Raises
    ------
    ModelError
        If there is no such model, or its run is damaged.
    """
    if init is None:
        return History()
    folder = find_model(init)
    name = os.path.abspath(folder)  # noqa: PTH100 (resolve() follows links)
    if is_shipped(folder):
        return History((folder.name,))
    run = RunFolder(folder)
    if not run.has_split():
        return History((name,), unknown=(name,))
    before = history_before(run)
    learnt = run.identities()["train"]
    return History((name, *before.models), before.frames | learnt, before.unknown)


def history_before(run: RunFolder) -> History:
    """Tell what the models had learnt that a run has started from, as the run has kept it.

    Raises
    ------
    ModelError
        If its files are damaged.
    """
    facts = run.facts()
    models = tuple(map(str, facts.get("init_chain", ())))
    unknown = tuple(map(str, facts.get("init_unknown", ())))
    if facts.get("init") and not models:  # of a version that did not keep it
        models = unknown = (str(facts["init"]),)
    path = run.run / BEFORE
    if not path.exists():
        return History(models, unknown=unknown)
    try:
        with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
            rows = [(row["path"], row["hash"]) for row in csv.DictReader(file)]
        return History(models, Identities.of(rows), unknown)
    except (OSError, KeyError, ValueError, csv.Error) as error:
        raise ModelError(path, f"is damaged ({error})", "train the model again") from error


def write_history(path: Path, history: History) -> None:
    """Keep the frames of a history, so that it outlasts the models that it is of.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    with atomic_open(path) as file:
        text = io.TextIOWrapper(file, "utf-8", errors="surrogateescape", newline="")
        table = csv.writer(text, lineterminator="\n")
        table.writerow(("path", "hash"))
        table.writerows((one, "") for one in sorted(history.frames.paths))
        table.writerows(("", one.hex()) for one in sorted(history.frames.hashes))
        text.detach()
