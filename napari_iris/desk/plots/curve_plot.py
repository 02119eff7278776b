"""A plot of curves over epochs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QPoint, QSize, Qt

from napari_iris.desk.plots.backend import pg
from napari_iris.desk.plots.chart import GRID, Chart
from napari_iris.desk.plots.colors import curve_color, faded, text_color
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from napari_iris.app.curves import Curve, Curves, Step

MAX_MARKED = 40
"""Points up to which each one of a curve is marked."""

SIZES = {"solid": 5.0, "dotted": 3.5}
"""Diameter of such a mark [pixels]."""

RING = 10.0
"""Diameter of the ring around the best epoch [pixels]."""

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
        self._drawn: list[pg.GraphicsObject] = []
        self.setMinimumHeight(MIN_HEIGHT)
        connect(curves.changed, self.draw)
        connect(curves.moved, self._mark)
        self.redraw()

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Preferred size."""
        return QSize(340, 140)

    def draw(self) -> None:
        """Draw the curves."""
        curves, limits = self.curves, self.curves.limits
        self.setAccessibleName(f"{curves.title} by epoch; the arrow keys read it")
        self.item.setTitle(curves.title, color=text_color(self), justify="left", size="")
        self.item.showGrid(y=True, alpha=GRID)
        for item in self._drawn:
            self.item.removeItem(item)
        self._drawn.clear()
        for curve in sorted(curves.curves, key=lambda curve: curve.style != "faint"):
            self._draw_curve(curve)
        self.show_empty("" if limits else "No epoch yet")
        if limits is not None:
            left, right, low, high = limits
            self.item.setXRange(left, right, padding=0.03)
            self.item.setYRange(low, high, padding=0)

    def _draw_curve(self, curve: Curve) -> None:
        color, points = curve_color(curve.color, self.palette()), curve.finite
        pens = {
            "solid": pg.mkPen(color, width=1.8),
            "dotted": pg.mkPen(color, width=1.4, style=Qt.PenStyle.DotLine),
            "faint": pg.mkPen(faded(color, 0.4), width=1),
        }
        marks = {}  # without them no symbol option may be given: any one turns the symbols on
        if curve.style in SIZES and len(points) <= MAX_MARKED:
            size = SIZES[curve.style]
            marks = {"symbol": "o", "symbolSize": size, "symbolBrush": color, "symbolPen": None}
        x, y = [x for x, _ in points], [y for _, y in points]
        smooth = curve.style in SIZES  # of a thousand steps, smooth lines would take too long
        line = pg.PlotDataItem(x, y, pen=pens[curve.style], antialias=smooth, **marks)
        self._add(line)
        best = dict(points).get(curve.best) if curve.best is not None else None
        if best is not None:
            ring = pg.mkPen(color, width=1.4)
            self._add(pg.ScatterPlotItem([curve.best], [best], size=RING, pen=ring, brush=None))

    def _add(self, item: pg.GraphicsObject) -> None:
        self.item.addItem(item)
        self._drawn.append(item)

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
        """Mark nothing any more."""
        self.curves.read(None)
