"""Base class of the table models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from qtpy.QtCore import QAbstractTableModel, QModelIndex, Qt

from napari_iris.app.tooltip import tip_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray
    from qtpy.QtCore import QObject

RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
"""Alignment of numbers."""


class TableModel(QAbstractTableModel):
    """A read-only table with named columns; subclasses give rows and texts.

    Attributes
    ----------
    columns : tuple of str
        Names of the columns.
    tips : mapping of str to str
        Tooltips of the column headers, by name.
    numbers : collection of str
        Names of the columns that are aligned on the right.
    rows : ndarray of int
        What is listed, in that order: rows of the data behind the table.
    """

    columns: ClassVar[tuple[str, ...]] = ()
    tips: ClassVar[Mapping[str, str]] = {}
    numbers: ClassVar[Collection[str]] = ()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: NDArray[np.integer] = np.empty(0, np.intp)

    def text(self, row: int, column: str) -> str:
        """Give the text of a cell, by its row of the data."""
        raise NotImplementedError

    def tip(self, row: int, column: str) -> str:
        """Give the tooltip of a cell, by its row of the data; empty for none."""
        del row, column
        return ""

    def place_of(self, row: int) -> int | None:
        """Give the place in the table of a row of the data; None where it is not listed."""
        found = np.flatnonzero(self.rows == row)
        return int(found[0]) if len(found) else None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Give the text, the tooltip or the alignment of a cell."""
        if not index.isValid():
            return None
        row, column = int(self.rows[index.row()]), self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip_of(self.tip(row, column)) or None
        if role == Qt.ItemDataRole.TextAlignmentRole and column in self.numbers:
            return RIGHT
        return None

    def rowCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802 (Qt's name)
        """Give the number of rows; none below a row."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802 (Qt's name)
        """Give the number of columns."""
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def headerData(  # noqa: N802 (Qt's name)
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Give the name or the tooltip of a column."""
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return self.columns[section]
            if role == Qt.ItemDataRole.ToolTipRole:
                return self.tips.get(self.columns[section])
        return None
