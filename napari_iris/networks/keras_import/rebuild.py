"""Build a described model in Keras from known layers alone, to compare it with ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_iris.networks.keras_import.graph import Layer
    from napari_iris.networks.keras_import.match import Pair


def rebuild(layers: Sequence[Layer], pairs: Sequence[Pair]) -> Any:
    """Build a model layer by layer, as its file describes it.

    Keras itself would build whatever a file names. Here it gets our own calls only.

    Parameters
    ----------
    layers : sequence of Layer
        The layers, from `read_graph`.
    pairs : sequence of (ndarray, ndarray)
        Kernels and biases: of the convolutions, then of the dense layers.

    Returns
    -------
    keras.Model
        The model with its weights.
    """
    import keras

    tensors: dict[str, Any] = {}
    weighted: dict[str, list[Any]] = {"Conv2D": [], "Dense": []}
    for layer in layers:
        inputs = [tensors[name] for name in layer.inputs]
        if layer.kind == "InputLayer":
            start = tensors[layer.name] = keras.Input(layer.size)
            continue
        made = _made(layer)
        tensors[layer.name] = made(inputs if layer.kind == "Concatenate" else inputs[0])
        if layer.kind in weighted:
            weighted[layer.kind].append(made)
    model = keras.Model(start, tensors[layers[-1].name])
    for made, pair in zip([*weighted["Conv2D"], *weighted["Dense"]], pairs, strict=True):
        made.set_weights(list(pair))
    return model


def _made(layer: Layer) -> Any:
    from keras import layers

    padding = "same" if layer.same else "valid"
    make = {
        "Conv2D": lambda: layers.Conv2D(
            layer.units, 3, padding=padding, activation=layer.activation
        ),
        "MaxPooling2D": lambda: layers.MaxPooling2D(2),
        "UpSampling2D": lambda: layers.UpSampling2D(2),
        "Resizing": lambda: layers.Resizing(*layer.size, interpolation="nearest"),
        "Concatenate": layers.Concatenate,
        "Flatten": layers.Flatten,
        "Dense": lambda: layers.Dense(layer.units, activation=layer.activation),
        "Activation": lambda: layers.Activation(layer.activation),
        "ReLU": layers.ReLU,
    }
    return make.get(layer.kind, layers.Identity)()
