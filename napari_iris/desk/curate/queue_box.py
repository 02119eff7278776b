"""The frames of a project in a table, ordered and filtered; a click shows a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtWidgets import QComboBox, QWidget

from napari_iris.app.curation.queue_table import (
    CLASS_FILTERS,
    CLOUD_FILTERS,
    ORDERS,
    STATUS_FILTERS,
    count_text,
    queue_config,
)
from napari_iris.desk.curate.queue_model import QueueModel
from napari_iris.desk.forms.controls import by_tab, combo_box, label
from napari_iris.desk.forms.layout import Wide, column, row
from napari_iris.desk.tables.view import FrameTableView
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_iris.app.curation.curation import Curation

WIDTHS = {"Frame": 42, "Time": 104, "Status": 112, "Class": 58, "Cloud": 50, "Trust": 46}


class QueueBox(QWidget):
    """Choose the frames to review and their order.

    Parameters
    ----------
    curation : Curation
        The curation of a project.
    """

    def __init__(self, curation: Curation) -> None:
        super().__init__()
        self._curation = curation
        self.order = self._choice(ORDERS, "Order of the frames; N goes to the next one")
        self.status = self._choice(STATUS_FILTERS, "Show only frames with this status")
        self.frame_class = self._choice(CLASS_FILTERS, "Show only frames of this class")
        self.cloud = self._choice(CLOUD_FILTERS, "Show only frames with this cloud fraction")
        self.count = label("Frames that match the filters")
        self.model = QueueModel(self)
        self.view = FrameTableView(self.model, WIDTHS)
        self.view.chosen.connect(self._go_to)
        filters = row(self.status, self.frame_class, self.cloud)
        column(self, row("Order", Wide(self.order), self.count), filters, Wide(self.view))
        connect(curation.project_changed, self.update_queue)
        connect(curation.frame_changed, self._select)
        connect(curation.changed, self._refresh)

    def _choice(self, texts: Iterable[str], tip: str) -> QComboBox:
        box = combo_box(texts, tip)
        by_tab(box)
        box.setMinimumWidth(80)
        box.activated.connect(self.update_queue)
        return box

    def update_queue(self) -> None:
        """List the frames that the boxes ask for."""
        boxes = (self.order, self.status, self.frame_class, self.cloud)
        self._curation.set_queue(queue_config(*(box.currentText() for box in boxes)))
        project = self._curation.project
        rows = self._curation.queue.rows if project is not None else np.empty(0, np.int64)
        self.model.show(None if project is None else project.table, rows)
        self.count.setText(count_text(len(rows)))
        self._select()

    def _select(self) -> None:
        """Select the current frame."""
        row = self._curation.row
        self.view.follow(None if row is None else self.model.place_of(row))

    def _refresh(self) -> None:
        if self._curation.row is not None:
            self.model.refresh(self._curation.row)

    def _go_to(self, place: int) -> None:
        self._curation.session.go_to(int(self.model.rows[place]))
        self._select()  # the frame stays where its mask could not be saved
