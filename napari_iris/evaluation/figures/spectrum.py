"""Azimuthal power spectra of clear and of cloudy frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.evaluation.figures.style import (
    CLEAR_COLOUR,
    CLOUD_COLOUR,
    COLUMN_MM,
    new_figure,
)
from napari_iris.evaluation.spectrum import azimuthal_power
from napari_iris.frames.rebin import is_normalised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure
    from numpy.typing import NDArray


def draw_spectrum(
    clear: Sequence[NDArray[np.float32]], cloudy: Sequence[NDArray[np.float32]]
) -> Figure:
    """Draw the median spectrum of each class, and the range of the middle two thirds.

    Parameters
    ----------
    clear, cloudy : sequence of ndarray of float32, shape (rows, columns)
        Binned frames of one shape, in ADU; either may be empty, not both.
    """
    unit = "(ADU / 2¹⁴)" if is_normalised((*clear, *cloudy)[0]) else "ADU"
    figure = new_figure(COLUMN_MM, 70)
    axes = figure.subplots()
    for frames, colour, name in ((clear, CLEAR_COLOUR, "clear"), (cloudy, CLOUD_COLOUR, "cloudy")):
        if not frames:
            continue
        spectra = [azimuthal_power(frame) for frame in frames]
        low, middle, high = np.percentile([power for _, power in spectra], [16, 50, 84], axis=0)
        axes.plot(spectra[0][0], middle, color=colour, label=f"{name} ({len(frames)} frames)")
        axes.fill_between(spectra[0][0], low, high, color=colour, alpha=0.25, linewidth=0)
    axes.set(xscale="log", yscale="log")
    axes.set(xlabel="spatial frequency [cycles / pixel]", ylabel=f"power [{unit}²]")
    axes.legend()
    return figure
