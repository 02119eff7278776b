"""Table views: appearance, and selection of a row."""

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
"""Width of the sort arrow beside the centred name of a column [pixels]."""


class TableView(QTableView):
    """A table of whole rows.

    Parameters
    ----------
    model : QAbstractItemModel
        The rows.
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
        """Make the sorted column wide enough for its name and the sort arrow."""
        name = str(self.model().headerData(column, Qt.Orientation.Horizontal))
        needed = self.horizontalHeader().fontMetrics().horizontalAdvance(name) + ARROW
        self.setColumnWidth(column, max(self.columnWidth(column), needed))


class FrameTableView(TableView):
    """A table of frames that leaves letter keys to the canvas: Qt's search would consume them.

    Parameters
    ----------
    model : QAbstractItemModel
        The rows.
    widths : mapping of str to int
        Widths of columns, by their names [pixels].

    Attributes
    ----------
    chosen : Signal
        Sent with the row that the user goes to.
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
        """Accept only the keys that move the selection."""
        moves = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
        if event.key() in (*moves, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Tab):
            super().keyPressEvent(event)
        else:
            event.ignore()

    def choose(self) -> None:
        """Go to the current row, unless the program has selected it."""
        index = self.currentIndex()
        if index.isValid() and not self._following:
            self.chosen.emit(index.row())

    def follow(self, place: int | None) -> None:
        """Select the row of the current frame; None for none."""
        with self.following():
            selection = self.selectionModel()
            if place is None:
                selection.clear()
            elif place == selection.currentIndex().row():  # a click selects on its own, after this
                self.scrollTo(selection.currentIndex())
            else:
                index, flags = self.model().index(place, 0), QItemSelectionModel.SelectionFlag
                selection.setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
                self.scrollTo(index)

    def mark(self, places: list[int]) -> None:
        """Select more rows, by the program."""
        flags = QItemSelectionModel.SelectionFlag
        with self.following():
            for place in places:
                index = self.model().index(place, 0)
                self.selectionModel().select(index, flags.Select | flags.Rows)

    @property
    def is_following(self) -> bool:
        """Whether it is the program that changes rows and selection."""
        return self._following

    @contextmanager
    def following(self) -> Iterator[None]:
        """Change rows and selection without going to a row."""
        was_following, self._following = self._following, True
        try:
            yield
        finally:
            self._following = was_following
