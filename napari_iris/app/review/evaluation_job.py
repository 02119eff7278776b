"""Evaluate the reviewed predictions, or export that as a report, as a job."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import finalize

from psygnal import Signal

from napari_iris.app.jobs.control import JobControl
from napari_iris.app.jobs.progress import JobProgress
from napari_iris.app.places import output_folder
from napari_iris.app.suggestion import Suggestion
from napari_iris.commands.write import evaluate_command
from napari_iris.evaluation.config import EvaluateConfig

if TYPE_CHECKING:
    from napari_iris.app.jobs.control import Commands
    from napari_iris.app.prediction.current import CurrentPrediction
    from napari_iris.app.review.choice import ReviewChoice

LABELS_CHANGED = "Labels have changed: evaluate again."


class EvaluationProgress(JobProgress):
    """Progress of ``napari-iris evaluate``.

    Attributes
    ----------
    report : Path or None
        Folder of the report that is exported; None if it is for the window alone.
    """

    OUTPUT = "report"

    report: Path | None = None

    def running_text(self) -> str:
        """Describe how far the evaluation is."""
        if not self.total:
            return "Starting..."
        drawing = self.report is not None and self.done == self.total
        return f"{self.done:,} of {self.total:,} evaluated{', drawing...' if drawing else ''}"

    def stopped_text(self) -> str:
        """Say that there are no results."""
        return "Stopped; nothing was evaluated."

    def result_text(self) -> str:
        """Say where the report is."""
        return "" if self.report is None else f"Report in {self.report}."

    def _failure_lines(self) -> list[str]:
        if self.report is None or self.ending is None or not self.ending.code:
            return []
        return ["Some files could not be used: see left_out.csv."]


class EvaluationJob:
    """Runs ``napari-iris evaluate`` on what is chosen.

    Parameters
    ----------
    current : CurrentPrediction
        The prediction of the current frame, with the threshold.
    choice : ReviewChoice
        Predictions and reference masks.

    Attributes
    ----------
    accepted : bool
        Whether labels that were accepted from the evaluated model are included.
    folder : Suggestion of Path
        Folder for the exported report.
    control : JobControl
        Runs the job.
    evaluated : Signal
        Sent with the folder of a complete report.
    exported : Signal
        Sent with the folder of a report that was exported.
    """

    evaluated = Signal(object)
    exported = Signal(object)

    def __init__(self, current: CurrentPrediction, choice: ReviewChoice) -> None:
        self._current, self._choice = current, choice
        self.accepted = False
        self._temporary = Path(tempfile.mkdtemp(prefix="iris-review-"))
        finalize(self, shutil.rmtree, self._temporary, ignore_errors=True)
        self.folder: Suggestion[Path] = Suggestion()
        self.control = JobControl(current.session.timers, EvaluationProgress())
        self.control.ended.connect(self._end)
        self.folder.changed.connect(self.refresh)
        choice.predictions_changed.connect(self._suggest_folder)
        choice.truth_changed.connect(self.refresh)
        self._suggest_folder()

    @property
    def problem(self) -> str:
        """Why the job cannot be started; empty if it can."""
        ready = self._choice.source is not None and self._choice.predictions.value is not None
        return "" if ready else "Choose predictions and reference masks."

    @property
    def can_export(self) -> bool:
        """Whether a report can be exported now."""
        return self.control.can_start and self.folder.value is not None

    def refresh(self) -> None:
        """Check again whether the job can be started."""
        has_folder = self.folder.value is not None
        self.control.offer(self.problem, has_command=not self.problem and has_folder)

    def start(self) -> None:
        """Evaluate, for the window alone."""
        self._start(None, self._commands(self._temporary, figures=False))

    def export(self) -> None:
        """Evaluate, and write a report with figures."""
        if self.folder.value is not None:
            self._start(self.folder.value, self.export_commands())

    def export_commands(self) -> Commands:
        """Write the command that exports a report."""
        folder = self.folder.value
        return [] if folder is None else self._commands(folder, figures=True)

    def note_labels(self, project: Path | None) -> None:
        """Note that labels of a project have changed since the evaluation.

        Parameters
        ----------
        project : Path or None
            Folder of the project.
        """
        source = self._choice.source
        if source is not None and source.folder == project and not self.control.is_running:
            self.control.notify(LABELS_CHANGED)

    def _commands(self, out: Path, *, figures: bool) -> Commands:
        source, predictions = self._choice.source, self._choice.predictions.value
        if source is None or predictions is None:
            return []
        masks = source.masks if source.is_project else "approved"
        threshold = self._current.chosen_threshold
        config = EvaluateConfig(threshold=threshold, masks=masks, accepted=self.accepted)
        how = {"figures": figures, "overwrite": out == self._temporary}
        return [evaluate_command(predictions, source.folder, out, config, **how)]

    def _start(self, report: Path | None, commands: Commands) -> None:
        self.refresh()
        if self.control.can_start:
            self.control.progress.report = report
            self.control.start(commands)

    def _suggest_folder(self) -> None:
        """Suggest a report folder named after the predictions."""
        predictions, session = self._choice.predictions.value, self._current.session
        if predictions is not None:
            frames = None if session.sequence is None else session.sequence.paths[0].parent
            home = output_folder(frames or predictions.parent, "reports")
            if session.project is not None:
                home = session.project / "reports"
            self.folder.suggest(home / predictions.name)
        self.refresh()

    def _end(self) -> None:
        progress = self.control.progress
        if progress.succeeded:
            self.evaluated.emit(progress.report or self._temporary)
            if progress.report is not None:
                self.exported.emit(progress.report)
