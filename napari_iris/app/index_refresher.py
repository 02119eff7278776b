"""Keep the index of a frame sequence up to date in a background thread."""

from __future__ import annotations

import threading
import time
from queue import SimpleQueue
from typing import TYPE_CHECKING
from weakref import finalize

from psygnal import Signal

from napari_iris.errors import FrameError
from napari_iris.frames.index import FrameIndex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_iris.app.timers import Timers

POLL_MS = 50
"""Milliseconds between two checks for a newer index."""

REPORT_EVERY_S = 0.5
"""Seconds between two reports while times are read."""


class IndexRefresher:
    """Find new frames of one sequence and read observation times that are not known yet.

    Parameters
    ----------
    timers : Timers
        Make timers of the thread that receives the index.

    Attributes
    ----------
    refreshed : Signal
        Sent with a newer `FrameIndex`.
    """

    refreshed = Signal(object)

    def __init__(self, timers: Timers) -> None:
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._found: SimpleQueue[FrameIndex] = SimpleQueue()
        self._timer = timers.repeating(POLL_MS, self._poll)

    def start(self, sources: list[str]) -> None:
        """Refresh the index of other sources; the refresh before ends.

        Parameters
        ----------
        sources : list of str
            Files, folders or globs.
        """
        self.stop()
        self._stop, self._found = threading.Event(), SimpleQueue()
        finalize(self, self._stop.set)
        arguments = (sources, self._stop, self._found)
        self._thread = threading.Thread(
            target=_refresh, args=arguments, name="iris-index", daemon=True
        )
        self._thread.start()
        self._timer.start()

    def stop(self) -> None:
        """End the refresh."""
        self._stop.set()
        self._timer.stop()

    def _poll(self) -> None:
        is_over = self._thread is None or not self._thread.is_alive()
        newest = None
        while not self._found.empty():
            newest = self._found.get()
        if is_over:
            self._timer.stop()
        if newest is not None:
            self.refreshed.emit(newest)


def _refresh(sources: list[str], stop: threading.Event, found: SimpleQueue[FrameIndex]) -> None:
    for index in _newer(sources, stop):
        if stop.is_set():
            return
        found.put(index)


def _newer(sources: list[str], stop: threading.Event) -> Iterator[FrameIndex]:
    """Refresh an index; yield it at once, and again as times become known."""
    index = FrameIndex(sources)
    try:
        index.refresh()
    except FrameError:
        return
    yield index
    reported = time.monotonic()
    for _ in index.read_times():
        if stop.is_set():
            return
        if time.monotonic() - reported > REPORT_EVERY_S:
            reported = time.monotonic()
            yield index
    yield index
