"""Build a network in OpenVINO."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.networks.plan import plan, shapes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from napari_iris.networks.plan import Shape, Step
    from napari_iris.networks.spec import NetworkSpec

ONES = [1, 1]
"""Strides and dilations of a convolution."""

BATCH_ANY = -1
"""Frames at a time that are not known beforehand."""


def build_openvino(
    spec: NetworkSpec, weights: Mapping[str, NDArray[np.float32]], batch: int = BATCH_ANY
) -> Any:
    """Build a network; its output is a logit.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    weights : mapping of str to ndarray of float32
        By name, as in `weight_shapes`.
    batch : int
        Frames at a time; any number by default.

    Returns
    -------
    openvino.Model
        From (batch, rows, columns, planes) to (batch, rows, columns, 1) or (batch, 1).
    """
    import openvino
    from openvino import opset13 as ops

    start = ops.parameter([batch, *spec.shape, spec.planes], np.float32, name="input")
    tensor = ops.transpose(start, [0, 3, 1, 2])
    kept: dict[str, Any] = {}
    for step in plan(spec):
        if step.op in ("conv", "dense"):
            kernel, bias = (weights[f"{step.name}/{part}"] for part in ("kernel", "bias"))
            layer = _convolution if step.op == "conv" else _dense
            tensor = layer(ops, tensor, step, kernel, bias)
        elif step.op == "pool":
            tensor = ops.max_pool(tensor, [2, 2], ONES, [0, 0], [0, 0], [2, 2]).output(0)
        elif step.op == "up":
            tensor = _join(ops, kept[step.skip], tensor, shapes(spec)[step.skip])
        else:  # in the order that Keras and Flax flatten: channels last
            tensor = ops.reshape(ops.transpose(tensor, [0, 2, 3, 1]), [0, -1], special_zero=True)
        kept[step.name] = tensor
    if spec.kind == "unet":
        tensor = ops.transpose(tensor, [0, 2, 3, 1])
    return openvino.Model([tensor], [start], spec.kind)


def _convolution(
    ops: Any, tensor: Any, step: Step, kernel: NDArray[np.float32], bias: NDArray[np.float32]
) -> Any:
    filters = np.ascontiguousarray(kernel.transpose(3, 2, 0, 1))
    pad = "same_upper" if step.same else "valid"
    found = ops.convolution(tensor, filters, ONES, [0, 0], [0, 0], ONES, auto_pad=pad)
    found = ops.add(found, bias.reshape(1, -1, 1, 1))
    return ops.relu(found) if step.relu else found


def _dense(
    ops: Any, tensor: Any, step: Step, kernel: NDArray[np.float32], bias: NDArray[np.float32]
) -> Any:
    found = ops.add(ops.matmul(tensor, kernel, False, False), bias.reshape(1, -1))  # noqa: FBT003
    return ops.relu(found) if step.relu else found


def _join(ops: Any, skip: Any, tensor: Any, shape: Shape) -> Any:
    """Resize to the skip's size by the nearest pixel, as Keras and Flax do, and concatenate."""
    near = ops.interpolate(
        tensor,
        np.array(shape[:2], np.int64),
        mode="nearest",
        shape_calculation_mode="sizes",
        coordinate_transformation_mode="half_pixel",
        nearest_mode="round_prefer_ceil",
        axes=np.array([2, 3], np.int64),
    )
    return ops.concat([skip, near], axis=1)
