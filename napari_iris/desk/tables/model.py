"""What a table lists: rows of facts under named columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from qtpy.QtCore import QAbstractTableModel, QModelIndex, Qt

if TYPE_CHECKING:
    from collections.abc import Mapping

RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
"""Where numbers stand in their cells."""


class FactsModel(QAbstractTableModel):
    """A table whose columns have names and tips; what it lists, a subclass says.

    Attributes
    ----------
    columns : tuple of str
        Names of the columns.
    tips : mapping of str to str
        What a column's name means, where it needs to be told.
    """

    columns: ClassVar[tuple[str, ...]] = ()
    tips: ClassVar[Mapping[str, str]] = {}

    def count(self) -> int:
        """Rows listed."""
        raise NotImplementedError

    def rowCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802 (Qt's name)
        """Rows listed; none below a row."""
        return 0 if parent is not None and parent.isValid() else self.count()

    def columnCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802 (Qt's name)
        """Facts listed of each."""
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def headerData(  # noqa: N802 (Qt's name)
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Name of a column."""
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return self.columns[section]
            if role == Qt.ItemDataRole.ToolTipRole:
                return self.tips.get(self.columns[section])
        return None
