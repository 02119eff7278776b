"""A plot of a few curves, drawn in the window's own colours: crisp, quick, read by hovering."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from qtpy.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from qtpy.QtGui import QColor, QPainter, QPalette, QPen, QPolygonF
from qtpy.QtWidgets import QSizePolicy, QToolTip, QWidget

from napari_iris.desk.plots.axes import Axes, faded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qtpy.QtCore import QEvent
    from qtpy.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent

ON_DARK = ("#56b4e9", "#e69f00", "#2fc99b", "#e08bbd", "#f0e442", "#ff7f50")
ON_LIGHT = ("#0072b2", "#a85c00", "#00755a", "#a8427f", "#6b6400", "#c0392b")
"""Colours of curves, told apart by colour-blind eyes (after Okabe & Ito), on either background."""

COLORS = len(ON_DARK)
"""Curves that can be told apart by their colour."""

MARKED = 40
"""Points up to which each one of a curve is marked."""

DOT = {"solid": 2.4, "dotted": 1.6, "faint": 0.0}
"""Radius of such a mark [pixels]."""

RING = 4.5
"""Radius of the ring around the best epoch [pixels]."""


@dataclass(frozen=True)
class Curve:
    """A curve.

    Attributes
    ----------
    name : str
        What it is called where its values are read.
    points : sequence of (float, float)
        Epochs from left to right, with their values; a value that is no number is left out.
    color : int
        Number of its colour.
    style : {'solid', 'dotted', 'faint'}
        How it is drawn; a faint one is not read.
    best : float or None
        Epoch that is ringed.
    """

    name: str
    points: Sequence[tuple[float, float]]
    color: int = 0
    style: Literal["solid", "dotted", "faint"] = "solid"
    best: float | None = None


class Plot(QWidget):
    """Curves over epochs, under a title.

    Attributes
    ----------
    pointed : Signal
        Sent with the epoch that is pointed at, by the mouse or the arrow keys, or None.
    """

    pointed = Signal(object)

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = title
        self.curves: tuple[Curve, ...] = ()
        self.epoch: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(125)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Size that it would like."""
        return QSize(340, 140)

    def show_curves(self, curves: Sequence[Curve], title: str | None = None) -> None:
        """Draw other curves."""
        self.title = title or self.title
        self.curves = tuple(curves)
        self.setAccessibleName(f"{self.title} by epoch; the arrow keys read it")
        self.update()

    def point_at(self, epoch: int | None) -> None:
        """Mark an epoch."""
        if epoch != self.epoch:
            self.epoch = epoch
            self.setAccessibleDescription(self.values())
            self.update()
            self.pointed.emit(epoch)

    def values(self) -> str:
        """Write the values of the epoch that is marked, a line each."""
        if self.epoch is None:
            return ""
        lines = [f"epoch {self.epoch}"]
        for curve in self.curves:
            found = dict(curve.points).get(self.epoch, math.nan)
            if curve.style != "faint" and math.isfinite(found):
                lines.append(f"{curve.name}: {found:.4f}")
        return "\n".join(lines)

    def axes(self) -> Axes | None:
        """Axes around all curves as the widget is; None where there is no point."""
        points = [point for curve in self.curves for point in curve.points]
        return Axes.around(points, QRectF(self.rect()), self.fontMetrics())

    # --- drawing

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw it all."""
        del event
        ink, axes = self.palette().color(QPalette.ColorRole.WindowText), self.axes()
        painter = QPainter(self)
        painter.setPen(ink)
        head = QRectF(6, 2, self.width() - 12, self.fontMetrics().height())
        painter.drawText(head, Qt.AlignmentFlag.AlignLeft, self.title)
        if self.hasFocus():
            painter.setPen(QPen(faded(ink, 0.6), 1, Qt.PenStyle.DotLine))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        if axes is None:
            painter.setPen(faded(ink, 0.6))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "no epoch yet")
        else:
            axes.draw(painter, ink, self.epoch)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for curve in sorted(self.curves, key=lambda curve: curve.style != "faint"):
                self._draw(painter, axes, curve)
        painter.end()

    def _draw(self, painter: QPainter, axes: Axes, curve: Curve) -> None:
        color = curve_color(curve.color, self.palette())
        there = [(x, y) for x, y in curve.points if math.isfinite(y)]
        places = [QPointF(axes.x(x), axes.y(y)) for x, y in there]
        line = {
            "solid": QPen(color, 1.8),
            "dotted": QPen(color, 1.4, Qt.PenStyle.DotLine),
            "faint": QPen(faded(color, 0.4), 1),
        }[curve.style]
        painter.setPen(line)
        painter.drawPolyline(QPolygonF(places))
        if len(places) <= MARKED and DOT[curve.style]:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            for place in places:
                painter.drawEllipse(place, DOT[curve.style], DOT[curve.style])
            painter.setBrush(Qt.BrushStyle.NoBrush)
        for (x, _), place in zip(there, places, strict=True):
            if x == curve.best:
                painter.setPen(QPen(color, 1.4))
                painter.drawEllipse(place, RING, RING)

    # --- reading

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Read the values of the epoch under the mouse."""
        axes = self.axes()
        if axes is not None:
            self._read(axes.epoch_at(event.pos().x()), event.pos())

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Mark nothing when the mouse has gone."""
        self.point_at(None)
        super().leaveEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        """Mark nothing when the keyboard has gone elsewhere."""
        self.point_at(None)
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Step through the epochs with the arrow keys, and read their values."""
        now, last, keys = self.epoch, self._last(), Qt.Key
        epoch = {
            keys.Key_Left: last if now is None else now - 1,
            keys.Key_Right: 1 if now is None else now + 1,
            keys.Key_Home: 1,
            keys.Key_End: last,
        }.get(event.key())
        axes = self.axes()
        if epoch is None or axes is None or not last:
            event.ignore()
        else:
            self._read(epoch, QPoint(round(axes.x(min(max(epoch, 1), last))), 0))

    def _read(self, epoch: int, where: QPoint) -> None:
        """Mark an epoch and show its values in a tooltip."""
        last = self._last()
        if last:
            self.point_at(min(max(epoch, 1), last))
            QToolTip.showText(self.mapToGlobal(where), self.values(), self)

    def _last(self) -> int:
        """Last epoch that can be read; 0 for none."""
        read = [curve for curve in self.curves if curve.style != "faint"]
        return int(max((x for curve in read for x, _ in curve.points), default=0))


def curve_color(number: int, palette: QPalette) -> QColor:
    """Give the colour of a curve on the background that a widget has."""
    dark = palette.color(QPalette.ColorRole.Window).lightness() < 128
    colors = ON_DARK if dark else ON_LIGHT
    return QColor(colors[number % len(colors)])
