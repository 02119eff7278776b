"""Start a training, watch it, cancel it: a job beside the window."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtGui import QGuiApplication
from qtpy.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_iris.app.job_runner import JobRunner
from napari_iris.desk.forms.folder import FolderEdit
from napari_iris.desk.forms.line import text_line
from napari_iris.desk.timers import QtTimers, connect
from napari_iris.desk.train.progress import Watch, in_words
from napari_iris.jobs.job import Ending, shell_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_iris.events import Event
    from napari_iris.training.epochs import Epoch

SHOWN = 20
"""Unusable files that the tooltip names."""

PARTS = 1000
"""Parts of the progress bar."""


class TrainBox(QWidget):
    """The model's name and place, the buttons, and how far the run is.

    Attributes
    ----------
    asked : Signal
        The person wants to train, as all is set.
    copied : Signal
        The person wants the command.
    placed : Signal
        Another name or folder is chosen for the model.
    advanced : Signal
        More of the run is done.
    ended : Signal
        The run has ended, however it did.
    """

    asked = Signal()
    copied = Signal()
    placed = Signal()
    advanced = Signal()
    ended = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.watch = Watch()
        self.out: Path | None = None
        self.running = JobRunner(QtTimers())
        self.destroyed.connect(self.running.close)
        connect(self.running.received, self._hear)
        connect(self.running.ended, self._end)
        self._suggested: dict[str, object] = {"name": "", "folder": None}
        self._build()
        self._lay_out()

    def _build(self) -> None:
        self.name = QLineEdit()
        self.status, self.why = text_line(selectable=True), text_line(selectable=True)
        self.name.setToolTip("Name of the model: of its folder")
        self.folder = FolderEdit("Folder for the models", "folder for the models")
        self.start, self.cancel = QPushButton("Train"), QPushButton("Cancel")
        self.copy = QPushButton("Copy command")
        self.start.setToolTip("Trains beside the window, in a process of its own")
        self.cancel.setToolTip("Stop within seconds; the best weights so far stay")
        self.copy.setToolTip("Copy the same training as a shell command")
        self.bar = QProgressBar()
        self.bar.setRange(0, PARTS)
        self.bar.hide()
        for label in (self.status, self.why):
            label.hide()
        self.name.textChanged.connect(lambda _: self.placed.emit())
        self.folder.changed.connect(lambda _: self.placed.emit())
        self.start.clicked.connect(self.asked)
        self.cancel.clicked.connect(self.stop)
        self.copy.clicked.connect(self.copied)

    def _lay_out(self) -> None:
        where, buttons = QFormLayout(), QHBoxLayout()
        where.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        where.addRow("name", self.name)
        where.addRow("into", self.folder.native)
        for button in (self.start, self.cancel, self.copy):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(where)
        layout.addLayout(buttons)
        for widget in (self.why, self.bar, self.status):
            layout.addWidget(widget)

    # --- where the model goes

    @property
    def models(self) -> Path | None:
        """Folder for the models, spelt out."""
        return self.folder.chosen

    def suggest_folder(self, folder: Path | None) -> None:
        """Suggest a folder for the models, unless the person has chosen one."""
        if self.folder.value in (None, self._suggested["folder"]):
            self._suggested["folder"] = folder
            self.folder.value = folder

    def suggest_name(self, name: str) -> None:
        """Suggest a name, unless the person has typed one."""
        if self.name.text() in ("", self._suggested["name"]):
            self._suggested["name"] = name
            self.name.setText(name)

    # --- the run

    @property
    def is_running(self) -> bool:
        """Whether a training runs."""
        return self.running.job is not None

    @property
    def name_of_run(self) -> str:
        """Name of the model that is, or was last, trained here."""
        return "" if self.out is None else self.out.name

    def run(
        self,
        arguments: Sequence[str],
        out: Path,
        plan: tuple[int, int],
        before: Sequence[Epoch] = (),
    ) -> None:
        """Start a training, unless one runs.

        Parameters
        ----------
        arguments : sequence of str
            The command.
        out : Path
            The model's folder.
        plan : (int, int)
            Epochs at most, and those without a better validation loss to stop at.
        before : sequence of Epoch
            Epochs done before, where a run goes on.
        """
        if self.is_running:
            return
        self.out, self.watch = out, Watch(before)
        self.watch.plan(*plan)
        self.bar.setRange(0, 0)
        self.bar.show()
        self._tell(f"{self.name_of_run}: {self.watch.text()}")
        self.running.run(arguments)
        self.advanced.emit()

    def stop(self) -> None:
        """Cancel the training; the best weights so far stay."""
        if self.is_running:
            self.running.cancel()
            self._tell("stopping ...")
            self.cancel.setEnabled(False)

    def offer(self, problem: str) -> None:
        """Offer to train, or say why not."""
        ready = not problem
        self.start.setEnabled(ready and not self.is_running)
        job = self.running.job
        self.copy.setEnabled(ready or job is not None)
        self.cancel.setEnabled(job is not None and not job.cancelled)
        self.why.setText(problem)
        self.why.setVisible(bool(problem) and not self.is_running)

    def copy_command(self, arguments: Sequence[str]) -> None:
        """Put a shell command on the clipboard: that of the run that goes on, if one does."""
        job = self.running.job
        line = shell_line(arguments) if job is None else job.shell_line
        QGuiApplication.clipboard().setText(line)
        if job is None:
            self._tell("The command is on the clipboard.")

    def _hear(self, events: Sequence[Event]) -> None:
        for event in events:
            self.watch.take(event)
        share, job = self.watch.share, self.running.job
        if not math.isnan(share) and self.watch.steps:
            self.bar.setRange(0, PARTS)
            self.bar.setValue(round(PARTS * share))
        if job is not None and not job.cancelled:
            facts = "; ".join(filter(None, (self.watch.device, self.watch.data)))
            how_far = f"{self.name_of_run}: {self.watch.text()}"
            self._tell("\n".join(filter(None, (how_far, facts))))
        self.advanced.emit()

    def _end(self, ending: Ending) -> None:
        self.bar.hide()
        unusable = self.watch.unusable
        lines = [in_words(ending, self.watch, self.name_of_run)]
        lines += [f"{len(unusable):,} files could not be used."] if unusable else []
        self._tell("\n".join(lines))
        self.status.setToolTip("\n".join([lines[0], *unusable[:SHOWN]]))
        self.ended.emit()

    def _tell(self, text: str) -> None:
        self.status.setText(text)
        self.status.setToolTip(text)
        self.status.show()
