"""The button that accepts a prediction as label, and what it has to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QPushButton, QVBoxLayout, QWidget

from napari_iris.desk.forms.line import text_line
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
        self.button, self.message = QPushButton("Accept as label"), text_line()
        self.button.setToolTip(TIP)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(lambda _=False: acceptance.accept())
        self.message.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.button)
        layout.addWidget(self.message)
        connect(prediction.changed, self._refresh)
        connect(acceptance.message, self._show_message)
        self._refresh()

    def _refresh(self) -> None:
        self.button.setEnabled(self._prediction.result is not None)

    def _show_message(self, text: str) -> None:
        self.message.show_text(text)
