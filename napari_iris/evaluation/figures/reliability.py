"""Reliability diagram: observed frequency against predicted probability."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.evaluation.figures.style import (
    BLUE,
    COLUMN_MM,
    GREY,
    PALE,
    letter,
    new_figure,
)
from napari_iris.numbers import format_number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from napari_iris.evaluation.pooled_scores import PooledScores


def draw_reliability(block: PooledScores) -> Figure:
    """Draw the reliability diagram, and a histogram of the probabilities.

    Parameters
    ----------
    block : PooledScores
        Results over pixels.
    """
    figure = new_figure(COLUMN_MM, 100)
    diagram, count = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    found, edges = block.reliability, block.reliability.edges
    ece = format_number(block.scores["model"]["ece"])
    width = edges[1] - edges[0]
    diagram.bar(edges[:-1], found.observed, width, align="edge", color=PALE, edgecolor=GREY, lw=0.4)
    diagram.plot([0, 1], [0, 1], color=GREY, linestyle=":", linewidth=0.8)
    diagram.plot(
        found.predicted, found.observed, "o-", color=BLUE, clip_on=False, label=f"model (ECE {ece})"
    )
    diagram.set(xlim=(0, 1), ylim=(0, 1), ylabel="observed frequency of cloud")
    diagram.legend(loc="upper left")
    count.bar(edges[:-1], found.count, width, align="edge", color=GREY, edgecolor="white", lw=0.4)
    count.set(xlabel="probability of cloud", ylabel="pixels")
    count.set_yscale("symlog", linthresh=1)
    letter(diagram, "a")
    letter(count, "b")
    return figure
