"""Cloud cover against time, as predicted and in truth; a click goes to a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QPoint, QSize, Qt, Signal
from qtpy.QtWidgets import QSizePolicy

from napari_iris.desk.plots.backend import pg
from napari_iris.desk.plots.chart import GRID, TEXT, Chart
from napari_iris.desk.plots.colors import curve_color, text_color
from napari_iris.desk.plots.time_axis import TimeAxis

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from qtpy.QtGui import QMouseEvent

    from napari_iris.app.curves import Step
    from napari_iris.app.review.cover import CoverSeries

COLORS = {"predicted": 1, "truth": 0}
"""Curves, and the number of the colour of each."""

MAX_MARKED = 150
"""Frames up to which each one is marked by a dot."""

PERCENT = [[(value, f"{value:.0%}") for value in (0.0, 0.5, 1.0)]]

INTERRUPTION = np.array([np.nan])

SECOND = 1e6
"""Microseconds."""


class CoverPlot(Chart):
    """A plot of the cloud cover.

    Attributes
    ----------
    chosen : Signal
        Sent with the row of the frame that is clicked, or stepped to by the arrow keys.
    """

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__({"bottom": TimeAxis()})
        self.cover: CoverSeries | None = None
        self.row: int | None = None
        self._drawn: list[pg.GraphicsObject] = []
        self._rings: list[pg.GraphicsObject] = []
        self.item.getAxis("left").setTicks(PERCENT)
        self.item.setYRange(0, 1, padding=0.1)  # room for the outer labels
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Cloud cover; the arrow keys step through the frames")
        self.redraw()

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Preferred size."""
        return QSize(340, 150)

    def show_cover(self, cover: CoverSeries | None) -> None:
        """Draw another series."""
        before, self.cover = self._is_timed, cover
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
        return "" if self.cover is None else self.cover.description(row)

    @property
    def _is_timed(self) -> bool:
        return self.cover is None or self.cover.is_timed

    @property
    def _unit(self) -> float:
        """Unit of the series on the axis: times are microseconds, the axis has seconds."""
        return SECOND if self._is_timed else 1.0

    # --- drawing

    def draw(self) -> None:
        """Draw both curves, and mark the current frame."""
        for item in self._drawn:
            self.item.removeItem(item)
        self._drawn.clear()
        cover = self.cover if self.cover is not None and len(self.cover) else None
        self.show_empty("No predictions yet" if cover is None else "")
        self.item.showGrid(y=cover is not None, alpha=GRID)
        names = []
        for name, color in COLORS.items() if cover is not None else ():
            values = getattr(cover, name)
            if not np.isnan(values).all():
                names.append(self._draw_curve(name, color, values))
        names += [cover.dates] if cover is not None else []
        title = "&nbsp;&nbsp; ".join(names)
        self.item.setTitle(title, justify="left", size="", color=text_color(self, TEXT))
        if cover is not None:
            first, last = float(cover.x[0] / self._unit), float(cover.x[-1] / self._unit)
            self.item.setXRange(first, last if last > first else first + 1, padding=0.01)
        self._mark()

    def _draw_curve(self, name: str, number: int, values: NDArray[np.float64]) -> str:
        """Draw a curve, interrupted where there are no frames; give its name in its colour."""
        assert self.cover is not None  # noqa: S101 (for the type checker)
        color = curve_color(number, self.palette())
        x: list[NDArray[np.float64]] = []
        y: list[NDArray[np.float64]] = []
        for part_x, part_y in self.cover.parts(values):
            x += [part_x / self._unit, INTERRUPTION]
            y += [part_y, INTERRUPTION]
        known = int(np.count_nonzero(~np.isnan(values)))
        marks = {}
        if known <= MAX_MARKED:
            marks = {"symbol": "o", "symbolSize": 4.4, "symbolBrush": color, "symbolPen": None}
        line = pg.PlotDataItem(
            np.concatenate(x),
            np.concatenate(y),
            pen=pg.mkPen(color, width=1.5 if known <= MAX_MARKED else 1),
            connect="finite",
            antialias=known <= 10 * MAX_MARKED,
            autoDownsample=True,
            downsampleMethod="peak",
            **marks,
        )
        self.item.addItem(line)
        self._drawn.append(line)
        return f'<span style="color:{color.name()}">{name}</span>'

    def _mark(self) -> None:
        for ring in self._rings:
            self.item.removeItem(ring)
        self._rings.clear()
        row, cover = self.row, self.cover
        is_there = cover is not None and row is not None and row < len(cover)
        self.marker.setVisible(is_there)
        if cover is None or row is None or not is_there:
            return
        x = float(cover.x[row] / self._unit)
        self.marker.setValue(x)
        for name, number in COLORS.items():
            value = float(getattr(cover, name)[row])
            if not np.isnan(value):
                pen = pg.mkPen(curve_color(number, self.palette()), width=1.6)
                ring = pg.ScatterPlotItem([x], [value], size=9, pen=pen, brush=None)
                self.item.addItem(ring, ignoreBounds=True)
                self._rings.append(ring)

    # --- reading and going

    def row_at(self, place: QPoint) -> int | None:
        """Give the row of the frame nearest to a place [pixels]."""
        return None if self.cover is None else self.cover.nearest(self.position(place) * self._unit)

    def read(self, x: float) -> str:
        """Give the values of the frame nearest to a position."""
        return "" if self.cover is None else self.values(self.cover.nearest(x * self._unit))

    def step(self, step: Step) -> bool:
        """Go to another frame of the curve."""
        row = None if self.cover is None else self.cover.step(self.row, step)
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
