"""Look for new frames of a night, and read times not known yet, beside the window."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from napari_iris.errors import FrameError
from napari_iris.frames.index import FrameIndex

if TYPE_CHECKING:
    from collections.abc import Iterator

TELL_EVERY_S = 0.5
"""Seconds between two tellings of what has been read so far."""


class Refresher(QObject):
    """Keeps one night's index up to date, in a thread that ends with the window.

    Attributes
    ----------
    found : Signal
        Sent to the window's thread with a fresher `FrameIndex`.
    """

    found = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._stop = threading.Event()

    def start(self, sources: list[str]) -> None:
        """Refresh the index of another night; the one before is left as it is."""
        self.stop()
        self._stop = threading.Event()
        thread = threading.Thread(
            target=self._run, args=(sources, self._stop), name="iris-index", daemon=True
        )
        thread.start()

    def stop(self) -> None:
        """Look no further."""
        self._stop.set()

    def _run(self, sources: list[str], stop: threading.Event) -> None:
        for index in _up_to_date(sources, stop):
            if stop.is_set():
                return
            try:
                self.found.emit(index)
            except RuntimeError:  # the window is gone, and with it this object's better half
                return


def _up_to_date(sources: list[str], stop: threading.Event) -> Iterator[FrameIndex]:
    """Refresh the index of a night; give it at once, and again as times become known."""
    index = FrameIndex(sources)
    try:
        index.refresh()
    except FrameError:
        return
    yield index
    told = time.monotonic()
    for _ in index.read_times():
        if stop.is_set():
            return
        if time.monotonic() - told > TELL_EVERY_S:
            told = time.monotonic()
            yield index
    yield index
