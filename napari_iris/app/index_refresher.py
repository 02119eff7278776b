"""Keep the index of a frame sequence up to date in a background thread."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from copy import copy
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

FOLLOW_S, FOLLOW_PART = 1.0, 0.2
"""Seconds between two looks for newer frames while they are followed, at least, and the part of the
time that looking takes at most."""

SETTLE_S = 0.5
"""Seconds that a newer frame gets to be written before it is shown."""


class IndexRefresher:
    """Find new frames of one sequence and read observation times that are not known yet.

    Parameters
    ----------
    timers : Timers
        Make timers of the thread that receives the index.

    Attributes
    ----------
    follows : bool
        Whether it goes on to look for newer frames from the next `start` on.
    refreshed : Signal
        Sent with a newer `FrameIndex`.
    """

    refreshed = Signal(object)

    def __init__(self, timers: Timers) -> None:
        self.follows = False
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
        arguments = (sources, self._stop, self._found, self.follows)
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


def _refresh(
    sources: list[str], stop: threading.Event, found: SimpleQueue[FrameIndex], follows: bool
) -> None:
    index = FrameIndex(sources)
    with suppress(FrameError):
        index.refresh()
        _put(index, stop, found)
    while follows and not stop.is_set():
        begin = time.monotonic()
        with suppress(FrameError):  # the folder is away for a while
            if index.refresh() and not stop.wait(SETTLE_S):
                _put(index, stop, found)
        stop.wait(max(FOLLOW_S, (time.monotonic() - begin) / FOLLOW_PART))


def _put(index: FrameIndex, stop: threading.Event, found: SimpleQueue[FrameIndex]) -> None:
    for state in _with_times(index, stop):
        if stop.is_set():
            return
        found.put(copy(state))  # it goes on to change


def _with_times(index: FrameIndex, stop: threading.Event) -> Iterator[FrameIndex]:
    """Yield an index at once, and again as times become known."""
    yield index
    reported = time.monotonic()
    for _ in index.read_times():
        if stop.is_set():
            return
        if time.monotonic() - reported > REPORT_EVERY_S:
            reported = time.monotonic()
            yield index
    yield index
