"""Whether another judgement of a frame agrees with its excess above the clear sky."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.radiometry.excess import Excess

LOW_PERCENT = 2.0
"""Percentile of the excess above which a frame is wholly warmer than a limit."""


def disagreement(excess: Excess, cloud: NDArray[np.bool_]) -> float:
    """Compute the part of a frame in which its excess is sure that a mask is wrong.

    Parameters
    ----------
    excess : Excess
        Excess above the clear sky. Where only a limit of the clear-sky level is known, it is sure
        of cloud where the whole frame is warmer, and never of clear sky.
    cloud : ndarray of bool, shape of the frame
        What the mask calls cloud.

    Returns
    -------
    float
        From 0 to 1; 0 for a blank frame.
    """
    seen = np.isfinite(excess.values)
    if not seen.any():
        return 0.0
    is_clear, is_cloud = excess.values < excess.clear_below, excess.values > excess.cloud_above
    if excess.kind == "limit":
        warm = np.percentile(excess.values[seen], LOW_PERCENT) > excess.cloud_above
        is_clear, is_cloud = np.zeros_like(is_clear), is_cloud & warm
    return float(np.mean((is_clear & cloud | is_cloud & ~cloud)[seen]))
