"""Tools to edit the mask: the threshold, the brushes, and one-key edits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker
from qtpy.QtWidgets import QWidget

from napari_iris.app.keys import TIPS
from napari_iris.desk.forms.controls import button, by_tab, label, slider
from napari_iris.desk.forms.layout import Wide, column, grid, row
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from napari_iris.app.curation.curation import Curation

BUTTONS = {
    "threshold": "Threshold brush",
    "scribble": "Scribble",
    "pick": "Select region",
    "ignore": "Ignore brush",
    "grow": "Grow",
    "shrink": "Shrink",
    "holes": "Fill holes",
    "smooth": "Smooth",
    "copy": "Copy previous",
    "revert": "Revert",
    "compare": "Compare masks",
    "undo": "Undo",
    "redo": "Redo",
}

MOUSE_TOOLS = ("threshold", "scribble", "pick", "ignore")
"""Tools that stay active."""

COLUMNS = 3
TICKS = 600
"""Positions of the slider."""


class ToolsBox(QWidget):
    """The tools, and the threshold of the frame or of the last stroke.

    Parameters
    ----------
    curation : Curation
        The curation of a project.
    """

    def __init__(self, curation: Curation) -> None:
        super().__init__()
        self._curation = curation
        tip = "Threshold: pixels above it are cloud  [, and .]"
        self.slider = slider(TICKS, tip, self._set_threshold)
        self.slider.sliderPressed.connect(self._begin_step)
        self.slider.sliderReleased.connect(self._end_step)
        self.value = label("Threshold, in the unit of the frame")
        self.scope = label("Where the threshold applies")
        self.whole = button("Whole frame", TIPS["whole"], self._reset_scope)
        self.buttons = {name: button(text, TIPS[name]) for name, text in BUTTONS.items()}
        for name in MOUSE_TOOLS:
            self.buttons[name].setCheckable(True)
        by_tab(self.slider, self.whole, *self.buttons.values())
        column(
            self,
            row("Threshold", Wide(self.slider), self.value),
            row(Wide(self.scope), self.whole),
            grid(self.buttons.values(), COLUMNS),
        )
        for signal in (curation.frame_changed, curation.changed, curation.project_changed):
            connect(signal, self.refresh)
        self.refresh()

    def show_active(self, names: set[str]) -> None:
        """Show which tools are active."""
        for name in MOUSE_TOOLS:
            self.buttons[name].setChecked(name in names)

    def refresh(self) -> None:
        """Show the threshold that fits the mask best."""
        editor = self._curation.editor if self._curation.row is not None else None
        threshold = None if editor is None else editor.threshold()
        limits = None if editor is None else editor.threshold_range()
        self.setEnabled(editor is not None)
        self.slider.setEnabled(threshold is not None)
        self.whole.setEnabled(editor is not None and editor.region is not None)
        if editor is None or threshold is None or limits is None:
            self.value.setText("–")
            self.scope.setText("")
            return
        self.scope.setText(f"Applies to: {editor.threshold_scope}")
        if not self.slider.isSliderDown():
            with QSignalBlocker(self.slider):
                low, high = limits
                self.slider.setValue(round(TICKS * (threshold - low) / (high - low)))
            self.value.setText(f"{threshold:.5g}")

    def _set_threshold(self, tick: int) -> None:
        editor = self._curation.editor
        limits = None if editor is None else editor.threshold_range()
        if editor is not None and limits is not None:
            threshold = limits[0] + (limits[1] - limits[0]) * tick / TICKS
            self.value.setText(f"{threshold:.5g}")
            editor.set_threshold(threshold)

    def _begin_step(self) -> None:
        """Let a drag of the slider be one step to undo."""
        if self._curation.editor is not None:
            self._curation.editor.canvas.begin_step()

    def _end_step(self) -> None:
        if self._curation.editor is not None:
            self._curation.editor.canvas.end_step()

    def _reset_scope(self) -> None:
        if self._curation.editor is not None:
            self._curation.editor.end_region()
