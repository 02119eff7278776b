"""Predict this frame, a range or the whole night, as a job; then take that into the project."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QCheckBox

from napari_iris.commands.write import NO_CLASSIFIER, predict_command, take_command
from napari_iris.desk.frames.night_box import NightBox
from napari_iris.desk.frames.places import folder_for
from napari_iris.desk.timers import connect
from napari_iris.inference.config import PredictConfig
from napari_iris.jobs.job import shell_line

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.desk.predict.model_choice import ModelChoice
    from napari_iris.desk.predict.prediction import PredictionInView
    from napari_iris.events import EndEvent
    from napari_iris.jobs.job import Ending


class PredictBox(NightBox):
    """Predict the night.

    Parameters
    ----------
    view : PredictionInView
        The prediction in view, with the threshold.
    models : ModelChoice
        The models that are chosen.
    """

    MAKES, START = "predictions", "Predict"
    TIP = "Runs beside the window; what the model has predicted already is not done again"

    def __init__(self, view: PredictionInView, models: ModelChoice) -> None:
        self._view, self._models = view, models
        self.into_project = QCheckBox("take them into the project")
        self.into_project.setToolTip(
            "As the model's masks, beside a person's: the queue can then be sorted by uncertainty"
        )
        self.into_project.setChecked(True)
        self.turned = QCheckBox("with uncertainty from turned copies")
        self.turned.setToolTip(
            "Eight predictions of each frame, mirrored and shifted: eight times as long"
        )
        self._taking = ""
        self._suggested: Path | None = None
        super().__init__(view.session)
        layout = self.layout()
        layout.insertWidget(2, self.turned)
        layout.insertWidget(3, self.into_project)
        seen = (self.folder.choose_btn.native, self.turned, self.into_project)
        for before, after in pairwise((*seen, self.start, self.cancel, self.copy)):
            self.setTabOrder(before, after)
        connect(view.session.project_changed, self._suggest)
        models.changed.connect(self._suggest)
        models.pending_changed.connect(self.offer)

    @property
    def out(self) -> Path | None:
        """Folder of the predictions, spelt out."""
        return self.folder.chosen

    def folder_of_night(self) -> Path | None:
        """Folder named after the model: in the project, or beside the night."""
        sequence, model = self._session.sequence, self._models.chosen
        if sequence is None or model is None:
            return None
        project = self._session.project
        home = project / "predictions" if project else None
        return (home or folder_for(sequence.paths[0].parent, "predictions")) / model.name

    def is_ready(self) -> bool:
        """Whether a model is chosen that can be used."""
        chosen = self._models.chosen
        return not self._models.is_pending and chosen is not None and chosen.card is not None

    def command(self, frames: list[str], out: str) -> list[str]:
        """Command that predicts with the models chosen, at the threshold chosen."""
        model, chosen = self._models.chosen, self._models.chosen_classifier
        classifier: Path | str | None = None if chosen is None else chosen.folder
        if chosen is None and model is not None and model.card is not None:
            classifier = NO_CLASSIFIER if model.card.classifier else None
        config = PredictConfig(
            threshold=self._view.chosen_threshold, turned=self.turned.isChecked()
        )
        folder = "" if model is None else model.folder
        return predict_command(folder, frames, out, config, classifier)

    def shell_line(self) -> str:
        """Write the job, and the taking into the project, as typed into a shell."""
        line = super().shell_line()
        return f"{line} && {shell_line(self._take_command())}" if self._takes else line

    def result(self, event: EndEvent) -> str:
        """Say how many frames of which sky were predicted, or taken."""
        if self._taking:
            known = f", {event['known']:,} were there already" if event["known"] else ""
            other = f", {event['other']:,} are of other frames" if event["other"] else ""
            return f"{self._taking} Into the project: {event['new']:,}{known}{other}."
        counts = [f"{count:,} {sky}" for sky, count in event.get("predictions", {}).items()]
        before = event.get("done_before", 0)
        counts += [f"{before:,} were there already"] if before else []
        return f"Done: {', '.join(counts) or 'no predictions'}."

    def set_night(self) -> None:
        """Fit the box to the night that is open."""
        super().set_night()
        self._suggest()

    def offer(self) -> None:
        """Offer what can be done now."""
        super().offer()
        self.into_project.setVisible(self._session.project is not None)
        idle = self.job is None
        for box in (self.turned, self.into_project):
            box.setEnabled(idle)

    @property
    def _takes(self) -> bool:
        return self._session.project is not None and self.into_project.isChecked()

    def _take_command(self) -> list[str]:
        return take_command(self._session.project or "", self.out or "")

    def _suggest(self) -> None:
        """Suggest a folder, unless the person has chosen one."""
        if self.folder.value in (None, self._suggested) and self.job is None:
            self._suggested = self.folder_of_night()
            self.folder.value = self._suggested
        self.offer()

    def _end(self, ending: Ending) -> None:
        """Take what was predicted into the project; then tell the other docks."""
        before, taking = self.status.text(), self._taking
        super()._end(ending)
        self._taking = ""
        if taking:
            work = self._view.curation
            if work is not None and ending.code in (0, 1):
                work.reload()
            self._tell_of()
        elif not ending.cancelled and ending.code in (0, 1):
            if self._takes:
                self._taking = self.status.text() if self._failures else before
                self._failures = []
                self.begin(self._take_command())
            else:
                self._tell_of()
        self._suggest()  # another model may have been chosen meanwhile

    def _tell_of(self) -> None:
        """Tell that there are predictions."""
        self._view.folder = self.out
        self._view.folder_changed.emit()
