"""How the table of models looks: whole rows, sorted by a click, a name edited in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import QAbstractItemView

from napari_iris.desk.tables.view import FactsView

if TYPE_CHECKING:
    from qtpy.QtCore import QAbstractItemModel

WIDTHS = {
    "name": 76,
    "state": 84,
    "val. loss": 58,
    "clear IoU": 62,
    "MCC": 44,
    "accuracy": 64,
    "epochs": 56,
}
"""Widths of the columns [pixels]: as far as the scores, they fit into the narrowest dock."""

LEAST = 125
"""Height of the table, in pixels, at least."""


class RunsView(FactsView):
    """A table of a few rows; more are scrolled to.

    Parameters
    ----------
    model : QAbstractItemModel
        The models, a row each, with the columns of `RunsModel`.
    """

    def __init__(self, model: QAbstractItemModel) -> None:
        super().__init__(model, WIDTHS)
        self.setSortingEnabled(True)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMinimumHeight(LEAST)
        self.setAccessibleName("trained models")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Size that it would like."""
        return QSize(340, LEAST)
