"""Predict frames as a job, and add the predictions to the open project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.app.jobs.frame_job import FrameJob
from napari_iris.app.jobs.progress import JobProgress
from napari_iris.app.places import output_folder
from napari_iris.commands.write import NO_CLASSIFIER, predict_command, take_command
from napari_iris.inference.config import PredictConfig
from napari_iris.numbers import format_count

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_iris.app.curation.curation import Curation
    from napari_iris.app.jobs.control import Commands
    from napari_iris.app.prediction.current import CurrentPrediction
    from napari_iris.app.prediction.model_choice import ModelChoice
    from napari_iris.events import EndEvent
    from napari_iris.labels import FrameClass

CLASSES: tuple[FrameClass, ...] = ("clear", "cloudy")
"""Classes that are predicted."""


class PredictProgress(JobProgress):
    """Progress of ``napari-iris predict``, and of ``project take`` after it."""

    OUTPUT = "predictions"

    def result_text(self) -> str:
        """Count the predictions by class, and those added to the project."""
        added = [_added(self.results[1])] if len(self.results) > 1 else []
        return f"{'; '.join([self._predicted(), *added])}." if self.results else ""

    def stopped_text(self) -> str:
        """Describe what a cancelled job leaves."""
        if self.commands_done:
            return f"{self._predicted()}; stopped before all were added to the project."
        return super().stopped_text()

    def _predicted(self) -> str:
        counts = self.results[0].get("predictions", {})
        before = self.results[0].get("done_before", 0)
        texts = []
        if counts or not before:
            by_class = ", ".join(f"{counts.get(one, 0):,} {one}" for one in CLASSES)
            text = f"{format_count(sum(counts.values()), 'frame')} predicted"
            texts += [f"{text} ({by_class})" if counts else text]
        texts += [f"{format_count(before, 'frame')} predicted before"] if before else []
        return ", ".join(texts)


def _added(event: EndEvent) -> str:
    known, other = event.get("known", 0), event.get("other", 0)
    text = "added to the project" if not (known or other) else f"{event.get('new', 0):,} added"
    text += f", {known:,} in the project before" if known else ""
    return text + (f", {other:,} of frames not in the project" if other else "")


class PredictJob(FrameJob):
    """Predict frames.

    Parameters
    ----------
    current : CurrentPrediction
        The prediction of the current frame, with the threshold.
    models : ModelChoice
        The chosen models.
    curation : Curation
        The work on the open project.

    Attributes
    ----------
    add_to_project : bool
        Whether the predictions are added to the project, if one is open, as masks that its frames
        start from; not unless the user asks for it.
    test_time_augmentation : bool
        Whether the uncertainty comes from flipped and shifted copies.
    """

    def __init__(self, current: CurrentPrediction, models: ModelChoice, curation: Curation) -> None:
        self._current, self._models, self._curation = current, models, curation
        self.add_to_project, self.test_time_augmentation = False, False
        super().__init__(current.session, PredictProgress())
        self.control.ended.connect(self._share)
        self.session.sequence_changed.connect(self.follow_sequence)
        for signal in (self.session.project_changed, models.changed, models.pending_changed):
            signal.connect(self.suggest_folder)

    @property
    def adds(self) -> bool:
        """Whether predictions are added to the open project."""
        return self.session.project is not None and self.add_to_project

    def default_folder(self) -> Path | None:
        """Give the folder named after the model: in the project, or beside the frames."""
        sequence, model = self.session.sequence, self._models.model
        if sequence is None or model is None:
            return None
        project = self.session.project
        home = project / "predictions" if project else None
        return (home or output_folder(sequence.paths[0].parent, "predictions")) / model.name

    def suggest_folder(self) -> None:
        """Suggest the default folder, unless a job is running."""
        if not self.control.is_running:
            self.folder.suggest(self.default_folder())
        self.refresh()

    def settings_problem(self) -> str:
        """Say whether no usable model is chosen."""
        if self._models.is_pending:
            return "Reading the model..."
        return "" if self._models.is_usable else "Choose a model."

    def commands_for(self, frames: Sequence[str], out: str) -> Commands:
        """Write the command with the chosen models and threshold, and the one for the project.

        Parameters
        ----------
        frames : sequence of str
            Files, folders or ``@list.txt``.
        out : str
            Folder for the predictions.
        """
        model, chosen = self._models.model, self._models.classifier
        classifier: Path | str | None = None if chosen is None else chosen.folder
        if chosen is None and model is not None and model.card is not None:
            classifier = NO_CLASSIFIER if model.card.classifier else None
        config = PredictConfig(
            threshold=self._current.chosen_threshold, turned=self.test_time_augmentation
        )
        folder = "" if model is None else model.folder
        predict = predict_command(folder, frames, out, config, classifier)
        commands = [[*predict, *self.site_words]]
        return [*commands, take_command(self.session.project or "", out)] if self.adds else commands

    def _share(self) -> None:
        """Let the other docks use the predictions; suggest the folder of the current model."""
        progress = self.control.progress
        if progress.succeeded and progress.commands_done:
            self._curation.reload()
        if progress.succeeded or progress.commands_done:
            self._current.predictions_written.emit(self.folder.value)
        self.suggest_folder()
