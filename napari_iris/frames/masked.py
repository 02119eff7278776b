"""Masked pixels: NaN in every frame, as blank pixels are."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Float = TypeVar("Float", np.float32, np.float64)


def filled(frame: NDArray[np.generic], dtype: type[Float]) -> NDArray[Float]:
    """Pixel values as floating-point numbers, with NaN where the frame is masked.

    Parameters
    ----------
    frame : ndarray or masked array, any shape
        Pixel values in any unit.
    dtype : type
        `numpy.float32` or `numpy.float64`.

    Returns
    -------
    ndarray of `dtype`, same shape
        The frame itself where it is a plain array of this type.
    """
    if isinstance(frame, np.ma.MaskedArray):
        pixels = frame.data.astype(dtype)
        pixels[np.ma.getmaskarray(frame)] = np.nan
        return pixels
    return np.asarray(frame, dtype)
