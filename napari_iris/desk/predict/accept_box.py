"""The button that accepts a prediction as label, and what it has to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QWidget

from napari_iris.desk.forms.controls import TextLine, button, by_tab
from napari_iris.desk.forms.layout import column
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from napari_iris.app.prediction.acceptance import Acceptance
    from napari_iris.app.prediction.current import CurrentPrediction

TIP = "Approve the mask as the label of this frame in the project; then go to the next frame  [Y]"


class AcceptBox(QWidget):
    """Accept the prediction of the current frame as its label.

    Parameters
    ----------
    prediction : CurrentPrediction
        The prediction.
    acceptance : Acceptance
        Accepts it.
    """

    def __init__(self, prediction: CurrentPrediction, acceptance: Acceptance) -> None:
        super().__init__()
        self._prediction = prediction
        self.button = button("Accept as label", TIP, lambda _=False: acceptance.accept())
        self.message = TextLine()
        self.message.hide()
        by_tab(self.button)
        column(self, self.button, self.message)
        connect(prediction.changed, self._refresh)
        connect(acceptance.message, self.message.show_text)
        self._refresh()

    def _refresh(self) -> None:
        self.button.setEnabled(self._prediction.result is not None)
