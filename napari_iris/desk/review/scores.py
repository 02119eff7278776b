"""Scores of the model over all frames, beside the baselines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, Qt
from qtpy.QtWidgets import QGridLayout, QLabel, QWidget

from napari_iris.app.review.report import METHOD_COLORS, METHODS, SCORES, score_texts
from napari_iris.desk.plots.colors import curve_color

if TYPE_CHECKING:
    from napari_iris.app.review.report import StoredReport


class ScoreTable(QWidget):
    """Scores of the model above those of the baselines."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(2)
        self._grid.setHorizontalSpacing(6)
        self._grid.setColumnStretch(0, 1)
        for column, (label, tip) in enumerate(SCORES.values(), start=1):
            self._put(0, column, label.replace(" ", "\n")).setToolTip(tip)  # narrower columns
        self.titles: dict[str, QLabel] = {}
        self.texts: dict[tuple[str, str], QLabel] = {}
        for row, method in enumerate(METHODS, start=1):
            self.titles[method] = self._put(row, 0, "", right=False)
            for column, name in enumerate(SCORES, start=1):
                self.texts[method, name] = self._put(row, column, "")
        self.setStyleSheet("QLabel { padding: 0; }")  # napari's own makes it wider than the dock
        self._name()
        self.show_report(None)

    def _put(self, row: int, column: int, text: str, *, right: bool = True) -> QLabel:
        label = QLabel(text)
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        label.setAlignment(side | Qt.AlignmentFlag.AlignBottom)
        self._grid.addWidget(label, row, column)
        return label

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Use the colours of another theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._name()

    def _name(self) -> None:
        """Name the methods, each with the colour that it has in the ROC curve."""
        for method, label in self.titles.items():
            color = curve_color(METHOD_COLORS[method], self.palette()).name()
            name = f"<b>{METHODS[method]}</b>" if method == "model" else METHODS[method]
            label.setText(f'<span style="color:{color}">●</span>&nbsp;{name}')

    def show_report(self, report: StoredReport | None) -> None:
        """Show the scores of a report; dashes without one."""
        for (method, name), text in score_texts(report).items():
            shown = f"<b>{text}</b>" if method == "model" else text
            self.texts[method, name].setText(shown)
