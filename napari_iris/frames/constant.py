"""Frames without contrast, from which no mask, prediction or score can be made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROUNDING = 1e-6
"""Relative range of values that rebinning alone may give a constant frame."""

CONSTANT_FRAME = "has the same value everywhere (blank, saturated or shuttered)"
"""Error text for a frame without contrast."""


def is_constant(frame: NDArray[np.floating]) -> bool:
    """Whether a frame has the same value everywhere, or no value at all.

    Parameters
    ----------
    frame : ndarray of float, any shape
        In any unit; NaN where blank.

    Returns
    -------
    bool
        True if the finite values differ by rounding errors at most.
    """
    finite = np.isfinite(frame)
    seen = frame if finite.all() else frame[finite]
    return not seen.size or bool(np.ptp(seen) <= ROUNDING * np.abs(seen).max())
