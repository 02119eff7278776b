"""Convolutions of the U-Net in fewer operations, with the same weights and results."""

from __future__ import annotations

from functools import cache
from typing import Any

from napari_iris.networks.plan import KERNEL


@cache
def join_conv() -> Any:
    """Define the Keras layer that upsamples, joins and convolves in one.

    A 3x3 convolution of doubled pixels reads each pixel of the lower level several times. Adding up
    these weights first gives a transposed 4x4 convolution with stride 2 on the lower level itself:
    4/9 of the operations, and neither the upsampled nor the joined tensor is ever made.

    Returns
    -------
    type
        Layer that maps ``[skip, lower]``, the skip of twice the size, to ``units`` filters after
        ReLU; its weights are those of the plain convolution.
    """
    import keras

    class JoinConv(keras.layers.Layer):  # type: ignore[misc]
        def __init__(self, units: int, **settings: Any) -> None:
            super().__init__(**settings)
            self.units = units

        def build(self, shapes: Any) -> None:
            planes = sum(shape[-1] for shape in shapes)
            _add_weights(self, planes, self.units)

        def call(self, tensors: Any) -> Any:
            skip, lower = tensors
            ops, kernel = keras.ops, keras.ops.convert_to_tensor(self.kernel)
            split = skip.shape[-1]
            of_skip = ops.cast(kernel[:, :, :split], skip.dtype)
            of_lower = ops.swapaxes(_doubled(ops, kernel[:, :, split:]), 2, 3)
            near = ops.conv_transpose(lower, ops.cast(of_lower, lower.dtype), 2, padding="same")
            far = ops.conv(skip, of_skip, padding="same")
            return ops.relu(far + ops.cast(self.bias, skip.dtype) + near)

    return JoinConv


@cache
def pixel_logit() -> Any:
    """Define the Keras layer of the last 3x3 convolution, from many planes to one.

    Libraries are slow for a single output plane. One matrix product computes what each pixel
    contributes to its nine neighbours; the nine planes are then shifted and added up.

    Returns
    -------
    type
        Layer whose weights are those of the plain convolution.
    """
    import keras

    class PixelLogit(keras.layers.Layer):  # type: ignore[misc]
        def build(self, shape: Any) -> None:
            _add_weights(self, shape[-1], 1)

        def call(self, tensor: Any) -> Any:
            ops = keras.ops
            rows, columns, planes = tensor.shape[1:]
            kernel = ops.reshape(ops.convert_to_tensor(self.kernel), (KERNEL**2, planes))
            parts = ops.matmul(tensor, ops.transpose(kernel))
            wide = ops.pad(parts, [(0, 0), (1, 1), (1, 1), (0, 0)])
            places = [(up, left) for up in range(KERNEL) for left in range(KERNEL)]
            shifted = [
                wide[:, up : up + rows, left : left + columns, number]
                for number, (up, left) in enumerate(places)
            ]
            return sum(shifted)[..., None] + self.bias

    return PixelLogit


def _add_weights(layer: Any, planes: int, units: int) -> None:
    """Add the weights of a 3x3 convolution, in float32 whatever the precision."""
    shape = (KERNEL, KERNEL, planes, units)
    layer.kernel = layer.add_weight(name="kernel", shape=shape, autocast=False)
    layer.bias = layer.add_weight(name="bias", shape=(units,), initializer="zeros", autocast=False)


def _doubled(ops: Any, kernel: Any) -> Any:
    """Compute the 4x4 kernel that does to a pixel what a 3x3 one does to its doubled pixels.

    Along one axis, output pixel 2i reads the doubled pixels 2i-1, 2i, 2i+1, that is input pixels
    i-1, i, i: weights (a, b + c). Output pixel 2i+1 reads i, i, i+1: (a + b, c). Written as a
    transposed convolution with stride 2, the four taps are c, b + c, a + b, a.
    """
    for _ in range(2):  # rows, then columns
        first, middle, last = kernel[0], kernel[1], kernel[2]
        kernel = ops.stack([last, middle + last, first + middle, first])
        kernel = ops.swapaxes(kernel, 0, 1)
    return kernel
