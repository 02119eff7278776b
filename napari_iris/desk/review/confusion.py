"""The confusion matrix of the model's pixels."""

from __future__ import annotations

from itertools import product
from math import isfinite
from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QSize, Qt
from qtpy.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from napari_iris.app.review.confusion import CLASSES, confusion_lines, row_fractions, short_count
from napari_iris.app.review.report import METHOD_COLORS
from napari_iris.desk.plots.colors import curve_color
from napari_iris.numbers import UNDEFINED

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SHADE, MORE = 0.08, 0.5
"""Opacity of the colour of a cell without pixels, and how much more one with all of its row has."""


class ConfusionView(QWidget):
    """Confusion matrix: truth by row, prediction by column."""

    def __init__(self) -> None:
        super().__init__()
        self.matrix: NDArray[np.int64] | None = None
        self.empty, self._grid = _centered("Not evaluated"), QWidget()
        self.cells = {place: _centered() for place in product(range(2), range(2))}
        self._lay_out()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Confusion matrix")
        self.show_matrix(None)

    def _lay_out(self) -> None:
        grid, layout = QGridLayout(self._grid), QVBoxLayout(self)
        for one in (grid, layout):
            one.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(2)
        grid.addWidget(_centered("Predicted"), 0, 1, 1, 2)
        for number, name in enumerate(CLASSES):
            grid.addWidget(_centered(name), 1, number + 1)
            grid.addWidget(_centered(f"true\n{name}"), number + 2, 0)
            grid.setRowStretch(number + 2, 1)
            grid.setColumnStretch(number + 1, 1)
        for (row, column), cell in self.cells.items():
            grid.addWidget(cell, row + 2, column + 1)
        layout.addWidget(self._grid)
        layout.addWidget(self.empty)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Preferred size."""
        return QSize(170, 170)

    def show_matrix(self, matrix: NDArray[np.int64] | None) -> None:
        """Show another matrix, shape (2, 2): truth by row, clear first; None for none."""
        self.matrix = matrix
        lines = confusion_lines(matrix)
        self.setAccessibleDescription("; ".join(lines))
        self.setToolTip("\n".join(lines))
        self.empty.setVisible(matrix is None)
        self._grid.setVisible(matrix is not None)
        self._fill()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Use the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._fill()

    def _fill(self) -> None:
        """Write the counts; shade each cell by its fraction of the row."""
        if self.matrix is None:
            return
        fractions = row_fractions(self.matrix)
        color = curve_color(METHOD_COLORS["model"], self.palette())
        for place, cell in self.cells.items():
            fraction = float(fractions[place])
            text = f"{fraction:.1%}" if isfinite(fraction) else UNDEFINED
            cell.setText(f"{text}\n{short_count(int(self.matrix[place]))}")
            alpha = SHADE + MORE * (fraction if isfinite(fraction) else 0)
            rgb = f"{color.red()}, {color.green()}, {color.blue()}"
            cell.setStyleSheet(f"background-color: rgba({rgb}, {round(255 * alpha)});")


def _centered(text: str = "") -> QLabel:
    label = QLabel(text)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return label
