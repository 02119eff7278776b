"""A plot of curves over epochs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QPoint, QSize, Qt

from napari_iris.desk.plots.backend import pg
from napari_iris.desk.plots.chart import GRID, Chart
from napari_iris.desk.plots.colors import curve_color, faded, text_color
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from qtpy.QtGui import QPen

    from napari_iris.app.curves import Curve, Curves, Step

MAX_MARKED = 40
"""Points up to which each one of a curve is marked."""

SIZES = {"solid": 5.0, "dotted": 3.5}
"""Diameter of such a mark [pixels]."""

RING = 10.0
"""Diameter of the ring around the best epoch [pixels]."""

MARGIN_X = 0.03
"""Room beside the first and the last epoch, as a part of the axis."""

MIN_HEIGHT = 125


class EpochAxis(pg.AxisItem):
    """An axis that numbers whole epochs."""

    def tickSpacing(self, *limits: float) -> list[tuple[float, float]]:  # noqa: N802 (pyqtgraph's name)
        """Give the distances of ticks: one epoch at least."""
        spacing = [level for level in super().tickSpacing(*limits) if level[0] >= 1]
        return spacing or [(1, 0)]


class CurvePlot(Chart):
    """Shows `Curves`.

    Parameters
    ----------
    curves : Curves
        The curves.
    """

    def __init__(self, curves: Curves) -> None:
        super().__init__({"bottom": EpochAxis("bottom")})
        self.curves = curves
        self.lines: list[pg.PlotCurveItem] = []
        self.marks = pg.ScatterPlotItem(pen=None)
        self.rings = pg.ScatterPlotItem(size=RING, brush=None)
        for item in (self.marks, self.rings):
            item.setZValue(1)  # above the lines
            self.item.addItem(item)
        self.item.showGrid(y=True, alpha=GRID)
        self.setMinimumHeight(MIN_HEIGHT)
        connect(curves.changed, self.draw)
        connect(curves.moved, self._mark)
        self.redraw()

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Preferred size."""
        return QSize(340, 140)

    def draw(self) -> None:
        """Draw the curves.

        The items stay and get other data: to make them anew takes several times as long.
        """
        limits = self.curves.limits
        self._draw_title()
        self._draw_lines()
        self._draw_marks()
        self.show_empty("" if limits else "No epoch yet")
        if limits is not None:
            left, right, low, high = limits
            margin = MARGIN_X * (right - left)
            x = left - margin, right + margin
            self.item.vb.setRange(xRange=x, yRange=(low, high), padding=0)

    def _draw_title(self) -> None:
        title, color, label = self.curves.title, text_color(self), self.item.titleLabel
        if (title, color) != (label.text, label.opts["color"]):  # it lays the plot out anew
            self.setAccessibleName(f"{title} by epoch; the arrow keys read it")
            self.item.setTitle(title, color=color, justify="left", size="")

    def _draw_lines(self) -> None:
        curves = sorted(self.curves.curves, key=lambda curve: curve.style != "faint")
        while len(self.lines) > len(curves):
            self.item.removeItem(self.lines.pop())
        while len(self.lines) < len(curves):
            self.lines.append(pg.PlotCurveItem())
            self.item.addItem(self.lines[-1])
        for line, curve in zip(self.lines, curves, strict=True):
            x, y = np.array(curve.finite, float).reshape(-1, 2).T
            is_smooth = curve.style in SIZES  # smooth lines through a thousand steps are slow
            line.setData(x, y, pen=self._pen(curve), antialias=is_smooth)

    def _pen(self, curve: Curve) -> QPen:
        color = curve_color(curve.color, self.palette())
        if curve.style == "faint":
            return pg.mkPen(faded(color, 0.4), width=1)
        if curve.style == "dotted":
            return pg.mkPen(color, width=1.4, style=Qt.PenStyle.DotLine)
        return pg.mkPen(color, width=1.8)

    def _draw_marks(self) -> None:
        marks, rings = [], []
        for curve in self.curves.curves:
            color, points = curve_color(curve.color, self.palette()), curve.finite
            if curve.style in SIZES and len(points) <= MAX_MARKED:
                size = SIZES[curve.style]
                marks += [{"pos": point, "size": size, "brush": color} for point in points]
            ring = pg.mkPen(color, width=1.4)
            rings += [{"pos": point, "pen": ring} for point in points if point[0] == curve.best]
        self.marks.setData(marks)
        self.rings.setData(rings)

    def _mark(self) -> None:
        """Mark the epoch that is read."""
        epoch = self.curves.epoch
        self.marker.setVisible(epoch is not None)
        if epoch is not None:
            self.marker.setValue(epoch)
        self.setAccessibleDescription(self.curves.text)

    # --- reading

    def read(self, x: float) -> str:
        """Read the epoch nearest to a position."""
        self.curves.read(x)
        return self.curves.text

    def step(self, step: Step) -> bool:
        """Read another epoch."""
        if not self.curves.step(step) or self.curves.epoch is None:
            return False
        place = QPoint(round(self.place(self.curves.epoch, 0).x()), 0)
        self.show_values(self.curves.text, place)
        return True

    def stop_reading(self) -> None:
        """Remove the mark."""
        self.curves.read(None)
