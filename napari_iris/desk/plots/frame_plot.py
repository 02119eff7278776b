"""A plot of frames against time or number; a click, a drag or the arrow keys go to a frame."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np
from qtpy.QtCore import QPoint, Qt, Signal

from napari_iris.app.frame_series import FrameSeries
from napari_iris.desk.plots.backend import pg
from napari_iris.desk.plots.chart import GRID, TEXT, Chart
from napari_iris.desk.plots.colors import curve_color, text_color
from napari_iris.desk.plots.time_axis import TimeAxis

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from qtpy.QtGui import QMouseEvent

    from napari_iris.app.curves import Step

MAX_MARKED = 150
"""Frames up to which each one is marked by a dot."""

Shown = TypeVar("Shown", bound=FrameSeries)


class FramePlot(Chart, Generic[Shown]):
    """A plot of a `FrameSeries`; subclasses draw its curves.

    Attributes
    ----------
    view : (float, float) or None
        First and last place in view, in the unit of the axis; None for all.
    chosen : Signal
        Sent with the row of the frame that is clicked, or stepped to by the arrow keys.
    """

    chosen = Signal(int)
    nothing = "No frames"
    """Text where there are no frames."""

    def __init__(self) -> None:
        super().__init__({"bottom": TimeAxis()})
        self.series: Shown | None = None
        self.row: int | None = None
        self.view: tuple[float, float] | None = None
        self._drawn: list[pg.GraphicsObject] = []
        self._rings: list[pg.GraphicsObject] = []

    # --- what a subclass does

    @abstractmethod
    def draw_series(self, series: Shown) -> list[str]:
        """Draw the curves; give their names, each in its colour."""

    @abstractmethod
    def values_at(self, series: Shown, row: int) -> list[tuple[float, int]]:
        """Give the values of a frame, each with the number of its colour; NaN where not known."""

    # --- what is shown

    def show_series(self, series: Shown | None) -> None:
        """Draw another series."""
        before, self.series = self._is_timed, series
        if self._is_timed != before:
            axis = TimeAxis() if self._is_timed else pg.AxisItem("bottom")
            self.item.setAxisItems({"bottom": axis})
        self.redraw()

    def mark(self, row: int | None) -> None:
        """Mark the current frame."""
        if row != self.row:
            self.row = row
            self.setAccessibleDescription(self.values(row))
            self._mark()

    def values(self, row: int | None) -> str:
        """Describe a frame, one line per value."""
        return "" if self.series is None else self.series.description(row)

    @property
    def _is_timed(self) -> bool:
        return self.series is None or self.series.is_timed

    @property
    def _unit(self) -> float:
        return 1.0 if self.series is None else self.series.unit

    # --- drawing

    def draw(self) -> None:
        """Draw the curves, and mark the current frame."""
        for item in self._drawn:
            self.item.removeItem(item)
        self._drawn.clear()
        series = self.series if self.series is not None and len(self.series) else None
        self.show_empty(self.nothing if series is None else "")
        self.item.showGrid(y=series is not None, alpha=GRID)
        if series is not None and self.view is not None:
            series = series.within(*self.view)
        self.show_names([] if series is None else [*self.draw_series(series), series.dates])
        self._show_view()
        self._mark()

    def show_view(self, view: tuple[float, float] | None) -> None:
        """Show a part of the axis; None for all."""
        self.view = view
        self.redraw()

    def _show_view(self) -> None:
        if self.view is not None:
            self.item.setXRange(*self.view, padding=0.01)
        elif self.series is not None and len(self.series):
            first, last = (float(self.series.x[row] / self._unit) for row in (0, -1))
            self.item.setXRange(first, last if last > first else first + 1, padding=0.01)

    def show_names(self, names: list[str]) -> None:
        """Show the names of the curves, and the dates, above the plot."""
        title = "&nbsp;&nbsp; ".join(names)
        self.item.setTitle(title, justify="left", size="", color=text_color(self, TEXT))

    def draw_curve(
        self,
        series: Shown,
        values: NDArray[np.floating],
        name: str,
        number: int,
        *,
        marked: bool = True,
    ) -> str:
        """Draw a curve, interrupted where there are no frames; give its name in its colour.

        Parameters
        ----------
        series : FrameSeries
            The frames.
        values : ndarray of float, shape (frames,)
            Their values; NaN where not known.
        name : str
            Name of the curve.
        number : int
            Number of its colour.
        marked : bool
            Whether each frame is marked where there are few.
        """
        color = curve_color(number, self.palette())
        x, y = series.curve(values)
        known = int(np.count_nonzero(~np.isnan(values)))
        marks = {}
        if marked and known <= MAX_MARKED:
            marks = {"symbol": "o", "symbolSize": 4.4, "symbolBrush": color, "symbolPen": None}
        line = pg.PlotDataItem(
            x,
            y,
            pen=pg.mkPen(color, width=1.5 if known <= MAX_MARKED else 1),
            connect="finite",
            antialias=known <= 10 * MAX_MARKED,
            **marks,
        )
        self.add(line)
        return f'<span style="color:{color.name()}">{name}</span>'

    def add(self, item: pg.GraphicsObject) -> None:
        """Add a drawn item, until the next drawing."""
        self.item.addItem(item)
        self._drawn.append(item)

    def _mark(self) -> None:
        for ring in self._rings:
            self.item.removeItem(ring)
        self._rings.clear()
        row, series = self.row, self.series
        is_there = series is not None and row is not None and row < len(series)
        self.marker.setVisible(is_there)
        if series is None or row is None or not is_there:
            return
        x = float(series.x[row] / series.unit)
        self.marker.setValue(x)
        for value, number in self.values_at(series, row):
            if not np.isnan(value):
                pen = pg.mkPen(curve_color(number, self.palette()), width=1.6)
                ring = pg.ScatterPlotItem([x], [value], size=9, pen=pen, brush=None)
                self.item.addItem(ring, ignoreBounds=True)
                self._rings.append(ring)

    # --- reading and going

    def row_at(self, place: QPoint) -> int | None:
        """Give the row of the frame nearest to a place [pixels]."""
        series = self.series
        return None if series is None else series.nearest(self.position(place) * self._unit)

    def read(self, x: float) -> str:
        """Give the values of the frame nearest to a position."""
        return "" if self.series is None else self.values(self.series.nearest(x * self._unit))

    def step(self, step: Step) -> bool:
        """Go to another frame of the curve."""
        row = None if self.series is None else self.series.step(self.row, step)
        if row is not None:
            self.chosen.emit(row)
        return row is not None

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Go to the frame under the mouse."""
        row = self.row_at(event.pos())
        if row is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(row)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Keep the release from pyqtgraph, which has not seen the press."""

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Read the frame under the mouse; go there while the button is down."""
        row = self.row_at(event.pos())
        if row is not None and event.buttons() & Qt.MouseButton.LeftButton and row != self.row:
            self.chosen.emit(row)
        super().mouseMoveEvent(event)
