"""The Predict dock: choose models, predict the current frame live, predict many as a job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.app.prediction.job import PredictJob
from napari_iris.app.prediction.live import LivePrediction
from napari_iris.app.prediction.model_choice import ModelChoice
from napari_iris.app.prediction.starting_masks import StartingMasks
from napari_iris.desk.forms.controls import by_tab, check_box
from napari_iris.desk.forms.dock import CanvasDock
from napari_iris.desk.forms.layout import row, titled
from napari_iris.desk.forms.overlay_check import OverlayCheck
from napari_iris.desk.frames.welcome import Welcome
from napari_iris.desk.predict.accept_box import AcceptBox
from napari_iris.desk.predict.box import PredictBox
from napari_iris.desk.predict.model_choice import ModelChoiceBox
from napari_iris.desk.predict.summary_view import SummaryView
from napari_iris.desk.predict.threshold_row import ThresholdRow
from napari_iris.desk.timers import connect
from napari_iris.desk.workspace import workspace_of

if TYPE_CHECKING:
    import napari

WIDTH = 380
"""Least width of the dock, in pixels."""


class PredictDock(CanvasDock):
    """Predict the current frame, live, and many frames, as a job.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        The viewer it is docked to.
    """

    def __init__(self, napari_viewer: napari.Viewer) -> None:
        super().__init__()
        self.viewer = napari_viewer
        workspace = workspace_of(napari_viewer)
        self.session, self.prediction = workspace.session, workspace.prediction
        self._layers, self._docks = workspace.prediction_layers, workspace.prediction_docks
        self.models = ModelChoice(self.session)
        self.job = PredictJob(self.prediction, self.models, workspace.curation)
        self.live_prediction = LivePrediction(
            self.prediction, self.models, self.job.folder, workspace.clear_sky
        )
        self.model_box = ModelChoiceBox(self.models)
        self.summary = SummaryView(self.prediction)
        self.threshold = ThresholdRow(self.prediction)
        self.accept_box = AcceptBox(self.prediction, workspace.acceptance)
        self.starting = StartingMasks(workspace.curation)
        self.job_box = PredictBox(self.job, self.starting)
        self.welcome = Welcome(workspace.frames)
        self._build()
        self._lay_out()
        self.work_in(workspace, "predict")
        self._connect()
        self._docks.add(self)
        self._refresh()

    def _build(self) -> None:
        layers = self._layers
        tip = "Run the model on each frame you open"
        follow = self.live_prediction.set_enabled
        self.live = check_box("Predict current frame live", tip, follow)
        by_tab(self.live)
        self.checks = {
            "probability": OverlayCheck(
                layers.probability, "Probability", "Probability of cloud of each pixel"
            ),
            "mask": OverlayCheck(layers.mask, "Mask", "Cloud mask at the threshold"),
            "uncertainty": OverlayCheck(
                layers.uncertainty, "Uncertainty", "Spread over 8 flipped and shifted copies"
            ),
        }

    def _lay_out(self) -> None:
        shown = row(*self.checks.values())
        frame = (self.live, self.summary, self.threshold, shown, self.accept_box)
        self.fill(
            self.welcome,
            titled("Model", self.model_box),
            titled("Current frame", *frame),
            titled("Predict frames", self.job_box),
            None,
            width=WIDTH,
        )

    def _connect(self) -> None:
        connect(self.live_prediction.changed, self._refresh)
        self.job.control.ended.connect(self.live_prediction.refresh)

    @property
    def is_current(self) -> bool:
        """Whether the dock shows what belongs to the current frame."""
        return self.models.list.is_current and self.prediction.is_current

    def _refresh(self) -> None:
        """Show what is available now."""
        live = self.live_prediction
        self.live.setChecked(live.enabled)
        self.live.setEnabled(live.is_available)
        for check in self.checks.values():
            check.setEnabled(self.models.is_usable)

    def leave(self) -> None:
        """Stop predicting once the dock is taken out of the window."""
        self.live_prediction.set_enabled(False)
        self._docks.discard(self)
