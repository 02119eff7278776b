"""Frames that show nothing: no mask, no network and no score can be had of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROUNDING = 1e-6
"""Relative range of values that rebinning alone may give a frame with the same value everywhere."""

FLAT = "has the same value everywhere (blank, saturated or shuttered)"
"""What is said of such a frame."""


def is_flat(frame: NDArray[np.floating]) -> bool:
    """Tell whether a frame has the same value everywhere, or none.

    Parameters
    ----------
    frame : ndarray of float, any shape
        In any unit; NaN where blank.
    """
    finite = np.isfinite(frame)
    seen = frame if finite.all() else frame[finite]
    return not seen.size or bool(np.ptp(seen) <= ROUNDING * np.abs(seen).max())
