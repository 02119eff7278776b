"""The confusion matrix of the model's pixels."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QRectF, QSize, Qt
from qtpy.QtGui import QPainter, QPalette
from qtpy.QtWidgets import QSizePolicy, QWidget

from napari_iris.app.review.confusion import CLASSES, confusion_lines, row_fractions, short_count
from napari_iris.desk.plots.axes import draw_upright
from napari_iris.desk.plots.colors import curve_color, faded
from napari_iris.desk.review.colors import ANSWER_COLORS
from napari_iris.numbers import UNDEFINED

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from qtpy.QtGui import QPaintEvent


class ConfusionView(QWidget):
    """Confusion matrix: truth by row, prediction by column."""

    def __init__(self) -> None:
        super().__init__()
        self.matrix: NDArray[np.int64] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Confusion matrix")

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Preferred size."""
        return QSize(170, 170)

    def show_matrix(self, matrix: NDArray[np.int64] | None) -> None:
        """Draw another matrix, shape (2, 2): truth by row, clear first; None for none."""
        self.matrix = matrix
        lines = confusion_lines(matrix)
        self.setAccessibleDescription("; ".join(lines))
        self.setToolTip("\n".join(lines))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw the four counts, shaded by their fractions of the row."""
        del event
        palette = self.palette()
        ink = palette.color(QPalette.ColorRole.WindowText)
        painter, text = QPainter(self), self.fontMetrics()
        painter.setPen(ink)
        center = Qt.AlignmentFlag.AlignCenter
        if self.matrix is None:
            painter.setPen(faded(ink, 0.6))
            painter.drawText(self.rect(), center, "Not evaluated")
            painter.end()
            return
        left, top = text.height() * 2.0 + 6, text.height() * 2.0 + 6
        side = min(self.width() - left - 2, self.height() - top - 2) / 2
        painter.drawText(QRectF(left, 0, 2 * side, text.height()), center, "Predicted")
        draw_upright(painter, QRectF(0, top, text.height(), 2 * side), "True")
        fractions = row_fractions(self.matrix)
        for number, name in enumerate(CLASSES):
            over = QRectF(left + number * side, text.height() + 3, side, text.height())
            painter.drawText(over, center, name)
            beside = QRectF(text.height() + 3, top + number * side, text.height(), side)
            draw_upright(painter, beside, name)
        for (row, column), count in np.ndenumerate(self.matrix):
            share = float(fractions[row, column])
            box = QRectF(left + column * side, top + row * side, side - 2, side - 2)
            color = curve_color(ANSWER_COLORS["model"], palette)
            painter.fillRect(box, faded(color, 0.08 + 0.5 * (share if isfinite(share) else 0)))
            text = f"{share:.1%}" if isfinite(share) else UNDEFINED
            painter.drawText(box, center, f"{text}\n{short_count(int(count))}")
        painter.end()
