"""The plots of the timeline: levels with the clear sky, the keogram with statuses, cloud cover."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtGui import QColor, QPalette

from napari_iris.app.timeline.series import NightSeries, keogram_grey
from napari_iris.desk.curate.queue_model import STATUS_COLORS
from napari_iris.desk.plots.backend import pg
from napari_iris.desk.plots.colors import curve_color, faded
from napari_iris.desk.plots.frame_plot import FramePlot
from napari_iris.desk.timeline.run_items import bracket, label, span
from napari_iris.labels import STATUS_NAMES, STATUSES

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from qtpy.QtGui import QMouseEvent

    from napari_iris.app.timeline.run_mark import RunMark

FLOOR, MEDIAN, CLEAR, COVER = range(4)
"""Numbers of the colours of the curves."""

BAND = 0.3
"""Opacity of the band of the clear sky."""

AXIS_WIDTH = 52
"""Width of the vertical axes, so that both plots line up [pixels]."""

STRIP = (-0.3, -0.06)
"""Bottom and top of the strip of statuses below the keogram, in heights of the keogram."""

STRIP_CELLS = 2048
"""Cells of the strip: more than a window has pixels."""

SELECTED = 0.4
"""Opacity of the colour that marks selected frames."""

PERCENT = [[(value, f"{value:.0%}") for value in (0.0, 0.5, 1.0)]]


class NightPlot(FramePlot[NightSeries]):
    """One of the plots; all have the same axis of times. A drag selects the frames it covers.

    Attributes
    ----------
    names : list of str
        Names of its curves in their colours, for the legend of both plots.
    drawn : Signal
        It was drawn anew, perhaps in the colours of another theme.
    dragged : Signal
        Sent with the row where a drag began and the row it has come to; twice the same after a
        click.
    run : RunMark or None
        The run of frames that is marked; one that is previewed is filled.
    """

    drawn = Signal()
    dragged = Signal(int, int)
    height = 28

    def __init__(self) -> None:
        self.names: list[str] = []
        self.run: RunMark | None = None
        self._drawn_run: list[pg.GraphicsObject] = []
        self._anchor: int | None = None
        super().__init__()
        self.item.getAxis("left").setWidth(AXIS_WIDTH)
        self.setMinimumHeight(self.height)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Preferred size: the least, for the dock to give what room it has."""
        return QSize(340, self.height)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Least size: the same, where pyqtgraph would claim more."""
        return self.sizeHint()

    def draw(self) -> None:
        """Draw the curves, and the run over them."""
        super().draw()
        self._draw_run()

    def show_run(self, run: RunMark | None) -> None:
        """Mark a run of frames; None for none."""
        if run != self.run:
            self.run = run
            self._draw_run()

    def values(self, row: int | None) -> str:
        """Describe a frame, and the run that it is in."""
        run = "" if self.run is None else self.run.description(row)
        return "\n".join(filter(None, (super().values(row), run)))

    def run_items(self, series: NightSeries, run: RunMark) -> list[pg.GraphicsObject]:
        """Make what marks a run: its span, where it is previewed."""
        return [span(series, run, self.palette())] if run.is_previewed else []

    def _draw_run(self) -> None:
        for item in self._drawn_run:
            self.item.removeItem(item)
        self._drawn_run = []
        series, run = self.series, self.run
        if series is not None and run is not None and run.last < len(series):
            self._drawn_run = self.run_items(series, run)
        for item in self._drawn_run:
            self.item.addItem(item, ignoreBounds=True)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Go to the frame under the mouse; with Shift, select from the current one to it."""
        row = self.row_at(event.pos())
        if row is None or event.button() != Qt.MouseButton.LeftButton:
            return
        extends = event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self.row is not None
        self._anchor = self.row if extends else row
        if not extends:
            self.chosen.emit(row)
        self.dragged.emit(self._anchor, row)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Read the frame under the mouse; select up to there while the button is down."""
        if not event.buttons() & Qt.MouseButton.LeftButton:
            super().mouseMoveEvent(event)
            return
        row = self.row_at(event.pos())
        if row is not None and self._anchor is not None:
            self.dragged.emit(self._anchor, row)

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
    """Cloud cover of the frames."""

    height = 42  # with the numbers of the time axis

    def __init__(self) -> None:
        super().__init__()
        self.item.getAxis("left").setTicks(PERCENT)
        self.setAccessibleName("Cloud cover; the arrow keys step through the frames")
        self.redraw()

    def draw_series(self, series: NightSeries) -> list[str]:
        """Draw the cover."""
        self.item.setYRange(-0.06, 1.2, padding=0)
        if np.isnan(series.cover).all():
            return []
        return [self.draw_curve(series, series.cover, "cloud cover", COVER)]

    def values_at(self, series: NightSeries, row: int) -> list[tuple[float, int]]:
        """Give the cloud cover of a frame."""
        return [(float(series.cover[row]), COVER)]


class KeogramPlot(NightPlot):
    """Each frame as a column of the strip of the night, its status below, and what is selected."""

    height = 30

    def __init__(self) -> None:
        self.selected: NDArray[np.int64] = np.empty(0, np.int64)
        self._mark_of_selection: pg.ImageItem | None = None
        super().__init__()
        self.item.getAxis("left").setTicks([[]])
        self.item.getAxis("bottom").setStyle(showValues=False, tickLength=0)
        text = "Strip of the night and status; the arrow keys step, a drag selects frames"
        self.setAccessibleName(text)
        self.redraw()

    def draw_series(self, series: NightSeries) -> list[str]:
        """Draw the keogram, and the statuses below it."""
        self.item.getAxis("bottom").setStyle(showValues=False, tickLength=0)
        self.item.showGrid(y=False)
        self.item.setYRange(self._bottom(series), 1, padding=0)
        edges = self._edges(series)
        self._add_image(keogram_grey(series.keogram(edges)[::-1]), edges, (0, 1))
        self._mark_of_selection = None
        self._draw_selection(series, edges)
        if series.status is None:
            return []
        codes = series.status_at((edges[:-1] + edges[1:]) / 2 * series.unit)
        colors = [QColor(STATUS_COLORS[status]).getRgb() for status in STATUSES]
        cells = np.array([*colors, (0, 0, 0, 0)], np.ubyte)[codes]  # -1 is the last: nothing
        self._add_image(cells[None], edges, STRIP)
        return [_square(STATUSES[code]) for code in np.unique(series.status)]

    def values_at(self, series: NightSeries, row: int) -> list[tuple[float, int]]:
        """Give no value: the line marks the frame."""
        del series, row
        return []

    def run_items(self, series: NightSeries, run: RunMark) -> list[pg.GraphicsObject]:
        """Make the bracket about the run, and say where it ends and why."""
        height, view = (self._bottom(series), 1.0), self.view or series.ends
        items = [
            *super().run_items(series, run),
            *bracket(series, run, view, height, self.palette()),
            label(series, run, view, sum(height) / 2, self),
        ]
        return [item for item in items if item is not None]

    def show_selection(self, numbers: NDArray[np.int64]) -> None:
        """Mark the selected frames, by their numbers."""
        self.selected = numbers
        if self._mark_of_selection is not None:
            self.item.removeItem(self._mark_of_selection)
            self._drawn.remove(self._mark_of_selection)
            self._mark_of_selection = None
        if self.series is not None and len(self.series):
            series = self.series if self.view is None else self.series.within(*self.view)
            self._draw_selection(series, self._edges(series))

    def _draw_selection(self, series: NightSeries, edges: NDArray[np.float64]) -> None:
        if len(self.selected):
            color = faded(self.palette().color(QPalette.ColorRole.Highlight), SELECTED)
            cells = np.zeros((1, STRIP_CELLS, 4), np.ubyte)
            cells[0, series.is_any(self.selected, edges)] = color.getRgb()
            self._mark_of_selection = self._add_image(cells, edges, (self._bottom(series), 1))

    def _bottom(self, series: NightSeries) -> float:
        """Lower edge of all that is drawn of a frame."""
        return 0.0 if series.status is None else STRIP[0]

    def _edges(self, series: NightSeries) -> NDArray[np.float64]:
        """Edges of the cells along the axis."""
        first, last = self.view or series.ends
        margin = 0.01 * (last - first) + 0.5 * (not series.is_timed)
        return np.linspace(first - margin, last + margin, STRIP_CELLS + 1)

    def _add_image(
        self, cells: NDArray[np.ubyte], edges: NDArray[np.float64], height: tuple[float, float]
    ) -> pg.ImageItem:
        image = pg.ImageItem(cells, axisOrder="row-major", levels=(0, 255))
        image.setRect(edges[0], height[0], edges[-1] - edges[0], height[1] - height[0])
        self.add(image)
        return image


def _square(status: str) -> str:
    """Name a status beside a square of its colour."""
    color = STATUS_COLORS[status]
    name = {str(known): name for known, name in STATUS_NAMES.items()}[status].lower()
    return f'<span style="color:{color}">■</span> {name}'
