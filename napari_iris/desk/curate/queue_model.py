"""Qt's model of a project's frames: a hundred thousand rows, drawn as they come into view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QModelIndex, Qt
from qtpy.QtGui import QColor, QPixmap

from napari_iris.app.curation.queue_table import COLUMNS, cell_text
from napari_iris.desk.tables.model import TableModel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.project.frame_table import FrameTable

STATUS_COLORS = {
    "unlabelled": "#8d99ae",
    "auto": "#5390d9",
    "edited": "#f4a259",
    "approved": "#57a773",
    "rejected": "#d0634b",
}
"""Color of each status; they differ in lightness too, for color-blind eyes."""

INK = "#111111"
"""Colour of text on the colour of a status."""

SQUARE = 10
"""Side of the colored square of a status, in pixels."""


class QueueModel(TableModel):
    """Rows of a project's table, in the order of the queue."""

    columns, tips, numbers = tuple(COLUMNS), COLUMNS, ("Frame", "Cloud", "Trust")

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._table: FrameTable | None = None
        self._squares = {status: _square(color) for status, color in STATUS_COLORS.items()}

    def show(self, table: FrameTable | None, rows: NDArray[np.int64]) -> None:
        """Show some rows of a table, in that order."""
        self.beginResetModel()
        self._table, self.rows = table, rows
        self.endResetModel()

    def refresh(self, row: int) -> None:
        """Draw one frame again."""
        place = self.place_of(row)
        if place is not None:
            last = len(self.columns) - 1
            self.dataChanged.emit(self.index(place, 0), self.index(place, last))

    def text(self, row: int, column: str) -> str:
        """Give the text of a cell."""
        return "" if self._table is None else cell_text(self._table, row, column)

    def tip(self, row: int, column: str) -> str:
        """Give the path of a frame, or its status in full."""
        if self._table is None or column not in ("File", "Status"):
            return ""
        return str(self._table.paths[row]) if column == "File" else self.text(row, column)

    def headerData(  # noqa: N802 (Qt's name)
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Give the name of a column; that of the coloured squares is too narrow for its own."""
        if role == Qt.ItemDataRole.DisplayRole and self.columns[section] == "Status":
            return ""
        return super().headerData(section, orientation, role)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Give one cell, a status with its color."""
        if role == Qt.ItemDataRole.DecorationRole and self._table is not None:
            if index.isValid() and self.columns[index.column()] == "Status":
                return self._squares[self._table.status_of(int(self.rows[index.row()]))]
            return None
        return super().data(index, role)


def _square(color: str) -> QPixmap:
    square = QPixmap(SQUARE, SQUARE)
    square.fill(QColor(color))
    return square
