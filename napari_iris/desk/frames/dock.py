"""The Frames dock: the current frame, its time and header, and how to get to another frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.compat import isalive
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget
from superqt import QElidingLabel

from napari_iris.app.frame_facts import FrameFacts
from napari_iris.app.keys import VIEW
from napari_iris.app.tooltip import tip_of
from napari_iris.app.view.stretch import STRETCHES
from napari_iris.desk.forms.controls import TextLine, check_box, combo_box, label, line_edit
from napari_iris.desk.forms.keyboard import Enterable
from napari_iris.desk.forms.layout import Wide, boxed, row
from napari_iris.desk.frames.header_table import HeaderTable
from napari_iris.desk.frames.welcome import Welcome
from napari_iris.desk.plots.colors import mark_problem
from napari_iris.desk.timers import connect
from napari_iris.desk.workspace import workspace_of
from napari_iris.errors import printable

if TYPE_CHECKING:
    import napari

WIDTH = 300
"""Least width of the dock [pixels]."""


class FramesDock(Enterable, QWidget):
    """Shows the current frame's place, time and header; jumps to other frames.

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
        self.stretch = workspace.stretch
        self.welcome, self._page = Welcome(self.frames), self._make_page()
        layout = QVBoxLayout(self)
        layout.addWidget(self.welcome, alignment=Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._page)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setMinimumWidth(WIDTH)
        connect(self.session.sequence_changed, self._refresh)
        connect(self.session.frame_changed, self._refresh)
        connect(self.session.times_changed, self._refresh)
        self._refresh()

    def _make_page(self) -> QWidget:
        self._make_labels()
        self._make_controls()
        self.header = HeaderTable()
        self.filter.textChanged.connect(self.header.set_filter)
        return boxed(
            *(row(self.position, None, self.time), self.file, self.problem),
            row(Wide(self.jump), self.no_match, self.follow),
            row("Stretch", self.stretch_choice, None, self.y_up),
            self.note,
            self.filter,
            Wide(self.header),
        )

    def _make_labels(self) -> None:
        self.position = label("Number of the current frame")
        self.time = label("When the frame was taken: DATE-OBS of its header, UTC")
        self.problem, self.no_match = TextLine(), QLabel("No match")
        self.file = QElidingLabel()
        self.file.setTextFormat(Qt.TextFormat.PlainText)
        self.file.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.file.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.no_match.hide()

    def _make_controls(self) -> None:
        """Make the controls, in the order of the Tab key."""
        hint = "Jump to: 12, 21:30, or part of a file name"
        self.jump = line_edit(hint, "Frame number, time, or part of a file name, then Enter")
        self.jump.setClearButtonEnabled(True)
        self.jump.returnPressed.connect(self._jump)
        self.jump.textEdited.connect(self.no_match.hide)
        tip = "Show new frames as the camera writes them, while the last one is in view"
        self.follow = check_box("Follow", tip, self.session.follow)
        self.follow.setChecked(self.session.follows)
        self.y_up = check_box(
            "Y axis up", "Draw row 0 at the bottom, as FITS viewers do", self._flip
        )
        self.viewer.scene.camera.events.orientation.connect(self._follow_camera)
        self._follow_camera()
        lines = [f"{name.capitalize()}: {text}" for name, text in STRETCHES.items()]
        tip = "\n".join([*lines, f"[{VIEW[1].label}]"])
        self.stretch_choice = combo_box(STRETCHES, tip, "Stretch")
        self.stretch_choice.setPlaceholderText("by hand")
        self.stretch_choice.textActivated.connect(self.stretch.choose)
        self.note = TextLine()
        connect(self.stretch.changed, self._show_stretch)
        self._show_stretch()
        tip = "Show only cards with this text in keyword, value or comment"
        self.filter = line_edit("Find in header", tip)
        self.filter.setClearButtonEnabled(True)

    def _refresh(self) -> None:
        facts = FrameFacts.of(self.session)
        self._page.setVisible(facts is not None)
        if facts is None:
            return
        self.position.setText(facts.position)
        self.time.setText(facts.time)
        self.file.setText(printable(facts.path.name))
        self.file.setToolTip(tip_of(str(facts.path)))
        self.problem.show_text(facts.problem)
        if facts.problem:
            mark_problem(self.problem)
        self.header.show_cards(facts.cards)

    def _jump(self) -> None:
        """Go to a frame, and give the keys back to the canvas if there is such a frame."""
        text = self.jump.text().strip()
        is_found = bool(text) and self.session.jump(text)
        self.no_match.setVisible(bool(text) and not is_found)
        mark_problem(self.no_match)
        if is_found:
            self.jump.clearFocus()

    def _flip(self, up: bool) -> None:
        self.viewer.scene.camera.orientation2d = ("up" if up else "down", "right")

    def _follow_camera(self) -> None:
        if isalive(self):
            self.y_up.setChecked(self.viewer.scene.camera.orientation2d[0] == "up")

    def _show_stretch(self) -> None:
        self.stretch_choice.setCurrentIndex(self.stretch_choice.findText(self.stretch.name))
        self.note.show_text(self.stretch.note)
