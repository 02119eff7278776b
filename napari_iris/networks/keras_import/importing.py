"""Import a published Keras model as a model folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_iris.errors import ModelError
from napari_iris.io.atomic import make_folder
from napari_iris.networks.card import CARD, ModelCard, write_card
from napari_iris.networks.keras_import.compare import matching_weights
from napari_iris.networks.keras_import.file import read_keras_file
from napari_iris.networks.keras_import.naming import find_spec, name_weights
from napari_iris.networks.weights import WEIGHTS, save_weights

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.networks.normalisation import Normalisation

PUBLISHED_SHAPE = (128, 160)
"""Rows and columns of the input of the published networks."""


@dataclass(frozen=True)
class Imported:
    """An imported model.

    Attributes
    ----------
    card : ModelCard
        The model card.
    difference : float or None
        Largest difference of probabilities between the described model and ours, on noise; None
        for a file of weights alone, which describes no model.
    """

    card: ModelCard
    difference: float | None


def import_model(
    path: Path,
    out: Path,
    *,
    normalisation: Normalisation = "full-scale",
    shape: tuple[int, int] | None = None,
    lower_first: bool | None = None,
    licence: str = "",
) -> Imported:
    """Import a ``.keras`` or ``.h5`` file as a model folder.

    Nothing in the file is run. A described model must compute the same as ours; in a file of
    weights alone, the layers are assumed to be in the order of the network.

    Parameters
    ----------
    path : Path
        The file.
    out : Path
        Model folder to create.
    normalisation : {'full-scale', 'zscale', 'recipe'}
        Input normalization it was trained with.
    shape : (int, int), optional
        Rows and columns of its input, for a file of weights alone; by default 128 by 160.
    lower_first : bool, optional
        Whether its joins have the lower level before the skip, for a file of weights alone.
    licence : str
        Licence of the training data.

    Returns
    -------
    Imported
        The model.

    Raises
    ------
    ModelError
        If it is not a VGG8 or U-Net, damaged, or does not compute the same as ours.
    """
    if (out / CARD).exists():
        raise ModelError(out, "already holds a model", "choose another --out")
    file = read_keras_file(path)
    difference: float | None = None
    if file.layers is None:
        spec = find_spec(path, file.weights, shape or PUBLISHED_SHAPE)
        weights = name_weights(spec, file.weights, lower_first=bool(lower_first))
    else:
        if shape is not None or lower_first is not None:
            reason = "describes its model: --shape and --lower-first are for files of weights only"
            raise ModelError(path, reason, "omit them")
        rows, columns, _ = next(one.size for one in file.layers if one.kind == "InputLayer")
        spec = find_spec(path, file.weights, (rows, columns))
        weights, difference = matching_weights(path, spec, file.layers, file.weights)
    card = ModelCard.of(
        spec,
        normalisation=normalisation,
        training={"imported": path.name},
        data_licence=licence,
    )
    make_folder(out)
    save_weights(out / WEIGHTS, weights)
    write_card(out, card)
    return Imported(card, difference)
