"""Make masks beside the window, newest request first: the window's thread never waits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, Signal

from napari_iris.errors import IrisError

if TYPE_CHECKING:
    from collections.abc import Callable


class Preview(QObject):
    """Run one function at a time in a thread; of waiting requests only the newest is run.

    Attributes
    ----------
    done : Signal
        Sent to the window's thread with the newest request's result, or the `IrisError` it raised;
        any other error is raised there.
    """

    done = Signal(object)
    _finished = Signal(int, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="iris-preview")
        self._newest = self._answered = 0
        self._finished.connect(self._deliver)

    @property
    def settled(self) -> bool:
        """Whether all that was asked is answered."""
        return self._answered == self._newest

    def ask(self, work: Callable[[], Any]) -> None:
        """Have `work` done soon, in place of what was asked before."""
        self._newest += 1
        self._thread.submit(self._run, self._newest, work)

    def forget(self) -> None:
        """Give no answer to what was asked before."""
        self._newest += 1
        self._answered = self._newest

    def close(self) -> None:
        """Do nothing more."""
        self.forget()
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _run(self, ticket: int, work: Callable[[], Any]) -> None:
        if ticket != self._newest:
            return
        try:
            result = work()
        except Exception as error:
            result = error
        self._finished.emit(ticket, result)

    def _deliver(self, ticket: int, result: Any) -> None:
        if ticket != self._newest:
            return
        self._answered = ticket
        if isinstance(result, Exception) and not isinstance(result, IrisError):
            raise result
        self.done.emit(result)
