"""The confusion matrix of the model's pixels."""

from __future__ import annotations

from math import isfinite, nan
from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QRectF, QSize, Qt
from qtpy.QtGui import QPainter, QPalette
from qtpy.QtWidgets import QSizePolicy, QWidget

from napari_iris.desk.plots.axes import draw_upright
from napari_iris.desk.plots.colors import curve_color, faded
from napari_iris.desk.review.answers import ANSWER_COLORS, UNDEFINED

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from qtpy.QtGui import QPaintEvent


class ConfusionView(QWidget):
    """Confusion matrix: what was there, by row, and what it was called, by column."""

    def __init__(self) -> None:
        super().__init__()
        self.matrix: NDArray[np.int64] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("confusion matrix")

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Size that it would like."""
        return QSize(170, 170)

    def show_matrix(self, matrix: NDArray[np.int64] | None) -> None:
        """Draw another matrix, shape (2, 2): truth by row, answer by column, clear first."""
        self.matrix = matrix
        self.setAccessibleDescription("; ".join(self.lines()))
        self.setToolTip("\n".join(self.lines()))
        self.update()

    def lines(self) -> list[str]:
        """Tell the four numbers in words."""
        if self.matrix is None:
            return []
        names = ("clear", "cloud")
        return [
            f"{truth} called {answer}: {self.matrix[row, column]:,} pixels"
            for row, truth in enumerate(names)
            for column, answer in enumerate(names)
        ]

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw the four numbers, shaded by the part of their row."""
        del event
        palette = self.palette()
        ink = palette.color(QPalette.ColorRole.WindowText)
        painter, text = QPainter(self), self.fontMetrics()
        painter.setPen(ink)
        center = Qt.AlignmentFlag.AlignCenter
        if self.matrix is None:
            painter.setPen(faded(ink, 0.6))
            painter.drawText(self.rect(), center, "not measured")
            painter.end()
            return
        left, top = text.height() * 2.0 + 6, text.height() * 2.0 + 6
        side = min(self.width() - left - 2, self.height() - top - 2) / 2
        painter.drawText(QRectF(left, 0, 2 * side, text.height()), center, "predicted")
        draw_upright(painter, QRectF(0, top, text.height(), 2 * side), "true")
        rows = self.matrix.sum(axis=1)
        for number, name in enumerate(("clear", "cloud")):
            over = QRectF(left + number * side, text.height() + 3, side, text.height())
            painter.drawText(over, center, name)
            beside = QRectF(text.height() + 3, top + number * side, text.height(), side)
            draw_upright(painter, beside, name)
        for (row, column), count in np.ndenumerate(self.matrix):
            share = float(count / rows[row]) if rows[row] else nan
            box = QRectF(left + column * side, top + row * side, side - 2, side - 2)
            color = curve_color(ANSWER_COLORS["model"], palette)
            painter.fillRect(box, faded(color, 0.08 + 0.5 * (share if isfinite(share) else 0)))
            told = UNDEFINED if not isfinite(share) else f"{share:.1%}"
            painter.drawText(box, center, f"{told}\n{_short(int(count))}")
        painter.end()


def _short(count: int) -> str:
    """Write a large number as a person says it."""
    for least, name in ((10_000_000, "M"), (10_000, "k")):
        if count >= least:
            return f"{count / (least / 10):.0f} {name}"
    return f"{count:,}"
