"""The frame in view under review: its numbers, its errors, blinking, side by side, accepting."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_iris.desk.forms.line import text_line
from napari_iris.desk.predict.layers import ERROR_COLORS, ERROR_NAMES
from napari_iris.desk.predict.summary import NOTHING, PredictionView
from napari_iris.desk.predict.threshold_row import ThresholdRow
from napari_iris.desk.review.side_by_side import SideBySide

if TYPE_CHECKING:
    from napari_iris.desk.predict.prediction import PredictionInView


class ReviewFrameBox(QWidget):
    """What the prediction of the frame in view is worth.

    Parameters
    ----------
    view : PredictionInView
        The prediction in view.
    """

    def __init__(self, view: PredictionInView) -> None:
        super().__init__()
        self._view = view
        self.beside = SideBySide(view)
        self.told, self.threshold = PredictionView(view), ThresholdRow(view)
        self.scores, self.legend, self.line = text_line(), QLabel(), text_line()
        self.legend.setText(_legend())
        self.line.hide()
        self._build()
        self._lay_out()
        view.truth.changed.connect(self.refresh)
        view.changed.connect(self.refresh)
        view.told.connect(self._tell)
        view.blink.changed.connect(self._follow_blink)
        self.refresh()

    def _build(self) -> None:
        overlays = {
            "errors": (self._view.truth.errors, "Cloud found, false and missed, in colours"),
            "truth": (self._view.truth.truth, "The mask that the prediction is held against"),
            "prediction": (self._view.cut, "Cloud as the threshold cuts it"),
            "probability": (self._view.probability, "Probability of cloud of each pixel"),
        }
        self.checks: dict[str, QCheckBox] = {}
        for name, (overlay, tip) in overlays.items():
            check = self.checks[name] = QCheckBox(name)
            check.setToolTip(tip)
            check.setChecked(overlay.wanted)
            check.toggled.connect(overlay.set_wanted)
            overlay.toggled.connect(check.setChecked)
        self.blink, self.again = QPushButton("Blink"), QCheckBox("by itself")
        self.blink.setToolTip("The prediction alone, the truth alone, none, and all again  [O]")
        self.again.setToolTip("Swap prediction and truth all the time")
        self.side = QCheckBox("side by side")
        self.side.setToolTip("The frame twice: the truth on the left, the prediction on the right")
        self.accept = QPushButton("Accept as label")
        self.accept.setToolTip("The mask becomes this frame's label in the project, approved  [Y]")
        self.blink.clicked.connect(self._view.blink.step)
        self.again.toggled.connect(self._view.blink.run)
        self.side.toggled.connect(self.beside.set_on)
        self.beside.toggled.connect(self.side.setChecked)
        self.accept.clicked.connect(self._view.accept)
        buttons = (self.blink, self.again, self.side, self.accept)
        for widget in (*self.checks.values(), *buttons):
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _lay_out(self) -> None:
        grid, buttons = QGridLayout(), QHBoxLayout()
        for place, check in enumerate(self.checks.values()):
            grid.addWidget(check, place // 2, place % 2)
        for widget in (self.blink, self.again, self.side):
            buttons.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.told)
        layout.addWidget(self.scores)
        layout.addWidget(self.threshold)
        layout.addLayout(grid)
        layout.addWidget(self.legend)
        layout.addLayout(buttons)
        layout.addWidget(self.accept)
        layout.addWidget(self.line)

    def refresh(self) -> None:
        """Show what the prediction of the frame in view is worth."""
        self.scores.setText(self._worth())
        self.accept.setEnabled(self._view.seen is not None)
        self.blink.setEnabled(self._view.seen is not None)

    def close_views(self) -> None:
        """End blinking and side by side."""
        self.again.setChecked(False)
        self.side.setChecked(False)

    def _worth(self) -> str:
        truth = self._view.truth
        if self._view.seen is None:
            return ""
        if truth.problem:
            return truth.problem
        found = truth.scores()
        if not found:
            missing = truth.source is not None and truth.settled
            return "There is no truth of this frame." if missing else ""
        clear, accuracy = (
            NOTHING if isnan(found[name]) else f"{found[name]:.3f}"
            for name in ("iou_clear", "accuracy")
        )
        return f"accuracy {accuracy}, clear IoU {clear}; cloud in truth {found['cloud']:.1%}"

    def _follow_blink(self, shown: str) -> None:
        self.blink.setText(f"Blink: {shown}" if shown else "Blink")

    def _tell(self, text: str) -> None:
        self.line.setText(text)
        self.line.setVisible(bool(text))


def _legend() -> str:
    """Name the colours of the errors."""
    return "&nbsp;&nbsp; ".join(
        f'<span style="color:{color}">■</span>&nbsp;{ERROR_NAMES[value]}'
        for value, color in ERROR_COLORS.items()
        if value is not None
    )
