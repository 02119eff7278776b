"""Take a published Keras model in: as numbers and a card, checked against what Keras computes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.errors import ModelError
from napari_iris.io.atomic import make_folder
from napari_iris.networks.card import CARD, ModelCard, write_card
from napari_iris.networks.keras_import.file import read_keras_file
from napari_iris.networks.keras_import.match import find_spec, match, name_weights
from napari_iris.networks.keras_import.rebuild import rebuild
from napari_iris.networks.keras_network import build_keras, set_keras_weights
from napari_iris.networks.libraries import tensorflow
from napari_iris.networks.weights import WEIGHTS, save_weights

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.networks.keras_import.file import KerasFile
    from napari_iris.networks.normalisation import Normalisation
    from napari_iris.networks.spec import NetworkSpec
    from napari_iris.networks.weights import Weights

AGREES = 1e-5
"""Difference of probabilities up to which two networks are the same."""

USUAL = (128, 160)
"""Rows and columns of the published networks' input."""


@dataclass(frozen=True)
class Imported:
    """What was taken in.

    Attributes
    ----------
    card : ModelCard
        The model's card.
    difference : float or None
        Largest difference of probabilities between the file's model and ours, on noise; None for a
        file of weights alone, which says nothing of the model.
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
    """Take a ``.keras`` or ``.h5`` file in as a model folder.

    Nothing in the file is run. A whole model has to be built like one of ours, layer by layer; in
    a file of weights alone, the layers are taken in the file's order.

    Parameters
    ----------
    path : Path
        The file.
    out : Path
        Folder to make.
    normalisation : {'full-scale', 'zscale', 'recipe'}
        How its frames became its input.
    shape : (int, int), optional
        Rows and columns of its input, of a file of weights alone; by default 128 by 160.
    lower_first : bool, optional
        Whether its joins put the lower level before the skip, of a file of weights alone.
    licence : str
        Licence of the data that it was trained on.

    Raises
    ------
    ModelError
        If it is no VGG8 or U-Net, damaged, or does not give the same as ours.
    """
    if (out / CARD).exists():
        raise ModelError(out, "holds a model already", "choose another --out")
    file = read_keras_file(path)
    difference: float | None = None
    if file.layers is None:
        spec = find_spec(path, file.weights, shape or USUAL)
        weights = name_weights(spec, file.weights, lower_first=bool(lower_first))
    else:
        if shape is not None or lower_first is not None:
            reason = "describes its model: --shape and --lower-first are for weights alone"
            raise ModelError(path, reason, "leave them out")
        start = next(layer for layer in file.layers if layer.kind == "InputLayer")
        spec = find_spec(path, file.weights, (start.size[0], start.size[1]))
        weights, squashed = match(path, spec, file.layers, file.weights)
        difference = _compare(path, spec, weights, file, squashed=squashed)
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


def _compare(
    path: Path,
    spec: NetworkSpec,
    weights: Weights,
    file: KerasFile,
    *,
    squashed: bool,
) -> float:
    """Compare what the file's model gives with what ours gives, on noise."""
    tensorflow()
    noise = np.random.default_rng(0).random((2, *spec.shape, spec.planes), np.float32)
    ours = build_keras(spec)
    set_keras_weights(ours, weights)
    theirs = rebuild(file.layers or [], file.weights)
    logits, answers = ours.predict_on_batch(noise), theirs.predict_on_batch(noise)
    found = answers if squashed else _sigmoid(answers)
    difference = float(np.max(np.abs(_sigmoid(logits) - found)))
    if not difference <= AGREES:
        reason = f"gives other probabilities than ours, by up to {difference:.2g}"
        raise ModelError(path, reason, "it cannot be taken in")
    return difference


def _sigmoid(logits: Any) -> Any:
    return np.exp(-np.logaddexp(0, -np.asarray(logits, np.float64)))
