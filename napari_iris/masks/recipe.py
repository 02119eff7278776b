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
    from skimage.filters import threshold_otsu

    values = filled(frame, np.float64)
    finite = np.isfinite(values)
    seen = values if finite.all() else values[finite]
    if is_constant(seen):
        raise IrisError(CONSTANT_FRAME)
    low, high = zscale_limits(values, contrast)
    span = high - low or 1.0  # as astropy has it where nearly all pixels are equal
    stretch = LogStretch(a_log)
    stretched = stretch((values - low) / span)
    cut = threshold_otsu(stretched if seen is values else stretched[finite])
    mask = (stretched > cut).astype(np.uint8)
    mask[~finite] = IGNORE
    return RecipeMask(mask, float(low + stretch.inverse(np.atleast_1d(cut))[0] * span))
