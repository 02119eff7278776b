"""Run one command at a time as a child process; its events arrive in the caller's thread."""

from __future__ import annotations

from queue import SimpleQueue
from typing import TYPE_CHECKING
from weakref import finalize

from psygnal import Signal

from napari_iris.jobs.job import Ending, Job

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_iris.app.timers import Timers
    from napari_iris.events import Event

POLL_MS = 200
"""Milliseconds between two checks for events: nobody reads faster."""


class JobRunner:
    """Run a command, and report its events five times a second.

    The job is cancelled when the runner is garbage-collected, closed, or the program ends.

    Parameters
    ----------
    timers : Timers
        Make timers of the thread that receives the events.

    Attributes
    ----------
    received : Signal
        Sent with the list of events since the last check.
    ended : Signal
        Sent with the `Ending`, after the last event.
    """

    received = Signal(list)
    ended = Signal(object)

    def __init__(self, timers: Timers) -> None:
        self._jobs: list[Job] = []
        self.close = finalize(self, _cancel, self._jobs)
        self._queue: SimpleQueue[Event | Ending] = SimpleQueue()
        self._timer = timers.repeating(POLL_MS, self._poll)

    @property
    def job(self) -> Job | None:
        """The running job, if any."""
        return self._jobs[0] if self._jobs else None

    def run(self, arguments: Sequence[str]) -> None:
        """Start a command, unless one is running.

        Parameters
        ----------
        arguments : sequence of str
            Command and arguments, without ``napari-iris``.
        """
        if self.job is None:
            self._queue = SimpleQueue()
            self._jobs.append(Job(arguments, self._queue.put, self._queue.put))
            self._timer.start()

    def cancel(self) -> None:
        """Cancel the running job; its end is reported as usual."""
        if self.job is not None:
            self.job.cancel()

    def _poll(self) -> None:
        events: list[Event] = []
        ending: Ending | None = None
        while not self._queue.empty():
            message = self._queue.get()
            if isinstance(message, Ending):
                ending = message
            else:
                events.append(message)
        if events:
            self.received.emit(events)
        if ending is not None:
            self._jobs.clear()
            self._timer.stop()
            self.ended.emit(ending)


def _cancel(jobs: Sequence[Job]) -> None:
    for job in jobs:
        job.cancel()
