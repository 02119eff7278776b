"""The Frames dock: which frame is in view, its time and header, and how to get to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.compat import isalive
from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)
from superqt import QElidingLabel

from napari_iris.desk.frames.beginning import Beginning
from napari_iris.desk.timers import connect
from napari_iris.desk.workspace import workspace_of
from napari_iris.errors import FrameError
from napari_iris.frames.contrast import display_limits
from napari_iris.frames.facts import facts, observed_at

if TYPE_CHECKING:
    import napari

WRONG = "#e63946"
"""Colour of what is wrong."""

JUMP_TIP = "Frame number, time, or part of a file name, then Enter"


class FramesDock(QWidget):
    """Where one is in the night, and the way to any other frame.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        The viewer it is docked to.
    """

    def __init__(self, napari_viewer: napari.Viewer) -> None:
        super().__init__()
        self.viewer = napari_viewer
        workspace = workspace_of(napari_viewer)
        self.session, self.frames = workspace.session, workspace.frames
        self.beginning, self._night = Beginning(self.frames), self._night_page()
        layout = QVBoxLayout(self)
        layout.addWidget(self.beginning, alignment=Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._night)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        connect(self.session.sequence_changed, self._show_night)
        connect(self.session.frame_changed, self._show_frame)
        connect(self.session.times_changed, self._show_time)
        self._show_night()

    def _night_page(self) -> QWidget:
        self._build_frame_view()
        self._build_controls()
        self.header = self._header_table()
        row = QHBoxLayout()
        row.addWidget(self.y_up)
        row.addStretch()
        row.addWidget(self.reset_stretch)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.position, self.time, self.file, self.problem, self.jump):
            layout.addWidget(widget)
        layout.addLayout(row)
        layout.addWidget(self.filter)
        layout.addWidget(self.header, stretch=1)
        return page

    def _build_frame_view(self) -> None:
        """Make what tells of the frame in view: number, time, file, and what is wrong with it."""
        self.position = QLabel()
        self.time = QLabel()
        self.time.setToolTip("When the frame was taken: DATE-OBS of its header, UTC")
        self.file = QElidingLabel()
        self.file.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.file.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.setStyleSheet(f"color: {WRONG};")
        self.problem.hide()

    def _build_controls(self) -> None:
        """Make what one works with, in the order of the Tab key."""
        self.jump = QLineEdit()
        self.jump.setPlaceholderText("jump to: 12, 21:30, or part of a file name")
        self.jump.setToolTip(JUMP_TIP)
        self.jump.setClearButtonEnabled(True)
        self.jump.returnPressed.connect(self._jump)
        camera = self.viewer.scene.camera
        self.y_up = QCheckBox("y axis up")
        self.y_up.setToolTip("Draw row 0 at the bottom, as FITS viewers do")
        self.y_up.toggled.connect(self._flip)
        camera.events.orientation.connect(self._follow_camera)
        self._follow_camera()
        self.reset_stretch = QPushButton("reset stretch")
        self.reset_stretch.setToolTip("Show the 0.5 to 99.5 percentile range of the night again")
        self.reset_stretch.clicked.connect(self._reset_stretch)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("find in header")
        self.filter.setToolTip("Show only the cards with this in their name, value or comment")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._filter)

    def _header_table(self) -> QTableWidget:
        table = QTableWidget(0, 3)
        table.setHorizontalHeaderLabels(["card", "value", "comment"])
        table.verticalHeader().hide()
        table.setWordWrap(False)
        table.setMinimumHeight(3 * table.verticalHeader().defaultSectionSize())
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        table.setTabKeyNavigation(False)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        table.horizontalHeader().setStretchLastSection(True)
        return table

    def _show_night(self) -> None:
        self._night.setVisible(self.session.sequence is not None)
        self._show_frame()

    def _show_frame(self) -> None:
        sequence, path = self.session.sequence, self.session.path
        if sequence is None or path is None:
            return
        self.position.setText(f"<b>Frame {self.session.number + 1}</b> of {len(sequence)}")
        self.file.setText(path.name)
        self.file.setToolTip(str(path))
        self._show_time()
        try:
            header = self.session.frame().header
        except FrameError as error:
            self.problem.setText(f"{error.reason}; {error.fix}")
            self._fill([])
            self.problem.show()
        else:
            self.problem.hide()
            self._fill(facts(header))

    def _show_time(self) -> None:
        moment = self.session.time
        if np.isnat(moment):
            try:
                moment = observed_at(self.session.frame().header)
            except FrameError:
                moment = np.datetime64("NaT")
        known = not np.isnat(moment)
        self.time.setText(str(moment)[:19].replace("T", "  ") if known else "no time known")

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
        text = self.jump.text().strip()
        found = not text or self.session.jump(text)
        self.jump.setStyleSheet("" if found else f"border: 1px solid {WRONG};")
        self.jump.setToolTip(JUMP_TIP if found else f"No frame fits “{text}”")

    def _flip(self, up: bool) -> None:
        self.viewer.scene.camera.orientation2d = ("up" if up else "down", "right")

    def _follow_camera(self) -> None:
        if isalive(self):
            self.y_up.setChecked(self.viewer.scene.camera.orientation2d[0] == "up")

    def _reset_stretch(self) -> None:
        layer, sequence = self.frames.layer, self.session.sequence
        if layer is not None and sequence is not None:
            layer.contrast_limits = display_limits(sequence)
