"""Read the description of a Keras model as a list of layers; others than ours are refused."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from napari_iris.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIX = "give a VGG8 or U-Net of convolutions, pooling, nearest resizing, joins and dense layers"

MAX_LAYERS = 500
"""Far more than any VGG8 or U-Net has."""

IDENTITIES = {"Dropout", "SpatialDropout2D", "GaussianNoise", "GaussianDropout"}
"""Layers without effect in prediction."""

KINDS = {
    *IDENTITIES,
    *("InputLayer", "Conv2D", "MaxPooling2D", "UpSampling2D", "Resizing", "Concatenate"),
    *("Flatten", "Dense", "Activation", "ReLU", "TFOpLambda"),
}
"""The allowlist: other layers are refused."""

FUNCTIONS = {"image.resize": "Resizing", "concat": "Concatenate", "nn.relu": "ReLU"}
"""TensorFlow functions in models of Keras 2, and the layers that compute the same."""

PLAIN: dict[str, dict[str, Any]] = {
    "Conv2D": {
        "kernel_size": [3, 3],
        "strides": [1, 1],
        "dilation_rate": [1, 1],
        "groups": 1,
        "use_bias": True,
        "data_format": "channels_last",
    },
    "MaxPooling2D": {
        "pool_size": [2, 2],
        "strides": [2, 2],
        "padding": "valid",
        "data_format": "channels_last",
    },
    "UpSampling2D": {"size": [2, 2], "interpolation": "nearest", "data_format": "channels_last"},
    "Resizing": {
        "interpolation": "nearest",
        "crop_to_aspect_ratio": False,
        "pad_to_aspect_ratio": False,
        "antialias": False,
        "data_format": "channels_last",
    },
    "Flatten": {"data_format": "channels_last"},
    "Dense": {"use_bias": True},
    "ReLU": {"max_value": None, "negative_slope": 0.0, "threshold": 0.0},
}
"""Settings of the layers of a VGG8 or U-Net; one that the file omits has this default in Keras."""


@dataclass(frozen=True)
class Layer:
    """One layer.

    Attributes
    ----------
    name, kind : str
        Name in the file, and Keras class.
    inputs : tuple of str
        Names of the layers whose outputs are its inputs.
    units : int
        Filters or units.
    same : bool
        Whether a convolution keeps the size (zero padding).
    activation : {'linear', 'relu', 'sigmoid'}
        Activation.
    size : tuple of int
        Rows and columns after resizing; rows, columns and planes of an input.
    """

    name: str
    kind: str
    inputs: tuple[str, ...]
    units: int = 0
    same: bool = False
    activation: str = "linear"
    size: tuple[int, ...] = ()


def read_description(path: Path, description: dict[str, Any]) -> list[Layer]:
    """List the layers of a described model; the last one is its output.

    Parameters
    ----------
    path : Path
        The file, for error messages.
    description : dict
        The JSON description; only numbers and known words are used.

    Returns
    -------
    list of Layer
        The layers, in the order of the description.

    Raises
    ------
    ModelError
        If a layer is not one of a VGG8 or U-Net; the message names it.
    """
    try:
        layers = list(islice(_layers(path, description), MAX_LAYERS + 1))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        reason = f"has a description that is not understood ({error!r})"
        raise ModelError(path, reason, FIX) from error
    if len(layers) > MAX_LAYERS:
        raise ModelError(path, f"has more than {MAX_LAYERS} layers", FIX)
    used = {name for layer in layers for name in layer.inputs}
    ends = [layer for layer in layers if layer.name not in used]
    starts = [layer for layer in layers if layer.kind == "InputLayer"]
    if len(ends) != 1 or len(starts) != 1:
        raise ModelError(path, f"has {len(starts)} inputs and {len(ends)} outputs, not one", FIX)
    if ends != layers[-1:]:
        raise ModelError(path, f"lists layers after its output, {ends[0].name!r}", FIX)
    return layers


def _layers(path: Path, config: dict[str, Any]) -> Iterator[Layer]:
    kind, inside = config["class_name"], config["config"]
    if kind not in ("Sequential", "Functional", "Model"):
        raise ModelError(path, f"is a {str(kind)[:40]!r}, not a plain model of layers", FIX)
    previous: str | None = None
    described = inside if isinstance(inside, list) else inside["layers"]  # Keras before 2.3
    # A sequential model of Keras 2 has no input layer: the first layer has the shape.
    if kind == "Sequential" and described[0]["class_name"] != "InputLayer":
        yield Layer("input", "InputLayer", (), size=_input_size(path, described[0]["config"]))
        previous = "input"
    for one in described:
        inputs: tuple[str, ...] = () if previous is None else (previous,)
        if kind != "Sequential":
            inputs = tuple(_inputs(one.get("inbound_nodes", ())))
        layer = _layer(path, one, inputs)
        previous = layer.name
        yield layer


def _layer(path: Path, one: dict[str, Any], inputs: tuple[str, ...]) -> Layer:
    kind, settings = one["class_name"], one["config"]
    name = str(one.get("name") or settings["name"])
    if kind == "Lambda":
        reason = f"has a Lambda layer ({name!r}): code, which is never run"
        raise ModelError(path, reason, "save the model without it")
    if kind not in KINDS:
        raise ModelError(path, f"has a layer of kind {str(kind)[:40]!r} ({name!r})", FIX)
    if kind == "TFOpLambda":
        kind, settings = _function(path, name, one)
    _check(path, name, kind, settings)
    size: tuple[int, ...] = ()
    if kind == "InputLayer":
        size = _input_size(path, settings)
    elif kind == "Resizing":
        size = (int(settings["height"]), int(settings["width"]))
    activation = "relu" if kind == "ReLU" else _activation(path, name, settings.get("activation"))
    if len(inputs) != {"InputLayer": 0, "Concatenate": 2}.get(kind, 1):
        raise ModelError(path, f"has a {kind} ({name!r}) of {len(inputs)} inputs", FIX)
    units = int(settings.get("filters", settings.get("units", 0)))
    same = settings.get("padding") == "same"
    return Layer(name, kind, inputs, units, same, activation, size)


def _check(path: Path, name: str, kind: str, settings: dict[str, Any]) -> None:
    """Check that the settings of a layer are those of a VGG8 or U-Net."""
    for key, expected in PLAIN.get(kind, {}).items():
        found = settings.get(key, expected)
        if isinstance(found, tuple):
            found = list(found)
        # None means the default: strides of the pool size, the data format of the configuration
        if found is None and key in ("strides", "data_format"):
            found = expected
        if isinstance(expected, list) and isinstance(found, int):
            found = [found] * len(expected)
        if found != expected:
            reason = f"has a {kind} ({name!r}) with {key} {str(found)[:40]}, not {expected}"
            raise ModelError(path, reason, FIX)
    if kind == "Concatenate" and settings.get("axis", -1) not in (-1, 3):
        raise ModelError(path, f"has a join ({name!r}) along another axis than the planes", FIX)


def _activation(path: Path, name: str, found: Any) -> str:
    """Return the name of an activation; of a described one only the name is used."""
    while isinstance(found, dict):  # Keras would import what it names
        found = found.get("config", found.get("class_name"))
    word = "linear" if found is None else str(found).lower()
    if word not in ("linear", "relu", "sigmoid"):
        raise ModelError(path, f"has the activation {word[:40]!r} ({name!r})", FIX)
    return word


def _input_size(path: Path, settings: dict[str, Any]) -> tuple[int, ...]:
    shape = settings.get("batch_shape") or settings.get("batch_input_shape") or ()
    size = tuple(shape[1:])
    if len(size) != 3 or not all(isinstance(side, int) for side in size):
        reason = f"has an input of {size}, not of fixed rows, columns and planes"
        raise ModelError(path, reason, FIX)
    return size


def _function(path: Path, name: str, one: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Translate a TensorFlow function of Keras 2 to the layer that computes the same."""
    function = str(one["config"].get("function"))
    if function not in FUNCTIONS:
        raise ModelError(path, f"has the function {function[:40]!r} ({name!r})", FIX)
    given = _settings(one.get("inbound_nodes", ()))
    if function == "image.resize":
        height, width = given["size"]
        how = given.get("method", "bilinear")
        return "Resizing", {"height": height, "width": width, "interpolation": how}
    return FUNCTIONS[function], given


def _inputs(node: Any) -> Iterator[str]:
    """Yield the names of a node's input layers, as Keras 2 or Keras 3 writes them."""
    if isinstance(node, dict):
        history = node.get("config", {}) if node.get("class_name") == "__keras_tensor__" else {}
        if "keras_history" in history:
            yield str(history["keras_history"][0])
            return
        node = [node[key] for key in ("args", "kwargs") if key in node]
    if not isinstance(node, list | tuple):
        return
    # Keras 2: [layer, node, tensor, arguments]; Keras 3: dictionaries, see above.
    if len(node) > 2 and isinstance(node[0], str) and isinstance(node[1], int):
        yield node[0]
        return
    for one in node:
        yield from _inputs(one)


def _settings(node: Any) -> dict[str, Any]:
    """Collect the keyword arguments of a function call from among its inputs."""
    if isinstance(node, dict):
        return node
    found: dict[str, Any] = {}
    if isinstance(node, list | tuple):
        for one in node:
            found.update(_settings(one))
    return found
