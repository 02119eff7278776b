"""The frames of a review as a table of Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import Qt

from napari_iris.app.review.rows import COLUMNS, cell_text, sorted_rows
from napari_iris.desk.tables.model import TableModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.app.review.review import Review

NAMES = tuple(COLUMNS)


class ReviewModel(TableModel):
    """Frames of a review, sorted by any column; those without a value come last."""

    columns, tips, numbers = NAMES, COLUMNS, set(NAMES) - {"Time", "File"}

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.review: Review | None = None
        self._order = (NAMES[0], False)

    def show(self, review: Review | None) -> None:
        """Show another review, in the same order."""
        self.beginResetModel()
        self.review = review
        self.rows = self._sorted()
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; the selection stays on its frame."""
        self._order = NAMES[column], order == Qt.SortOrder.DescendingOrder
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        frames = [int(self.rows[index.row()]) for index in before]
        self.rows = self._sorted()
        places = np.empty(len(self.rows), np.intp)
        places[self.rows] = np.arange(len(self.rows))
        after = [
            self.index(int(places[row]), index.column())
            for row, index in zip(frames, before, strict=True)
        ]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def text(self, row: int, column: str) -> str:
        """Give the text of a cell."""
        return "" if self.review is None else cell_text(self.review, row, column)

    def tip(self, row: int, column: str) -> str:
        """Give the path of a frame."""
        return "" if self.review is None or column != "File" else self.review.files[row]

    def _sorted(self) -> NDArray[np.intp]:
        if self.review is None:
            return np.empty(0, np.intp)
        column, descending = self._order
        return sorted_rows(self.review, column, descending=descending)
