"""The frames of a project as a table: a hundred thousand rows, drawn as they come into view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QModelIndex, Qt
from qtpy.QtGui import QColor, QPixmap

from napari_iris.desk.tables.model import RIGHT, FactsModel, moment_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.project.frame_table import FrameTable

COLUMNS = ("frame", "time", "status", "cloud", "class", "trust", "file")

STATUS_COLORS = {
    "unlabelled": "#8d99ae",
    "auto": "#5390d9",
    "edited": "#f4a259",
    "approved": "#57a773",
    "rejected": "#c8553d",
}
"""Colour of each status, told apart by colour-blind eyes by lightness."""

TIPS = {
    "cloud": "Cloud fraction of the mask in force",
    "trust": "The sky gate's trust in the automatic mask",
    "status": "Where the frame stands",
}

DOT = 10
"""Side of a status's square, in pixels."""


class FrameModel(FactsModel):
    """Rows of a project's table, in the order of the queue or of time."""

    columns, tips = COLUMNS, TIPS

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._table: FrameTable | None = None
        self.rows: NDArray[np.int64] = np.empty(0, np.int64)
        self._dots = {status: _dot(color) for status, color in STATUS_COLORS.items()}

    def show(self, table: FrameTable | None, rows: NDArray[np.int64]) -> None:
        """Show some rows of a table, in that order."""
        self.beginResetModel()
        self._table, self.rows = table, rows
        self.endResetModel()

    def place_of(self, row: int) -> int | None:
        """Where a frame stands in the list; None where it does not."""
        found = np.flatnonzero(self.rows == row)
        return int(found[0]) if len(found) else None

    def renew(self, row: int) -> None:
        """Draw one frame again."""
        place = self.place_of(row)
        if place is not None:
            self.dataChanged.emit(self.index(place, 0), self.index(place, len(COLUMNS) - 1))

    def count(self) -> int:
        """Frames listed."""
        return len(self.rows)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """One fact of one frame."""
        if self._table is None or not index.isValid():
            return None
        row, column = int(self.rows[index.row()]), COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(self._table, row, column)
        if role == Qt.ItemDataRole.DecorationRole and column == "status":
            return self._dots[self._table.status_of(row)]
        if role == Qt.ItemDataRole.ToolTipRole and column == "file":
            return str(self._table.paths[row])
        if role == Qt.ItemDataRole.TextAlignmentRole and column in ("frame", "cloud", "trust"):
            return RIGHT
        return None

    @staticmethod
    def _text(table: FrameTable, row: int, column: str) -> str:
        if column == "frame":
            return str(row + 1)
        if column == "time":
            return moment_text(table.time[row])
        if column == "status":
            return table.status_of(row)
        if column == "class":
            return table.class_of(row) or ""
        if column == "file":
            return table.paths[row].name
        value = float(table.cloud_fraction[row] if column == "cloud" else table.trust[row])
        return "" if np.isnan(value) else f"{value:.0%}" if column == "cloud" else f"{value:.2f}"


def _dot(color: str) -> QPixmap:
    dot = QPixmap(DOT, DOT)
    dot.fill(QColor(color))
    return dot
