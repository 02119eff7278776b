"""Model folders: list, describe, rename and delete them."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from napari_iris.errors import ModelError
from napari_iris.frames.paths import natural_key
from napari_iris.inference.baseline_check import baseline_caution
from napari_iris.networks.card import CARD, read_card
from napari_iris.networks.find import find_classifier, find_model
from napari_iris.networks.weights import WEIGHTS, check_weights
from napari_iris.resources import is_shipped, models_folder
from napari_iris.training.run_folder import RUN, RunFolder

if TYPE_CHECKING:
    from napari_iris.networks.card import ModelCard
    from napari_iris.networks.spec import Kind

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
        What is known of the model; None where it is damaged.
    shipped : bool
        Whether it came with napari-iris.
    problem : str
        What is wrong with the card or the weights, in one line; empty for nothing.
    classifier : Path or None
        Folder of the classifier that runs before it, by its card; None for none, or a missing one.
    caution : str
        Which baseline it is no better than; empty for none, or where that is not known.

    Examples
    --------
    >>> import napari_iris as iris
    >>> model = iris.list_models()[0]
    >>> model.name, model.shipped, model.classifier.name
    ('unet-lwir', True, 'vgg8-lwir')
    """

    folder: Path
    card: ModelCard | None
    shipped: bool
    problem: str = ""
    classifier: Path | None = None
    caution: str = ""

    @property
    def name(self) -> str:
        """Name of the model."""
        return self.folder.name

    @property
    def kind(self) -> Kind | None:
        """Network, unet or vgg8; None where the folder is damaged."""
        return None if self.card is None else self.card.network.kind

    @property
    def size(self) -> int:
        """Bytes of all its files now."""
        files = (Path(at) / name for at, _, names in os.walk(self.folder) for name in names)
        return sum(file.lstat().st_size for file in files)


def list_models(*places: Path) -> list[ModelEntry]:
    """List the models directly in some folders, each in natural order.

    Of the weights only the names and shapes are read, not the numbers.

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
    return [read_entry(folder) for folder in find_model_folders(*places)]


def find_model_folders(*places: Path) -> list[Path]:
    """Find the model folders in some folders, each in natural order.

    Parameters
    ----------
    *places : Path
        Folders of model folders; by default that of the shipped models. One that does not exist
        has none.

    Returns
    -------
    list of Path
        Folders of models, damaged ones too, and of training runs without a best epoch yet.
    """
    found = []
    for place in places or (models_folder(),):
        if place.is_dir():
            inside = sorted(place.iterdir(), key=lambda path: natural_key(os.fsencode(path.name)))
            found += [one for one in inside if one.name[0] != "." and is_model(one)]
    return found


def describe_model(name: str | Path) -> ModelEntry:
    """Read what is known of one model, but not the numbers of its weights.

    Parameters
    ----------
    name : str or Path
        A model folder, or the name of a shipped model.

    Returns
    -------
    ModelEntry
        The model.

    Raises
    ------
    ModelError
        If there is no such model, or its card or its weights are damaged.
    """
    folder = find_model(name)
    check_weights(folder / WEIGHTS, read_card(folder).network)
    return read_entry(folder)


def read_entry(folder: Path) -> ModelEntry:
    """Read what is known of one model folder; damage is described, not raised.

    Parameters
    ----------
    folder : Path
        The model folder.

    Returns
    -------
    ModelEntry
        Its entry. Of the weights only the names and shapes are read.
    """
    card, problem, classifier, caution = None, "", None, ""
    try:
        card = read_card(folder)
        check_weights(folder / WEIGHTS, card.network)
    except ModelError as error:
        card = None
        where = "" if error.path in (folder, folder / CARD) else f"{Path(error.path).name} "
        problem = f"{where}{error.reason}; {error.fix}"
    else:
        with suppress(ModelError):  # a missing classifier
            classifier = find_classifier(folder)
        caution = baseline_caution(folder, card.network.kind, card.metrics)
    return ModelEntry(folder, card, is_shipped(folder), problem, classifier, caution)


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
        If it is not a model, or shipped, or being trained, or the name is taken or none.
    """
    if wrong_name(name):
        raise ModelError(folder, *wrong_name(name).rsplit("; ", 1))
    return _move(folder, folder.absolute().with_name(name))


def delete_model(folder: Path) -> Path:
    """Move a model to the trash beside it, in one step; it can be restored from there.

    Parameters
    ----------
    folder : Path
        The model folder.

    Returns
    -------
    Path
        Its folder inside ``.trash``, which is never emptied automatically.

    Raises
    ------
    ModelError
        If it is not a model, or shipped, or being trained, or cannot be moved.
    """
    trash = folder.absolute().parent / TRASH
    target, number = trash / folder.absolute().name, 1
    while os.path.lexists(target):
        number += 1
        target = trash / f"{folder.absolute().name}-{number}"
    return _move(folder, target)


def wrong_name(name: str) -> str:
    """Check the name of a model.

    Parameters
    ----------
    name : str
        A name for a model folder.

    Returns
    -------
    str
        What is wrong with it and what is allowed, in one line; empty for a valid name.
    """
    if NAME.fullmatch(name):
        return ""
    rule = "use letters, digits, '.', '-' and '_', a letter or digit first"
    return f"cannot be called {name!r}; {rule}"


def is_model(folder: Path) -> bool:
    """Whether a folder is a model, or a training run that will become one.

    Parameters
    ----------
    folder : Path
        Any folder.

    Returns
    -------
    bool
        False where there is no such folder.
    """
    return (folder / CARD).is_file() or (folder / BEGUN).is_file()


def _move(folder: Path, target: Path) -> Path:
    """Rename a model folder; never onto anything, nor while it is trained."""
    if is_shipped(folder) or _is_shipped_name(folder):
        reason = "is shipped with napari-iris"
        raise ModelError(folder, reason, "copy it, and change the copy")
    if not is_model(folder):
        raise ModelError(folder, f"is not a model (it has no {CARD})", "give a model folder")
    if os.path.lexists(target) and not _differs_by_case(folder, target):
        raise ModelError(target, "already exists", "choose another name")
    try:
        if (folder / RUN).is_dir():
            with RunFolder(folder).lock():
                pass  # no other process trains into it
        target.parent.mkdir(exist_ok=True)
        return folder.absolute().rename(target)
    except OSError as error:
        reason = f"cannot be moved ({error.strerror})"
        raise ModelError(folder, reason, "ask for permission to its folder") from error


def _is_shipped_name(folder: Path) -> bool:
    """Whether a model is given by the name of a shipped one."""
    is_name = len(folder.parts) == 1 and not os.path.lexists(folder)
    return is_name and is_model(models_folder() / folder)


def _differs_by_case(folder: Path, target: Path) -> bool:
    """Whether two names are of one folder where upper and lower case are one."""
    one, other = folder.absolute().name, target.name
    return one != other and one.casefold() == other.casefold() and target.samefile(folder)
