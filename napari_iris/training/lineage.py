"""The models that a run starts from, and the frames that these were trained on."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from napari_iris.errors import ModelError
from napari_iris.io.tables import read_table, write_table
from napari_iris.networks.find import find_model
from napari_iris.resources import is_shipped
from napari_iris.training.run_folder import RunFolder
from napari_iris.training.split_file import FrameIdentities

if TYPE_CHECKING:
    from pathlib import Path

LINEAGE = "learnt_before.csv"
COLUMNS = ("path", "hash")
"""File of a run with the training frames of the models that it started from."""


@dataclass(frozen=True, eq=False)
class Lineage:
    """The models that a run starts from.

    Attributes
    ----------
    models : tuple of str
        The model that the run starts from, the one that this one started from, and so on.
    frames : FrameIdentities
        Their training frames, as far as they are known.
    unknown : tuple of str
        Those of the models whose training frames are not known.
    """

    models: tuple[str, ...] = ()
    frames: FrameIdentities = field(default_factory=FrameIdentities)
    unknown: tuple[str, ...] = ()


def lineage_of(init: str | None) -> Lineage:
    """Find the lineage of a new run.

    Shipped models were trained on simulated frames, which are in nobody's data.

    Parameters
    ----------
    init : str or None
        Model that the run starts from: a folder or the name of a shipped model; None for random
        initial weights.

    Returns
    -------
    Lineage
        The lineage, `init` first.

    Raises
    ------
    ModelError
        If there is no such model, or its run is damaged.
    """
    if init is None:
        return Lineage()
    folder = find_model(init)
    name = os.path.abspath(folder)  # noqa: PTH100 (resolve() follows links)
    if is_shipped(folder):
        return Lineage((folder.name,))
    run = RunFolder(folder)
    if not run.has_split():
        return Lineage((name,), unknown=(name,))
    before = run_lineage(run)
    frames = before.frames | run.identities()["train"]
    return Lineage((name, *before.models), frames, before.unknown)


def run_lineage(run: RunFolder) -> Lineage:
    """Read the lineage that a run recorded when it started.

    Parameters
    ----------
    run : RunFolder
        The run.

    Returns
    -------
    Lineage
        The models that it started from; empty for random initial weights.

    Raises
    ------
    ModelError
        If its files are damaged.
    """
    facts = run.facts()
    models = tuple(map(str, facts.get("init_chain", ())))
    unknown = tuple(map(str, facts.get("init_unknown", ())))
    if facts.get("init") and not models:  # written by a version that recorded no lineage
        models = unknown = (str(facts["init"]),)
    path = run.path / LINEAGE
    if not path.exists():
        return Lineage(models, unknown=unknown)
    rows = read_table(path, COLUMNS, _identity, fix="train the model again", error=ModelError)
    return Lineage(models, FrameIdentities.of(rows), unknown)


def write_lineage(path: Path, lineage: Lineage) -> None:
    """Write the frames of a lineage, so that they stay known when its models are deleted.

    Parameters
    ----------
    path : Path
        File to write.
    lineage : Lineage
        The lineage.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    with write_table(path, COLUMNS) as table:
        table.writerows((one, "") for one in sorted(lineage.frames.paths))
        table.writerows(("", one.hex()) for one in sorted(lineage.frames.hashes))


def _identity(row: dict[str, str]) -> tuple[str, str]:
    bytes.fromhex(row["hash"])  # raises where it is damaged
    return row["path"], row["hash"]
