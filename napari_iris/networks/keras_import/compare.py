"""Compare a described model with ours, by computing both on noise."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.errors import ModelError
from napari_iris.networks.keras_import.layer import FIX, IDENTITIES
from napari_iris.networks.keras_import.naming import name_weights
from napari_iris.networks.keras_network import build_keras, set_keras_weights
from napari_iris.networks.libraries import tensorflow
from napari_iris.networks.plan import shapes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.networks.keras_import.arrays import LayerWeights
    from napari_iris.networks.keras_import.layer import Layer
    from napari_iris.networks.spec import NetworkSpec
    from napari_iris.networks.weights import Weights

TOLERANCE = 1e-4
"""Largest difference of logits, relative to the largest logit: rounding of float32 alone."""


def matching_weights(
    path: Path, spec: NetworkSpec, layers: Sequence[Layer], arrays: Sequence[LayerWeights]
) -> tuple[Weights, float]:
    """Name the weights of a described model so that our network computes the same.

    Logits are compared, not probabilities, which may all be 0 or 1 on noise.

    Parameters
    ----------
    path : Path
        The file, for error messages.
    spec : NetworkSpec
        The network with these kernels.
    layers : sequence of Layer
        The described layers.
    arrays : sequence of (ndarray, ndarray)
        Kernels and biases: of the convolutions, then of the dense layers.

    Returns
    -------
    weights : dict of str to ndarray of float32
        By name in the weights file.
    difference : float
        Largest difference of probabilities on noise.

    Raises
    ------
    ModelError
        If the described model does not compute what ours does, whatever the order of its joins.
    """
    rng = np.random.default_rng(0)
    size = (*spec.shape, spec.planes)
    # Both signs: a negative input passes where a ReLU is missing.
    noise = np.stack([rng.random(size), rng.normal(size=size)]).astype(np.float32)
    with tensorflow().device("CPU"):  # a GPU would round to TF32
        theirs = _described_logits(path, spec, layers, arrays, noise)
        ours = build_keras(spec)
        for lower_first in (False, True):
            weights = name_weights(spec, arrays, lower_first=lower_first)
            set_keras_weights(ours, weights)
            logits = ours.predict_on_batch(noise)
            if logits.shape != theirs.shape:
                break
            if np.abs(logits - theirs).max() <= TOLERANCE * np.abs(theirs).max():
                return weights, float(np.abs(_sigmoid(logits) - _sigmoid(theirs)).max())
    reason = f"does not compute what a {spec.kind} with its kernels does"
    raise ModelError(path, reason, FIX)


def _described_logits(
    path: Path,
    spec: NetworkSpec,
    layers: Sequence[Layer],
    arrays: Sequence[LayerWeights],
    noise: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Compute the logits of a described model, built from our own calls alone."""
    largest = max(map(prod, shapes(spec).values()))
    try:
        model = _build(layers, arrays)
        for layer in model.layers:  # symbolic so far: nothing of this size has been allocated
            if prod(layer.output.shape[1:]) > largest:
                raise ValueError(f"{layer.output.shape[1:]} is larger than any layer of ours")
        logits: NDArray[np.float32] = model.predict_on_batch(noise)
    except Exception as error:  # Keras raises a dozen types where layers do not fit together
        reason = f"describes layers that do not fit together ({str(error)[:100]})"
        raise ModelError(path, reason, FIX) from error
    return logits


def _build(layers: Sequence[Layer], arrays: Sequence[LayerWeights]) -> Any:
    """Build a described model, without a sigmoid at its end."""
    import keras

    last = next(one for one in reversed(layers) if one.kind not in IDENTITIES)
    tensors: dict[str, Any] = {}
    weighted: dict[str, list[Any]] = {"Conv2D": [], "Dense": []}
    for layer in layers:
        inputs = [tensors[name] for name in layer.inputs]
        if layer.kind == "InputLayer":
            start = tensors[layer.name] = keras.Input(layer.size)
            continue
        ends = layer is last and layer.activation == "sigmoid"
        built = _layer(layer, "linear" if ends else layer.activation)
        tensors[layer.name] = built(inputs if layer.kind == "Concatenate" else inputs[0])
        if layer.kind in weighted:
            weighted[layer.kind].append(built)
    for built, pair in zip([*weighted["Conv2D"], *weighted["Dense"]], arrays, strict=True):
        built.set_weights(list(pair))
    return keras.Model(start, tensors[layers[-1].name])


def _layer(layer: Layer, activation: str) -> Any:
    from keras import layers

    padding = "same" if layer.same else "valid"
    make = {
        "Conv2D": lambda: layers.Conv2D(layer.units, 3, padding=padding, activation=activation),
        "MaxPooling2D": lambda: layers.MaxPooling2D(2),
        "UpSampling2D": lambda: layers.UpSampling2D(2),
        "Resizing": lambda: layers.Resizing(*layer.size, interpolation="nearest"),
        "Concatenate": layers.Concatenate,
        "Flatten": layers.Flatten,
        "Dense": lambda: layers.Dense(layer.units, activation=activation),
        "Activation": lambda: layers.Activation(activation),
        "ReLU": layers.ReLU,
    }
    return make.get(layer.kind, layers.Identity)()


def _sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    probability: NDArray[np.float64] = np.exp(-np.logaddexp(0, -logits.astype(np.float64)))
    return probability
