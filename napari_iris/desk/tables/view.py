"""How a table looks, and how a row of it is chosen."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from qtpy.QtCore import QItemSelectionModel, Qt, Signal
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QTableView

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from qtpy.QtCore import QAbstractItemModel
    from qtpy.QtGui import QKeyEvent
ARROW = 2 * 18
"""Width that the arrow of a sorted column takes beside its name, which stays in the middle."""


class FactsView(QTableView):
    """A table of whole rows.

    Parameters
    ----------
    model : QAbstractItemModel
        What it lists.
    widths : mapping of str to int
        Widths of columns, by their names [pixels].
    """

    def __init__(self, model: QAbstractItemModel, widths: Mapping[str, int]) -> None:
        super().__init__()
        self.setModel(model)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(22)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().sortIndicatorChanged.connect(self._widen)
        for place in range(model.columnCount()):
            name = model.headerData(place, Qt.Orientation.Horizontal)
            if name in widths:
                self.setColumnWidth(place, widths[name])

    def _widen(self, column: int) -> None:
        """Give the column that is sorted by the width of its name and of the arrow beside it."""
        name = str(self.model().headerData(column, Qt.Orientation.Horizontal))
        needed = self.horizontalHeader().fontMetrics().horizontalAdvance(name) + ARROW
        self.setColumnWidth(column, max(self.columnWidth(column), needed))


class FrameTableView(FactsView):
    """A table of frames that leaves letters to the canvas: its own search would swallow the keys.

    Parameters
    ----------
    model : QAbstractItemModel
        What it lists.
    widths : mapping of str to int
        Widths of columns, by their names [pixels].

    Attributes
    ----------
    chosen : Signal
        Sent with the place of the row that the person goes to.
    """

    chosen = Signal(int)

    def __init__(self, model: QAbstractItemModel, widths: Mapping[str, int]) -> None:
        super().__init__(model, widths)
        self._following = False
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMinimumHeight(180)
        self.selectionModel().currentRowChanged.connect(self.choose)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Take the keys that move the selection, and no others."""
        moves = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
        if event.key() in (*moves, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Tab):
            super().keyPressEvent(event)
        else:
            event.ignore()

    def choose(self) -> None:
        """Go to the current row, unless that only follows what is shown."""
        index = self.currentIndex()
        if index.isValid() and not self._following:
            self.chosen.emit(index.row())

    def follow(self, place: int | None) -> None:
        """Show at which place the frame in view stands; None where it does not."""
        with self.following():
            selection = self.selectionModel()
            if place is None:
                selection.clear()
            else:
                index, flags = self.model().index(place, 0), QItemSelectionModel.SelectionFlag
                selection.setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
                self.scrollTo(index)

    @contextmanager
    def following(self) -> Iterator[None]:
        """Change what is shown; the person has chosen nothing thereby."""
        self._following = True
        try:
            yield
        finally:
            self._following = False
