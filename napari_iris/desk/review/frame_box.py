"""The current frame under review: its prediction, its errors, blinking, side by side, accepting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QLabel, QWidget

from napari_iris.app.prediction.errors import ERROR_MEANINGS, ERROR_NAMES
from napari_iris.app.prediction.summary import comparison_text
from napari_iris.desk.forms.controls import TextLine, button, by_tab, check_box
from napari_iris.desk.forms.layout import column, grid, row
from napari_iris.desk.forms.overlay_check import OverlayCheck
from napari_iris.desk.layers.prediction_layers import ERROR_COLORS
from napari_iris.desk.layers.side_by_side import SideBySide
from napari_iris.desk.predict.accept_box import AcceptBox
from napari_iris.desk.predict.summary_view import SummaryView
from napari_iris.desk.predict.threshold_row import ThresholdRow
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from napari_iris.desk.workspace import Workspace


class ReviewFrameBox(QWidget):
    """The prediction of the current frame beside the truth.

    Parameters
    ----------
    workspace : Workspace
        The models of the viewer.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._prediction, self._truth = workspace.prediction, workspace.truth
        self._blink, self._layers = workspace.blink, workspace.prediction_layers
        self.beside = SideBySide(workspace.frames, self._layers)
        self.summary = SummaryView(self._prediction)
        self.threshold = ThresholdRow(self._prediction)
        self.scores, self.legend = TextLine(), _legend()
        self.accept_box = AcceptBox(self._prediction, workspace.acceptance)
        self._build()
        self._lay_out()
        connect(self._truth.changed, self.refresh)
        connect(self._prediction.changed, self.refresh)
        connect(self._blink.shown_changed, self._show_blink)
        connect(self.beside.enabled_changed, self._show_beside)
        self.refresh()

    def _build(self) -> None:
        layers = self._layers
        self.checks = {
            "errors": OverlayCheck(
                layers.errors, "Errors", "Hits, false alarms and misses (TP, FP, FN), in colours"
            ),
            "truth": OverlayCheck(
                layers.truth, "Truth", "Reference mask that the prediction is compared with"
            ),
            "prediction": OverlayCheck(layers.mask, "Prediction", "Cloud mask at the threshold"),
            "probability": OverlayCheck(
                layers.probability, "Probability", "Probability of cloud of each pixel"
            ),
        }
        tip = "Show only the prediction, only the truth, neither, then all  [O]"
        self.blink = button("Blink", tip, lambda _=False: self._blink.step())
        tip = "Alternate prediction and truth"
        self.auto_blink = check_box("Auto-blink", tip, self._blink.run)
        tip = "Show the frame twice: the truth on the left, the prediction on the right"
        self.side = check_box("Side by side", tip, self.beside.set_enabled)
        by_tab(self.blink, self.auto_blink, self.side)

    def _lay_out(self) -> None:
        column(
            self,
            *(self.summary, self.scores, self.threshold),
            grid(self.checks.values(), 2),
            self.legend,
            row(self.blink, self.auto_blink, self.side),
            self.accept_box,
        )

    def refresh(self) -> None:
        """Show the scores of the current frame."""
        self.scores.setText(comparison_text(self._prediction, self._truth))
        self.blink.setEnabled(self._prediction.result is not None)

    def close_views(self) -> None:
        """End blinking and side by side."""
        self.auto_blink.setChecked(False)
        self.side.setChecked(False)

    def _show_blink(self, shown: str) -> None:
        self.blink.setText(f"Blink: {shown}" if shown else "Blink")

    def _show_beside(self, enabled: bool) -> None:
        self.side.setChecked(enabled)


def _legend() -> QLabel:
    """Name the colours of the errors."""
    legend = QLabel()
    names = (
        f'<span style="color:{ERROR_COLORS[value]}">■</span>&nbsp;{name}'
        for value, name in ERROR_NAMES.items()
    )
    legend.setText("&nbsp;&nbsp; ".join(names))
    meanings = (f"{name}: {ERROR_MEANINGS[value]}" for value, name in ERROR_NAMES.items())
    legend.setToolTip("\n".join(meanings))
    return legend
