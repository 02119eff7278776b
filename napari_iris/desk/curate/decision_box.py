"""The label of the current frame: status, class, note, and the buttons to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import Qt
from qtpy.QtGui import QIcon, QImage, QPixmap
from qtpy.QtWidgets import QLabel, QMenu, QPushButton, QWidget
from superqt import QElidingLabel

from napari_iris.app.curation.frame_summary import FrameSummary, history_lines, picture_of
from napari_iris.app.keys import TIPS
from napari_iris.app.tooltip import tip_of
from napari_iris.desk.curate.queue_model import INK, STATUS_COLORS
from napari_iris.desk.forms.controls import button, by_tab, combo_box, label, line_edit
from napari_iris.desk.forms.layout import Wide, column, grid, row
from napari_iris.desk.timers import connect
from napari_iris.labels import FRAME_CLASSES

if TYPE_CHECKING:
    from numpy.typing import NDArray

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

GREYS = np.array([40, 255, 128], np.uint8)
"""Grey of sky, cloud and ignored pixels in the pictures of the history."""

BUTTONS = {
    "approve": "Approve",
    "reject": "Reject",
    "next": "Next",
    "clear": "Clear sky",
    "overcast": "Overcast",
    "back": "Back",
    "compare": "Compare masks",
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
        self.status, self.detail = label("Status of the frame's label"), QLabel()
        self.frame = QElidingLabel()
        self.frame.setElideMode(Qt.TextElideMode.ElideMiddle)  # the time is at the end
        self.status.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.reason = combo_box(REASONS, "Reason for Reject [R]; choose one or type another")
        self.reason.setEditable(True)
        self.reason.activated.connect(self.reason.clearFocus)
        note_tip = "A note on this frame; saved with Enter or when you leave the frame"
        self.note = line_edit("Note", note_tip)
        self.note.editingFinished.connect(self._save_note)
        self.note.returnPressed.connect(self.note.clearFocus)
        self.history = button("History", "All decisions and masks of this frame; restore a mask")
        self.history.setMenu(QMenu(self))
        self.history.menu().aboutToShow.connect(self._list_history)
        self.classes = {name: self._class_button(name) for name in FRAME_CLASSES}
        self.buttons = {name: button(text, TIPS[name]) for name, text in BUTTONS.items()}
        *deciding, compare = self.buttons.values()
        by_tab(*self.buttons.values(), *self.classes.values(), self.history)
        column(
            self,
            self.frame,
            row(self.status, Wide(self.detail)),
            grid(deciding, 3),
            row("Reject as", Wide(self.reason)),
            row("Class", *self.classes.values()),
            row(Wide(self.note), compare, self.history),
        )
        connect(curation.leaving, self._finish_note)
        for signal in (curation.frame_changed, curation.changed, curation.project_changed):
            connect(signal, self.refresh)
        self.refresh()

    def _class_button(self, name: FrameClass) -> QPushButton:
        tip = f"Set the class of this frame to {name}; keep the mask"
        made = button(name.capitalize(), tip, lambda _=False: self._decisions.set_class(name))
        made.setCheckable(True)
        made.clicked.connect(self.refresh)  # Qt has checked it, whatever the outcome
        return made

    def refresh(self) -> None:
        """Show the label of the current frame."""
        summary = FrameSummary.of(self._curation)
        self.setEnabled(summary.status is not None)
        self._show_status(summary)
        self.frame.setText(summary.frame)
        self.frame.setToolTip(tip_of(summary.frame))
        self.detail.setText(summary.detail)
        self.detail.setToolTip(tip_of(summary.reason))
        for name, shown in self.classes.items():
            shown.setChecked(summary.frame_class == name)
        if not self.note.hasFocus():
            self.note.setText(summary.note)

    def _show_status(self, summary: FrameSummary) -> None:
        self.status.setText(summary.title)
        color, ink = "transparent", "palette(text)"
        if summary.status is not None:
            color, ink = STATUS_COLORS[summary.status], INK
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
            picture = picture_of(self._curation, line)
            if picture is not None:
                action.setIcon(_icon(picture))
            action.setEnabled(line.mask is not None)
            action.triggered.connect(lambda _=False, mask=line.mask: self._others.restore(mask))
        if not lines:
            menu.addAction("No history yet").setEnabled(False)


def _icon(mask: NDArray[np.uint8]) -> QIcon:
    """Draw a mask as a small picture: sky dark, cloud light, ignored grey."""
    pixels = np.ascontiguousarray(GREYS[mask])
    rows, columns = pixels.shape
    image = QImage(pixels.tobytes(), columns, rows, columns, QImage.Format.Format_Grayscale8)
    return QIcon(QPixmap.fromImage(image))
