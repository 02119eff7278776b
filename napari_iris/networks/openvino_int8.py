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

RANGE = 0.9
"""Quantile of the frames' largest activations that becomes the range: what a few frames exceed is
clipped, and the values of all others are less coarse."""

TINY = np.float32(1e-12)
"""Least range of a value: a plane of zeros has none, and OpenVINO refuses an empty one."""

HEADROOM = 2
"""Range of the weights' values, in units of the largest weight. CPUs without VNNI add two products
in 16 bits: with half of the values unused no such sum overflows, and all CPUs give the same."""


def quantize(model: Any, inputs: Array) -> Any:
    """Quantize the inner convolutions of a network to 8-bit integers.

    The range of an activation is 0 to what its largest value exceeds in one of ten inputs, that of
    a weight twice the largest weight of its output plane (Jacob et al., 2018: Quantization and
    Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference). What the rounding
    of the weights adds to an output plane on average is subtracted again (Nagel et al., 2019:
    Data-Free Quantization through Weight Equalization and Bias Correction). The first convolution,
    of the frame, and the last, of the logits, are not quantized: they matter most and cost little.

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
    largest = [ops.reduce_max(source, np.arange(1, 4)) for source in sources.values()]
    read = [ops.reduce_mean(node.input_value(0), np.array([2, 3])) for node in inner]
    measured = _of_frames(model, [*largest, *read], inputs)
    for source, highest in zip(sources.values(), measured[: len(sources)], strict=True):
        most = np.maximum(np.quantile(highest, RANGE).astype(np.float32), TINY)
        users = source.get_target_inputs()  # before there is a new one, which must keep its input
        quantized = ops.fake_quantize(source, np.float32(0), most, np.float32(0), most, STEPS)
        for user in users:
            user.replace_source_output(quantized.output(0))
    for node, planes in zip(inner, measured[len(sources) :], strict=True):
        _quantize_weights(ops, node, planes.mean(axis=0))
    return model


def _quantize_weights(ops: Any, node: Any, planes: Array) -> None:
    """Quantize the weights of a convolution that reads planes of these means."""
    weights, kind = node.input_value(1), node.get_type_name()
    values = weights.get_node().data
    # a range per output plane: one plane with large weights does not coarsen the others
    axes = tuple({0, 1, 2, 3} - {OUTPUTS[kind]})
    most = np.maximum(np.abs(values).max(axis=axes, keepdims=True), TINY)
    far = HEADROOM * most
    step = 2 * far / (WEIGHT_STEPS - 1)
    added = (values - np.round(values / step) * step).sum(axis=(2, 3))
    # with a stride of 2, an output pixel reads one weight in four
    missing = added @ planes if kind == "Convolution" else planes @ added / 4
    quantized = ops.fake_quantize(weights, -far, far, -far, far, WEIGHT_STEPS)
    node.input(1).replace_source_output(quantized.output(0))
    users = node.output(0).get_target_inputs()
    corrected = ops.add(node, missing.astype(np.float32).reshape(1, -1, 1, 1))
    for user in users:
        user.replace_source_output(corrected.output(0))


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


def _of_frames(model: Any, outputs: list[Any], inputs: Array) -> list[Array]:
    """Compute some outputs for each frame, one at a time to save memory."""
    library = openvino()
    watch = library.Model(outputs, model.get_parameters(), "measured")
    hints = {"INFERENCE_PRECISION_HINT": "f32"}  # the default, bf16, rounds the ranges themselves
    request = library.compile_model(watch, "CPU", hints).create_infer_request()
    frames = [[one.copy() for one in request.infer(frame[None]).values()] for frame in inputs]
    return [np.concatenate(values) for values in zip(*frames, strict=True)]
