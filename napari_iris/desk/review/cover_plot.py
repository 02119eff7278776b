"""Cloud cover against time, as predicted and in truth; a click goes to a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QLineF, QPointF, QRectF, QSize, Qt, Signal
from qtpy.QtGui import QPainter, QPalette, QPen, QPolygonF
from qtpy.QtWidgets import QSizePolicy, QToolTip, QWidget

from napari_iris.desk.plots.colors import curve_color, faded
from napari_iris.desk.plots.time_axis import time_ticks

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from qtpy.QtGui import QColor, QKeyEvent, QMouseEvent, QPaintEvent

    from napari_iris.app.review.cover import CoverSeries

PREDICTION, TRUTH = 1, 0
"""Numbers of the colours of the two curves."""

ROOM = (42, 20, 12, 20)
"""Pixels left, above, right and below the curves."""

MARKED = 150
"""Frames up to which each one is marked by a dot."""

CROWD = 4
"""Frames a pixel from which a curve is drawn as the range of each column of pixels."""


class CoverPlot(QWidget):
    """A plot of the cloud cover.

    Attributes
    ----------
    chosen : Signal
        Sent with the row of the frame that is clicked, or stepped to by the arrow keys.
    """

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.cover: CoverSeries | None = None
        self.row: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Cloud cover; the arrow keys step through the frames")

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Preferred size."""
        return QSize(340, 150)

    def show_cover(self, cover: CoverSeries | None) -> None:
        """Draw another series."""
        self.cover = cover
        self.update()

    def mark(self, row: int | None) -> None:
        """Mark the current frame."""
        if row != self.row:
            self.row = row
            self.setAccessibleDescription(self.values(row))
            self.update()

    def area(self) -> QRectF:
        """Rectangle of the curves [pixels]."""
        left, top, right, bottom = ROOM
        return QRectF(self.rect()).adjusted(left, top, -right, -bottom)

    def place(self, x: float) -> float:
        """Where a time, or a frame's number, is [pixels]."""
        assert self.cover is not None and len(self.cover.x)  # noqa: PT018, S101 (for the checker)
        area, first, last = self.area(), int(self.cover.x[0]), int(self.cover.x[-1])
        share = 0.5 if first == last else (x - first) / (last - first)
        return float(area.left() + share * area.width())

    def row_at(self, place: float) -> int | None:
        """Row of the frame that is nearest to a place [pixels]."""
        if self.cover is None or not len(self.cover.x):
            return None
        area, x = self.area(), self.cover.x
        share = (place - area.left()) / max(area.width(), 1)
        return self.cover.nearest(int(x[0]) + share * float(x[-1] - x[0]))

    def values(self, row: int | None) -> str:
        """Write what is known of a frame, a line each."""
        return "" if self.cover is None else self.cover.description(row)

    # --- drawing

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw it all."""
        del event
        ink = self.palette().color(QPalette.ColorRole.WindowText)
        painter = QPainter(self)
        if self.hasFocus():
            painter.setPen(QPen(faded(ink, 0.6), 1, Qt.PenStyle.DotLine))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        if self.cover is None or not len(self.cover.x):
            painter.setPen(faded(ink, 0.6))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "No predictions yet")
        else:
            self._draw_axes(painter, ink, self.cover)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            truth = (self.cover.truth, TRUTH, "truth")
            for values, number, name in (truth, (self.cover.predicted, PREDICTION, "predicted")):
                if not np.isnan(values).all():
                    self._draw_curve(
                        painter, self.cover, values, curve_color(number, self.palette())
                    )
                    self._name_curve(painter, number, name)
            self._draw_mark(painter, ink, self.cover)
        painter.end()

    def _draw_axes(self, painter: QPainter, ink: QColor, cover: CoverSeries) -> None:
        area, text = self.area(), painter.fontMetrics()
        for share in (0.0, 0.5, 1.0):
            y = round(area.bottom() - share * area.height())
            painter.setPen(faded(ink, 0.18))
            painter.drawLine(round(area.left()), y, round(area.right()), y)
            painter.setPen(faded(ink, 0.85))
            box = QRectF(0, y - text.height() / 2, area.left() - 6, text.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignRight, f"{share:.0%}")
        most = int(area.width()) // (2 * text.horizontalAdvance("00:00"))
        first, last = int(cover.x[0]), int(cover.x[-1])
        numbered = (
            time_ticks(first, last, most)
            if cover.is_timed
            else [(x, str(x)) for x in np.unique(np.linspace(first, last, max(most, 2), dtype=int))]
        )
        for x, name in numbered:
            place = round(self.place(x))
            painter.drawLine(place, round(area.bottom()), place, round(area.bottom()) + 3)
            box = QRectF(place - 40, area.bottom() + 4, 80, text.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, name)

    def _draw_curve(
        self, painter: QPainter, cover: CoverSeries, values: NDArray[np.float64], color: QColor
    ) -> None:
        area, known = self.area(), ~np.isnan(values)
        x, y = cover.x[known], values[known]
        left, right = self.place(int(cover.x[0])), self.place(int(cover.x[-1]))
        span = float(cover.x[-1] - cover.x[0]) or 1.0
        across = left + (x - cover.x[0]) / span * (right - left)
        up = area.bottom() - y * area.height()
        crowd = len(x) > CROWD * area.width()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, not crowd)
        if crowd:
            painter.setPen(QPen(faded(color, 0.75), 1))
            painter.drawLines(_bars(across, up))
            return
        painter.setPen(QPen(color, 1.5))
        first = 0
        for part, _ in cover.parts(values):
            rows = slice(first, first + len(part))
            pairs = zip(across[rows].tolist(), up[rows].tolist(), strict=True)
            painter.drawPolyline(QPolygonF([QPointF(*pair) for pair in pairs]))
            first += len(part)
        if len(x) <= MARKED:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            for a, b in zip(across.tolist(), up.tolist(), strict=True):
                painter.drawEllipse(QPointF(a, b), 2.2, 2.2)
            painter.setBrush(Qt.BrushStyle.NoBrush)

    def _name_curve(self, painter: QPainter, number: int, name: str) -> None:
        """Name a curve above the plot, in its colour."""
        area, text = self.area(), painter.fontMetrics()
        left = area.left() + (0 if number == PREDICTION else text.horizontalAdvance("predicted   "))
        painter.setPen(curve_color(number, self.palette()))
        painter.drawText(QPointF(left, text.ascent() + 2), name)

    def _draw_mark(self, painter: QPainter, ink: QColor, cover: CoverSeries) -> None:
        if self.row is None or self.row >= len(cover.x):
            return
        area, place = self.area(), self.place(float(cover.x[self.row]))
        painter.setPen(QPen(faded(ink, 0.8), 1))
        painter.drawLine(QPointF(place, area.top()), QPointF(place, area.bottom()))
        for values, number in ((cover.truth, TRUTH), (cover.predicted, PREDICTION)):
            if not np.isnan(values[self.row]):
                painter.setPen(QPen(curve_color(number, self.palette()), 1.6))
                up = area.bottom() - float(values[self.row]) * area.height()
                painter.drawEllipse(QPointF(place, up), 4.0, 4.0)

    # --- going

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Go to the frame under the mouse."""
        row = self.row_at(event.pos().x())
        if row is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(row)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Read the values of the frame under the mouse; go there while the button is down."""
        row = self.row_at(event.pos().x())
        if row is None:
            return
        if event.buttons() & Qt.MouseButton.LeftButton and row != self.row:
            self.chosen.emit(row)
        QToolTip.showText(self.mapToGlobal(event.pos()), self.values(row), self)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Step through the frames of the curve."""
        keys = {
            Qt.Key.Key_Left: "left",
            Qt.Key.Key_Right: "right",
            Qt.Key.Key_Home: "home",
            Qt.Key.Key_End: "end",
        }
        name = keys.get(event.key())
        row = None if self.cover is None or name is None else self.cover.step(self.row, name)
        if row is None:
            event.ignore()
        else:
            self.chosen.emit(row)


def _bars(across: NDArray[np.float64], up: NDArray[np.float64]) -> list[QLineF]:
    """Give an upright line a column of pixels, from the lowest to the highest of its crowd."""
    columns = np.floor(across).astype(np.int64)
    first = np.flatnonzero(np.append(True, columns[1:] != columns[:-1]))
    ends = np.minimum.reduceat(up, first) - 0.5, np.maximum.reduceat(up, first) + 0.5
    rows = zip(columns[first].tolist(), *(end.tolist() for end in ends), strict=True)
    return [QLineF(column, top, column, bottom) for column, top, bottom in rows]
