"""The ROC curve of the model's pixels, with the baselines as points."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QPointF, QRectF, QSize, Qt
from qtpy.QtGui import QColor, QPainter, QPalette, QPen, QPolygonF
from qtpy.QtWidgets import QSizePolicy, QWidget

from napari_iris.app.review.roc import X_LABEL, Y_LABEL, Roc
from napari_iris.desk.plots.axes import draw_upright
from napari_iris.desk.plots.colors import curve_color, faded
from napari_iris.desk.review.colors import ANSWER_COLORS
from napari_iris.numbers import format_number

if TYPE_CHECKING:
    from qtpy.QtGui import QPaintEvent


class RocView(QWidget):
    """ROC curve, with the baselines as points."""

    def __init__(self) -> None:
        super().__init__()
        self.roc = Roc()
        self.threshold: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("ROC curve")

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Preferred size."""
        return QSize(170, 170)

    def show_roc(self, roc: Roc) -> None:
        """Draw another curve."""
        self.roc = roc
        self.setAccessibleDescription(roc.description)
        self.setToolTip(roc.description)
        self.update()

    def mark(self, threshold: float | None) -> None:
        """Mark the current threshold."""
        if threshold != self.threshold:
            self.threshold = threshold
            self.update()

    def square(self) -> QRectF:
        """Square of the curve [pixels]."""
        text = self.fontMetrics()
        left, bottom, top = text.height() + 6.0, text.height() + 6.0, 4.0
        side = min(self.width() - left - 6, self.height() - bottom - top)
        return QRectF(left, top, side, side)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw the curve, the points of the baselines, and that of the threshold."""
        del event
        palette = self.palette()
        ink = palette.color(QPalette.ColorRole.WindowText)
        painter, text, square = QPainter(self), self.fontMetrics(), self.square()
        if self.roc.curve is None:
            painter.setPen(faded(ink, 0.6))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "No ROC curve")
            painter.end()
            return
        painter.setPen(faded(ink, 0.4))
        painter.drawRect(square)
        painter.setPen(QPen(faded(ink, 0.4), 1, Qt.PenStyle.DotLine))
        painter.drawLine(square.bottomLeft(), square.topRight())
        painter.setPen(ink)
        below = QRectF(square.left(), square.bottom() + 2, square.width(), text.height())
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, X_LABEL)
        beside = QRectF(0, square.top(), text.height(), square.height())
        draw_upright(painter, beside, Y_LABEL)
        area = QRectF(square.adjusted(0, 0, -6, -4))
        corner = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
        painter.drawText(area, corner, f"AUC {format_number(self.roc.area, 3)}")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = curve_color(ANSWER_COLORS["model"], palette)
        painter.setPen(QPen(color, 1.8))
        x, y = np.append(0, self.roc.curve.false_positive_rate), np.append(0, self.roc.curve.recall)
        places = [self._place(square, a, b) for a, b in zip(x.tolist(), y.tolist(), strict=True)]
        painter.drawPolyline(QPolygonF(places))
        for name, (a, b) in self.roc.points.items():
            self._dot(painter, square, (a, b), curve_color(ANSWER_COLORS[name], palette), 3.2)
        marked = self.roc.at(self.threshold)
        if marked is not None:
            painter.setPen(QPen(ink, 1.6))
            painter.drawEllipse(self._place(square, *marked), 4.5, 4.5)
        painter.end()

    @staticmethod
    def _place(square: QRectF, x: float, y: float) -> QPointF:
        return QPointF(square.left() + x * square.width(), square.bottom() - y * square.height())

    def _dot(
        self,
        painter: QPainter,
        square: QRectF,
        point: tuple[float, float],
        color: QColor,
        radius: float,
    ) -> None:
        if all(map(isfinite, point)):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawEllipse(self._place(square, *point), radius, radius)
            painter.setBrush(Qt.BrushStyle.NoBrush)
