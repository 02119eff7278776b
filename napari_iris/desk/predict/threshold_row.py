"""The threshold of the prediction: a slider and a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker
from qtpy.QtWidgets import QDoubleSpinBox, QWidget

from napari_iris.desk.forms.controls import button, by_tab, slider
from napari_iris.desk.forms.layout import Wide, column, row
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
        self.slider = slider(TICKS, tip, lambda place: prediction.set_threshold(place / TICKS))
        self.slider.setPageStep(TICKS // 20)
        self.slider.setSingleStep(TICKS // 100)
        self.number = QDoubleSpinBox()
        self.number.setRange(0, 1)
        self.number.setDecimals(3)
        self.number.setSingleStep(0.01)
        self.number.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        self.number.setMaximumWidth(NUMBER_WIDTH)
        self.number.setToolTip(tip)
        self.number.valueChanged.connect(prediction.set_threshold)
        reset_tip = "Use the model's own threshold"
        self.reset = button("Reset", reset_tip, lambda: prediction.set_threshold(None))
        for widget in (self.slider, self.number):
            widget.setAccessibleName("Threshold")
        by_tab(self.slider, self.number, self.reset)
        column(self, row("Threshold", Wide(self.slider), self.number, self.reset))
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
