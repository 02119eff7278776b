"""A command running beside the window: how far it is, and a button to stop it."""

from __future__ import annotations

from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING
from weakref import finalize

from qtpy.QtCore import QTimer, Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from napari_iris.jobs.job import Ending, Event, Job

if TYPE_CHECKING:
    from collections.abc import Sequence

LISTEN_MS = 50
"""Milliseconds between two looks at a job's news."""

SHOWN = 3
"""Failures that are shown line by line; the tooltip has more."""


class JobBar(QWidget):
    """Run one command at a time, show its progress, cancel it; hidden until the first.

    Attributes
    ----------
    advanced : Signal
        Some more of it is done; at most twenty times a second.
    ended : Signal
        It has ended, however it did.
    """

    advanced = Signal()
    ended = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._jobs: list[Job] = []
        self.destroyed.connect(finalize(self, _cancel, self._jobs))
        self._news: SimpleQueue[Event | Ending] = SimpleQueue()
        self._failures: list[str] = []
        self._clock = QTimer(self)
        self._clock.setInterval(LISTEN_MS)
        self._clock.timeout.connect(self._listen)
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
        return self._jobs[0] if self._jobs else None

    def run(self, arguments: Sequence[str]) -> None:
        """Start a command, unless one runs."""
        if self.job is not None:
            return
        self._failures, self._news = [], SimpleQueue()
        self.bar.setRange(0, 0)
        self.bar.show()
        self.cancel.show()
        self.cancel.setEnabled(True)
        self._tell("starting ...")
        self._jobs.append(Job(arguments, self._news.put, self._news.put))
        self._clock.start()
        self.show()

    def stop(self) -> None:
        """Cancel the job; what it made so far stays."""
        if self.job is not None:
            self.job.cancel()
            self.cancel.setEnabled(False)
            self._tell("stopping ...")

    def _listen(self) -> None:
        """Take in what the job has said since the last look."""
        advanced = False
        while self.job is not None and not self._news.empty():
            news = self._news.get()
            if isinstance(news, Ending):
                self._end(news)
                return
            advanced = self._hear(self.job, news) or advanced
        if advanced:
            self.advanced.emit()

    def _hear(self, job: Job, event: Event) -> bool:
        """Take in one event; say whether more is done."""
        if event["event"] == "failed":
            reason = event["message"].removeprefix(f"{event['file']}: ")
            self._failures.append(f"{Path(event['file']).name}: {reason}")
        if event["event"] != "progress":
            return False
        self.bar.setRange(0, event["total"])
        self.bar.setValue(event["done"])
        if not job.cancelled:
            self._tell(f"{event['done']:,} of {event['total']:,}, {event['eta_s']:.0f} s left")
        return True

    def _end(self, ending: Ending) -> None:
        self._jobs.clear()
        self._clock.stop()
        self.bar.hide()
        self.cancel.hide()
        if ending.cancelled:
            self._tell("Stopped; what was made so far stays.")
        elif ending.code not in (0, 1):
            lines = ending.message.splitlines() or [f"exit code {ending.code}"]
            self._tell(f"It failed: {lines[-1]}")
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


def _cancel(jobs: Sequence[Job]) -> None:
    """End the job of a bar that is gone; the program's end counts as such."""
    for job in jobs:
        job.cancel()
