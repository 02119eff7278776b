"""Evaluate predictions against their reference masks, or export that as a report."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import finalize

from qtpy.QtCore import QUrl, Signal
from qtpy.QtGui import QDesktopServices
from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from napari_iris.app.jobs.control import JobControl
from napari_iris.app.jobs.progress import JobProgress
from napari_iris.app.places import output_folder
from napari_iris.app.suggestion import Suggestion
from napari_iris.commands.write import evaluate_command
from napari_iris.desk.forms.folder import FolderEdit
from napari_iris.desk.jobs.panel import JobPanel
from napari_iris.desk.timers import connect
from napari_iris.evaluation.config import EvaluateConfig

if TYPE_CHECKING:
    from napari_iris.app.jobs.control import Commands
    from napari_iris.app.prediction.current import CurrentPrediction
    from napari_iris.desk.review.choice import ReviewChoice


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
        """Say that nothing came of it."""
        return "Stopped; nothing was evaluated."

    def result_text(self) -> str:
        """Say where the report is."""
        return "" if self.report is None else f"Report in {self.report}."

    def _failure_lines(self) -> list[str]:
        if self.report is None or self.ending is None or not self.ending.code:
            return []
        return ["Some files could not be used: see left_out.csv."]


class EvaluateBox(QWidget):
    """Run ``napari-iris evaluate`` on what is chosen.

    Parameters
    ----------
    prediction : CurrentPrediction
        The prediction of the current frame, with the threshold.
    choice : ReviewChoice
        Predictions and truth.

    Attributes
    ----------
    evaluated : Signal
        Sent with the folder of a report, once it is complete.
    """

    evaluated = Signal(object)

    def __init__(self, prediction: CurrentPrediction, choice: ReviewChoice) -> None:
        super().__init__()
        self._prediction, self._choice = prediction, choice
        self._place = Path(tempfile.mkdtemp(prefix="iris-review-"))
        finalize(self, shutil.rmtree, self._place, ignore_errors=True)
        self._report: Suggestion[Path] = Suggestion()
        self.control = JobControl(prediction.session.timers, EvaluationProgress())
        connect(self.control.ended, self._end)
        connect(self.control.changed, self._enable)
        self._build()
        choice.predictions_changed.connect(self._suggest)
        choice.truth_changed.connect(self.offer)
        self._suggest()

    def _build(self) -> None:
        self.export = QPushButton("Export report")
        self.export.setToolTip("Write report, tables and figures, and open their folder")
        self.export.clicked.connect(self.run_export)
        self.folder = FolderEdit("Folder for the report", "folder for the report")
        self.folder.follow(self._report)
        connect(self._report.changed, self.offer)
        self.panel = JobPanel(
            self.control,
            "Evaluate",
            "Evaluate every frame that has a reference mask, in the background",
            self.run,
            self.export_commands,
            "Stop within seconds",
        )
        self.panel.buttons.insertWidget(1, self.export)
        where, layout = QHBoxLayout(), QVBoxLayout(self)
        where.addWidget(QLabel("Report folder"))
        where.addWidget(self.folder.native, stretch=1)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(where)
        layout.addWidget(self.panel)

    def commands(self, out: Path, *, figures: bool) -> Commands:
        """Write the command that evaluates what is chosen."""
        source, predictions = self._choice.source(), self._choice.folder
        if source is None or predictions is None:
            return []
        masks = source.masks if source.is_project else "approved"
        config = EvaluateConfig(threshold=self._prediction.chosen_threshold, masks=masks)
        return [evaluate_command(predictions, source.folder, out, config, figures=figures)]

    def export_commands(self) -> Commands:
        """Write the command that exports a report."""
        out = self._report.value
        return [] if out is None else self.commands(out, figures=True)

    def run(self) -> None:
        """Evaluate, for the window alone."""
        self._start(None, self.commands(self._place, figures=False))

    def run_export(self) -> None:
        """Evaluate, and write the report."""
        self._start(self._report.value, self.export_commands())

    def _start(self, report: Path | None, commands: Commands) -> None:
        if self.control.can_start:
            self.control.progress.report = report
            self.control.start(commands)

    def offer(self) -> None:
        """Check again what can be done."""
        ready = self._choice.source() is not None and self._choice.folder is not None
        problem = "" if ready else "Choose predictions and reference masks."
        self.control.offer(problem, has_command=ready and self._report.value is not None)

    def _enable(self) -> None:
        self.export.setEnabled(self.control.can_start and self.control.has_command)
        self.folder.native.setEnabled(not self.control.is_running)

    def _suggest(self) -> None:
        """Suggest a folder named after the predictions."""
        predictions, session = self._choice.folder, self._prediction.session
        if predictions is not None:
            home = predictions.parent.with_name(f"{predictions.parent.name}_reports")
            if session.project is not None:
                home = session.project / "reports"
            elif session.sequence is not None:
                home = output_folder(session.sequence.paths[0].parent, "reports")
            self._report.suggest(home / predictions.name)
        self.offer()

    def _end(self) -> None:
        progress = self.control.progress
        if progress.succeeded:
            self.evaluated.emit(progress.report or self._place)
            if progress.report is not None:
                QDesktopServices.openUrl(QUrl.fromLocalFile(str(progress.report)))
