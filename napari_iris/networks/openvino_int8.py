"""Quantize an OpenVINO network to 8-bit integers: twice as fast as bfloat16, four times float32."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.networks.libraries import openvino

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float32]

OUTPUTS = {"Convolution": 0, "ConvolutionBackpropData": 1}
"""Axis of the output planes in the weights of each kind of convolution."""

STEPS, WEIGHT_STEPS = 256, 255
"""Number of values of an activation, from 0 upwards, and of a weight, symmetric to 0."""

HEADROOM = 2
"""Range of the weights' values, in units of the largest weight. CPUs without VNNI add two products
in 16 bits: with half of the values unused no such sum overflows, and all CPUs give the same."""


def quantize(model: Any, inputs: Array) -> Any:
    """Quantize the inner convolutions of a network to 8-bit integers.

    The range of an activation is 0 to its largest value on `inputs`, that of a weight twice the
    largest weight of its output plane (Jacob et al., 2018: Quantization and Training of Neural
    Networks for Efficient Integer-Arithmetic-Only Inference). The first convolution, of the frame,
    and the last, of the logits, are not quantized: they matter most and cost little.

    Parameters
    ----------
    model : openvino.Model
        From `build_openvino`; it is modified.
    inputs : ndarray of float32, shape (frames, rows, columns, planes)
        Typical inputs.

    Returns
    -------
    openvino.Model
        The same model.
    """
    ops = openvino().opset13
    inner = [node for node in model.get_ordered_ops() if _is_inner(node)]
    sources = {_source(node).get_node().get_friendly_name(): _source(node) for node in inner}
    # Several convolutions may read one source (a skip): its range is measured, and it is quantized,
    # once. A fake quantization rounds in float32; OpenVINO's compiler replaces it and the
    # convolution that follows by integer arithmetic.
    highest = _highest(model, list(sources.values()), inputs)
    for source, high in zip(sources.values(), highest, strict=True):
        users = source.get_target_inputs()  # before there is a new one, which must keep its input
        quantized = ops.fake_quantize(source, np.float32(0), high, np.float32(0), high, STEPS)
        for user in users:
            user.replace_source_output(quantized.output(0))
    for node in inner:
        weights = node.input_value(1)
        values = weights.get_node().data
        # a range per output plane: one plane with large weights does not coarsen the others
        axes = tuple({0, 1, 2, 3} - {OUTPUTS[node.get_type_name()]})
        # 1e-12: a plane of zeros has no range, and OpenVINO refuses an empty one
        most = np.maximum(np.abs(values).max(axis=axes, keepdims=True), np.float32(1e-12))
        far = HEADROOM * most
        quantized = ops.fake_quantize(weights, -far, far, -far, far, WEIGHT_STEPS)
        node.input(1).replace_source_output(quantized.output(0))
    return model


def _is_inner(node: Any) -> bool:
    """Whether a node is a convolution that is neither the first nor the last."""
    kind = node.get_type_name()
    if kind not in OUTPUTS:
        return False
    planes: int = node.input_value(1).get_shape()[OUTPUTS[kind]]
    # The first reads the frame, not a ReLU; the last has the single plane of the logits.
    return planes > 1 and _source(node).get_node().get_type_name() in ("Relu", "Concat")


def _source(node: Any) -> Any:
    """Return the input of a convolution before pooling, which does not change the values."""
    source = node.input_value(0)
    while source.get_node().get_type_name() == "MaxPool":
        source = source.get_node().input_value(0)
    return source


def _highest(model: Any, sources: list[Any], inputs: Array) -> list[np.float32]:
    """Compute the largest value of activations, one frame at a time to save memory."""
    library = openvino()
    ops = library.opset13
    largest = [ops.reduce_max(source, np.arange(4)) for source in sources]
    watch = library.Model(largest, model.get_parameters(), "largest")
    hints = {"INFERENCE_PRECISION_HINT": "f32"}  # the default, bf16, rounds the ranges themselves
    compiled = library.compile_model(watch, "CPU", hints)
    found = [list(compiled.infer_new_request(one[None]).values()) for one in inputs]
    return [np.float32(max(high, 1e-12)) for high in np.max(np.array(found, np.float32), axis=0)]
