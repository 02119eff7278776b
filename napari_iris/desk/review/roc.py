"""The ROC curve of the model's pixels, with the baselines as points."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import QSizePolicy

from napari_iris.app.review.report import METHOD_COLORS
from napari_iris.app.review.roc import X_LABEL, Y_LABEL, Roc
from napari_iris.desk.plots.backend import pg
from napari_iris.desk.plots.chart import LINE, MARGIN, TEXT, Chart
from napari_iris.desk.plots.colors import curve_color, text_color
from napari_iris.numbers import format_number

if TYPE_CHECKING:
    from napari_iris.app.curves import Step

TICKS = [[(0.0, "0"), (0.5, ".5"), (1.0, "1")]]


LABEL_OVERHANG = 5
"""What pyqtgraph draws of an axis' label beyond the axis [pixels]."""


class RocView(Chart):
    """ROC curve, with the baselines as points."""

    def __init__(self) -> None:
        super().__init__()
        self.roc = Roc()
        self.threshold: float | None = None
        self._drawn: list[pg.GraphicsObject] = []
        self.ring = pg.ScatterPlotItem(size=9, brush=None)
        self.item.setRange(xRange=(0, 1), yRange=(0, 1), padding=0.03)
        self.item.setAspectLocked()
        self.item.layout.setContentsMargins(0, 0, MARGIN, LABEL_OVERHANG)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # there is nothing to step through
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("ROC curve")
        self.redraw()

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Preferred size."""
        return QSize(170, 170)

    def show_roc(self, roc: Roc) -> None:
        """Draw another curve."""
        self.roc = roc
        self.setAccessibleDescription(roc.description)
        self.setToolTip(roc.description)
        self.item.vb.setToolTip(roc.description)
        self.redraw()

    def mark(self, threshold: float | None) -> None:
        """Mark the current threshold."""
        if threshold != self.threshold:
            self.threshold = threshold
            self._mark()

    def draw(self) -> None:
        """Draw the curve, the points of the baselines, and that of the threshold."""
        for item in self._drawn:
            self.item.removeItem(item)
        self._drawn.clear()
        curve, ink = self.roc.curve, text_color(self).name()
        for name, label in (("left", Y_LABEL), ("bottom", X_LABEL)):
            self.item.setLabel(name, label if curve is not None else "", color=ink)
            self.item.getAxis(name).setTicks(TICKS)
        self.show_empty("No ROC curve" if curve is None else "")
        title = "" if curve is None else f"AUC {format_number(self.roc.area, 3)}"
        self.item.setTitle(title, color=text_color(self, TEXT), size="")
        if curve is not None:
            chance = pg.mkPen(text_color(self, LINE), style=Qt.PenStyle.DotLine)
            self._add(pg.PlotDataItem([0, 1], [0, 1], pen=chance))
            x, y = np.append(0, curve.false_positive_rate), np.append(0, curve.recall)
            pen = pg.mkPen(curve_color(METHOD_COLORS["model"], self.palette()), width=1.8)
            self._add(pg.PlotDataItem(x, y, pen=pen, antialias=True))
            for name, point in self.roc.points.items():
                if all(map(isfinite, point)):
                    color, (a, b) = curve_color(METHOD_COLORS[name], self.palette()), point
                    self._add(pg.ScatterPlotItem([a], [b], size=6.5, brush=color, pen=None))
        self._mark()

    def _add(self, item: pg.GraphicsObject) -> None:
        self.item.addItem(item)
        self._drawn.append(item)

    def _mark(self) -> None:
        point = self.roc.at(self.threshold)
        self.ring.setPen(pg.mkPen(text_color(self), width=1.6))
        self.ring.setData(*([[]] * 2 if point is None else ([one] for one in point)))
        if self.ring.scene() is None:
            self.item.addItem(self.ring, ignoreBounds=True)

    def read(self, x: float) -> str:
        """Read nothing: the tooltip has all values."""
        del x
        return ""

    def step(self, step: Step) -> bool:
        """Take no step."""
        del step
        return False
