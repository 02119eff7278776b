"""The two plots of the timeline: levels with the clear sky, and cloud cover with the statuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QSize, Signal
from qtpy.QtGui import QColor

from napari_iris.app.timeline.series import NightSeries
from napari_iris.desk.curate.queue_model import STATUS_COLORS
from napari_iris.desk.plots.backend import pg
from napari_iris.desk.plots.colors import curve_color, faded
from napari_iris.desk.plots.frame_plot import FramePlot
from napari_iris.labels import STATUS_NAMES, STATUSES

if TYPE_CHECKING:
    from numpy.typing import NDArray

FLOOR, MEDIAN, CLEAR, COVER, RUN = range(5)
"""Numbers of the colours of the curves."""

BAND = 0.3
"""Opacity of the band of the clear sky."""

AXIS_WIDTH = 52
"""Width of the vertical axes, so that both plots line up [pixels]."""

STRIP = (-0.4, -0.16)
"""Bottom and top of the strip of statuses, in cloud cover."""

STRIP_CELLS = 2048
"""Cells of the strip: more than a window has pixels."""

PERCENT = [[(value, f"{value:.0%}") for value in (0.0, 0.5, 1.0)]]


class NightPlot(FramePlot[NightSeries]):
    """One of the plots; both have the same axis of times.

    Attributes
    ----------
    names : list of str
        Names of its curves in their colours, for the legend of both plots.
    drawn : Signal
        It was drawn anew, perhaps in the colours of another theme.
    run : (int, int) or None
        First and last row of the run of frames that is previewed.
    """

    drawn = Signal()
    height = 60

    def __init__(self) -> None:
        self.names: list[str] = []
        self.run: tuple[int, int] | None = None
        super().__init__()
        self.item.getAxis("left").setWidth(AXIS_WIDTH)
        self.setMinimumHeight(self.height)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Preferred size: the least, for the dock to give what room it has."""
        return QSize(340, self.height)

    def draw(self) -> None:
        """Draw the curves, and the run over them."""
        super().draw()
        series = self.series
        if series is not None and self.run is not None and self.run[1] < len(series):
            ends = [float(series.x[row] / series.unit) for row in self.run]
            color = faded(curve_color(RUN, self.palette()), BAND)
            line = pg.mkPen(curve_color(RUN, self.palette()))
            self.add(pg.LinearRegionItem(ends, movable=False, brush=color, pen=line))

    def show_run(self, run: tuple[int, int] | None) -> None:
        """Mark a run of frames; None for none."""
        if run != self.run:
            self.run = run
            self.redraw()

    def show_names(self, names: list[str]) -> None:
        """Leave the names to the legend."""
        self.names = names[:-1]
        self.drawn.emit()


class LevelPlot(NightPlot):
    """Floor and median of the frames over the clear sky with its uncertainty."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Levels of the night in ADU; the arrow keys step through the frames")
        self.redraw()

    def draw_series(self, series: NightSeries) -> list[str]:
        """Draw the clear sky first, the frames over it."""
        self.item.getAxis("bottom").setStyle(showValues=False, tickLength=0)  # it is below
        limits = series.limits
        self.item.getAxis("left").setTicks([[]] if limits is None else None)
        if limits is not None:
            self.item.setYRange(*limits, padding=0.08)
        self._draw_band(series)
        curves = {
            "clear sky ± σ": (series.reference, CLEAR),
            "median": (series.median, MEDIAN),
            "floor": (series.floor, FLOOR),
        }
        return [
            self.draw_curve(series, values, name, color, marked=color != CLEAR)
            for name, (values, color) in curves.items()
            if not np.isnan(values).all()
        ]

    def values_at(self, series: NightSeries, row: int) -> list[tuple[float, int]]:
        """Give floor and median of a frame."""
        return [(float(series.floor[row]), FLOOR), (float(series.median[row]), MEDIAN)]

    def _draw_band(self, series: NightSeries) -> None:
        edges: list[list[NDArray[np.float64]]] = [[], [], []]
        for part in series.band():
            for edge, values in zip(edges, part, strict=True):
                edge += [values, np.array([np.nan])]
        if edges[0]:
            x, low, high = (np.concatenate(edge) for edge in edges)
            lines = [pg.PlotCurveItem(x / series.unit, y, connect="finite") for y in (low, high)]
            color = faded(curve_color(CLEAR, self.palette()), BAND)
            self.add(pg.FillBetweenItem(*lines, brush=pg.mkBrush(color)))


class CloudPlot(NightPlot):
    """Cloud cover, and the status of each frame in a strip below it."""

    height = 70

    def __init__(self) -> None:
        super().__init__()
        self.item.getAxis("left").setTicks(PERCENT)
        self.setAccessibleName("Cloud cover and status; the arrow keys step through the frames")
        self.redraw()

    def draw_series(self, series: NightSeries) -> list[str]:
        """Draw the cover and the strip."""
        names = []
        if not np.isnan(series.cover).all():
            names.append(self.draw_curve(series, series.cover, "cloud cover", COVER))
        self.item.setYRange(-0.06 if series.status is None else STRIP[0], 1.2, padding=0)
        if series.status is not None:
            self._draw_strip(series)
            names += [_square(STATUSES[code]) for code in np.unique(series.status)]
        return names

    def values_at(self, series: NightSeries, row: int) -> list[tuple[float, int]]:
        """Give the cloud cover of a frame."""
        return [(float(series.cover[row]), COVER)]

    def _draw_strip(self, series: NightSeries) -> None:
        first, last = self.view or (series.x[0] / series.unit, series.x[-1] / series.unit)
        margin = 0.01 * (last - first) + 0.5 * (not series.is_timed)
        edges = np.linspace(first - margin, last + margin, STRIP_CELLS + 1)
        codes = series.status_at((edges[:-1] + edges[1:]) / 2 * series.unit)
        colors = [QColor(STATUS_COLORS[status]).getRgb() for status in STATUSES]
        cells = np.array([*colors, (0, 0, 0, 0)], np.ubyte)[codes]  # -1 is the last: nothing
        strip = pg.ImageItem(cells[None], axisOrder="row-major", levels=(0, 255))
        strip.setRect(edges[0], STRIP[0], edges[-1] - edges[0], STRIP[1] - STRIP[0])
        self.add(strip)


def _square(status: str) -> str:
    """Name a status beside a square of its colour."""
    color = STATUS_COLORS[status]
    name = {str(known): name for known, name in STATUS_NAMES.items()}[status].lower()
    return f'<span style="color:{color}">■</span> {name}'
