"""Qt's model of a project's frames: a hundred thousand rows, drawn as they come into view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QModelIndex, Qt
from qtpy.QtGui import QColor, QPixmap

from napari_iris.app.curation.queue_table import COLUMNS, cell_text
from napari_iris.desk.tables.model import RIGHT, TableModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.project.frame_table import FrameTable

STATUS_COLORS = {
    "unlabelled": "#8d99ae",
    "auto": "#5390d9",
    "edited": "#f4a259",
    "approved": "#57a773",
    "rejected": "#c8553d",
}
"""Color of each status; they differ in lightness too, for color-blind eyes."""

SQUARE = 10
"""Side of the colored square of a status, in pixels."""


class QueueModel(TableModel):
    """Rows of a project's table, in the order of the queue."""

    columns, tips = tuple(COLUMNS), COLUMNS

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._table: FrameTable | None = None
        self.rows: NDArray[np.int64] = np.empty(0, np.int64)
        self._squares = {status: _square(color) for status, color in STATUS_COLORS.items()}

    def show(self, table: FrameTable | None, rows: NDArray[np.int64]) -> None:
        """Show some rows of a table, in that order."""
        self.beginResetModel()
        self._table, self.rows = table, rows
        self.endResetModel()

    def place_of(self, row: int) -> int | None:
        """Place of a frame in the list; None where it is not listed."""
        found = np.flatnonzero(self.rows == row)
        return int(found[0]) if len(found) else None

    def refresh(self, row: int) -> None:
        """Draw one frame again."""
        place = self.place_of(row)
        if place is not None:
            last = len(self.columns) - 1
            self.dataChanged.emit(self.index(place, 0), self.index(place, last))

    def count(self) -> int:
        """Count the frames listed."""
        return len(self.rows)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """One cell."""
        if self._table is None or not index.isValid():
            return None
        row, column = int(self.rows[index.row()]), self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return cell_text(self._table, row, column)
        if role == Qt.ItemDataRole.DecorationRole and column == "Status":
            return self._squares[self._table.status_of(row)]
        if role == Qt.ItemDataRole.ToolTipRole and column == "File":
            return str(self._table.paths[row])
        if role == Qt.ItemDataRole.TextAlignmentRole and column in ("Frame", "Cloud", "Trust"):
            return RIGHT
        return None


def _square(color: str) -> QPixmap:
    square = QPixmap(SQUARE, SQUARE)
    square.fill(QColor(color))
    return square
