"""The Frames dock: which frame is in view, its time and header, and how to get to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)
from superqt import QElidingLabel

from napari_iris.desk.session import session_of
from napari_iris.errors import FrameError
from napari_iris.frames.contrast import display_limits
from napari_iris.frames.facts import facts, observed_at

if TYPE_CHECKING:
    import napari


class FramesDock(QWidget):
    """Where one is in the night, and the way to any other frame.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        The viewer it is docked to.
    """

    def __init__(self, napari_viewer: napari.Viewer) -> None:
        super().__init__()
        self._session = session_of(napari_viewer)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty_page())
        self._pages.addWidget(self._night_page())
        layout = QVBoxLayout(self)
        layout.addWidget(self._pages)
        self._session.night_changed.connect(self._show_night)
        self._session.frame_changed.connect(self._show_frame)
        self._session.times_read.connect(self._show_time)
        self._show_night()

    def _empty_page(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        hint = QLabel(
            "<b>No night is open.</b><br>Drop a FITS frame or a folder of frames into the viewer, "
            "or use <i>File ▸ Open Folder</i>."
        )
        hint.setWordWrap(True)
        sample = QPushButton("Open the sample night")
        sample.setToolTip("Thirty simulated frames: clear, thin cirrus, broken cloud, overcast")
        sample.clicked.connect(self._open_sample)
        layout.addWidget(hint)
        layout.addWidget(sample)
        layout.addStretch()
        return page

    def _night_page(self) -> QWidget:
        self.position = QLabel()
        self.file = QElidingLabel()
        self.file.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.file.setMinimumHeight(QLabel("_").sizeHint().height())
        self.time = QLabel()
        self.time.setToolTip("When the frame was taken: DATE-OBS of its header, UTC")
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.setStyleSheet("color: #e63946;")
        self.jump = QLineEdit()
        self.jump.setPlaceholderText("jump to: 12, 21:30, or part of a file name")
        self.jump.setToolTip("Frame number, time, or part of a file name, then Enter")
        self.jump.setClearButtonEnabled(True)
        self.jump.returnPressed.connect(self._jump)
        self.y_up = QCheckBox("y axis up")
        self.y_up.setToolTip("Draw row 0 at the bottom, as FITS viewers do")
        self.y_up.setChecked(self._session.viewer.camera.orientation2d[0] == "up")
        self.y_up.toggled.connect(self._flip)
        stretch = QPushButton("reset stretch")
        stretch.setToolTip("Show the 0.5 to 99.5 percentile range of the whole night again")
        stretch.clicked.connect(self._reset_stretch)
        self.stretch = stretch
        row = QHBoxLayout()
        row.addWidget(self.y_up)
        row.addStretch()
        row.addWidget(stretch)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("find in header")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._filter)
        self.header = self._header_table()
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.position, self.time, self.file, self.problem, self.jump):
            layout.addWidget(widget)
        layout.addLayout(row)
        layout.addWidget(self.filter)
        layout.addWidget(self.header, stretch=1)
        return page

    def _header_table(self) -> QTableWidget:
        table = QTableWidget(0, 3)
        table.setHorizontalHeaderLabels(["card", "value", "comment"])
        table.verticalHeader().hide()
        table.setWordWrap(False)
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        table.setTabKeyNavigation(False)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        table.horizontalHeader().setStretchLastSection(True)
        return table

    def _show_night(self) -> None:
        self._pages.setCurrentIndex(0 if self._session.sequence is None else 1)
        self._show_frame()

    def _show_frame(self) -> None:
        sequence, path = self._session.sequence, self._session.path
        if sequence is None or path is None:
            return
        self.position.setText(f"<b>Frame {self._session.number + 1}</b> of {len(sequence)}")
        self.file.setText(path.name)
        self.file.setToolTip(str(path))
        self._show_time()
        try:
            header = self._session.frame().header
        except FrameError as error:
            self.problem.setText(f"{error.reason}; {error.fix}")
            self._fill([])
            self.problem.show()
        else:
            self.problem.hide()
            self._fill(facts(header))

    def _show_time(self) -> None:
        moment = self._session.time
        if np.isnat(moment):
            try:
                moment = observed_at(self._session.frame().header)
            except FrameError:
                moment = np.datetime64("NaT")
        known = not np.isnat(moment)
        self.time.setText(str(moment)[:19].replace("T", "  ") if known else "no time in its header")

    def _fill(self, cards: list[tuple[str, str, str]]) -> None:
        self.header.setRowCount(len(cards))
        for row, card in enumerate(cards):
            for column, text in enumerate(card):
                item = self.header.item(row, column)
                if item is None:
                    self.header.setItem(row, column, item := QTableWidgetItem())
                item.setText(text)
                item.setToolTip(text)
        self._filter(self.filter.text())

    def _filter(self, text: str) -> None:
        for row in range(self.header.rowCount()):
            cells = (self.header.item(row, column) for column in range(3))
            found = any(cell and text.lower() in cell.text().lower() for cell in cells)
            self.header.setRowHidden(row, not found)

    def _jump(self) -> None:
        text = self.jump.text()
        found = not text or self._session.jump(text)
        self.jump.setStyleSheet("" if found else "border: 1px solid #e63946;")
        self.jump.setToolTip(
            "Frame number, time, or part of a file name, then Enter"
            if found
            else f"No frame fits “{text}”"
        )

    def _flip(self, up: bool) -> None:
        self._session.viewer.camera.orientation2d = ("up" if up else "down", "right")

    def _reset_stretch(self) -> None:
        layer, sequence = self._session.layer, self._session.sequence
        if layer is not None and sequence is not None:
            layer.contrast_limits = display_limits(sequence)

    def _open_sample(self) -> None:
        self._session.viewer.open_sample("napari-iris", "night")
