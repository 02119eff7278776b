"""The frames of a review in a table; a click goes to a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import QAbstractItemView, QLabel, QWidget

from napari_iris.app.review.rows import ORDERS, UNCERTAIN, default_order
from napari_iris.desk.forms.controls import by_tab, combo_box
from napari_iris.desk.forms.layout import Wide, column, row
from napari_iris.desk.review.table_model import NAMES, ReviewModel
from napari_iris.desk.tables.view import FrameTableView

if TYPE_CHECKING:
    from qtpy.QtGui import QKeyEvent

    from napari_iris.app.review.review import Review

WIDTHS = {
    "Frame": 48,
    "Time": 108,
    "Accuracy": 64,
    "Uncertainty": 80,
    "Clear IoU": 66,
    "Cloud": 50,
    "Truth": 50,
    "P(cloud)": 62,
}
"""Widths of the columns, in pixels."""


class ReviewTableView(FrameTableView):
    """A table whose Enter key goes to the frame; letters are left to the canvas."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Take Enter besides the keys that move the selection."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.choose()
        else:
            super().keyPressEvent(event)


class ReviewTable(QWidget):
    """The frames of a review.

    Attributes
    ----------
    chosen : Signal
        Sent with the row of the review that is clicked, or that Enter is pressed on.
    """

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._order_chosen = False
        tip = "Which frames come first; click a column to sort by it"
        self.order, self.count = combo_box(ORDERS, tip, "Order of the frames"), QLabel()
        by_tab(self.order)
        self.order.activated.connect(self._choose_order)
        self.model = ReviewModel(self)
        self.view = self._table()
        column(self, row("Order", Wide(self.order), self.count), Wide(self.view))
        self.arrange(UNCERTAIN)

    def _table(self) -> ReviewTableView:
        view = ReviewTableView(self.model, WIDTHS)
        view.setSortingEnabled(True)
        view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setAccessibleName("Frames of the review")
        view.setToolTip("Click a frame to go to it, a column to sort by it")
        view.horizontalHeader().sortIndicatorChanged.connect(self._follow_header)
        view.chosen.connect(self._go)
        return view

    def show_review(self, review: Review | None) -> None:
        """List other frames, in their default order unless the user has chosen one."""
        with self.view.following():
            self.model.show(review)
        is_timeless = review is not None and bool(np.isnat(review.times).all())
        self.view.setColumnHidden(NAMES.index("Time"), is_timeless)
        count = 0 if review is None else len(review)
        self.count.setText(f"{count:,} frames" if count else "")
        if review is not None and not self._order_chosen:
            self.arrange(default_order(review))

    def arrange(self, order: str) -> None:
        """Sort the table.

        Parameters
        ----------
        order : str
            One of `ORDERS`.
        """
        column, descending = ORDERS[order]
        self.view.sortByColumn(NAMES.index(column), _direction(descending=descending))
        self.view.scrollToTop()

    def select(self, row: int | None) -> None:
        """Select the current frame, by its row of the review; None for none."""
        self.view.follow(None if row is None else self.model.place_of(row))

    def _choose_order(self) -> None:
        self._order_chosen = True
        self.arrange(self.order.currentText())

    def _follow_header(self, column: int, direction: Qt.SortOrder) -> None:
        """Show the name of the order, if it has one."""
        order = NAMES[column], direction == Qt.SortOrder.DescendingOrder
        names = [name for name, known in ORDERS.items() if known == order]
        with QSignalBlocker(self.order):
            self.order.setCurrentIndex(self.order.findText(names[0]) if names else -1)
        if not names:
            self._order_chosen = True

    def _go(self, place: int) -> None:
        self.chosen.emit(int(self.model.rows[place]))


def _direction(*, descending: bool) -> Qt.SortOrder:
    return Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
