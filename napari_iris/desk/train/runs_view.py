"""How the table of models looks: whole rows, sorted by a click, a name edited in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import QAbstractItemView, QTableView

from napari_iris.desk.train.runs_model import COLUMNS

if TYPE_CHECKING:
    from qtpy.QtCore import QAbstractItemModel

WIDTHS = {"state": 64, "val. loss": 62, "clear IoU": 66, "MCC": 52, "accuracy": 64, "epochs": 56}

LEAST = 125
"""Height of the table, in pixels, at least."""


class RunsView(QTableView):
    """A table of a few rows; more are scrolled to.

    Parameters
    ----------
    model : QAbstractItemModel
        The models, a row each, with the columns of `RunsModel`.
    """

    def __init__(self, model: QAbstractItemModel) -> None:
        super().__init__()
        self.setModel(model)
        self.setSortingEnabled(True)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(22)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setMinimumHeight(LEAST)
        self.setAccessibleName("trained models")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setHighlightSections(False)
        for place, name in enumerate(COLUMNS):
            if name in WIDTHS:
                self.setColumnWidth(place, WIDTHS[name])

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Size that it would like."""
        return QSize(340, LEAST)
