"""Build a network in Keras."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_iris.networks.keras_layers import join_conv, pixel_logit
from napari_iris.networks.plan import KERNEL, plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.networks.plan import Step
    from napari_iris.networks.spec import NetworkSpec
    from napari_iris.networks.weights import Weights


def build_keras(spec: NetworkSpec, *, policy: str = "float32", fused: bool = False) -> Any:
    """Build a network in Keras; its output is logits.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    policy : str
        Keras dtype policy: 'float32', 'mixed_bfloat16' or 'mixed_float16'. Weights and logits are
        always float32.
    fused : bool
        Whether to use the layers of `keras_layers`, which compute joins and logits in fewer
        operations; weights and results are the same.

    Returns
    -------
    keras.Model
        Maps (batch, rows, columns, planes) to (batch, rows, columns, 1) or (batch, 1).
    """
    import keras

    start = tensor = keras.Input((*spec.shape, spec.planes), name="input")
    outputs: dict[str, Any] = {}
    for step in plan(spec):
        dtype = "float32" if step.name == "logit" else policy
        if step.op == "up":
            tensor = _join(outputs[step.skip], tensor, step, dtype, fused=fused)
        else:
            tensor = _layer(step, dtype, tensor, fused=fused)(tensor)
        outputs[step.name] = tensor
    return keras.Model(start, tensor, name=spec.kind)


def _layer(step: Step, dtype: str, tensor: Any, *, fused: bool) -> Any:
    """Make the layer of a step, for the input `tensor` or, after a fused join, [skip, lower]."""
    from keras import layers

    settings: dict[str, Any] = {"name": step.name, "dtype": dtype}
    activation = "relu" if step.relu else None
    if isinstance(tensor, list):
        return join_conv()(step.units, **settings)
    if step.name == "logit" and step.op == "conv" and fused:
        return pixel_logit()(**settings)
    if step.op == "conv":
        padding = "same" if step.same else "valid"
        return layers.Conv2D(step.units, KERNEL, padding=padding, activation=activation, **settings)
    if step.op == "pool":
        return layers.MaxPooling2D(2, **settings)
    if step.op == "flatten":
        return layers.Flatten(**settings)
    return layers.Dense(step.units, activation=activation, **settings)


def _join(skip: Any, lower: Any, step: Step, dtype: str, *, fused: bool) -> Any:
    """Join the lower level to the skip; if fused, as a list that the next layer joins itself."""
    from keras import layers

    size = skip.shape[1:3]
    if fused and size == tuple(2 * side for side in lower.shape[1:3]):
        return [skip, lower]
    near = layers.Resizing(*size, interpolation="nearest", name=f"{step.name}_near", dtype=dtype)
    return layers.Concatenate(name=step.name, dtype=dtype)([skip, near(lower)])


def set_keras_weights(model: Any, weights: Mapping[str, NDArray[np.float32]]) -> None:
    """Set the weights of a Keras model.

    Parameters
    ----------
    model : keras.Model
        From `build_keras`.
    weights : mapping of str to ndarray of float32
        By name in the weights file.
    """
    for layer in model.layers:
        if f"{layer.name}/kernel" in weights:
            layer.set_weights([weights[f"{layer.name}/{part}"] for part in ("kernel", "bias")])


def keras_weights(model: Any) -> Weights:
    """Return the weights of a Keras model.

    Parameters
    ----------
    model : keras.Model
        From `build_keras`.

    Returns
    -------
    dict of str to ndarray of float32
        By name in the weights file.
    """
    return {
        f"{layer.name}/{part}": value
        for layer in model.layers
        for part, value in zip(("kernel", "bias"), layer.get_weights(), strict=False)
    }
