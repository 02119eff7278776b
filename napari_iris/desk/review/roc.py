"""The ROC curve of the model's pixels, with the baselines as points."""

from __future__ import annotations

from math import isfinite, nan
from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QPointF, QRectF, QSize, Qt
from qtpy.QtGui import QColor, QPainter, QPalette, QPen, QPolygonF
from qtpy.QtWidgets import QSizePolicy, QWidget

from napari_iris.desk.plots.axes import draw_upright
from napari_iris.desk.plots.colors import curve_color, faded
from napari_iris.desk.review.answers import ANSWER_COLORS, ANSWERS, score_text

if TYPE_CHECKING:
    from qtpy.QtGui import QPaintEvent

    from napari_iris.desk.review.data import Measured
    from napari_iris.metrics.ranking import Curve


class RocView(QWidget):
    """ROC curve: cloud found against sky called cloud, with the baselines as points."""

    def __init__(self) -> None:
        super().__init__()
        self.curve: Curve | None = None
        self.points: dict[str, tuple[float, float]] = {}
        self.area = nan
        self.threshold: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("ROC curve")

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Size that it would like."""
        return QSize(170, 170)

    def show_measured(self, measured: Measured | None) -> None:
        """Draw what was measured; without both classes in the truth there is no curve."""
        curves = {} if measured is None else measured.curves.get("pixels", {})
        curve = curves.get("model")
        both = (
            curve is not None and len(curve.hit) > 0 and curve.hit[-1] > 0 and curve.false[-1] > 0
        )
        self.curve = curve if both else None
        self.points, self.area = {}, nan
        if measured is not None and self.curve is not None:
            self.area = measured.facts["model"].get("auc") or nan
            confusion = measured.facts["confusion"]
            self.points = {name: _point(confusion[name]) for name in ANSWERS if name in confusion}
        self.setAccessibleDescription(f"area {score_text(self.area)}")
        lines = [
            f"{ANSWERS[name]}: {y:.1%} of the cloud, {x:.1%} of the sky"
            for name, (x, y) in self.points.items()
        ]
        self.setToolTip(
            "\n".join([f"area under the curve {score_text(self.area)}", *lines]) if lines else ""
        )
        self.update()

    def mark(self, threshold: float | None) -> None:
        """Mark the threshold that is in force."""
        if threshold != self.threshold:
            self.threshold = threshold
            self.update()

    def square(self) -> QRectF:
        """Square of the curve [pixels]."""
        text = self.fontMetrics()
        left, bottom, top = text.height() + 6.0, text.height() + 6.0, 4.0
        side = min(self.width() - left - 6, self.height() - bottom - top)
        return QRectF(left, top, side, side)

    def marked(self) -> tuple[float, float] | None:
        """Fall-out and recall at the threshold that is marked."""
        if self.curve is None or self.threshold is None:
            return None
        above = np.flatnonzero(self.curve.threshold >= np.float32(self.threshold))
        if not len(above):
            return 0.0, 0.0
        return float(self.curve.false_positive_rate[above[-1]]), float(self.curve.recall[above[-1]])

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw the curve, the baselines' points, and where the threshold stands."""
        del event
        palette = self.palette()
        ink = palette.color(QPalette.ColorRole.WindowText)
        painter, text, square = QPainter(self), self.fontMetrics(), self.square()
        if self.curve is None:
            painter.setPen(faded(ink, 0.6))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "no ROC curve")
            painter.end()
            return
        painter.setPen(faded(ink, 0.4))
        painter.drawRect(square)
        painter.setPen(QPen(faded(ink, 0.4), 1, Qt.PenStyle.DotLine))
        painter.drawLine(square.bottomLeft(), square.topRight())
        painter.setPen(ink)
        below = QRectF(square.left(), square.bottom() + 2, square.width(), text.height())
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, "sky called cloud")
        beside = QRectF(0, square.top(), text.height(), square.height())
        draw_upright(painter, beside, "cloud found")
        area = QRectF(square.adjusted(0, 0, -6, -4))
        corner = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
        painter.drawText(area, corner, f"AUC {score_text(self.area)}")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = curve_color(ANSWER_COLORS["model"], palette)
        painter.setPen(QPen(color, 1.8))
        x, y = np.append(0, self.curve.false_positive_rate), np.append(0, self.curve.recall)
        places = [self._place(square, a, b) for a, b in zip(x.tolist(), y.tolist(), strict=True)]
        painter.drawPolyline(QPolygonF(places))
        for name, (a, b) in self.points.items():
            self._dot(painter, square, (a, b), curve_color(ANSWER_COLORS[name], palette), 3.2)
        marked = self.marked()
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


def _point(confusion: dict[str, dict[str, int]]) -> tuple[float, float]:
    """Fall-out and recall of an answer."""
    clear, cloud = confusion["true_clear"], confusion["true_cloud"]
    sky, there = sum(clear.values()), sum(cloud.values())
    return clear["cloud"] / sky if sky else nan, cloud["cloud"] / there if there else nan
