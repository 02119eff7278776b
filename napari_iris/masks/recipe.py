"""The published recipe: zscale limits, logarithmic stretch, Otsu's threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.frames.constant import CONSTANT_FRAME, is_constant
from napari_iris.frames.masked import filled
from napari_iris.labels import IGNORE
from napari_iris.masks.zscale import zscale_limits

if TYPE_CHECKING:
    from numpy.typing import NDArray


BINS = 256
"""Bins of the histogram that Otsu's threshold is taken of."""

STEPS = 16
"""Steps in 1 ADU of the mean of 16 pixels."""

MOST_STEPS, FARTHEST_STEP = 1 << 16, 1 << 30
"""Range of the steps, and largest one, up to which they are counted rather than sorted."""


@dataclass(frozen=True, eq=False)
class RecipeMask:
    """The recipe's mask of a frame.

    Attributes
    ----------
    mask : ndarray of uint8, shape (rows, columns)
        0 sky, 1 cloud (above the threshold), 2 ignore (blank pixels).
    threshold : float
        The threshold, in the frame's own unit (ADU for a raw frame).
    """

    mask: NDArray[np.uint8]
    threshold: float


def recipe(frame: NDArray[np.floating], a_log: float = 1e5, contrast: float = 0.9) -> RecipeMask:
    """Segment a binned frame into sky and cloud by the published recipe.

    ``LogStretch(a_log)`` is applied after ``ZScaleInterval(contrast)``, and Otsu's threshold is
    taken of the result (Otsu, IEEE Trans. SMC 9, 62, 1979). A threshold is always found:
    about half of a clear frame becomes cloud, hence the sky gate.

    Parameters
    ----------
    frame : ndarray of float, shape (rows, columns)
        The binned frame, in any unit; NaN where blank.
    a_log : float
        Strength of the logarithmic stretch, above 0.
    contrast : float
        Contrast of the zscale interval, above 0.

    Returns
    -------
    RecipeMask
        The mask and its threshold.

    Raises
    ------
    IrisError
        If all values of the frame are equal.
    """
    from astropy.visualization import LogStretch

    is_single = frame.dtype == np.float32
    values = filled(frame, np.float32) if is_single else filled(frame, np.float64)
    finite = np.isfinite(values)
    is_whole = bool(finite.all())
    seen = values.ravel() if is_whole else values[finite]
    ends = np.array([seen.min(), seen.max()] if seen.size else [], np.float64)
    if is_constant(ends):
        raise IrisError(CONSTANT_FRAME)
    ranked, below = _ranked(seen)
    low, high = zscale_limits(seen, contrast)
    span = high - low or 1.0  # as astropy has it where nearly all pixels are equal
    stretch = LogStretch(a_log)
    if span < 0:  # as zscale has it in some frames where nearly all pixels are equal
        ranked, below = ranked[::-1], below[-1] - below[::-1]
    stretched = stretch((ranked - low) / span)
    cut = _otsu(stretched, below)
    sky = int(np.searchsorted(stretched, cut, side="right"))
    first = values.dtype.type(ranked[sky] if sky < ranked.size else np.copysign(np.inf, span))
    mask = (values >= first if span > 0 else values <= first).astype(np.uint8)
    if not is_whole:
        mask[~finite] = IGNORE
    return RecipeMask(mask, float(low + stretch.inverse(np.atleast_1d(cut))[0] * span))


def _ranked(values: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Sort values, and count those below each, and all.

    Means of 16 whole numbers, as of most cameras, are multiples of 1/16: these are counted, which
    takes a quarter of the time; each is then given once.
    """
    steps = values * values.dtype.type(STEPS)
    lowest, highest = float(steps.min()), float(steps.max())
    if highest - lowest < MOST_STEPS and abs(lowest) < FARTHEST_STEP:
        whole = steps.astype(np.int32)
        if (whole == steps).all():
            counts = np.bincount(whole - np.int32(lowest))
            found = np.flatnonzero(counts)
            return (found + lowest) / STEPS, np.append(0, np.cumsum(counts[found]))
    return np.sort(values).astype(np.float64), np.arange(values.size + 1)


def _otsu(ranked: NDArray[np.float64], below: NDArray[np.intp]) -> float:
    """Otsu's threshold of sorted values, as scikit-image computes it, whose histogram is slower."""
    from skimage.filters import threshold_otsu

    if ranked[0] == ranked[-1]:
        return float(ranked[0])
    edges = np.linspace(ranked[0], ranked[-1], BINS + 1)
    places = below[np.searchsorted(ranked, edges)]
    places[-1] = below[-1]  # the last bin has both of its edges
    return float(threshold_otsu(hist=(np.diff(places), (edges[:-1] + edges[1:]) / 2)))
