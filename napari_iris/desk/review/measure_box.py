"""Measure predictions against their truth, or export that as a report: jobs beside the window."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import finalize

from qtpy.QtCore import QUrl, Signal
from qtpy.QtGui import QDesktopServices, QGuiApplication
from qtpy.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_iris.app.job_runner import JobRunner
from napari_iris.commands.write import evaluate_command
from napari_iris.desk.forms.folder import FolderEdit
from napari_iris.desk.forms.line import text_line
from napari_iris.desk.frames.places import folder_for
from napari_iris.desk.jobs.outcome import failure_of
from napari_iris.desk.timers import QtTimers, connect
from napari_iris.evaluation.config import EvaluateConfig
from napari_iris.jobs.job import shell_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_iris.desk.predict.prediction import PredictionInView
    from napari_iris.desk.review.choice import ReviewChoice
    from napari_iris.events import Event
    from napari_iris.jobs.job import Ending


class MeasureBox(QWidget):
    """Run ``napari-iris evaluate`` on what is chosen.

    Parameters
    ----------
    view : PredictionInView
        The prediction in view, with the threshold.
    choice : ReviewChoice
        Predictions and truth.

    Attributes
    ----------
    measured : Signal
        Sent with the folder of a report, once it is there.
    """

    measured = Signal(object)

    def __init__(self, view: PredictionInView, choice: ReviewChoice) -> None:
        super().__init__()
        self._view, self._choice = view, choice
        self._place = Path(tempfile.mkdtemp(prefix="iris-review-"))
        finalize(self, shutil.rmtree, self._place, ignore_errors=True)
        self._out: Path | None = None
        self._suggested: Path | None = None
        self.running = JobRunner(QtTimers())
        self.destroyed.connect(self.running.close)
        connect(self.running.received, self._hear)
        connect(self.running.ended, self._end)
        self._build()
        self._lay_out()
        choice.predictions_changed.connect(self._suggest)
        choice.truth_changed.connect(self.offer)
        self._suggest()

    def _build(self) -> None:
        self.measure = QPushButton("Measure")
        self.measure.setToolTip("Measure every frame that has a truth, beside the window")
        self.cancel = QPushButton("Cancel")
        self.cancel.setToolTip("Stop within seconds")
        self.export = QPushButton("Export report")
        self.export.setToolTip("Write report, tables and figures, and open their folder")
        self.copy = QPushButton("Copy command")
        self.copy.setToolTip("Copy the export as a shell command")
        self.folder = FolderEdit("Folder for the report", "folder for the report")
        self.folder.changed.connect(self.offer)
        self.bar, self.line = QProgressBar(), text_line(selectable=True)
        self.bar.hide()
        self.line.hide()
        self.measure.clicked.connect(self.run_measure)
        self.export.clicked.connect(self.run_export)
        self.cancel.clicked.connect(self.stop)
        self.copy.clicked.connect(self.copy_command)

    def _lay_out(self) -> None:
        first, where, last = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        first.addWidget(self.measure)
        first.addWidget(self.cancel)
        where.addWidget(QLabel("report into"))
        where.addWidget(self.folder.native, stretch=1)
        last.addWidget(self.export)
        last.addWidget(self.copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for row in (first, where, last):
            layout.addLayout(row)
        layout.addWidget(self.bar)
        layout.addWidget(self.line)

    def arguments(self, out: Path, *, figures: bool) -> list[str]:
        """Command and arguments that measure what is chosen."""
        source, predictions = self._choice.source(), self._choice.folder
        if source is None or predictions is None:
            return []
        masks = source.masks if source.is_project else "approved"
        config = EvaluateConfig(threshold=self._view.chosen_threshold, masks=masks)
        return evaluate_command(predictions, source.folder, out, config, figures=figures)

    def run_measure(self) -> None:
        """Measure, for the window alone."""
        self._run(self._place, figures=False)

    def run_export(self) -> None:
        """Measure, and write all of it."""
        out = self.folder.chosen
        if out is not None:
            self._run(out, figures=True)

    def _run(self, out: Path, *, figures: bool) -> None:
        arguments = self.arguments(out, figures=figures)
        if not arguments or self.running.job is not None:
            return
        self._out, self._opens = out, figures
        self.bar.setRange(0, 0)
        self.bar.show()
        self.tell("starting ...")
        self.running.run(arguments)
        self.offer()

    def stop(self) -> None:
        """Cancel the job."""
        if self.running.job is not None:
            self.running.cancel()
            self.tell("stopping ...")
            self.offer()

    def copy_command(self) -> None:
        """Put the shell command of the export on the clipboard."""
        out = self.folder.chosen
        if out is not None:
            QGuiApplication.clipboard().setText(shell_line(self.arguments(out, figures=True)))
            self.tell("The command is on the clipboard.")

    def offer(self) -> None:
        """Offer what can be done now."""
        job = self.running.job
        ready = self._choice.source() is not None and self._choice.folder is not None
        self.measure.setEnabled(ready and job is None)
        self.export.setEnabled(ready and job is None and self.folder.value is not None)
        self.copy.setEnabled(ready and self.folder.value is not None)
        self.cancel.setEnabled(job is not None and not job.cancelled)
        self.folder.native.setEnabled(job is None)

    def tell(self, text: str) -> None:
        """Show a line."""
        self.line.setText(text)
        self.line.setVisible(bool(text))

    def _suggest(self) -> None:
        """Suggest a folder named after the predictions, unless the person has chosen one."""
        predictions, session = self._choice.folder, self._view.session
        if predictions is not None and self.folder.chosen in (None, self._suggested):
            home = predictions.parent.with_name(f"{predictions.parent.name}_reports")
            if session.project is not None:
                home = session.project / "reports"
            elif session.sequence is not None:
                home = folder_for(session.sequence.paths[0].parent, "reports")
            self._suggested = home / predictions.name
            self.folder.value = self._suggested
        self.offer()

    def _hear(self, events: Sequence[Event]) -> None:
        for event in events:
            if event["event"] == "progress":
                self.bar.setRange(0, event["total"])
                self.bar.setValue(event["done"])
                if self.running.job is not None and not self.running.job.cancelled:
                    done = event["done"] == event["total"]
                    after = ", drawing ..." if done and self._opens else ""
                    self.tell(f"{event['done']:,} of {event['total']:,} measured{after}")

    def _end(self, ending: Ending) -> None:
        self.bar.hide()
        out = self._out
        if ending.cancelled:
            self.tell("Stopped; nothing was measured.")
        elif ending.code not in (0, 1) or out is None:
            self.tell(f"It failed: {failure_of(ending)}")
        else:
            failed = "; some files could not be used: left_out.csv names them"
            self.tell(f"Report in {out}{failed if ending.code else ''}." if self._opens else "")
            self.measured.emit(out)
            if self._opens:
                QDesktopServices.openUrl(QUrl.fromLocalFile(str(out)))
        self.offer()
