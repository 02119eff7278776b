"""Loss and score of training runs, epoch by epoch, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent
from qtpy.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from napari_iris.desk.plots.plot import COLORS, Curve, Plot, curve_color

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari_iris.training.epochs import Epoch

SCORES = {
    "clear IoU": "iou_clear",
    "cloud IoU": "iou_cloud",
    "accuracy": "accuracy",
    "balanced accuracy": "balanced_accuracy",
    "MCC": "mcc",
}
"""Scores of the validation frames, by what they are called."""

NAMED = 22
"""Letters of a run's name that the legend shows."""


@dataclass(frozen=True)
class Series:
    """One run's curves.

    Attributes
    ----------
    name : str
        Name of the run.
    epochs : sequence of Epoch
        Its epochs.
    steps : sequence of (float, float)
        Places of single steps, in epochs, and their losses.
    """

    name: str
    epochs: Sequence[Epoch]
    steps: Sequence[tuple[float, float]] = ()

    @property
    def best(self) -> int | None:
        """Epoch with the best validation loss."""
        best = min(self.epochs, key=lambda epoch: epoch.val_loss, default=None)
        return None if best is None else best.epoch


class Curves(QWidget):
    """A plot of the losses, and one of a score."""

    def __init__(self) -> None:
        super().__init__()
        self.series: tuple[Series, ...] = ()
        self._left = 0
        self.loss, self.score = Plot("loss"), Plot("clear IoU")
        self.choice = QComboBox()
        self.choice.addItems(SCORES)
        self.choice.setAccessibleName("score that is drawn")
        self.choice.setToolTip("Score of the validation frames that is drawn")
        self.choice.currentTextChanged.connect(self._draw)
        self.legend = QLabel()
        self.legend.setWordWrap(True)
        self.legend.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.loss.pointed.connect(self.score.point_at)
        self.score.pointed.connect(self.loss.point_at)
        self.hint = QLabel("The loss of a training, and of the models chosen below, is drawn here.")
        self.hint.setWordWrap(True)
        self._plots = QWidget()
        foot, plots, layout = QHBoxLayout(), QVBoxLayout(self._plots), QVBoxLayout(self)
        foot.addWidget(QLabel("score"))
        foot.addWidget(self.choice, stretch=1)
        for outer in (plots, layout):
            outer.setContentsMargins(0, 0, 0, 0)
        plots.addWidget(self.loss, stretch=1)
        plots.addWidget(self.score, stretch=1)
        plots.addWidget(self.legend)
        plots.addLayout(foot)
        layout.addWidget(self.hint)
        layout.addWidget(self._plots, stretch=1)
        self._draw()

    def show_runs(self, series: Sequence[Series]) -> None:
        """Draw some runs together, as many as there are colours."""
        self.series, self._left = tuple(series[:COLORS]), len(series[COLORS:])
        self._draw()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Take over the colours of another theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._name()

    def _draw(self) -> None:
        self.hint.setVisible(not self.series)
        self._plots.setVisible(bool(self.series))
        score = self.choice.currentText()
        self.loss.show_curves(list(self._losses()))
        self.score.show_curves(list(self._scores(SCORES[score])), f"{score} (validation)")
        self._name()

    def _losses(self) -> Iterator[Curve]:
        for color, one in enumerate(self.series):
            training = [(epoch.epoch, epoch.loss) for epoch in one.epochs]
            validation = [(epoch.epoch, epoch.val_loss) for epoch in one.epochs]
            yield Curve("", one.steps, color, "faint")
            yield Curve(f"{self._called(one)}training", training, color, "dotted")
            yield Curve(f"{self._called(one)}validation", validation, color, best=one.best)

    def _scores(self, name: str) -> Iterator[Curve]:
        for color, one in enumerate(self.series):
            points = [(epoch.epoch, getattr(epoch, name)) for epoch in one.epochs]
            yield Curve(f"{self._called(one)}{self.choice.currentText()}", points, color)

    def _called(self, one: Series) -> str:
        """Begin the name of a curve with its run's, where there are several."""
        return f"{one.name} " if len(self.series) > 1 else ""

    def _name(self) -> None:
        """Name the runs in their colours."""
        parts = []
        for number, one in enumerate(self.series):
            name = one.name if len(one.name) <= NAMED else f"{one.name[: NAMED - 1]}…"
            color = curve_color(number, self.palette()).name()
            parts.append(f'<span style="color:{color}">━</span>&nbsp;{escape(name)}')
        how = "solid: validation, dotted: training, ringed: best"
        more = [f"<b>the first {COLORS} are drawn; {self._left} more are not</b>"]
        parts += [*(more if self._left else ()), how] if parts else []
        self.legend.setText("&nbsp; ".join(parts))
