"""Masked pixels: NaN in every frame, as blank pixels are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def filled(frame: NDArray[np.generic]) -> NDArray[np.float32]:
    """Pixel values as float32, with NaN where the frame is masked.

    Parameters
    ----------
    frame : ndarray or masked array, any shape
        Pixel values in any unit.

    Returns
    -------
    ndarray of float32, same shape
        The frame itself where it is a plain float32 array.
    """
    if isinstance(frame, np.ma.MaskedArray):
        pixels = frame.data.astype(np.float32)
        pixels[np.ma.getmaskarray(frame)] = np.nan
        return pixels
    return np.asarray(frame, dtype=np.float32)
