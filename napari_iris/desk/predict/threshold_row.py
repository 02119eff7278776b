"""The threshold of a probability: a slider that the mask follows, and its number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker, Qt
from qtpy.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QPushButton, QSlider, QWidget

if TYPE_CHECKING:
    from napari_iris.desk.predict.prediction import PredictionInView

TICKS = 1000
"""Places that the slider may stand at, from 0 to 1."""

NUMBER_WIDTH = 56
"""Width of the number [pixels]: the arrow keys move it, too."""


class ThresholdRow(QWidget):
    """From which probability on it is cloud.

    Parameters
    ----------
    view : PredictionInView
        The prediction in view.
    """

    def __init__(self, view: PredictionInView) -> None:
        super().__init__()
        self._view = view
        tip = "Probability from which a pixel is cloud; the mask follows while you drag"
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, TICKS)
        self.slider.setPageStep(TICKS // 20)
        self.slider.setSingleStep(TICKS // 100)
        self.number = QDoubleSpinBox()
        self.number.setRange(0, 1)
        self.number.setDecimals(3)
        self.number.setSingleStep(0.01)
        self.number.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        self.number.setMaximumWidth(NUMBER_WIDTH)
        self.reset = QPushButton("model's")
        self.reset.setToolTip("Take the model's own threshold again")
        for widget in (self.slider, self.number):
            widget.setToolTip(tip)
            widget.setAccessibleName("threshold")
        for widget in (self.slider, self.number, self.reset):
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.slider.valueChanged.connect(lambda place: view.set_threshold(place / TICKS))
        self.number.valueChanged.connect(view.set_threshold)
        self.reset.clicked.connect(lambda: view.set_threshold(None))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(QLabel("threshold"))
        layout.addWidget(self.slider, stretch=1)
        layout.addWidget(self.number)
        layout.addWidget(self.reset)
        view.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the threshold as it is."""
        threshold = self._view.threshold
        with QSignalBlocker(self.slider), QSignalBlocker(self.number):
            self.slider.setValue(round(threshold * TICKS))
            if round(threshold, 3) != self.number.value():
                self.number.setValue(threshold)
        self.setEnabled(self._view.seen is not None)
        self.reset.setEnabled(self._view.chosen_threshold is not None)
