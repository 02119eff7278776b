"""A command running beside the window: how far it is, and a button to stop it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from napari_iris.app.job_runner import JobRunner
from napari_iris.desk.jobs.outcome import failed_file, failure_of
from napari_iris.desk.timers import QtTimers, connect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_iris.events import Event
    from napari_iris.jobs.job import Ending, Job

SHOWN = 3
"""Failures that are shown line by line; the tooltip has more."""


class JobBar(QWidget):
    """Run one command at a time, show its progress, cancel it; hidden until the first.

    Attributes
    ----------
    ended : Signal
        It has ended, however it did.
    """

    ended = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._running = JobRunner(QtTimers())
        self.destroyed.connect(self._running.close)
        connect(self._running.received, self._hear_all)
        connect(self._running.ended, self._end)
        self._failures: list[str] = []
        self.bar = QProgressBar()
        self.cancel = QPushButton("Cancel")
        self.cancel.setToolTip("Stop within seconds; what was made so far stays")
        self.cancel.clicked.connect(self.stop)
        self.line = QLabel()
        self.line.setWordWrap(True)
        row = QHBoxLayout()
        row.addWidget(self.bar, stretch=1)
        row.addWidget(self.cancel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        layout.addWidget(self.line)
        self.hide()

    @property
    def job(self) -> Job | None:
        """The job that runs, if any."""
        return self._running.job

    def run(self, arguments: Sequence[str]) -> None:
        """Start a command, unless one runs."""
        if self.job is not None:
            return
        self._failures = []
        self.bar.setRange(0, 0)
        self.bar.show()
        self.cancel.show()
        self.cancel.setEnabled(True)
        self._tell("starting ...")
        self._running.run(arguments)
        self.show()

    def stop(self) -> None:
        """Cancel the job; what it made so far stays."""
        if self.job is not None:
            self._running.cancel()
            self.cancel.setEnabled(False)
            self._tell("stopping ...")

    def _hear_all(self, events: Sequence[Event]) -> None:
        for event in events:
            self._hear(event)

    def _hear(self, event: Event) -> None:
        if event["event"] == "failed":
            self._failures.append(failed_file(event))
        elif event["event"] == "progress":
            self.bar.setRange(0, event["total"])
            self.bar.setValue(event["done"])
            if self.job is not None and not self.job.cancelled:
                self._tell(f"{event['done']:,} of {event['total']:,}, {event['eta_s']:.0f} s left")

    def _end(self, ending: Ending) -> None:
        self.bar.hide()
        self.cancel.hide()
        if ending.cancelled:
            self._tell("Stopped; what was made so far stays.")
        elif ending.code not in (0, 1):
            self._tell(f"It failed: {failure_of(ending)}")
        elif self._failures:
            more = ["..."] if len(self._failures) > SHOWN else []
            lines = [f"{len(self._failures):,} failed:", *self._failures[:SHOWN], *more]
            self._tell("\n".join(lines), "\n".join(self._failures[:50]))
        else:
            self.hide()
        self.ended.emit()

    def _tell(self, text: str, tip: str = "") -> None:
        self.line.setText(text)
        self.line.setToolTip(tip)
