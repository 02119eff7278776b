"""Run functions in a background thread, newest request first; the caller's thread never waits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any
from weakref import finalize

from psygnal import Signal

from napari_iris.errors import IrisError

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_iris.app.timers import Timers

POLL_MS = 10
"""Milliseconds between two checks for a result."""


class Background:
    """Run one function at a time in a thread; of the pending requests only the newest is run.

    The thread puts results into a queue that a timer of the caller's thread polls, so the thread
    never touches the window, which may close at any time. It ends with this object, or with
    `close`.

    Parameters
    ----------
    timers : Timers
        Make timers of the thread that receives the results.

    Attributes
    ----------
    done : Signal
        Sent with the newest request's result, or the `IrisError` it raised; any other error is
        raised in the caller's thread.
    """

    done = Signal(object)

    def __init__(self, timers: Timers) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="iris-background")
        self.close = finalize(self, self._thread.shutdown, wait=False)
        self._results: SimpleQueue[tuple[int, Any]] = SimpleQueue()
        self._newest = self._delivered = 0
        self._timer = timers.repeating(POLL_MS, self._poll)

    @property
    def is_idle(self) -> bool:
        """Whether the newest request has been answered."""
        return self._delivered == self._newest

    def submit(self, function: Callable[[], Any]) -> None:
        """Run `function` soon, in place of requests that have not started."""
        self._newest += 1
        self._thread.submit(self._run, self._newest, function)
        self._timer.start()

    def discard(self) -> None:
        """Deliver no result of earlier requests."""
        self._newest += 1
        self._delivered = self._newest
        self._timer.stop()

    def _run(self, ticket: int, function: Callable[[], Any]) -> None:
        if ticket != self._newest:
            return
        try:
            result = function()
        except Exception as error:
            result = error
        self._results.put((ticket, result))

    def _poll(self) -> None:
        while not self._results.empty():
            ticket, result = self._results.get()
            if ticket == self._newest:
                self._timer.stop()
                self._delivered = ticket
                self._deliver(result)

    def _deliver(self, result: Any) -> None:
        if isinstance(result, Exception) and not isinstance(result, IrisError):
            raise result
        self.done.emit(result)
