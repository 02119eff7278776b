"""The threshold of the prediction: a slider and a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker, Qt
from qtpy.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QPushButton, QSlider, QWidget

from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from napari_iris.app.prediction.current import CurrentPrediction

TICKS = 1000
"""Steps of the slider from 0 to 1."""

NUMBER_WIDTH = 56
"""Width of the number [pixels]; it has no arrows, as the arrow keys change it."""


class ThresholdRow(QWidget):
    """The threshold of the prediction of the current frame.

    Parameters
    ----------
    prediction : CurrentPrediction
        The prediction.
    """

    def __init__(self, prediction: CurrentPrediction) -> None:
        super().__init__()
        self._prediction = prediction
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
        self.reset = QPushButton("Reset")
        self.reset.setToolTip("Use the model's own threshold")
        for widget in (self.slider, self.number):
            widget.setToolTip(tip)
            widget.setAccessibleName("Threshold")
        for widget in (self.slider, self.number, self.reset):
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.slider.valueChanged.connect(lambda place: prediction.set_threshold(place / TICKS))
        self.number.valueChanged.connect(prediction.set_threshold)
        self.reset.clicked.connect(lambda: prediction.set_threshold(None))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(QLabel("Threshold"))
        layout.addWidget(self.slider, stretch=1)
        layout.addWidget(self.number)
        layout.addWidget(self.reset)
        connect(prediction.changed, self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the threshold as it is now."""
        threshold = self._prediction.threshold
        with QSignalBlocker(self.slider), QSignalBlocker(self.number):
            self.slider.setValue(round(threshold * TICKS))
            if round(threshold, 3) != self.number.value():
                self.number.setValue(threshold)
        self.setEnabled(self._prediction.result is not None)
        self.reset.setEnabled(self._prediction.chosen_threshold is not None)
