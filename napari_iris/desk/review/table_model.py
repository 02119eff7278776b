"""The predictions of a night as a table, the worst or the most uncertain first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QModelIndex, Qt

from napari_iris.app.times import short_time
from napari_iris.desk.tables.model import RIGHT, FactsModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.desk.review.data import Review

COLUMNS = (
    *("frame", "time", "accuracy", "uncertainty", "clear IoU", "cloud", "truth"),
    *("p(cloud)", "file"),
)

TIPS = {
    "frame": "Number in the night that is open",
    "accuracy": "Part of the pixels that are right",
    "clear IoU": "Clear sky found and clear sky in truth: what they share over what they cover",
    "cloud": "Cloud fraction as predicted",
    "truth": "Cloud fraction in truth",
    "uncertainty": "Mean entropy of the pixels' probabilities: 0 sure, 1 undecided everywhere",
    "p(cloud)": "The classifier's probability that there is cloud in the frame",
}

PERCENT = ("cloud", "truth")


class ReviewModel(FactsModel):
    """Frames of a review, in any order; those that have nothing in a column come last."""

    columns, tips = COLUMNS, TIPS

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.review: Review | None = None
        self.rows: NDArray[np.intp] = np.empty(0, np.intp)
        self._sorted = (1, Qt.SortOrder.AscendingOrder)

    def show(self, review: Review | None) -> None:
        """Show other predictions, in the order that there is."""
        self.beginResetModel()
        self.review = review
        self.rows = self._arranged()
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Arrange by a column; equal frames by their loss, then in time."""
        self._sorted = (column, order)
        self.layoutAboutToBeChanged.emit()
        kept = self.persistentIndexList()
        frames = [int(self.rows[index.row()]) for index in kept]
        self.rows = self._arranged()
        places = np.empty(len(self.rows), np.intp)
        places[self.rows] = np.arange(len(self.rows))
        moved = [
            self.index(int(places[row]), index.column())
            for row, index in zip(frames, kept, strict=True)
        ]
        self.changePersistentIndexList(kept, moved)
        self.layoutChanged.emit()

    def place_of(self, row: int) -> int | None:
        """Where a frame stands in the list, by its row of the review."""
        found = np.flatnonzero(self.rows == row)
        return int(found[0]) if len(found) else None

    def _arranged(self) -> NDArray[np.intp]:
        if self.review is None:
            return np.empty(0, np.intp)
        column, order = self._sorted
        name, down = COLUMNS[column], order == Qt.SortOrder.DescendingOrder
        if name == "time":
            rows = np.arange(len(self.review))
            return rows[::-1] if down else rows
        keys = self._keys(self.review, name)
        missing = np.isnan(keys)
        loss = self.review.columns.get("loss")
        ties = [] if loss is None else [-np.nan_to_num(loss, nan=-np.inf)]
        return np.lexsort([*ties, np.where(missing, 0, -keys if down else keys), missing])

    @staticmethod
    def _keys(review: Review, name: str) -> NDArray[np.float64]:
        if name == "frame":
            return np.where(review.places < 0, np.nan, review.places)
        if name == "file":
            _, keys = np.unique(np.array(review.names), return_inverse=True)
            return keys.astype(np.float64)
        return review.columns.get(name, np.full(len(review), np.nan))

    def count(self) -> int:
        """Frames listed."""
        return len(self.rows)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """One fact of one frame."""
        if self.review is None or not index.isValid():
            return None
        row, column = int(self.rows[index.row()]), COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(self.review, row, column)
        if role == Qt.ItemDataRole.ToolTipRole and column == "file":
            return self.review.files[row]
        if role == Qt.ItemDataRole.TextAlignmentRole and column not in ("time", "file"):
            return RIGHT
        return None

    @staticmethod
    def _text(review: Review, row: int, column: str) -> str:
        if column == "frame":
            return str(review.places[row] + 1) if review.places[row] >= 0 else ""
        if column == "time":
            return short_time(review.times[row])
        if column == "file":
            return Path(review.files[row]).name
        value = float(review.columns[column][row]) if column in review.columns else np.nan
        if np.isnan(value):
            return ""
        return f"{value:.0%}" if column in PERCENT else f"{value:.3f}"
