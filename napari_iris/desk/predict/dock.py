"""The Predict dock: choose a model, see what it says of the frame in view, predict the night."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_iris.desk.forms.dock import CanvasDock
from napari_iris.desk.forms.form import titled
from napari_iris.desk.forms.line import text_line
from napari_iris.desk.frames.beginning import Beginning
from napari_iris.desk.predict.box import PredictBox
from napari_iris.desk.predict.model_choice import ModelChoice
from napari_iris.desk.predict.source import LiveSource, OpenModels
from napari_iris.desk.predict.summary import PredictionView
from napari_iris.desk.predict.threshold_row import ThresholdRow
from napari_iris.desk.timers import connect
from napari_iris.desk.workspace import workspace_of

if TYPE_CHECKING:
    import napari

WIDTH = 380
"""Width that the dock needs, in pixels."""


class PredictDock(CanvasDock):
    """Ask a model about the frame in view, live, or about the night, as a job.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        The viewer it is docked to.
    """

    def __init__(self, napari_viewer: napari.Viewer) -> None:
        super().__init__()
        self.viewer = napari_viewer
        workspace = workspace_of(napari_viewer)
        self.session = workspace.session
        self.view = workspace.prediction
        self._open = OpenModels()
        self.models = ModelChoice(self.session)
        self.live = QCheckBox("predict the frame in view")
        self.live.setToolTip("Ask the model about each frame that comes into view")
        self.live.setChecked(True)
        self.told = PredictionView(self.view)
        self.threshold = ThresholdRow(self.view)
        self.night = PredictBox(self.view, self.models)
        self._build()
        self._lay_out()
        self._connect()
        self.view.open(self)
        self._offer()

    def _build(self) -> None:
        self.boxes = {
            "probability": (self.view.probability, "Probability of cloud of each pixel"),
            "mask": (self.view.cut, "Cloud as the threshold cuts it"),
            "uncertainty": (
                self.view.spread,
                "Where turned and shifted copies of the frame get other answers: eight predictions",
            ),
        }
        self.checks: dict[str, QCheckBox] = {}
        for name, (overlay, tip) in self.boxes.items():
            check = self.checks[name] = QCheckBox(name)
            check.setToolTip(tip)
            check.setChecked(overlay.wanted)
            check.toggled.connect(overlay.set_wanted)
            overlay.toggled.connect(check.setChecked)
        self.accept = QPushButton("Accept as label")
        self.accept.setToolTip(
            "The mask becomes this frame's label in the project, approved; then comes the next "
            "frame to do  [Y]"
        )
        self.line = text_line()
        self.line.hide()
        for widget in (self.live, self.accept, *self.checks.values()):
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _lay_out(self) -> None:
        inner, layers = QWidget(), QHBoxLayout()
        for check in self.checks.values():
            layers.addWidget(check)
        shown = QWidget()
        shown.setLayout(layers)
        layers.setContentsMargins(0, 0, 0, 0)
        layout = QVBoxLayout(inner)
        self.beginning = Beginning(self.view.frames)
        layout.addWidget(self.beginning)
        layout.addWidget(titled("model", self.models))
        frame = (self.live, self.told, self.threshold, shown, self.accept, self.line)
        layout.addWidget(titled("this frame", *frame))
        layout.addWidget(titled("the night", self.night))
        layout.addStretch()
        self.fill(inner, WIDTH)

    def _connect(self) -> None:
        self.models.changed.connect(self._follow_models)
        self.live.toggled.connect(self._ask)
        self.checks["uncertainty"].toggled.connect(self._ask)
        self.night.folder.changed.connect(self._ask)
        self.night.finished.connect(self._look_again)
        self.accept.clicked.connect(self.view.accept)
        self.view.changed.connect(self._offer)
        self.view.source_changed.connect(self._follow_source)
        self.view.told.connect(self._tell)
        connect(self.session.sequence_changed, self.night.set_night)

    @property
    def settled(self) -> bool:
        """Whether the dock shows what belongs to the frame in view."""
        return self.models.settled and self.view.settled

    def source(self) -> LiveSource | None:
        """Give the model that is chosen, ready to be asked; None for none."""
        chosen, classifier = self.models.chosen, self.models.chosen_classifier
        if chosen is None or chosen.card is None:
            return None
        first = None if classifier is None else classifier.folder
        turned = self.checks["uncertainty"].isChecked()
        return LiveSource(self._open, chosen.folder, first, turned, self.night.out)

    def _ask(self) -> None:
        """Have predictions come from the model chosen, or not."""
        if self.live.isChecked():
            self.view.show_from(self.source())
        elif isinstance(self.view.source, LiveSource):
            self.view.show_from(None)
        self._offer()

    def _follow_models(self) -> None:
        """Take another model; one that was trained anew is asked again."""
        source = self.source()
        if self.live.isChecked() and source == self.view.source:
            self.view.look()
        self._ask()

    def _follow_source(self) -> None:
        """Let the Review dock show what was stored."""
        ours = isinstance(self.view.source, LiveSource)
        if self.live.isChecked() and not ours and self.view.source is not None:
            self.live.setChecked(False)

    def _look_again(self) -> None:
        """Show what the job has stored."""
        if isinstance(self.view.source, LiveSource):
            self.view.look()

    def _offer(self) -> None:
        """Offer what can be done now."""
        chosen = self.models.chosen
        usable = chosen is not None and chosen.card is not None
        self.live.setEnabled(usable and self.session.sequence is not None)
        self.accept.setEnabled(self.view.seen is not None)
        for check in self.checks.values():
            check.setEnabled(usable)

    def _tell(self, text: str) -> None:
        self.line.setText(text)
        self.line.setVisible(bool(text))

    # --- the end

    def leave(self) -> None:
        """Give keys and layers back when the dock is taken out of the window."""
        self.live.setChecked(False)
        self.view.close(self)
