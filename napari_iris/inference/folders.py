"""Model folders: list them, tell what they hold, rename them, delete them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from napari_iris.errors import ModelError
from napari_iris.frames.paths import natural_key
from napari_iris.networks.card import CARD, find_model, read_card
from napari_iris.resources import is_shipped, models_folder

if TYPE_CHECKING:
    from napari_iris.networks.card import ModelCard

BEGUN = "run/config.json"
"""What a training run that has no best epoch yet has instead of a card."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""Names that every file system, shell and FITS header takes."""

TRASH = ".trash"
"""Folder beside the models for those that were deleted."""


@dataclass(frozen=True)
class ModelEntry:
    """One model folder.

    Attributes
    ----------
    folder : Path
        The folder.
    card : ModelCard or None
        What is known of the model; None where the card is damaged or missing.
    size : int
        Bytes of all its files.
    shipped : bool
        Whether it came with napari-iris.
    problem : str
        What is wrong with the card, in one line; empty for nothing.
    """

    folder: Path
    card: ModelCard | None
    size: int
    shipped: bool
    problem: str = ""

    @property
    def name(self) -> str:
        """Name of the model."""
        return self.folder.name


def list_models(*places: Path) -> list[ModelEntry]:
    """List the models right in some folders, each in natural order; no weights are read.

    Parameters
    ----------
    *places : Path
        Folders of model folders; by default that of the shipped models. One that does not exist
        has none.

    Returns
    -------
    list of ModelEntry
        Damaged ones too, with what is wrong with them.
    """
    found = []
    for place in places or (models_folder(),):
        if place.is_dir():
            inside = sorted(place.iterdir(), key=lambda path: natural_key(os.fsencode(path.name)))
            found += [_entry(one) for one in inside if one.name[0] != "." and is_model(one)]
    return found


def describe_model(name: str | Path) -> ModelEntry:
    """Tell what is known of one model; no weights are read.

    Raises
    ------
    ModelError
        If there is no such model, or its card is damaged.
    """
    folder = find_model(name)
    read_card(folder)
    return _entry(folder)


def rename_model(folder: Path, name: str) -> Path:
    """Give a model another name, in one step.

    Parameters
    ----------
    folder : Path
        The model folder.
    name : str
        Letters without accents, digits, dots, dashes and underscores; a letter or digit first.

    Returns
    -------
    Path
        The folder as it is called now.

    Raises
    ------
    ModelError
        If it is no model, or shipped, or the name is taken or none.
    """
    if not NAME.fullmatch(name):
        fix = "use letters, digits, '.', '-' and '_', a letter or digit first"
        raise ModelError(folder, f"cannot be called {name!r}", fix)
    return _move(folder, folder.absolute().with_name(name))


def delete_model(folder: Path) -> Path:
    """Move a model to the trash beside it, in one step; from there it can be brought back.

    Returns
    -------
    Path
        Where it is now: in the folder ``.trash``, which is a person's to empty.

    Raises
    ------
    ModelError
        If it is no model, or shipped, or cannot be moved.
    """
    trash = folder.absolute().parent / TRASH
    target, number = trash / folder.absolute().name, 1
    while os.path.lexists(target):
        number += 1
        target = trash / f"{folder.absolute().name}-{number}"
    return _move(folder, target)


def is_model(folder: Path) -> bool:
    """Whether a folder is a model's, or that of a training run which will become one."""
    return (folder / CARD).is_file() or (folder / BEGUN).is_file()


def _entry(folder: Path) -> ModelEntry:
    card, problem = None, ""
    try:
        card = read_card(folder)
    except ModelError as error:
        problem = f"{error.reason}; {error.fix}"
    return ModelEntry(folder, card, _size(folder), is_shipped(folder), problem)


def _size(folder: Path) -> int:
    files = (Path(place) / name for place, _, names in os.walk(folder) for name in names)
    return sum(file.lstat().st_size for file in files)


def _move(folder: Path, target: Path) -> Path:
    """Rename a model folder; never onto anything."""
    if not is_model(folder):
        raise ModelError(folder, f"is no model (it has no {CARD})", "give a model folder")
    if is_shipped(folder):
        raise ModelError(folder, "came with napari-iris", "copy it, and change the copy")
    if os.path.lexists(target):
        raise ModelError(target, "is there already", "choose another name")
    try:
        target.parent.mkdir(exist_ok=True)
        return folder.absolute().rename(target)
    except OSError as error:
        reason = f"cannot be moved ({error.strerror})"
        raise ModelError(folder, reason, "ask for permission to its folder") from error
