"""Choose which frames of a night to work on: all, a range, or the one in view."""

from __future__ import annotations

from qtpy.QtWidgets import QButtonGroup, QGridLayout, QLabel, QRadioButton, QSpinBox, QWidget


class FrameChoice(QWidget):
    """All frames of a night, a range of them, or the one in view."""

    def __init__(self) -> None:
        super().__init__()
        self.all = QRadioButton("all frames")
        self.all.setChecked(True)
        self.some = QRadioButton("frames")
        self.first, self.last = QSpinBox(), QSpinBox()
        self.first.setToolTip("First frame of the range, counted from 1")
        self.last.setToolTip("Last frame of the range")
        self.this_frame = QRadioButton("this frame")
        self._group = QButtonGroup(self)
        for button in (self.all, self.some, self.this_frame):
            self._group.addButton(button)
        for spin in (self.first, self.last):
            spin.valueChanged.connect(lambda _: self.some.setChecked(True))
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

    def fit(self, count: int) -> None:
        """Offer the frames of another night, all of them chosen."""
        self.grow(count)
        self.first.setValue(1)
        self.all.setChecked(True)

    def grow(self, count: int) -> None:
        """Offer more frames, and leave the choice as it is; a range to the end stays one."""
        chosen = self._group.checkedButton()
        to_end = self.last.value() == self.last.maximum()
        for spin in (self.first, self.last):
            spin.setRange(min(1, count), count)
        if to_end or chosen is not self.some:
            self.last.setValue(count)
        chosen.setChecked(True)

    def span(self, in_view: int) -> range | None:
        """Give the numbers of the chosen frames, from 0, or None for all.

        Parameters
        ----------
        in_view : int
            Number of the frame in view, from 0.
        """
        if self.all.isChecked():
            return None
        if self.this_frame.isChecked():
            return range(in_view, in_view + 1)
        first, last = sorted((self.first.value(), self.last.value()))
        return range(first - 1, last)
