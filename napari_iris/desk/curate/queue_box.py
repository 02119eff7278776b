"""The frames of a project in a table, ordered and filtered; a click shows a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QComboBox, QTableView, QWidget

from napari_iris.app.curation.queue_table import (
    CLASS_FILTERS,
    CLOUD_FILTERS,
    DOUBTFUL_FIRST,
    ORDERS,
    STATUS_FILTERS,
    count_text,
    queue_config,
    sort_rows,
)
from napari_iris.desk.curate.queue_model import SQUARE, QueueModel
from napari_iris.desk.forms.controls import by_tab, combo_box, label
from napari_iris.desk.forms.layout import Wide, column, row
from napari_iris.desk.tables.view import FrameTableView
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from napari_iris.app.curation.curation import Curation
    from napari_iris.app.remembered import Remembered

WIDTHS = {"File": 58, "Time": 112, "Trust": 38, "Class": 42, "Cloud": 52}

MOST_SHOWN = 2000
"""Frames that are shown as selected in the table, at most."""


class QueueBox(QWidget):
    """Choose the frames to review and their order.

    Parameters
    ----------
    curation : Curation
        The curation of a project.
    remembered : Remembered
        Keeps order and filters of each project.
    """

    def __init__(self, curation: Curation, remembered: Remembered) -> None:
        super().__init__()
        self._curation, self._remembered = curation, remembered
        self._folder: Path | None = None
        self._sorted: tuple[int, bool] | None = None
        self.order = self._choice(ORDERS, "Order of the frames; N goes to the next one")
        self.status = self._choice(STATUS_FILTERS, "Show only frames with this status")
        self.frame_class = self._choice(CLASS_FILTERS, "Show only frames of this class")
        self.cloud = self._choice(CLOUD_FILTERS, "Show only frames with this cloud fraction")
        self.count = label("Frames that match the filters")
        self.model = QueueModel(self)
        self.view = FrameTableView(self.model, WIDTHS)
        self.view.setColumnWidth(self.model.columns.index("Status"), 2 * SQUARE)
        self.view.setToolTip("Click a frame to go to it, a column to sort by it")
        self.view.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
        self.view.chosen.connect(self._go_to)
        self.view.selectionModel().selectionChanged.connect(self._select_frames)
        self.view.horizontalHeader().setSectionsClickable(True)
        self.view.horizontalHeader().sectionClicked.connect(self._sort)
        filters = row(self.status, self.frame_class, self.cloud)
        column(self, row("Order", Wide(self.order), self.count), filters, Wide(self.view))
        connect(curation.project_changed, self._follow_project)
        connect(curation.frame_changed, self._select)
        connect(curation.changed, self._refresh)
        connect(curation.session.selection_changed, self._select)
        self.order.activated.connect(self._start)

    def _choice(self, texts: Iterable[str], tip: str) -> QComboBox:
        box = combo_box(texts, tip)
        by_tab(box)
        box.setMinimumWidth(80)
        box.activated.connect(self._choose)
        return box

    @property
    def _boxes(self) -> tuple[QComboBox, ...]:
        return self.order, self.status, self.frame_class, self.cloud

    def _follow_project(self) -> None:
        """List the frames of a project as they were listed last."""
        project = self._curation.project
        folder = None if project is None else project.folder
        if folder is not None and folder != self._folder:
            texts = self._remembered.kept.filters.get(str(folder), ())
            for box, text in zip(self._boxes, texts, strict=False):
                box.setCurrentIndex(max(0, box.findText(text)))
        self._folder = folder
        self.update_queue()

    def _choose(self) -> None:
        """List the frames that were chosen, also in the next window."""
        if self._folder is not None:
            texts = tuple(box.currentText() for box in self._boxes)
            self._remembered.keep(filters={str(self._folder): texts})
        self.update_queue()

    def update_queue(self) -> None:
        """List the frames that the boxes ask for."""
        self._curation.set_queue(queue_config(*(box.currentText() for box in self._boxes)))
        self._sorted = None
        self.view.horizontalHeader().setSortIndicatorShown(False)
        self._list()

    def _start(self) -> None:
        """Go to the frame that is doubted most, where that is the order."""
        if ORDERS[self.order.currentText()] in DOUBTFUL_FIRST:
            self._curation.start()

    def _sort(self, column: int) -> None:
        """Sort by the column that was clicked; again: the other way round. N follows."""
        header, project = self.view.horizontalHeader(), self._curation.project
        if project is None:
            return
        is_descending = self._sorted == (column, False)
        self._sorted = column, is_descending
        order = Qt.SortOrder.DescendingOrder if is_descending else Qt.SortOrder.AscendingOrder
        header.setSortIndicatorShown(True)
        header.setSortIndicator(column, order)
        queue, name = self._curation.queue, self.model.columns[column]
        queue.rows = sort_rows(project.table, queue.rows, name, descending=is_descending)
        self._list()

    def _fit_columns(self) -> None:
        """Hide the times where no frame has one: their width is that of the file names then."""
        project = self._curation.project
        hidden = project is not None and bool(np.isnat(project.table.time).all())
        file, time = map(self.model.columns.index, ("File", "Time"))
        if hidden != self.view.isColumnHidden(time):
            self.view.setColumnHidden(time, hidden)
            self.view.setColumnWidth(file, WIDTHS["File"] + hidden * WIDTHS["Time"])

    def _list(self) -> None:
        project = self._curation.project
        rows = self._curation.queue.rows if project is not None else np.empty(0, np.int64)
        with self.view.following():
            self.model.show(None if project is None else project.table, rows)
        self.count.setText(count_text(len(rows)))
        self._fit_columns()
        self._select()

    def _select(self) -> None:
        """Select the current frame."""
        row = self._curation.row
        self.view.follow(None if row is None else self.model.place_of(row))
        selected = self._curation.session.selected
        if row is not None and 1 < len(selected) <= MOST_SHOWN:
            self.view.mark(np.flatnonzero(np.isin(self.model.rows, selected)).tolist())

    def _select_frames(self) -> None:
        """Select the frames that a person has selected in the table, if they are several."""
        if self.view.is_following or self._curation.row is None:
            return
        places = [index.row() for index in self.view.selectionModel().selectedRows()]
        self._curation.session.select(self.model.rows[places] if len(places) > 1 else ())

    def _refresh(self) -> None:
        if self._curation.row is not None:
            self.model.refresh(self._curation.row)

    def _go_to(self, place: int) -> None:
        self._curation.session.go_to(int(self.model.rows[place]))
        self._select()  # the frame stays where its mask could not be saved
