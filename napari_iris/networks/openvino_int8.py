"""A network of OpenVINO's in 8-bit integers: half the time of bfloat16, a quarter of float32."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float32]

OUTPUTS = {"Convolution": 0, "ConvolutionBackpropData": 1}
"""Axis of a convolution's weights that its output planes are on."""

STEPS, WEIGHT_STEPS = 256, 255
"""Values of an activation, from 0 upwards, and of a weight, to both sides of 0."""

REACH = 2
"""How far a weight's steps reach, in units of the largest weight. With half of the steps in use no
sum of two products overflows 16 bits, in which CPUs without VNNI add: all answer alike."""


def in_int8(model: Any, inputs: Array) -> Any:
    """Have a network's inner convolutions multiply 8-bit integers.

    An activation's steps reach from 0 to the largest value that it has on `inputs`, a weight's to
    twice the largest of its output plane (Jacob et al., 2018: Quantization and Training of Neural
    Networks for Efficient Integer-Arithmetic-Only Inference). The first convolution, which sees the
    frame, and the last, which gives the logit, stay as they are: they decide much and cost little.

    Parameters
    ----------
    model : openvino.Model
        As `build_openvino` makes it; it is changed.
    inputs : ndarray of float32, shape (frames, rows, columns, planes)
        Typical ones.

    Returns
    -------
    openvino.Model
        The same.
    """
    from openvino import opset13 as ops

    inner = [node for node in model.get_ordered_ops() if _is_inner(node)]
    sources = {_source(node).get_node().get_friendly_name(): _source(node) for node in inner}
    highest = _highest(model, list(sources.values()), inputs)
    for source, high in zip(sources.values(), highest, strict=True):
        users = source.get_target_inputs()
        stepped = ops.fake_quantize(source, np.float32(0), high, np.float32(0), high, STEPS)
        for user in users:
            user.replace_source_output(stepped.output(0))
    for node in inner:
        weights = node.input_value(1)
        values = weights.get_node().data
        axes = tuple({0, 1, 2, 3} - {OUTPUTS[node.get_type_name()]})
        most = np.maximum(np.abs(values).max(axis=axes, keepdims=True), np.float32(1e-12))
        far = REACH * most
        stepped = ops.fake_quantize(weights, -far, far, -far, far, WEIGHT_STEPS)
        node.input(1).replace_source_output(stepped.output(0))
    return model


def _is_inner(node: Any) -> bool:
    """Whether it is a convolution from some layer to another."""
    kind = node.get_type_name()
    if kind not in OUTPUTS:
        return False
    planes: int = node.input_value(1).get_shape()[OUTPUTS[kind]]
    return planes > 1 and _source(node).get_node().get_type_name() in ("Relu", "Concat")


def _source(node: Any) -> Any:
    """Where a convolution's input comes from, before it is pooled: pooling keeps the steps."""
    source = node.input_value(0)
    while source.get_node().get_type_name() == "MaxPool":
        source = source.get_node().input_value(0)
    return source


def _highest(model: Any, sources: list[Any], inputs: Array) -> list[np.float32]:
    """Largest value of some activations, above 0."""
    import openvino
    from openvino import opset13 as ops

    largest = [ops.reduce_max(source, np.arange(4)) for source in sources]
    watch = openvino.Model(largest, model.get_parameters(), "largest")
    hints = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = openvino.compile_model(watch, "CPU", hints)
    found = [list(compiled.infer_new_request(one[None]).values()) for one in inputs]
    return [np.float32(max(high, 1e-12)) for high in np.max(np.array(found, np.float32), axis=0)]
