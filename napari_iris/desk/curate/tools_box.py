"""Tools to correct the mask in hand: the threshold, the brushes, and one-key repairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker, Qt
from qtpy.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from napari_iris.desk.keys.table import NAPARI, SHORTCUTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_iris.desk.curate.curation import Curation

TEXTS = {
    "threshold": "Threshold brush",
    "pick": "Mark a cloud",
    "ignore": "Ignore brush",
    "grow": "Grow",
    "shrink": "Shrink",
    "holes": "Fill holes",
    "smooth": "Smooth",
    "ditto": "Ditto",
    "revert": "Revert",
    "compare": "Compare",
    "undo": "Undo",
    "redo": "Redo",
}

UP = ("threshold", "pick", "ignore")
"""Tools that stay taken up."""

COLUMNS = 3
TICKS = 600
"""Places that the slider may stand at."""


class ToolsBox(QWidget):
    """The tools, and the threshold of the region in hand.

    Parameters
    ----------
    curation : Curation
        The work on the project.
    """

    def __init__(self, curation: Curation) -> None:
        super().__init__()
        self._curation = curation
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, TICKS)
        self.slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.slider.setToolTip("Threshold of this frame, or of the last brush stroke  [, and .]")
        self.slider.valueChanged.connect(self._move)
        self.value, self.where = QLabel(), QPushButton()
        self.where.setFlat(True)
        self.where.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.where.setToolTip("Where the threshold is moved; click for the whole frame again")
        self.where.clicked.connect(self._everywhere)
        self.buttons: dict[str, QPushButton] = {}
        tips = {one.action: f"{one.what}  [{one.shown}]" for one in (*SHORTCUTS, *NAPARI)}
        for name, text in TEXTS.items():
            button = self.buttons[name] = QPushButton(text)
            button.setToolTip(tips[name])
            button.setCheckable(name in UP)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._lay_out()
        for signal in (curation.shown, curation.changed, curation.opened):
            signal.connect(self.refresh)
        self.refresh()

    def connect(self, actions: dict[str, Callable[[], object]]) -> None:
        """Have the buttons do what the keys do."""
        for name, button in self.buttons.items():
            button.clicked.connect(lambda _=False, act=actions[name]: act())

    def show_tools(self, up: set[str]) -> None:
        """Show which tools are taken up."""
        for name in UP:
            self.buttons[name].setChecked(name in up)

    def _lay_out(self) -> None:
        top, grid = QHBoxLayout(), QGridLayout()
        top.addWidget(QLabel("threshold"))
        top.addWidget(self.slider, stretch=1)
        top.addWidget(self.value)
        for place, button in enumerate(self.buttons.values()):
            grid.addWidget(button, place // COLUMNS, place % COLUMNS)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(top)
        layout.addWidget(self.where, alignment=Qt.AlignmentFlag.AlignRight)
        layout.addLayout(grid)

    def refresh(self) -> None:
        """Show the threshold that the mask in hand comes nearest to."""
        hand, row = self._curation.hand, self._curation.row
        self.setEnabled(hand is not None and row is not None)
        cut = None if hand is None or row is None else hand.cut()
        span = None if hand is None or row is None else hand.span()
        self.slider.setEnabled(cut is not None)
        if hand is None or cut is None or span is None:
            self.value.setText("–")
            self.where.setText("")
            return
        self.where.setText("of the whole frame" if hand.region is None else "of the last stroke")
        if not self.slider.isSliderDown():
            with QSignalBlocker(self.slider):
                self.slider.setValue(round(TICKS * (cut - span[0]) / (span[1] - span[0])))
            self.value.setText(f"{cut:.5g}")

    def _move(self, place: int) -> None:
        hand = self._curation.hand
        span = None if hand is None else hand.span()
        if hand is not None and span is not None:
            cut = span[0] + (span[1] - span[0]) * place / TICKS
            self.value.setText(f"{cut:.5g}")
            hand.set_cut(cut)

    def _everywhere(self) -> None:
        if self._curation.hand is not None:
            self._curation.hand.region = None
            self.refresh()
