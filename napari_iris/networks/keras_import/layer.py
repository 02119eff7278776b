"""One layer of a Keras model, if it is one that a VGG8 or a U-Net has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_iris.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

FIX = "give a VGG8 or U-Net of convolutions, pooling, nearest resizing, joins and dense layers"

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


def read_layer(path: Path, one: dict[str, Any], inputs: tuple[str, ...]) -> Layer:
    """Read the description of a layer.

    Parameters
    ----------
    path : Path
        The file, for messages.
    one : dict
        The description, as Keras wrote it.
    inputs : tuple of str
        Names of the layers before it.

    Returns
    -------
    Layer
        The layer.

    Raises
    ------
    ModelError
        If a VGG8 or a U-Net has no such layer.
    """
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
        size = input_size(path, settings)
    elif kind == "Resizing":
        size = (int(settings["height"]), int(settings["width"]))
    activation = "relu" if kind == "ReLU" else _activation(path, name, settings.get("activation"))
    if len(inputs) != {"InputLayer": 0, "Concatenate": 2}.get(kind, 1):
        raise ModelError(path, f"has a {kind} ({name!r}) with {len(inputs)} inputs", FIX)
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
        raise ModelError(path, f"has a join ({name!r}) along an axis other than the planes", FIX)


def _activation(path: Path, name: str, found: Any) -> str:
    """Return the name of an activation; of a described one only the name is used."""
    while isinstance(found, dict):  # Keras would import what it names
        found = found.get("config", found.get("class_name"))
    word = "linear" if found is None else str(found).lower()
    if word not in ("linear", "relu", "sigmoid"):
        raise ModelError(path, f"has the activation {word[:40]!r} ({name!r})", FIX)
    return word


def input_size(path: Path, settings: dict[str, Any]) -> tuple[int, ...]:
    """Read rows, columns and planes of the input from the settings of the first layer.

    Parameters
    ----------
    path : Path
        The file, for messages.
    settings : dict
        The settings.

    Returns
    -------
    tuple of int
        Rows, columns and planes.

    Raises
    ------
    ModelError
        If they are not fixed.
    """
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


def _settings(node: Any) -> dict[str, Any]:
    """Collect the keyword arguments of a function call from among its inputs."""
    if isinstance(node, dict):
        return node
    found: dict[str, Any] = {}
    if isinstance(node, list | tuple):
        for one in node:
            found.update(_settings(one))
    return found
