"""The label of the current frame: status, class, note, and the buttons to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_iris.app.curation.frame_summary import FrameSummary, history_lines
from napari_iris.app.keys import TIPS
from napari_iris.desk.curate.queue_model import STATUS_COLORS
from napari_iris.desk.timers import connect
from napari_iris.labels import FRAME_CLASSES

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_iris.app.curation.decisions import Decisions
    from napari_iris.app.curation.other_masks import OtherMasks
    from napari_iris.labels import FrameClass

REASONS = (
    "unusable",
    "shutter closed",
    "dome or trees",
    "rain on the window",
    "Sun or Moon",
    "noise",
)
"""Reasons to reject a frame; others may be typed."""

BUTTONS = {
    "approve": "Approve",
    "reject": "Reject",
    "next": "Next",
    "clear": "Clear sky",
    "overcast": "Overcast",
    "back": "Back",
}


class DecisionBox(QWidget):
    """Decide on the current frame.

    Parameters
    ----------
    decisions : Decisions
        Decisions on the frame.
    others : OtherMasks
        Its earlier masks, to restore.
    """

    def __init__(self, decisions: Decisions, others: OtherMasks) -> None:
        super().__init__()
        self._curation = curation = decisions.curation
        self._decisions, self._others = decisions, others
        self.status, self.detail = QLabel(), QLabel()
        self.status.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.status.setToolTip("Status of the frame's label")
        self.reason = QComboBox()
        self.reason.setEditable(True)
        self.reason.addItems(REASONS)
        self.reason.setToolTip("Reason for Reject [R]; choose one or type another")
        self.reason.activated.connect(self.reason.clearFocus)
        self.note = QLineEdit()
        self.note.setPlaceholderText("Note")
        self.note.setToolTip("A note on this frame; saved with Enter or when you leave the frame")
        self.note.editingFinished.connect(self._save_note)
        self.note.returnPressed.connect(self.note.clearFocus)
        self.history = _button("History", "All decisions and masks of this frame; restore a mask")
        self.history.setMenu(QMenu(self))
        self.history.menu().aboutToShow.connect(self._list_history)
        self.classes = {name: self._class_button(name) for name in FRAME_CLASSES}
        self.buttons = {name: _button(text, TIPS[name]) for name, text in BUTTONS.items()}
        self._lay_out()
        connect(curation.leaving, self._finish_note)
        for signal in (curation.frame_changed, curation.changed, curation.project_changed):
            connect(signal, self.refresh)
        self.refresh()

    def connect_actions(self, actions: dict[str, Callable[[], object]]) -> None:
        """Connect the buttons to the actions of their keys."""
        for name, button in self.buttons.items():
            button.clicked.connect(lambda _=False, act=actions[name]: act())

    def _class_button(self, name: FrameClass) -> QPushButton:
        button = _button(name.capitalize(), f"Set the class of this frame to {name}; keep the mask")
        button.setCheckable(True)
        button.clicked.connect(lambda _=False: self._decisions.set_class(name))
        button.clicked.connect(self.refresh)  # Qt has checked it, whatever the outcome
        return button

    def _lay_out(self) -> None:
        top, grid, reject, classes, last = (
            QHBoxLayout(),
            QGridLayout(),
            QHBoxLayout(),
            QHBoxLayout(),
            QHBoxLayout(),
        )
        top.addWidget(self.status)
        top.addWidget(self.detail, stretch=1)
        for place, button in enumerate(self.buttons.values()):
            grid.addWidget(button, place // 3, place % 3)
        reject.addWidget(QLabel("Reject as"))
        reject.addWidget(self.reason, stretch=1)
        classes.addWidget(QLabel("Class"))
        for button in self.classes.values():
            classes.addWidget(button)
        last.addWidget(self.note, stretch=1)
        last.addWidget(self.history)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for row in (top, grid, reject, classes, last):
            layout.addLayout(row)

    def refresh(self) -> None:
        """Show the label of the current frame."""
        summary = FrameSummary.of(self._curation)
        self.setEnabled(summary.status is not None)
        self._show_status(summary)
        self.detail.setText(summary.detail)
        self.detail.setToolTip(summary.reason)
        for name, button in self.classes.items():
            button.setChecked(summary.frame_class == name)
        if not self.note.hasFocus():
            self.note.setText(summary.note)

    def _show_status(self, summary: FrameSummary) -> None:
        self.status.setText(summary.title)
        color, ink = "transparent", "palette(text)"
        if summary.status is not None:
            color, ink = STATUS_COLORS[summary.status], "#111111"
        self.status.setStyleSheet(
            f"background: {color}; color: {ink}; border-radius: 3px; padding: 2px 8px;"
            " font-weight: bold;"
        )

    def _finish_note(self) -> None:
        self.note.clearFocus()  # which saves it, for the frame it was typed for

    def _save_note(self) -> None:
        self._decisions.set_note(self.note.text().strip())

    def _list_history(self) -> None:
        """List the frame's history; a mask in it can be restored."""
        menu = self.history.menu()
        menu.clear()
        lines = history_lines(self._curation)
        for line in lines:
            action = menu.addAction(line.text)
            action.setEnabled(line.mask is not None)
            action.triggered.connect(lambda _=False, mask=line.mask: self._others.restore(mask))
        if not lines:
            menu.addAction("No history yet").setEnabled(False)


def _button(text: str, tip: str) -> QPushButton:
    """Make a button that leaves the keyboard to the canvas when it is clicked."""
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
