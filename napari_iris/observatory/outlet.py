"""A thread for each channel: one that fails is retried, and holds up nothing else."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Protocol

from napari_iris.errors import IrisError

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_iris.observatory.report import Report

RETRY_S = 1.0
"""Time before a channel that failed is retried [s]."""


class Channel(Protocol):
    """A way to publish.

    Attributes
    ----------
    target : str
        As given with ``--publish``.
    """

    target: str

    def publish(self, report: Report) -> None:
        """Publish a report; connect or listen first, where that is needed. May raise."""

    def opened(self) -> str:
        """Say in a line where it is published."""

    def close(self) -> None:
        """Close connections and ports."""


class Outlet:
    """Publishes the newest report through a channel, in a thread of its own.

    Parameters
    ----------
    channel : Channel
        The channel.
    say : callable
        Takes the target and a line: where it is published, and once what fails.
    """

    def __init__(self, channel: Channel, say: Callable[[str, str], None]) -> None:
        self._channel, self._say = channel, say
        self._changed = threading.Condition()
        self._report: Report | None = None
        self._ending = False
        self._is_open, self._problem = False, ""
        self._thread = threading.Thread(target=self._run, daemon=True, name=channel.target)
        self._thread.start()

    def put(self, report: Report) -> None:
        """Have a report published soon; one that still waits is left out."""
        with self._changed:
            if not self._ending:
                self._report = report
                self._changed.notify()

    def end(self, report: Report) -> None:
        """Have the last report published, then the channel closed; see `join`."""
        with self._changed:
            self._report, self._ending = report, True
            self._changed.notify()

    def join(self, until_s: float) -> None:
        """Wait until it has ended, or the steady clock shows some time."""
        self._thread.join(max(until_s - time.monotonic(), 0.0))

    def _run(self) -> None:
        while True:
            with self._changed:
                while self._report is None and not self._ending:
                    self._changed.wait()
                report, self._report = self._report, None
            if report is not None and not self._publish(report):
                with self._changed:
                    self._report = self._report or report
                    if not self._ending:
                        self._changed.wait_for(lambda: self._ending, RETRY_S)
                        continue
            if self._ending and (self._report is None or self._problem):
                break
        self._channel.close()

    def _publish(self, report: Report) -> bool:
        try:
            self._channel.publish(report)
        except Exception as error:  # whatever a library raises: the others go on
            self._tell(str(error) if isinstance(error, IrisError) else _text(error))
            return False
        if self._problem or not self._is_open:
            again = "works again; " if self._problem else ""
            self._problem, self._is_open = "", True
            self._say(self._channel.target, f"{again}{self._channel.opened()}")
        return True

    def _tell(self, problem: str) -> None:
        """Say what fails, once."""
        if problem != self._problem:
            self._problem = problem
            self._say(self._channel.target, f"{problem}; trying again")


def _text(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"does not work ({error.strerror})"
    return f"does not work ({type(error).__name__}: {error})"
