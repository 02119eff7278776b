"""Whether a fitted temperature can be trusted: enough errors and frames, better than chance."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.metrics.calibration import MAX_TEMPERATURE, MIN_TEMPERATURE, is_at_bound
from napari_iris.numbers import format_count

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.metrics.counts import Counts

MIN_ERRORS = 20
"""Wrong predictions, pixels or frames, that a temperature needs to be fitted on."""

MIN_FRAMES = 3
"""Frames with clear sky, and frames with cloud, that it needs."""


def distrust_temperature(
    temperature: float, cloud: NDArray[np.floating], counts: Counts, mcc: float
) -> str:
    """Explain why a temperature that was fitted on validation frames must not be used.

    Parameters
    ----------
    temperature : float
        As `fit_temperature` gives it; NaN where the truth has one class only.
    cloud : ndarray of float, shape (frames,)
        True cloud fraction of each frame, or 0 and 1 for its class; NaN where not known.
    counts : Counts
        Confusion matrix of all frames.
    mcc : float
        Lower end of the MCC's confidence interval; the MCC itself without one.

    Returns
    -------
    str
        The reason; empty where the temperature can be used.
    """
    for has, what in ((cloud < 1, "clear sky"), (cloud > 0, "cloud")):
        count = int(np.count_nonzero(has))
        if count < MIN_FRAMES:
            return f"{format_count(count, 'validation frame')} with {what}, {MIN_FRAMES} are needed"
    if counts.false + counts.missed < MIN_ERRORS:
        return "it is nearly always right on the validation frames"
    if not mcc > 0:
        return "it is not clearly better than chance on the validation frames"
    if not isfinite(temperature) or is_at_bound(temperature):
        tried = f"{MIN_TEMPERATURE:g} to {MAX_TEMPERATURE:g}"
        return f"none from {tried} fits the validation frames"
    return ""
