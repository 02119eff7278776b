"""How a frame becomes a network's input: the same in training and in prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from napari_iris.frames.rebin import normalise
from napari_iris.masks.zscale import zscale_limits

if TYPE_CHECKING:
    from numpy.typing import NDArray

Normalisation = Literal["zscale", "stretch", "full-scale"]
"""By the frame's zscale limits, by the recipe's stretch of these, or ADU / 2**14 as published."""

CONTRAST = 0.9
"""Contrast of the zscale interval, as in the published recipe."""

LOWEST, HIGHEST = -0.5, 1.5
"""What is further outside of the zscale limits is clipped to these."""

STRETCH = 1e5
"""How steep the logarithm is, as in the published recipe."""

INNER = 99.0
"""Percent of the pixels that the stretch brings to -1..1; the rest may be dead or hot pixels."""


def network_input(frame: NDArray[np.floating], how: Normalisation) -> NDArray[np.float32]:
    """Normalise a binned frame for a network.

    With 'zscale' the frame's lower zscale limit becomes 0 and its upper one 1, so that neither
    level nor gain matters; clear and cloudy frames are treated alike. 'stretch' continues with the
    recipe's logarithm, to both sides of 0, and brings the middle `INNER` percent of the pixels to
    -1..1: where Otsu's threshold splits a cloudy frame is then nearly the same value in each.

    Parameters
    ----------
    frame : ndarray of float, shape (rows, columns)
        The binned frame, in any unit; NaN where blank.
    how : {'zscale', 'stretch', 'full-scale'}
        Which normalisation.

    Returns
    -------
    ndarray of float32, shape (rows, columns)
        About 0 to 1, with 'zscale' within -0.5 to 1.5; about -1 to 1 with 'stretch'. 0 where blank.
    """
    values = np.asarray(frame, np.float64)
    seen = np.isfinite(values)
    if not seen.any():
        return np.zeros(values.shape, np.float32)
    if how == "full-scale":
        return np.where(seen, normalise(np.where(seen, values, 0)), 0).astype(np.float32)
    low, high = zscale_limits(values, CONTRAST)
    scaled = (np.where(seen, values, low) - low) / ((high - low) or 1.0)
    if how == "zscale":
        return np.clip(scaled, LOWEST, HIGHEST).astype(np.float32)
    inner = np.clip(scaled, -1, 1)
    curved = np.sign(inner) * np.log1p(STRETCH * np.abs(inner))
    low, high = np.percentile(curved[seen], [50 - INNER / 2, 50 + INNER / 2])
    return np.where(seen, 2 * (curved - low) / ((high - low) or 1.0) - 1, 0).astype(np.float32)
