"""What predictions are worth over all frames, beside the baselines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QEvent, Qt
from qtpy.QtWidgets import QGridLayout, QLabel, QWidget

from napari_iris.desk.plots.colors import curve_color
from napari_iris.desk.review.answers import ANSWER_COLORS, ANSWERS, UNDEFINED, score_text

if TYPE_CHECKING:
    from napari_iris.desk.review.data import Measured

SCORES = {
    "accuracy": ("accuracy", "Part of the pixels that are right"),
    "bal.": ("balanced_accuracy", "Mean of cloud found and clear sky left clear: 0.5 for a guess"),
    "clear IoU": (
        "iou_clear",
        "Clear sky found and in truth: what they share over what they cover",
    ),
    "MCC": ("mcc", "Matthews correlation coefficient: 0 for a guess, 1 for all right"),
}
"""What each score is called, its name in a report, and what it means."""


class ScoreTable(QWidget):
    """Scores of the model above those of the baselines."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(2)
        self._grid.setHorizontalSpacing(6)
        self._grid.setColumnStretch(0, 1)
        for column, (name, (_, tip)) in enumerate(SCORES.items(), start=1):
            self._put(0, column, name).setToolTip(tip)
        self.titles: dict[str, QLabel] = {}
        self.texts: dict[tuple[str, str], QLabel] = {}
        for row, answer in enumerate(ANSWERS, start=1):
            self.titles[answer] = self._put(row, 0, "", right=False)
            for column, name in enumerate(SCORES, start=1):
                self.texts[answer, name] = self._put(row, column, UNDEFINED)
        self.setStyleSheet("QLabel { padding: 0; }")  # napari's own makes it wider than the dock
        self._name()

    def _put(self, row: int, column: int, text: str, *, right: bool = True) -> QLabel:
        label = QLabel(text)
        label.setAlignment(Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft)
        self._grid.addWidget(label, row, column)
        return label

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Take over the colours of another theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._name()

    def _name(self) -> None:
        """Name the answers, each with the colour that it has in the ROC curve."""
        for answer, label in self.titles.items():
            color = curve_color(ANSWER_COLORS[answer], self.palette()).name()
            name = f"<b>{ANSWERS[answer]}</b>" if answer == "model" else ANSWERS[answer]
            label.setText(f'<span style="color:{color}">●</span>&nbsp;{name}')

    def show_scores(self, measured: Measured | None) -> None:
        """Show what was measured."""
        facts: dict[str, Any] = {} if measured is None else measured.facts
        scores = {"model": facts.get("model", {}), **facts.get("baselines", {})}
        for (answer, name), label in self.texts.items():
            text = score_text(scores.get(answer, {}).get(SCORES[name][0]))
            label.setText(f"<b>{text}</b>" if answer == "model" else text)
