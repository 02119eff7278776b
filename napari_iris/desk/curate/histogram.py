"""The histogram of the current frame, with the threshold as a line to drag."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QSize, Qt, Signal

from napari_iris.desk.plots.backend import pg
from napari_iris.desk.plots.chart import Chart
from napari_iris.desk.plots.colors import curve_color, text_color

if TYPE_CHECKING:
    from qtpy.QtGui import QMouseEvent

    from napari_iris.app.curves import Step
    from napari_iris.app.view.histogram import Histogram

HEIGHT = 84
"""Height of the plot [pixels]."""

STEPS = 60
"""Steps of the arrow keys over the histogram."""

COLORS = {"otsu": 1, "recipe": 3, "reference": 2}
"""Number of each method's colour."""


class HistogramPlot(Chart):
    """Shows a `Histogram`; a click, a drag or the arrow keys move the threshold.

    Attributes
    ----------
    pressed, released : Signal
        The mouse begins and ends to move the threshold.
    moved : Signal
        Sent with the threshold [ADU], whenever a person moves it.
    """

    pressed, released = Signal(), Signal()
    moved = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self.histogram: Histogram | None = None
        self.threshold: float | None = None
        self.is_dragged = False
        self._ticks: dict[str, float] = {}
        self._curve = pg.PlotCurveItem()
        self._lines = {name: pg.InfiniteLine(angle=90) for name in COLORS}
        for item in (self._curve, *self._lines.values()):
            self.item.addItem(item, ignoreBounds=True)
        self.item.hideAxis("left")
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName("Histogram of the frame; the arrow keys move the threshold")
        self.redraw()

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Preferred size."""
        return QSize(300, HEIGHT)

    def show_ticks(self, ticks: dict[str, float]) -> None:
        """Show the ticks of the methods [ADU]."""
        if ticks != self._ticks:
            self._ticks = ticks
            self._mark()

    def show_histogram(self, histogram: Histogram | None, threshold: float | None) -> None:
        """Show a histogram, and the threshold [ADU]."""
        is_new = histogram is not self.histogram
        self.histogram, self.threshold = histogram, threshold
        if is_new:
            self.draw()
        else:
            self._mark()

    def show_threshold(self, threshold: float) -> None:
        """Show another threshold [ADU]."""
        self.threshold = threshold
        self._mark()

    def draw(self) -> None:
        """Draw everything; the square root shows the few pixels beside the many."""
        found = self.histogram
        self._curve.setVisible(found is not None)
        self.item.showAxis("bottom", found is not None)
        if found is not None:
            heights = np.sqrt(found.counts)
            self._curve.setData(found.edges, heights, stepMode="center", fillLevel=0)
            self._curve.setPen(text_color(self, 0.6))
            self._curve.setBrush(text_color(self, 0.3))
            self.item.setYRange(0, float(np.sqrt(found.counts.max())) or 1, padding=0)
            self.item.setXRange(found.edges[0], found.edges[-1], padding=0.01)
        self._mark()

    def _mark(self) -> None:
        """Draw the threshold, and the ticks of the methods."""
        is_there = self.histogram is not None and self.threshold is not None
        self.marker.setVisible(is_there)
        self.marker.setPen(pg.mkPen(curve_color(0, self.palette()), width=2.5))
        if self.threshold is not None:
            self.marker.setValue(self.threshold)
            self.setAccessibleDescription(f"Threshold {self.threshold:.1f} ADU")
        for name, line in self._lines.items():
            color = curve_color(COLORS[name], self.palette())
            line.setPen(pg.mkPen(color, width=1.5, style=Qt.PenStyle.DashLine))
            line.setVisible(self.histogram is not None and name in self._ticks)
            line.setValue(self._ticks.get(name, 0.0))

    # --- moving the threshold

    def read(self, x: float) -> str:
        """Say what value is under the mouse, and which method's tick."""
        if self.histogram is None:
            return ""
        reach = (self.histogram.edges[-1] - self.histogram.edges[0]) / STEPS
        near = [name for name, tick in self._ticks.items() if abs(tick - x) < reach]
        return ", ".join([f"{x:.1f} ADU", *near])

    def step(self, step: Step) -> bool:
        """Move the threshold by a step, or to an end."""
        found = self.histogram
        if found is None or self.threshold is None:
            return False
        low, high = float(found.edges[0]), float(found.edges[-1])
        width = (high - low) / STEPS
        target = {
            "previous": self.threshold - width,
            "next": self.threshold + width,
            "first": low,
            "last": high,
        }[step]
        self._move(target)
        return True

    def _move(self, threshold: float) -> None:
        found = self.histogram
        if found is not None:
            self.moved.emit(float(np.clip(threshold, found.edges[0], found.edges[-1])))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Take the threshold to the mouse."""
        if event.button() == Qt.MouseButton.LeftButton and self.histogram is not None:
            self.is_dragged = True
            self.pressed.emit()
            self._move(self.position(event.pos()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Drag the threshold, or read the value."""
        if self.is_dragged:
            self._move(self.position(event.pos()))
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, _: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Leave the threshold where it is."""
        if self.is_dragged:
            self.is_dragged = False
            self.released.emit()
