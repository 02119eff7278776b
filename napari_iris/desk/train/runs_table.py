"""The table of models: one row each, sorted by any column, names edited in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QModelIndex, QObject, QSize, QSortFilterProxyModel, Qt, Signal
from qtpy.QtWidgets import QAbstractItemView

from napari_iris.app.training.run_table import COLUMNS, SCORES, TIPS, cell_text, cell_tip, sort_key
from napari_iris.desk.tables.model import TableModel
from napari_iris.desk.tables.view import TableView

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from qtpy.QtCore import QAbstractItemModel

    from napari_iris.app.training.runs import Run

EDIT, SORT = Qt.ItemDataRole.EditRole, Qt.ItemDataRole.UserRole
"""Roles of the text to edit, and of the sort key."""


WIDTHS = {
    "Name": 76,
    "State": 72,
    "Val. loss": 58,
    "Clear IoU": 62,
    "MCC": 44,
    "Accuracy": 64,
    "Epochs": 56,
}
"""Widths of the columns [pixels]: those up to the scores fit into the narrowest dock."""

MIN_HEIGHT = 125
"""Least height of the table [pixels]."""


class RunsModel(TableModel):
    """Models, one row each.

    Attributes
    ----------
    renamed : Signal
        Sent with a `Run` and the name that was typed for it.
    """

    columns, tips, numbers = COLUMNS, TIPS, (*SCORES, "Epochs")

    renamed = Signal(object, str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.runs: tuple[Run, ...] = ()
        self._running: Path | None = None

    def show_runs(self, runs: Sequence[Run], running: Path | None) -> None:
        """Show other models, or the same as they are now."""
        same = [run.folder for run in runs] == [run.folder for run in self.runs]
        self._running = running
        if same and runs:
            self.runs = tuple(runs)
            last = self.index(len(self.runs) - 1, len(COLUMNS) - 1)
            self.dataChanged.emit(self.index(0, 0), last)
        elif not same:
            self.beginResetModel()
            self.runs, self.rows = tuple(runs), np.arange(len(runs))
            self.endResetModel()

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        """Names can be edited."""
        flags = super().flags(index)
        named = index.isValid() and COLUMNS[index.column()] == "Name"
        return flags | Qt.ItemFlag.ItemIsEditable if named else flags

    def setData(self, index: QModelIndex, value: Any, role: int = EDIT) -> bool:  # noqa: N802 (Qt's name)
        """Ask for another name."""
        if role != EDIT or not index.isValid():
            return False
        run = self.runs[index.row()]
        if str(value) != run.name:
            self.renamed.emit(run, str(value))
        return True

    def text(self, row: int, column: str) -> str:
        """Give the text of a cell."""
        return cell_text(self.runs[row], column, self._running)

    def tip(self, row: int, column: str) -> str:
        """Give the tooltip of a cell."""
        return cell_tip(self.runs[row], column)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Give one value of one model, also to edit it or to sort by it."""
        if role == SORT and index.isValid():
            return sort_key(self.runs[index.row()], COLUMNS[index.column()], self._running)
        return super().data(index, Qt.ItemDataRole.DisplayRole if role == EDIT else role)


class SortedRuns(QSortFilterProxyModel):
    """The models sorted by a column; those without a value come last either way."""

    def lessThan(self, left: QModelIndex, right: QModelIndex) -> bool:  # noqa: N802 (Qt's name)
        """Whether one model comes before another."""
        a, b = (self.sourceModel().data(index, SORT) for index in (left, right))
        if a is None and b is None:
            return False
        if a is None or b is None:
            return (b if self.sortOrder() == Qt.SortOrder.AscendingOrder else a) is None
        return bool(a < b)


class RunsView(TableView):
    """A table of a few rows; more are scrolled to.

    Parameters
    ----------
    model : QAbstractItemModel
        The models, one row each, with the columns of `RunsModel`.
    """

    def __init__(self, model: QAbstractItemModel) -> None:
        super().__init__(model, WIDTHS)
        self.setSortingEnabled(True)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMinimumHeight(MIN_HEIGHT)
        self.setAccessibleName("trained models")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Preferred size."""
        return QSize(340, MIN_HEIGHT)
