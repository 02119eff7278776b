"""Set the patch around a click, as the window does."""

from __future__ import annotations

import numpy as np

from napari_iris.masks.edit import paint
from napari_iris.masks.local_threshold import find_patch


def grow_region(
    frame: np.ndarray,
    mask: np.ndarray,
    seed: tuple[int, int],
    value: int,
    tolerance: float | None = None,
) -> np.ndarray:
    """Give the mask with the patch set; without a patch, as it was."""
    patch = find_patch(frame, mask, seed, value, tolerance)
    return mask.copy() if patch is None else paint(mask, patch.pixels, value)
