"""Build a network in Keras."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_iris.networks.plan import KERNEL, plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.networks.spec import NetworkSpec
    from napari_iris.networks.weights import Weights


def build_keras(spec: NetworkSpec, *, policy: str = "float32") -> Any:
    """Build a network; its output is a logit.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    policy : str
        Keras' dtype policy: 'float32', 'mixed_bfloat16' or 'mixed_float16'. Weights and logits
        are float32 in each.

    Returns
    -------
    keras.Model
        From (batch, rows, columns, planes) to (batch, rows, columns, 1) or (batch, 1).
    """
    import keras

    start = tensor = keras.Input((*spec.shape, spec.planes), name="input")
    kept: dict[str, Any] = {}
    for step in plan(spec):
        last = step.name == "logit"
        settings: dict[str, Any] = {"name": step.name, "dtype": "float32" if last else policy}
        activation = "relu" if step.relu else None
        if step.op == "conv":
            padding = "same" if step.same else "valid"
            tensor = keras.layers.Conv2D(
                step.units, KERNEL, padding=padding, activation=activation, **settings
            )(tensor)
        elif step.op == "pool":
            tensor = keras.layers.MaxPooling2D(2, **settings)(tensor)
        elif step.op == "up":
            skip = kept[step.skip]
            near = keras.layers.Resizing(
                *skip.shape[1:3], interpolation="nearest", name=f"{step.name}_near", dtype=policy
            )(tensor)
            tensor = keras.layers.Concatenate(**settings)([skip, near])
        elif step.op == "flatten":
            tensor = keras.layers.Flatten(**settings)(tensor)
        else:
            tensor = keras.layers.Dense(step.units, activation=activation, **settings)(tensor)
        kept[step.name] = tensor
    return keras.Model(start, tensor, name=spec.kind)


def set_keras_weights(model: Any, weights: Mapping[str, NDArray[np.float32]]) -> None:
    """Put weights, by their names in the weights file, into a Keras model."""
    for layer in model.layers:
        if f"{layer.name}/kernel" in weights:
            layer.set_weights([weights[f"{layer.name}/{part}"] for part in ("kernel", "bias")])


def keras_weights(model: Any) -> Weights:
    """Give a Keras model's weights by their names in the weights file."""
    return {
        f"{layer.name}/{part}": value
        for layer in model.layers
        for part, value in zip(("kernel", "bias"), layer.get_weights(), strict=False)
    }
