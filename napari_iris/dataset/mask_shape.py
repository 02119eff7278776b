"""Rebin a frame and its mask to the input shape of a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import FrameError
from napari_iris.frames.constant import CONSTANT_FRAME, is_constant
from napari_iris.frames.rebin import MINIMUM_SIDE, rebin, rebin_colour
from napari_iris.labels import CLOUD, IGNORE, SKY

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def rebin_mask(mask: NDArray[np.uint8], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Rebin a mask by majority of the area, as the simulator does its truth.

    A pixel is ignored if more than half of its area is ignored; else it is cloud if more than half
    of the area that is not ignored is cloud.

    Parameters
    ----------
    mask : ndarray of uint8, shape (rows, columns)
        0 sky, 1 cloud, 2 ignore; finer or coarser than `shape`.
    shape : (int, int)
        Rows and columns [pixels].

    Returns
    -------
    ndarray of uint8, shape `shape`
        0 sky, 1 cloud, 2 ignore.

    Raises
    ------
    IrisError
        If the mask or `shape` is too small to rebin.
    """
    if mask.shape == shape:
        return mask
    cloud = rebin(mask == CLOUD, shape)  # fractions of the area
    if not (mask == IGNORE).any():
        return np.where(cloud > 0.5, CLOUD, SKY).astype(np.uint8)
    ignored = rebin(mask == IGNORE, shape)
    # cloud / (1 - ignored) > 1/2, without dividing by zero
    label = np.where(cloud > (1 - ignored) / 2, CLOUD, SKY)
    return np.where(ignored > 0.5, IGNORE, label).astype(np.uint8)


def rebin_sample(
    path: Path,
    frame: NDArray[np.float32],
    mask: NDArray[np.uint8] | None,
    shape: tuple[int, int],
) -> tuple[NDArray[np.float32], NDArray[np.uint8] | None]:
    """Rebin a frame by area mean and its mask by majority; blank pixels are ignored in the mask.

    Parameters
    ----------
    path : Path
        File of the frame, for error messages.
    frame : ndarray of float32, shape (rows, columns) or, in colour, (rows, columns, 3)
        In any unit; NaN where blank.
    mask : ndarray of uint8 or None
        0 sky, 1 cloud, 2 ignore; of any shape, over the same field of view.
    shape : (int, int)
        Rows and columns [pixels].

    Returns
    -------
    frame : ndarray of float32, shape `shape` or, in colour, (rows, columns, 3)
        NaN where blank.
    mask : ndarray of uint8, shape `shape`, or None
        0 sky, 1 cloud, 2 ignore.

    Raises
    ------
    FrameError
        If the frame is blank, flat or too small.
    """
    check_frame(path, frame)
    small = rebin(frame, shape) if frame.ndim == 2 else rebin_colour(frame, shape)
    if mask is None:
        return small, None
    seen = np.isfinite(small if frame.ndim == 2 else small.sum(axis=-1))
    return small, np.where(seen, rebin_mask(mask, shape), IGNORE).astype(np.uint8)


def check_frame(path: Path, frame: NDArray[np.float32]) -> None:
    """Refuse a frame that is useless for training and prediction.

    Parameters
    ----------
    path : Path
        File of the frame, for error messages.
    frame : ndarray of float32, shape (rows, columns) or, in colour, (rows, columns, 3)
        In any unit; NaN where blank.

    Raises
    ------
    FrameError
        If it is blank, has the same value everywhere, or is too small.
    """
    if min(frame.shape[:2]) < MINIMUM_SIDE:
        size = " x ".join(map(str, frame.shape))
        raise FrameError(path, f"is only {size} pixels", f"each side needs {MINIMUM_SIDE} or more")
    if not np.isfinite(frame).any():
        raise FrameError(path, "is blank: every pixel is NaN", "reject or remove it")
    if is_constant(frame):
        raise FrameError(path, CONSTANT_FRAME, "reject or remove it")
