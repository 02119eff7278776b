"""Histograms of brightness and of probability, for clear and cloud pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.evaluation.figures.style import (
    CLEAR_COLOUR,
    CLOUD_COLOUR,
    GREY,
    PAGE_MM,
    letter,
    new_figure,
)
from napari_iris.frames.rebin import is_normalised
from napari_iris.labels import CLOUD, SKY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from napari_iris.evaluation.examples import Example
    from napari_iris.evaluation.pooled_scores import PooledScores

STEPS = 80


def draw_histograms(examples: Sequence[Example], block: PooledScores) -> Figure:
    """Draw both histograms.

    Parameters
    ----------
    examples : sequence of Example
        Frames whose brightness is shown.
    block : PooledScores
        Results over pixels, for the probabilities.
    """
    figure = new_figure(PAGE_MM, 62)
    brightness, probability = figure.subplots(1, 2)
    _brightness(brightness, examples)
    _probability(probability, block)
    brightness.legend()
    letter(brightness, "a")
    letter(probability, "b")
    return figure


def _brightness(axes: Axes, examples: Sequence[Example]) -> None:
    masked = [(one.frame, one.mask) for one in examples if one.mask is not None]
    values = np.concatenate([frame[mask <= CLOUD] for frame, mask in masked])
    low, high = np.percentile(values, [0.1, 99.9])
    edges = np.linspace(low, max(high, low + 1e-9), STEPS + 1)
    for label, colour, name in ((SKY, CLEAR_COLOUR, "clear"), (CLOUD, CLOUD_COLOUR, "cloud")):
        some = np.concatenate([frame[mask == label] for frame, mask in masked])
        axes.stairs(np.histogram(some, edges)[0] / len(values), edges, color=colour, label=name)
    unit = "ADU / 2¹⁴" if is_normalised(masked[0][0]) else "ADU"
    axes.set(xlabel=f"brightness [{unit}]", ylabel=f"fraction of pixels, {len(masked)} frames")
    axes.set_ylim(bottom=0)


def _probability(axes: Axes, block: PooledScores) -> None:
    """Draw the histogram of the probability of each class."""
    edges = np.linspace(0, 1, len(block.histogram) + 1)
    for numbers, colour in zip(block.histogram.T, (CLEAR_COLOUR, CLOUD_COLOUR), strict=True):
        axes.stairs(numbers / block.count, edges, baseline=None, color=colour)
    if np.isfinite(block.threshold):
        axes.axvline(block.threshold, color=GREY, linestyle=":", linewidth=0.8)
    axes.set_yscale("log")
    axes.set(xlim=(0, 1), xlabel="probability of cloud", ylabel="fraction of all pixels")
