"""What marks a run of frames on the night: a span, a bracket, and where it ends and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtGui import QPalette

from napari_iris.desk.plots.backend import pg
from napari_iris.desk.plots.colors import curve_color, faded, text_color

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget

    from napari_iris.app.timeline.run_mark import RunMark
    from napari_iris.app.timeline.series import NightSeries

RUN = 4
"""Number of the colour of a run."""

FILL, GROUND = 0.3, 0.9
"""Opacity of the span, and of the ground of the text."""

LINE, HALO = 2.0, 5.0
"""Widths of the bracket, and of what sets it off from a grey strip [pixels]."""

SERIF, LOW = 0.004, 0.03
"""Length of the bracket's serifs, as a part of what is in view, and their distance from
the upper and lower edge, as a part of the height."""


def span(series: NightSeries, run: RunMark, palette: QPalette) -> pg.GraphicsObject:
    """Fill the time from the first to the last frame of a run.

    Parameters
    ----------
    series : NightSeries
        The frames against time.
    run : RunMark
        The run.
    palette : QPalette
        Colours of the window.
    """
    ends = [float(series.x[row] / series.unit) for row in (run.first, run.last)]
    color = curve_color(RUN, palette)
    return pg.LinearRegionItem(ends, movable=False, brush=faded(color, FILL), pen=pg.mkPen(color))


def bracket(
    series: NightSeries,
    run: RunMark,
    view: tuple[float, float],
    height: tuple[float, float],
    palette: QPalette,
) -> list[pg.GraphicsObject]:
    """Draw a bracket about a run: visible on black and on white.

    Parameters
    ----------
    series : NightSeries
        The frames against time.
    run : RunMark
        The run.
    view : (float, float)
        First and last place in view.
    height : (float, float)
        Lower and upper edge.
    palette : QPalette
        Colours of the window.
    """
    start, stop = view
    serif, margin = SERIF * (stop - start), LOW * (height[1] - height[0])
    first, last = _ends(series, run)
    if series.x[run.first] >= start * series.unit:  # half a frame before it may be out of view
        first = max(first, start - 2 * serif)
    if series.x[run.last] <= stop * series.unit:
        last = min(last, stop + 2 * serif)
    low, high = height[0] + margin, height[1] - margin
    x = [first + serif, first, first, first + serif, np.nan, last - serif, last, last, last - serif]
    y = [low, low, high, high, np.nan, low, low, high, high]
    colors = palette.color(QPalette.ColorRole.Window), curve_color(RUN, palette)
    pens = [pg.mkPen(color, width=width) for color, width in zip(colors, (HALO, LINE), strict=True)]
    curves = [pg.PlotCurveItem(x, y, pen=pen, connect="finite") for pen in pens]
    for curve in curves:
        curve.setZValue(1)  # over a selection
    return curves


def label(
    series: NightSeries,
    run: RunMark,
    view: tuple[float, float],
    height: float,
    widget: QWidget,
) -> pg.GraphicsObject | None:
    """Write where a run ends and why, at its end; None where the run is out of view.

    Parameters
    ----------
    series : NightSeries
        The frames against time.
    run : RunMark
        The run.
    view : (float, float)
        First and last place in view.
    height : float
        Height of the text's middle.
    widget : QWidget
        Gives font and colours.
    """
    first, last = _ends(series, run)
    start, stop = view
    if last < start or first > stop:
        return None
    end = min(last, stop)
    is_early = end < (start + stop) / 2
    palette = widget.palette()
    text = pg.TextItem(
        run.text,
        text_color(widget),
        anchor=(0 if is_early else 1, 0.5),
        border=pg.mkPen(curve_color(RUN, palette)),
        fill=faded(palette.color(QPalette.ColorRole.Window), GROUND),
    )
    text.textItem.document().setDocumentMargin(1)
    text.setFont(widget.font())
    text.setPos(end, height)
    text.setZValue(2)
    return text


def _ends(series: NightSeries, run: RunMark) -> tuple[float, float]:
    """Places half way from the run's ends to the frames beside it, in the unit of the axis."""
    half = float(np.median(np.diff(series.x))) / 2 if len(series) > 1 else 0.0
    ends = float(series.x[run.first]) - half, float(series.x[run.last]) + half
    return ends[0] / series.unit, ends[1] / series.unit
