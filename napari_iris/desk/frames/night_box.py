"""Do something to this frame, a range or the whole night, as a job beside the window."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtGui import QGuiApplication
from qtpy.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_iris.app.job_runner import JobRunner
from napari_iris.desk.forms.folder import FolderEdit
from napari_iris.desk.forms.line import text_line
from napari_iris.desk.frames.choice import FrameChoice
from napari_iris.desk.jobs.clock import clock
from napari_iris.desk.jobs.outcome import failed_file, failure_of
from napari_iris.desk.timers import QtTimers, connect
from napari_iris.jobs.job import shell_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_iris.app.session import Session
    from napari_iris.events import EndEvent, Event
    from napari_iris.jobs.job import Ending, Job

LISTED = 20
"""Most frames that are named one by one on the command line; more go into a list file."""

SURE = 20
"""Frames that must be done before the time left is told: the first ones wait for the workers."""


class NightBox(QWidget):
    """Choose frames and a folder, start, watch, cancel; what is done, a subclass says.

    Parameters
    ----------
    session : Session
        The night in the viewer.

    Attributes
    ----------
    finished : Signal
        A job has ended, however it did.
    MAKES : str
        What is made, for a person.
    START, TIP : str
        What the button says, and its tip.
    """

    finished = Signal()

    MAKES, START, TIP = "files", "Start", ""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._running = JobRunner(QtTimers())
        self.destroyed.connect(self._running.close)
        connect(self._running.received, self._hear_all)
        connect(self._running.ended, self._end)
        self._done = 0
        self._night: tuple[list[str], Path | None] = ([], None)
        self._arguments: list[str] = []
        self._failures: list[str] = []
        self._build()
        self._lay_out()
        self.set_night()

    # --- what a subclass says

    def folder_of_night(self) -> Path | None:
        """Folder to suggest for what is made of the night in view."""
        raise NotImplementedError

    def command(self, frames: list[str], out: str) -> list[str]:
        """Command and arguments that do it to some frames."""
        raise NotImplementedError

    def is_ready(self) -> bool:
        """Whether all that is set can be run."""
        return True

    def result(self, event: EndEvent) -> str:
        """Say what came of it, from the job's last event."""
        raise NotImplementedError

    # --- the box

    @property
    def job(self) -> Job | None:
        """The job that runs, if any."""
        return self._running.job

    def _build(self) -> None:
        self.frames = FrameChoice()
        self.folder = FolderEdit(f"Folder for the {self.MAKES}", f"folder for the {self.MAKES}")
        self.folder.changed.connect(self.offer)
        self.start = QPushButton(self.START)
        self.start.setToolTip(self.TIP)
        self.cancel = QPushButton("Cancel")
        self.cancel.setToolTip(f"Stop within seconds; the {self.MAKES} made so far stay")
        self.copy = QPushButton("Copy command")
        self.copy.setToolTip("Copy the same job as a shell command")
        self.bar = QProgressBar()
        self.status = text_line(selectable=True)
        self.start.clicked.connect(self.run)
        self.cancel.clicked.connect(self.stop)
        self.copy.clicked.connect(self.copy_command)

    def _lay_out(self) -> None:
        where, buttons = QHBoxLayout(), QHBoxLayout()
        where.addWidget(QLabel("into"))
        where.addWidget(self.folder.native, stretch=1)
        for button in (self.start, self.cancel, self.copy):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.frames)
        layout.addLayout(where)
        layout.addLayout(buttons)
        layout.addWidget(self.bar)
        layout.addWidget(self.status)

    def set_night(self) -> None:
        """Fit the ranges and the folder to the night that is open, or has grown."""
        sequence = self._session.sequence
        count = 0 if sequence is None else len(sequence)
        night = self._session.sources, sequence.paths[0].parent if sequence else None
        if count and night == self._night:
            self.frames.grow(count)
            return
        self._night = night
        self.frames.fit(count)
        if count:
            self.folder.value = self.folder_of_night()
        if self.job is None:
            self.bar.hide()
            self.status.hide()
        self.offer()

    def arguments(self) -> list[str]:
        """Command and arguments of the job that the box shows."""
        return self.command(self._frames(), str(self.folder.chosen or Path.cwd()))

    def run(self) -> None:
        """Start the job."""
        if self.job is None and self._session.sequence is not None and self.is_ready():
            self._failures, self._done = [], 0
            self.begin(self.arguments())

    def begin(self, arguments: Sequence[str]) -> None:
        """Start a command and show how far it is."""
        self.bar.setRange(0, 0)
        self.bar.show()
        self.tell("starting ...")
        self._arguments = list(arguments)
        self._running.run(arguments)
        self.offer()

    def stop(self) -> None:
        """Cancel the job; what it made so far stays."""
        if self.job is not None:
            self._running.cancel()
            self.tell("stopping ...")
            self.offer()

    def copy_command(self) -> None:
        """Put the job's shell command on the clipboard."""
        QGuiApplication.clipboard().setText(self.shell_line())
        self.tell("The command is on the clipboard.")

    def shell_line(self) -> str:
        """Write the job as it is typed into a shell."""
        return shell_line(self.arguments())

    def _frames(self) -> list[str]:
        sequence, sources = self._session.sequence, self._session.sources
        if sequence is None:
            return []
        span = self.frames.span(self._session.number)
        if span is None and 0 < len(sources) <= LISTED:
            return sources
        packed = sequence.paths.packed if span is None else sequence.paths.packed[span]
        names: list[bytes] = packed.tolist()
        return [_write_list(names)] if len(names) > LISTED else list(map(os.fsdecode, names))

    def _hear_all(self, events: Sequence[Event]) -> None:
        for event in events:
            self._hear(event)

    def _hear(self, event: Event) -> None:
        if event["event"] == "progress":
            self._done = event["done"]
            self.bar.setRange(0, event["total"])
            self.bar.setValue(self._done)
            if self.job is not None and not self.job.cancelled:
                left = f", {clock(event['eta_s'])} left" if self._done >= SURE else ""
                self.tell(f"{self._done:,} of {event['total']:,}{left}")
        elif event["event"] == "failed":
            self._failures.append(failed_file(event))
        elif event["event"] == "end":
            self.tell(self.result(event))

    def _end(self, ending: Ending) -> None:
        self.bar.hide()
        _remove_list(self._arguments)
        if ending.cancelled:
            self.tell(f"Stopped after {self._done:,} frames; their {self.MAKES} are whole.")
        elif ending.code not in (0, 1):
            self.tell(f"The job failed: {failure_of(ending)}")
        elif self._failures:
            shown = [_short(failure) for failure in self._failures[:3]]
            more = ["..."] if len(self._failures) > len(shown) else []
            first = f"{self.status.text()} {len(self._failures):,} failed:"
            self.tell("\n".join([first, *shown, *more]))
            self.status.setToolTip("\n".join(self._failures[:50]))
        self.offer()
        self.finished.emit()

    def tell(self, text: str) -> None:
        """Show a line below the buttons."""
        self.status.setText(text)
        self.status.setToolTip("")
        self.status.show()

    def offer(self) -> None:
        """Offer what can be done now."""
        night, job = self._session.sequence is not None, self.job
        ready = night and self.folder.value is not None and self.is_ready()
        self.start.setEnabled(ready and job is None)
        self.copy.setEnabled(ready)
        self.cancel.setEnabled(job is not None and not job.cancelled)
        self.frames.setEnabled(night and job is None)
        self.folder.native.setEnabled(night and job is None)


def _write_list(names: Sequence[bytes]) -> str:
    """Write frames to a list file and give the argument that names it."""
    with tempfile.NamedTemporaryFile(prefix="iris-frames-", suffix=".txt", delete=False) as file:
        file.write(b"".join(name + b"\n" for name in names))
    return f"@{file.name}"


def _remove_list(arguments: Sequence[str]) -> None:
    """Remove the list file of a job that has ended."""
    for argument in arguments:
        if argument.startswith("@"):
            Path(argument[1:]).unlink(missing_ok=True)


def _short(failure: str, most: int = 40) -> str:
    """Shorten a long file name in its middle."""
    name, _, reason = failure.partition(": ")
    if len(name) > most:
        name = f"{name[: most // 2]}…{name[-most // 2 :]}"
    return f"{name}: {reason}"
