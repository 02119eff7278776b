"""Find a model: its folder by path or by name, the classifier of its card, its network."""

from __future__ import annotations

import re
from pathlib import Path

from napari_iris.errors import IrisError, ModelError
from napari_iris.networks.card import CARD, read_card
from napari_iris.networks.spec import CHANNELS, NetworkSpec
from napari_iris.resources import models_folder

KERAS_FILES = (".keras", ".h5", ".hdf5")


def find_model(name: str | Path) -> Path:
    """Find a model by its folder or, for shipped models, by its name.

    Parameters
    ----------
    name : str or Path
        Folder, or name of a shipped model.

    Returns
    -------
    Path
        The model folder.

    Raises
    ------
    ModelError
        If there is none.
    """
    folder = Path(name)
    if _is_file(folder / CARD):
        return folder
    if _is_file(folder):
        raise _no_folder(folder)
    shipped = models_folder() / str(name)
    if re.fullmatch(r"[\w.-]+", str(name)) and _is_file(shipped / CARD):
        return shipped
    have = ", ".join(sorted(path.parent.name for path in models_folder().glob(f"*/{CARD}")))
    fix = f"give a model folder{f', or one of: {have}' if have else ''}"
    raise ModelError(folder, "is not a model", fix)


def find_classifier(name: str | Path) -> Path | None:
    """Find the classifier that a model card names, to be applied before the model.

    Parameters
    ----------
    name : str or Path
        Folder of the model, or name of a shipped model.

    Returns
    -------
    Path or None
        The classifier's folder; None if the card names none.

    Raises
    ------
    ModelError
        If there is no such model, or its card is damaged, or its classifier is missing.
    """
    folder = find_model(name)
    classifier = read_card(folder).classifier
    if not classifier:
        return None
    beside = folder.absolute().with_name(classifier)
    try:
        return beside if _is_file(beside / CARD) else find_model(classifier)
    except ModelError as error:
        reason = f"requires the classifier {classifier}, which is missing"
        raise ModelError(folder, reason, "give --classifier MODEL, or --classifier none") from error


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name too long for a file
        return False


def _no_folder(file: Path) -> ModelError:
    """Explain what to do with a file given as a model."""
    if file.suffix.lower() in KERAS_FILES:
        fix = "import it first: napari-iris import-model"
        return ModelError(file, "is a Keras file, not a model folder", fix)
    return ModelError(file, "is a file, not a model folder", "give its folder")


def network_of(name: str) -> NetworkSpec:
    """Find the network of a model, or the published network of a kind.

    Parameters
    ----------
    name : str
        Model folder, name of a shipped model, or 'unet' or 'vgg8'.

    Returns
    -------
    NetworkSpec
        The network.

    Raises
    ------
    IrisError
        If there is none of that name.
    """
    for kind in CHANNELS:
        if name == kind:
            return NetworkSpec(kind=kind)
    try:
        return read_card(find_model(name)).network
    except ModelError as error:
        if Path(name).exists():
            raise
        raise IrisError(f"{error}, or {' or '.join(CHANNELS)} for the published ones") from error
