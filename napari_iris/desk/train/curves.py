"""The plots of loss and score, with the legend of the runs."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent
from qtpy.QtWidgets import QLabel, QWidget

from napari_iris.app.training.curves import MAX_RUNS, SCORES
from napari_iris.desk.forms.controls import TextLine, combo_box
from napari_iris.desk.forms.layout import Wide, boxed, column, row
from napari_iris.desk.plots.colors import curve_color
from napari_iris.desk.plots.curve_plot import CurvePlot
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from napari_iris.app.training.curves import TrainingCurves

HINT = "Loss curves of the current run and the selected models appear here."

MAX_NAME = 22
"""Longest name of a run in the legend."""

STYLES = "solid: validation, dotted: training, ring: best epoch"


class CurvesView(QWidget):
    """Shows `TrainingCurves`.

    Parameters
    ----------
    curves : TrainingCurves
        The curves.
    """

    def __init__(self, curves: TrainingCurves) -> None:
        super().__init__()
        self.curves = curves
        self.loss, self.score = CurvePlot(curves.losses), CurvePlot(curves.scores)
        tip = "Score on the validation frames that is plotted"
        self.choice = combo_box(SCORES, tip, "score to plot")
        self.choice.currentTextChanged.connect(curves.choose_score)
        self.legend, self.hint = TextLine(markup=True), QLabel(HINT)
        self.hint.setWordWrap(True)
        foot = row("Score", Wide(self.choice))
        self._plots = boxed(Wide(self.loss), Wide(self.score), self.legend, foot)
        column(self, self.hint, Wide(self._plots))
        connect(curves.changed, self._show)
        self._show()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Use the colours of another theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._name_runs()

    def _show(self) -> None:
        self.hint.setVisible(not self.curves.runs)
        self._plots.setVisible(bool(self.curves.runs))
        self._name_runs()

    def _name_runs(self) -> None:
        """Name the runs in their colours."""
        runs, left_out, parts = self.curves.runs, self.curves.left_out, []
        for number, run in enumerate(runs):
            name = run.name if len(run.name) <= MAX_NAME else f"{run.name[: MAX_NAME - 1]}…"
            color = curve_color(number, self.palette()).name()
            parts.append(f'<span style="color:{color}">━</span>&nbsp;{escape(name)}')
        more = [f"<b>The first {MAX_RUNS} are plotted, {left_out} more are not.</b>"]
        parts += [*(more if left_out else ()), STYLES] if parts else []
        self.legend.setText("&nbsp; ".join(parts))
