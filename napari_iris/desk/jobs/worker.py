"""Do work beside the window, newest request first: the window's thread never waits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, QTimer, Signal

from napari_iris.errors import IrisError

if TYPE_CHECKING:
    from collections.abc import Callable

LISTEN_MS = 10
"""Milliseconds between two looks for a result."""


class Worker(QObject):
    """Run one function at a time in a thread; of waiting requests only the newest is run.

    The thread leaves its results in a queue, where the window's thread fetches them: the thread
    never touches Qt, so that the window may close at any time.

    Attributes
    ----------
    done : Signal
        Sent with the newest request's result, or the `IrisError` it raised; any other error is
        raised in the window's thread.
    """

    done = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="iris-worker")
        self._results: SimpleQueue[tuple[int, Any]] = SimpleQueue()
        self._newest = self._answered = 0
        self._clock = QTimer(self)
        self._clock.setInterval(LISTEN_MS)
        self._clock.timeout.connect(self._deliver)

    @property
    def settled(self) -> bool:
        """Whether all that was asked is answered."""
        return self._answered == self._newest

    def ask(self, work: Callable[[], Any]) -> None:
        """Have `work` done soon, in place of what was asked before."""
        self._newest += 1
        self._thread.submit(self._run, self._newest, work)
        self._clock.start()

    def forget(self) -> None:
        """Give no answer to what was asked before."""
        self._newest += 1
        self._answered = self._newest
        self._clock.stop()

    def _run(self, ticket: int, work: Callable[[], Any]) -> None:
        if ticket != self._newest:
            return
        try:
            result = work()
        except Exception as error:
            result = error
        self._results.put((ticket, result))

    def _deliver(self) -> None:
        while not self._results.empty():
            ticket, result = self._results.get()
            if ticket == self._newest:
                self._clock.stop()
                self._answered = ticket
                self._answer(result)

    def _answer(self, result: Any) -> None:
        if isinstance(result, Exception) and not isinstance(result, IrisError):
            raise result
        self.done.emit(result)
