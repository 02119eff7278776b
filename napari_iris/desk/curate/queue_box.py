"""The frames of a project in a table, arranged and filtered; a click brings one into view."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import numpy as np
from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from napari_iris.desk.curate.queue_model import FrameModel
from napari_iris.desk.tables.view import FrameTableView
from napari_iris.labels import STATUSES, TO_DO, Status
from napari_iris.project.queue import Order, QueueConfig

if TYPE_CHECKING:
    from napari_iris.desk.curate.curation import Curation

FILTERS: dict[str, tuple[Status, ...]] = {
    "to do": TO_DO,
    "all": STATUSES,
    **{status: (status,) for status in STATUSES},
}

CLOUD = {
    "any cloud": (0.0, 1.0),
    "under 1/8": (0.0, 0.125),
    "1/8 to 7/8": (0.125, 0.875),
    "over 7/8": (0.875, 1.0),
}

WIDTHS = {"frame": 46, "time": 108, "status": 86, "class": 58, "cloud": 50, "trust": 46}


class QueueBox(QWidget):
    """What to do, in which order.

    Parameters
    ----------
    curation : Curation
        The work on the project.
    """

    def __init__(self, curation: Curation) -> None:
        super().__init__()
        self._curation = curation
        self.order, self.status, self.sky, self.cloud = (QComboBox() for _ in range(4))
        self.order.addItems(get_args(Order))
        self.order.setToolTip(QueueConfig.model_fields["order"].description or "")
        self.status.addItems(FILTERS)
        self.status.setToolTip("Only frames that stand so")
        self.sky.addItems(["any class", "clear", "cloudy", "unsure", "none"])
        self.sky.setToolTip("Only frames of this class")
        self.cloud.addItems(CLOUD)
        self.cloud.setToolTip("Only frames whose mask has this much cloud")
        self.count = QLabel()
        self.model = FrameModel(self)
        self.view = FrameTableView(self.model, WIDTHS)
        self.view.chosen.connect(self._go)
        for box in (self.order, self.status, self.sky, self.cloud):
            box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            box.setMinimumWidth(80)
            box.activated.connect(self.arrange)
        self._lay_out()
        curation.opened.connect(self.arrange)
        curation.shown.connect(self._select)
        curation.changed.connect(self._renew)

    def _lay_out(self) -> None:
        top, filters = QHBoxLayout(), QHBoxLayout()
        top.addWidget(QLabel("order"))
        top.addWidget(self.order, stretch=1)
        top.addWidget(self.count)
        for box in (self.status, self.sky, self.cloud):
            filters.addWidget(box)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(top)
        layout.addLayout(filters)
        layout.addWidget(self.view, stretch=1)

    def config(self) -> QueueConfig:
        """Give the queue that the boxes show."""
        sky = self.sky.currentText()
        return QueueConfig.model_validate(
            {
                "order": self.order.currentText(),
                "status": FILTERS[self.status.currentText()],
                "cloud": CLOUD[self.cloud.currentText()],
                **({} if sky == "any class" else {"frame_class": (sky,)}),
            }
        )

    def arrange(self) -> None:
        """Arrange the table anew."""
        self._curation.arrange(self.config())
        project = self._curation.project
        rows = self._curation.queue.rows if project is not None else np.empty(0, np.int64)
        self.model.show(None if project is None else project.table, rows)
        self.count.setText(f"{len(rows):,} frames" if len(rows) else "nothing in this queue")
        self._select()

    def _select(self) -> None:
        """Show which frame is in hand."""
        row = self._curation.row
        self.view.follow(None if row is None else self.model.place_of(row))

    def _renew(self) -> None:
        if self._curation.row is not None:
            self.model.renew(self._curation.row)

    def _go(self, place: int) -> None:
        self._curation.session.go_to(int(self.model.rows[place]))
        self._select()  # where an edit could not be saved, its frame stays
