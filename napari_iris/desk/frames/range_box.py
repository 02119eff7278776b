"""Widgets to choose all frames, a range of them, or the current one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker
from qtpy.QtWidgets import QButtonGroup, QGridLayout, QLabel, QRadioButton, QSpinBox, QWidget

from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from napari_iris.app.frame_range import Choice, FrameRange


class FrameRangeBox(QWidget):
    """Shows a `FrameRange`.

    Parameters
    ----------
    frames : FrameRange
        The chosen frames.
    """

    def __init__(self, frames: FrameRange) -> None:
        super().__init__()
        self.range = frames
        self.all, self.some = QRadioButton("All frames"), QRadioButton("Frames")
        self.this_frame = QRadioButton("Current frame")
        self.first, self.last = QSpinBox(), QSpinBox()
        self.all.setToolTip("Every frame of the sequence")
        self.some.setToolTip("Frames from the first to the last number, both included")
        self.this_frame.setToolTip("The frame shown in the viewer")
        self.first.setToolTip("First frame of the range, counted from 1")
        self.last.setToolTip("Last frame of the range")
        self._group = QButtonGroup(self)
        self._buttons: dict[Choice, QRadioButton] = {
            "all": self.all,
            "range": self.some,
            "current": self.this_frame,
        }
        for choice, button in self._buttons.items():
            self._group.addButton(button)
            button.toggled.connect(partial(self._choose, choice))
        for spin in (self.first, self.last):
            spin.valueChanged.connect(self._take_range)
        self._lay_out()
        connect(frames.changed, self.refresh)
        self.refresh()

    def _lay_out(self) -> None:
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.all, 0, 0, 1, 2)
        layout.addWidget(self.this_frame, 0, 2, 1, 2)
        layout.addWidget(self.some, 1, 0)
        layout.addWidget(self.first, 1, 1)
        layout.addWidget(QLabel("to"), 1, 2)
        layout.addWidget(self.last, 1, 3)
        layout.setColumnStretch(1, 1)
        layout.setColumnStretch(3, 1)

    def refresh(self) -> None:
        """Show what is chosen now."""
        frames = self.range
        self._buttons[frames.choice].setChecked(True)
        for spin, value in ((self.first, frames.first), (self.last, frames.last)):
            blocker = QSignalBlocker(spin)
            spin.setRange(min(1, frames.count), frames.count)
            spin.setValue(value)
            blocker.unblock()

    def _choose(self, choice: Choice, checked: bool) -> None:
        if checked and choice != self.range.choice:
            self.range.choose(choice)

    def _take_range(self) -> None:
        """Choose the typed range."""
        self.range.set_range(self.first.value(), self.last.value())
