"""A Keras model's description as a list of plain layers; what is no VGG8 or U-Net is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_iris.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIX = "give a VGG8 or U-Net of convolutions, pooling, nearest resizing, joins and dense layers"

IDENTITIES = {"Dropout", "SpatialDropout2D", "GaussianNoise", "GaussianDropout"}
"""Layers that do nothing in prediction."""

KINDS = {
    *IDENTITIES,
    *("InputLayer", "Conv2D", "MaxPooling2D", "UpSampling2D", "Resizing", "Concatenate"),
    *("Flatten", "Dense", "Activation", "ReLU", "TFOpLambda"),
}
"""Layers that are known; all others are refused."""

FUNCTIONS = {"image.resize": "Resizing", "concat": "Concatenate", "nn.relu": "ReLU"}
"""TensorFlow functions in a model of Keras 2 that are the same as a layer."""

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
"""Settings that a layer of ours has; one that is not in the file is at its default, which is so."""


@dataclass(frozen=True)
class Layer:
    """One layer.

    Attributes
    ----------
    name, kind : str
        Its name in the file, and its Keras class.
    inputs : tuple of str
        Layers that it takes the output of.
    units : int
        Filters or units.
    same : bool
        Whether a convolution keeps the size.
    activation : {'linear', 'relu', 'sigmoid'}
        What follows it.
    size : tuple of int
        Rows and columns that it resizes to; rows, columns and planes of an input.
    """

    name: str
    kind: str
    inputs: tuple[str, ...]
    units: int = 0
    same: bool = False
    activation: str = "linear"
    size: tuple[int, ...] = ()


def read_graph(path: Path, config: dict[str, Any]) -> list[Layer]:
    """List the layers of a described model; the last one gives its output.

    Nothing but numbers and known words is taken from the description.

    Raises
    ------
    ModelError
        If a layer is none of ours, with its name.
    """
    try:
        layers = list(_layers(path, config))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        reason = f"has a description that is not understood ({error!r})"
        raise ModelError(path, reason, FIX) from error
    taken = {name for layer in layers for name in layer.inputs}
    ends = [layer for layer in layers if layer.name not in taken]
    starts = [layer for layer in layers if layer.kind == "InputLayer"]
    if len(ends) != 1 or len(starts) != 1:
        raise ModelError(path, f"has {len(starts)} inputs and {len(ends)} outputs, not one", FIX)
    if ends != layers[-1:]:
        raise ModelError(path, f"lists layers after its last one, {ends[0].name!r}", FIX)
    return layers


def _layers(path: Path, config: dict[str, Any]) -> Iterator[Layer]:
    kind, inside = config["class_name"], config["config"]
    if kind not in ("Sequential", "Functional", "Model"):
        raise ModelError(path, f"is a {str(kind)[:40]!r}, not a plain model of layers", FIX)
    before: str | None = None
    described = inside if isinstance(inside, list) else inside["layers"]  # the first Keras 2
    if kind == "Sequential" and described[0]["class_name"] != "InputLayer":
        yield Layer("input", "InputLayer", (), size=_input_size(path, described[0]["config"]))
        before = "input"
    for one in described:
        inputs: tuple[str, ...] = () if before is None else (before,)
        if kind != "Sequential":
            inputs = tuple(_inputs(one.get("inbound_nodes", ())))
        layer = _layer(path, one, inputs)
        before = layer.name
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
    return Layer(
        name,
        kind,
        inputs,
        int(settings.get("filters", settings.get("units", 0))),
        settings.get("padding") == "same",
        "relu" if kind == "ReLU" else _activation(path, name, settings.get("activation")),
        size,
    )


def _check(path: Path, name: str, kind: str, settings: dict[str, Any]) -> None:
    """See that a layer's settings are those of our networks."""
    for key, wanted in PLAIN.get(kind, {}).items():
        found = settings.get(key, wanted)
        if isinstance(found, tuple):
            found = list(found)
        if found is None and key in ("strides", "data_format"):
            found = wanted
        if isinstance(wanted, list) and isinstance(found, int):
            found = [found] * len(wanted)
        if found != wanted:
            reason = f"has a {kind} ({name!r}) with {key} {str(found)[:40]}, not {wanted}"
            raise ModelError(path, reason, FIX)
    if kind == "Concatenate" and settings.get("axis", -1) not in (-1, 3):
        raise ModelError(path, f"has a join ({name!r}) of another axis than the planes", FIX)


def _activation(path: Path, name: str, found: Any) -> str:
    """Name an activation; a description of one is taken by its name alone."""
    while isinstance(found, dict):
        found = found.get("config", found.get("class_name"))
    word = "linear" if found is None else str(found).lower()
    if word not in ("linear", "relu", "sigmoid"):
        raise ModelError(path, f"has the activation {word[:40]!r} ({name!r})", FIX)
    return word


def _input_size(path: Path, settings: dict[str, Any]) -> tuple[int, ...]:
    shape = settings.get("batch_shape") or settings.get("batch_input_shape") or ()
    size = tuple(shape[1:])
    if len(size) != 3 or not all(isinstance(side, int) for side in size):
        reason = f"has an input of {size}, not of so many rows, columns and planes"
        raise ModelError(path, reason, FIX)
    return size


def _function(path: Path, name: str, one: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Read a TensorFlow function of Keras 2 as the layer that does the same."""
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
    """Names of the layers that a node takes, as Keras 2 or Keras 3 writes them."""
    if isinstance(node, dict):
        history = node.get("config", {}) if node.get("class_name") == "__keras_tensor__" else {}
        if "keras_history" in history:
            yield str(history["keras_history"][0])
            return
        node = [node[key] for key in ("args", "kwargs") if key in node]
    if not isinstance(node, list | tuple):
        return
    if len(node) > 2 and isinstance(node[0], str) and isinstance(node[1], int):
        yield node[0]
        return
    for one in node:
        yield from _inputs(one)


def _settings(node: Any) -> dict[str, Any]:
    """Find the settings of a function's call among its inputs."""
    if isinstance(node, dict):
        return node
    found: dict[str, Any] = {}
    if isinstance(node, list | tuple):
        for one in node:
            found.update(_settings(one))
    return found
