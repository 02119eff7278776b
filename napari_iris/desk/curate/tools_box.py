"""Tools to edit the mask: the threshold, the brushes, and one-key edits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QDoubleSpinBox, QWidget
from superqt import QElidingLabel

from napari_iris.app.keys import TIPS
from napari_iris.app.view.histogram import Histogram
from napari_iris.desk.curate.histogram import COLORS, HistogramPlot
from napari_iris.desk.forms.controls import button, by_tab
from napari_iris.desk.forms.layout import Wide, column, grid, row
from napari_iris.desk.plots.colors import curve_color
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from napari_iris.app.curation.curation import Curation
    from napari_iris.app.curation.region_selection import RegionSelection
    from napari_iris.app.view.histogram import Suggestions

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
    "undo": "Undo",
    "redo": "Redo",
    "otsu": "Otsu",
    "recipe": "Recipe",
    "reference": "Reference",
}

MOUSE_TOOLS = ("threshold", "scribble", "pick", "ignore")
"""Tools that stay active."""

COLUMNS = 3


class ToolsBox(QWidget):
    """The tools, and the threshold of the frame or of the last stroke.

    Parameters
    ----------
    curation : Curation
        The curation of a project.
    suggestions : Suggestions
        Thresholds that methods suggest.

    Attributes
    ----------
    region : RegionSelection or None
        What a click of the region tool would take.
    """

    def __init__(self, curation: Curation, suggestions: Suggestions) -> None:
        super().__init__()
        self._curation, self._suggestions = curation, suggestions
        self.region: RegionSelection | None = None
        self._frame: object = None
        self.histogram = HistogramPlot()
        self.histogram.setToolTip("Threshold: pixels above it are cloud  [, and .]")
        self.histogram.moved.connect(self._set_threshold)
        self.histogram.pressed.connect(self._begin_step)
        self.histogram.released.connect(self._end_step)
        self.value = QDoubleSpinBox()
        self.value.setDecimals(1)
        self.value.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        self.value.setKeyboardTracking(False)
        self.value.setSuffix(" ADU")
        self.value.setToolTip("Threshold; type another, then Enter")
        self.value.setAccessibleName("Threshold")
        self.value.editingFinished.connect(self._type_threshold)
        self.scope = QElidingLabel()
        self.scope.setToolTip("Where the threshold applies, or the region that a click would take")
        self.whole = button("Whole frame", TIPS["whole"], self._reset_scope)
        self.buttons = {name: button(text, TIPS[name]) for name, text in BUTTONS.items()}
        for name in MOUSE_TOOLS:
            self.buttons[name].setCheckable(True)
        *others, otsu, recipe, reference = self.buttons.values()
        by_tab(self.histogram, *self.buttons.values(), self.whole)
        column(
            self,
            self.histogram,
            row(otsu, recipe, reference, self.value),
            row(Wide(self.scope), self.whole),
            grid(others, COLUMNS),
        )
        for signal in (curation.frame_changed, curation.changed, curation.project_changed):
            connect(signal, self.refresh)
        connect(suggestions.changed, self._show_ticks)
        self.refresh()

    def show_active(self, names: set[str]) -> None:
        """Show which tools are active."""
        for name in MOUSE_TOOLS:
            self.buttons[name].setChecked(name in names)

    def show_scope(self) -> None:
        """Show the region that a click would take, else where the threshold applies."""
        editor = self._curation.editor
        text = "" if self.region is None else self.region.text
        if not text and editor is not None:
            text = f"Applies to: {editor.threshold_scope}"
        self.scope.setText(text)

    def refresh(self) -> None:
        """Show the threshold that fits the mask best."""
        editor = self._curation.editor if self._curation.row is not None else None
        threshold = None if editor is None else editor.threshold()
        limits = None if editor is None else editor.threshold_range()
        self.setEnabled(editor is not None)
        has_threshold = editor is not None and threshold is not None and limits is not None
        for widget in (self.histogram, self.value):
            widget.setEnabled(has_threshold)
        self.whole.setEnabled(editor is not None and editor.region is not None)
        if editor is None or editor.pixels is None or threshold is None or limits is None:
            self._frame = None
            self.histogram.show_histogram(None, None)
            self.value.clear()
            self.scope.setText("")
            self._show_ticks()
            return
        self.show_scope()
        found = self.histogram.histogram
        if found is None or self._frame is not editor.pixels:
            found, self._frame = Histogram.of(editor.pixels, limits), editor.pixels
        self.histogram.show_histogram(found, threshold * found.unit)
        self._show_ticks()
        if not self.value.hasFocus():
            self.value.setRange(found.edges[0], found.edges[-1])
            self.value.setValue(threshold * found.unit)

    def _show_ticks(self) -> None:
        """Show the thresholds that methods suggest."""
        found, suggested = self.histogram.histogram, self._suggestions.thresholds
        unit = 1.0 if found is None else found.unit
        self.histogram.show_ticks({str(name): value * unit for name, value in suggested.items()})
        for name, number in COLORS.items():
            self.buttons[name].setEnabled(found is not None and name in suggested)
            style = f"border-bottom: 2px solid {curve_color(number, self.palette()).name()};"
            if self.buttons[name].styleSheet() != style:  # as its tick in the histogram
                self.buttons[name].setStyleSheet(style)

    def _set_threshold(self, threshold: float) -> None:
        """Cut at a threshold [ADU]; it is shown where it was put, whatever fits the mask best."""
        editor, found = self._curation.editor, self.histogram.histogram
        if editor is not None and found is not None and self._curation.row is not None:
            editor.set_threshold(threshold / found.unit)
            if self.histogram.is_dragged:
                self.histogram.show_threshold(threshold)

    def _type_threshold(self) -> None:
        """Take what was typed, and give the keys back to the canvas."""
        if self.value.hasFocus():
            typed = self.value.value()
            self.value.clearFocus()
            self._set_threshold(typed)

    def _begin_step(self) -> None:
        """Let a drag of the line be one step to undo."""
        if self._curation.editor is not None:
            self._curation.editor.canvas.begin_step()

    def _end_step(self) -> None:
        if self._curation.editor is not None:
            self._curation.editor.canvas.end_step()

    def _reset_scope(self) -> None:
        if self._curation.editor is not None:
            self._curation.editor.end_region()
