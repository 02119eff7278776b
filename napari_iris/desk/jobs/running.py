"""One command at a time beside the window: its events and its end, in the window's thread."""

from __future__ import annotations

from queue import SimpleQueue
from typing import TYPE_CHECKING
from weakref import finalize

from qtpy.QtCore import QObject, QTimer, Signal

from napari_iris.jobs.job import Ending, Job

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_iris.events import Event

LISTEN_MS = 200
"""Milliseconds between two looks at a job's news: nobody reads faster."""


class RunningJob(QObject):
    """A job that ends with the window, and tells five times a second what it has said.

    Attributes
    ----------
    heard : Signal
        Sent with the list of events since the last look.
    ended : Signal
        Sent with the `Ending`, after the last event.
    """

    heard = Signal(list)
    ended = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs: list[Job] = []
        self.destroyed.connect(finalize(self, _cancel, self._jobs))
        self._news: SimpleQueue[Event | Ending] = SimpleQueue()
        self._clock = QTimer(self)
        self._clock.setInterval(LISTEN_MS)
        self._clock.timeout.connect(self._listen)

    @property
    def job(self) -> Job | None:
        """The job that runs, if any."""
        return self._jobs[0] if self._jobs else None

    def run(self, arguments: Sequence[str]) -> None:
        """Start a command, unless one runs."""
        if self.job is None:
            self._news = SimpleQueue()
            self._jobs.append(Job(arguments, self._news.put, self._news.put))
            self._clock.start()

    def cancel(self) -> None:
        """Ask the job to stop."""
        if self.job is not None:
            self.job.cancel()

    def _listen(self) -> None:
        """Tell what the job has said since the last look."""
        events: list[Event] = []
        ending: Ending | None = None
        while not self._news.empty():
            news = self._news.get()
            if isinstance(news, Ending):
                ending = news
            else:
                events.append(news)
        if events:
            self.heard.emit(events)
        if ending is not None:
            self._jobs.clear()
            self._clock.stop()
            self.ended.emit(ending)


def _cancel(jobs: Sequence[Job]) -> None:
    """End the job of a window that is gone; the program's end counts as such."""
    for job in jobs:
        job.cancel()
