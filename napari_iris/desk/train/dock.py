"""The Train dock: data, network, the run as it goes, curves, and the models so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari.utils.notifications import show_warning

from napari_iris.app.training.training import Training
from napari_iris.desk.forms.dock import Dock
from napari_iris.desk.forms.layout import Wide, titled
from napari_iris.desk.forms.question import ask
from napari_iris.desk.frames.welcome import Welcome
from napari_iris.desk.jobs.close_guard import CloseGuard
from napari_iris.desk.train.box import TrainBox
from napari_iris.desk.train.curves import CurvesView
from napari_iris.desk.train.data_box import DataBox
from napari_iris.desk.train.device import DeviceLine
from napari_iris.desk.train.form import TrainingFormView
from napari_iris.desk.train.runs_box import RunsBox
from napari_iris.desk.workspace import workspace_of

if TYPE_CHECKING:
    import napari
    from qtpy.QtGui import QShowEvent

WIDTH = 394
"""Width that the dock needs [pixels]."""


class TrainDock(Dock):
    """Train a network on labelled frames in the background, and compare the models.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        The viewer it is docked to.
    """

    def __init__(self, napari_viewer: napari.Viewer) -> None:
        super().__init__()
        self.viewer = napari_viewer
        workspace = workspace_of(napari_viewer)
        self.training = training = Training(workspace.session)
        self.welcome = Welcome(workspace.frames)
        self.data = DataBox(training.data, training.form)
        self.form = TrainingFormView(training.form)
        self.device = DeviceLine(training.devices)
        self.train = TrainBox(training)
        self.curves = CurvesView(training.curves)
        self.runs = RunsBox(training)
        self._guard = CloseGuard(self, self._may_close, training.control.cancel)
        self._lay_out()

    def _lay_out(self) -> None:
        self.fill(
            self.welcome,
            titled("Data", self.data),
            titled("Network", self.form),
            titled("Training", self.device, self.train),
            Wide(titled("Curves", self.curves)),
            Wide(titled("Models", self.runs)),
            width=WIDTH,
        )

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 (Qt's name)
        """Watch the window that it is shown in."""
        super().showEvent(event)
        self._guard.watch()

    def leave(self) -> None:
        """End the training when the dock is taken out of the window."""
        if self.training.is_running:
            self.training.control.cancel()
            show_warning("The training was stopped with its dock; the best weights are kept.")

    def _may_close(self) -> bool:
        return not self.training.is_running or self._gives_up()

    def _gives_up(self) -> bool:
        return ask(
            self,
            f"{self.training.control.progress.name} is being trained.",
            "Closing the window stops it. The best weights are kept, and Continue resumes after "
            "the last complete epoch.",
            keep="Keep training",
            lose="Stop and close",
        )
