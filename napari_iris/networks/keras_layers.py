"""Convolutions of the U-Net, computed in fewer operations: the same weights and results."""

from __future__ import annotations

from functools import cache
from typing import Any

from napari_iris.networks.plan import KERNEL


@cache
def join_conv() -> Any:
    """Give the Keras layer for 'double the lower level, join it to the skip, convolve 3x3'.

    A convolution of doubled pixels sees each pixel several times. Adding up the weights first gives
    a transposed convolution of 4x4 with stride 2, on the lower level as it is: 4/9 of the
    operations, and neither the doubled nor the joined tensor is ever made.

    Returns
    -------
    type
        Layer from ``[skip, lower]``, the skip twice the size of the lower level, to ``units``
        filters after ReLU; its weights are those of the plain convolution.
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
    """Give the Keras layer for the last 3x3 convolution, from many planes to one.

    Libraries are slow at it. One product gives what each pixel adds to its nine neighbours; nine
    shifted planes are then added up.

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
    """Add the weights of a 3x3 convolution, kept in float32 whatever is computed in."""
    shape = (KERNEL, KERNEL, planes, units)
    layer.kernel = layer.add_weight(name="kernel", shape=shape, autocast=False)
    layer.bias = layer.add_weight(name="bias", shape=(units,), initializer="zeros", autocast=False)


def _doubled(ops: Any, kernel: Any) -> Any:
    """Kernel of 4x4 that does to a pixel what one of 3x3 does to the 2x2 it is doubled to."""
    for _ in range(2):  # rows, then columns
        first, middle, last = kernel[0], kernel[1], kernel[2]
        kernel = ops.stack([last, middle + last, first + middle, first])
        kernel = ops.swapaxes(kernel, 0, 1)
    return kernel
