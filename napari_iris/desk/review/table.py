"""The frames of a review in a table: the worst or the most uncertain first; a click goes there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from napari_iris.desk.review.table_model import COLUMNS, ReviewModel
from napari_iris.desk.tables.view import FrameTableView

if TYPE_CHECKING:
    from qtpy.QtGui import QKeyEvent

    from napari_iris.desk.review.data import Review

ORDERS = {
    "worst first": ("accuracy", Qt.SortOrder.AscendingOrder),
    "most uncertain first": ("uncertainty", Qt.SortOrder.DescendingOrder),
    "in time": ("time", Qt.SortOrder.AscendingOrder),
}

WIDTHS = {
    "frame": 46,
    "time": 108,
    "accuracy": 64,
    "uncertainty": 78,
    "clear IoU": 66,
    "cloud": 50,
    "truth": 50,
    "p(cloud)": 62,
}


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
        self.order, self.count = QComboBox(), QLabel()
        self.order.addItems(ORDERS)
        self.order.setToolTip("Which frames come first; a click on a column sorts by that")
        self.order.setAccessibleName("order of the frames")
        self.order.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.order.activated.connect(self._choose_order)
        self.model = ReviewModel(self)
        self.view = self._table()
        top = QHBoxLayout()
        top.addWidget(QLabel("order"))
        top.addWidget(self.order, stretch=1)
        top.addWidget(self.count)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(top)
        layout.addWidget(self.view, stretch=1)
        self.arrange("most uncertain first")

    def _table(self) -> ReviewTableView:
        view = ReviewTableView(self.model, WIDTHS)
        view.setSortingEnabled(True)
        view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setAccessibleName("frames of the review")
        view.horizontalHeader().sortIndicatorChanged.connect(self._follow_header)
        view.chosen.connect(self._go)
        return view

    def show_review(self, review: Review | None) -> None:
        """List other frames; measured ones the worst first, unless the person has an order."""
        with self.view.following():
            self.model.show(review)
        count = 0 if review is None else len(review)
        self.count.setText(f"{count:,} frames" if count else "")
        if review is not None and not self._order_chosen:
            self.arrange("worst first" if review.measured else "most uncertain first")

    def arrange(self, order: str) -> None:
        """Arrange the table anew, by the name of an order."""
        name, direction = ORDERS[order]
        self.view.sortByColumn(COLUMNS.index(name), direction)
        self.view.scrollToTop()

    def select(self, row: int | None) -> None:
        """Show which frame is in view, by its row of the review."""
        self.view.follow(None if row is None else self.model.place_of(row))

    def _choose_order(self) -> None:
        self._order_chosen = True
        self.arrange(self.order.currentText())

    def _follow_header(self, column: int, direction: Qt.SortOrder) -> None:
        """Show the order's name; a column that has none shows none."""
        names = [name for name, one in ORDERS.items() if one == (COLUMNS[column], direction)]
        with QSignalBlocker(self.order):
            self.order.setCurrentIndex(self.order.findText(names[0]) if names else -1)
        if not names:
            self._order_chosen = True

    def _go(self, place: int) -> None:
        self.chosen.emit(int(self.model.rows[place]))
