"""Whether another judgement of a frame agrees with its excess above the clear sky."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.radiometry.excess import Excess

LOW_PERCENT = 2.0
"""Percentile of the excess above which a frame is wholly warmer than a limit."""


def surely(
    excess: Excess, margins: tuple[float, float] = (0.0, 0.0)
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Find the pixels of which the excess is sure.

    Where only a limit of the clear-sky level is known, it is sure of cloud where the whole frame is
    warmer, and never of clear sky.

    Parameters
    ----------
    excess : Excess
        Excess above the clear sky.
    margins : (float, float)
        By how much it must be below the limit of clear sky, and above that of cloud, as a part of
        their distance.

    Returns
    -------
    clear, cloud : ndarray of bool, shape of the frame
        False where blank, and where it is undecided.
    """
    relative = excess.relative
    clear, cloud = relative < -margins[0], relative > 1 + margins[1]
    if excess.kind == "limit":
        seen = excess.seen
        warm = seen.size and np.percentile(seen, LOW_PERCENT) > excess.cloud_above
        clear, cloud = np.zeros_like(clear), cloud & bool(warm)
    return clear, cloud


def disagreement(excess: Excess, cloud: NDArray[np.bool_]) -> float:
    """Compute the part of a frame in which its excess is sure that a mask is wrong.

    Parameters
    ----------
    excess : Excess
        Excess above the clear sky, see `surely`.
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
    is_clear, is_cloud = surely(excess)
    return float(np.mean((is_clear & cloud | is_cloud & ~cloud)[seen]))
