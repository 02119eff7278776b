"""The view of the table of models: whole rows, sorted by a click, names edited in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import QAbstractItemView

from napari_iris.desk.tables.view import TableView

if TYPE_CHECKING:
    from qtpy.QtCore import QAbstractItemModel

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
