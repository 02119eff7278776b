"""Cloud fraction against time, predicted and true."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.evaluation.figures.style import (
    BLUE,
    GREY,
    ORANGE,
    PAGE_MM,
    letter,
    new_figure,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from napari_iris.evaluation.score_table import ScoreTable

MANY = 2000
"""Points from which they are rasterized, to keep the PDF small."""


def draw_cloud_series(table: ScoreTable) -> Figure:
    """Draw the predicted and the true cloud fraction, and their difference.

    Against the time where every frame has one, else against the frame's number.

    Parameters
    ----------
    table : ScoreTable
        Scores of the frames.
    """
    done = table.done & ~np.isnan(table.values["true_cloud_fraction"])
    true, made = (table.values[name][done] for name in ("true_cloud_fraction", "cloud_fraction"))
    times = table.times[done]
    timed = not np.isnat(times).any()
    x: NDArray[np.generic] = times if timed else np.arange(1, len(true) + 1)
    figure = new_figure(PAGE_MM, 84)
    both, difference = figure.subplots(2, 1, sharex=True, height_ratios=[2, 1])
    many = len(true) > MANY
    size = 1.5 if many else 3
    dots = {"linestyle": "", "marker": "o", "rasterized": many, "markeredgewidth": 0}
    both.plot(x, true, color=ORANGE, markersize=1.5 * size, label="true", **dots)
    both.plot(x, made, color=BLUE, markersize=size, label="predicted", **dots)
    both.set(ylim=(-0.03, 1.03), ylabel="cloud fraction")
    figure.legend(*both.get_legend_handles_labels(), loc="outside upper right", ncols=2)
    difference.axhline(0, color=GREY, linewidth=0.6)
    difference.plot(x, made - true, color=BLUE, markersize=size, **dots)
    difference.set(ylabel="predicted − true")
    _x_axis(difference, timed=timed)
    letter(both, "a")
    letter(difference, "b")
    return figure


def _x_axis(axes: Axes, *, timed: bool) -> None:
    if not timed:
        axes.set_xlabel("frame")
        return
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator()
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    axes.set_xlabel("time [UTC]")
