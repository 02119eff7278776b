"""Input normalization: the same in training and prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.frames.rebin import normalise
from napari_iris.masks.recipe import recipe
from napari_iris.masks.zscale import zscale_limits

if TYPE_CHECKING:
    from numpy.typing import NDArray

Normalisation = Literal["zscale", "recipe", "full-scale"]
"""By the zscale limits of the frame, by stretch and threshold of the recipe, or ADU / 2**14."""

CONTRAST = 0.9
"""Contrast of the zscale interval, as in the published recipe."""

LOWEST, HIGHEST = -0.5, 1.5
"""Scaled values are clipped to this range; 0 to 1 are the zscale limits."""

STRETCH = 1e5
"""Strength of the logarithmic stretch, as in the published recipe."""


def network_input(frame: NDArray[np.floating], how: Normalisation) -> NDArray[np.float32]:
    """Normalize a binned frame for a network.

    With 'zscale' the lower zscale limit of the frame becomes 0 and the upper one 1, so that neither
    level nor gain matters; clear and cloudy frames are treated alike. 'recipe' then applies the
    logarithm of the recipe, to both sides of the lower limit, and subtracts the Otsu threshold of
    the frame: the recipe's cloud is above 0, and the network has to learn only where the recipe is
    wrong. The threshold depends on the whole frame, which a convolution does not see.

    Parameters
    ----------
    frame : ndarray of float, shape (rows, columns)
        The binned frame, in any unit; NaN where blank.
    how : {'zscale', 'recipe', 'full-scale'}
        The normalization.

    Returns
    -------
    ndarray of float32, shape (rows, columns)
        Within -0.5 to 1.5 with 'zscale', -2 to 1 with 'recipe'; 0 where blank, and everywhere if
        a frame has one value only ('recipe').
    """
    values = np.asarray(frame, np.float64)
    seen = np.isfinite(values)
    if not seen.any():
        return np.zeros(values.shape, np.float32)
    if how == "full-scale":
        return np.where(seen, normalise(np.where(seen, values, 0)), 0).astype(np.float32)
    low, high = zscale_limits(values, CONTRAST)
    span = high - low or 1.0  # a flat frame has no span
    scaled = (np.where(seen, values, low) - low) / span
    if how == "zscale":
        return np.clip(scaled, LOWEST, HIGHEST).astype(np.float32)
    try:
        threshold = recipe(values, STRETCH, CONTRAST).threshold
    except IrisError:  # one value everywhere: Otsu has nothing to split
        return np.zeros(values.shape, np.float32)
    above = _curve(scaled) - _curve(np.float64((threshold - low) / span))
    return np.where(seen, above, 0).astype(np.float32)


def _curve(scaled: NDArray[np.float64] | np.float64) -> NDArray[np.float64]:
    """Apply the logarithm of the recipe to -1..1, mirrored at 0.

    The recipe clips at its lower limit, where many pixels become one value; mirrored, pixels below
    the limit keep their differences.
    """
    inner = np.clip(scaled, -1, 1)
    size = np.log1p(STRETCH * np.abs(inner)) / np.log1p(STRETCH)
    curved: NDArray[np.float64] = np.sign(inner) * size
    return curved
