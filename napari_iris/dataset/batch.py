"""One batch, and the targets of its samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.dataset.sample_table import CLEAR, CLOUDY, UNSURE
from napari_iris.labels import CLOUD, CLOUDY_FROM, IGNORE
from napari_iris.masks.mask_file import cloud_fraction

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Target = tuple[NDArray[np.float32], NDArray[np.float32]]
    """Targets and their weights."""

NEAR = 2.0
"""A cloud fraction within this factor of the limit does not decide the class of a frame."""

MOST = 0.5
"""Share of ignored pixels above which a mask without cloud does not: it may be among them."""


@dataclass(eq=False)
class Batch:
    """One batch; its shapes are constant within a `Batches`.

    Attributes
    ----------
    x : ndarray of float32, shape (n, rows, columns, planes)
        Inputs of the network: of the unchanged frames, then of the augmented copies.
    y : ndarray of float32, shape (n, rows, columns, 1), or (n, 1) for VGG8
        Targets: 0 clear, 1 cloud.
    weight : ndarray of float32, shape like `y`
        1 for valid targets; 0 for ignored pixels, frames without a label, and frames that only
        fill up the last batch of an ordered set.
    rows : ndarray of int, shape (n,)
        Row of each sample in its source.
    count : int
        Unchanged frames that are new in this epoch: ``batch_size``, or fewer in the last batch.
    """

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    weight: NDArray[np.float32]
    rows: NDArray[np.intp]
    count: int


def pixel_target(mask: NDArray[np.uint8] | None, shape: tuple[int, int]) -> Target:
    """Compute the target of the U-Net for one frame.

    Parameters
    ----------
    mask : ndarray of uint8, shape (rows, columns), or None
        0 sky, 1 cloud, 2 ignore.
    shape : (int, int)
        Rows and columns, for a frame without a mask.

    Returns
    -------
    y, weight : ndarray of float32, shape (rows, columns, 1)
        Targets, and 1 where they are valid.
    """
    if mask is None:
        zeros = np.zeros((*shape, 1), np.float32)
        return zeros, zeros
    y, weight = (mask == CLOUD)[..., None], (mask != IGNORE)[..., None]
    return y.astype(np.float32), weight.astype(np.float32)


def frame_target(
    frame_class: int, mask: NDArray[np.uint8] | None, visible: NDArray[np.uint8] | None
) -> Target:
    """Compute the target of VGG8 for one frame.

    A class set by a person takes precedence over the mask. But an augmented copy of a cloudy frame
    from which the cloud was shifted or rotated away counts as clear. A mask that does not decide,
    because its cloud fraction is near the limit or most of it is ignored, has no weight.

    Parameters
    ----------
    frame_class : int
        Index into ``FRAME_CLASSES``; -1 for none.
    mask : ndarray of uint8 or None
        Mask of the whole frame.
    visible : ndarray of uint8 or None
        The mask after augmentation.

    Returns
    -------
    y, weight : ndarray of float32, shape (1,)
        0 clear or 1 cloudy, and whether it is known.
    """
    label = _frame_label(frame_class, mask, visible)
    known = not np.isnan(label)
    return np.array([label if known else 0], np.float32), np.array([known], np.float32)


def _frame_label(
    frame_class: int, mask: NDArray[np.uint8] | None, visible: NDArray[np.uint8] | None
) -> float:
    """Return 0 for clear, 1 for cloudy, NaN for unknown."""
    if frame_class == CLEAR:
        return 0.0
    if frame_class == UNSURE:
        return np.nan
    if mask is None or visible is None:
        return 1.0 if frame_class == CLOUDY else np.nan
    if frame_class == CLOUDY and not cloud_fraction(mask) > CLOUDY_FROM:
        return 1.0  # the mask misses what the person saw: it cannot say where the cloud is
    undecided = 1.0 if frame_class == CLOUDY else np.nan
    return float(cloud_fraction(visible) > CLOUDY_FROM) if _decides(visible) else undecided


def _decides(mask: NDArray[np.uint8]) -> bool:
    """Whether a mask decides the class of its frame."""
    fraction, ignored = cloud_fraction(mask), float(np.mean(mask == IGNORE))
    if CLOUDY_FROM / NEAR < fraction < CLOUDY_FROM * NEAR or np.isnan(fraction):
        return False
    return fraction > CLOUDY_FROM or ignored <= MOST
