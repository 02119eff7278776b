"""Read the description of a Keras model as a list of layers; others than ours are refused."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from napari_iris.errors import ModelError
from napari_iris.networks.keras_import.layer import FIX, Layer, input_size, read_layer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_LAYERS = 500
"""Far more than any VGG8 or U-Net has."""


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
        yield Layer("input", "InputLayer", (), size=input_size(path, described[0]["config"]))
        previous = "input"
    for one in described:
        inputs: tuple[str, ...] = () if previous is None else (previous,)
        if kind != "Sequential":
            inputs = tuple(_inputs(one.get("inbound_nodes", ())))
        layer = read_layer(path, one, inputs)
        previous = layer.name
        yield layer


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
