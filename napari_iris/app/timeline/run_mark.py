"""The run of frames that is marked on the night: where it begins and ends, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psygnal import Signal

from napari_iris.errors import IrisError
from napari_iris.numbers import format_count

if TYPE_CHECKING:
    from collections.abc import Callable

    from psygnal import SignalInstance

    from napari_iris.app.curation.curation import Curation
    from napari_iris.app.curation.frame_run import FrameRun
    from napari_iris.app.curation.run_labels import RunLabels
    from napari_iris.app.timeline.timeline import Timeline

REST_MS = 150
"""Milliseconds that a frame is in view before its run is found: not in playback."""


@dataclass(frozen=True)
class RunMark:
    """A run of frames on the axis of the night.

    Attributes
    ----------
    first, last : int
        Rows of its first and last frame in the series.
    count : int
        Frames that one decision would label.
    text : str
        Where it ends and why.
    is_previewed : bool
        Whether it is the run that is previewed, or that of the frame in view.
    """

    first: int
    last: int
    count: int
    text: str
    is_previewed: bool

    def description(self, row: int | None) -> str:
        """Describe the run to a reader of one of its frames; empty for other frames.

        Parameters
        ----------
        row : int or None
            Row of the frame.
        """
        if row is None or not self.first <= row <= self.last:
            return ""
        return f"run of {format_count(self.count, 'frame')}: {self.text}"


class RunMarks:
    """Finds the run that the timeline marks: the one previewed, else that of the frame in view.

    Parameters
    ----------
    timeline : Timeline
        The frames against time.
    runs : RunLabels
        The run that is previewed.
    curation : Curation
        The project.

    Attributes
    ----------
    mark : RunMark or None
        The run; None where no frame of a project is in view, or no run begins there.
    changed : Signal
        Another run is marked, or none.
    """

    changed = Signal()

    def __init__(self, timeline: Timeline, runs: RunLabels, curation: Curation) -> None:
        self._timeline, self._runs, self._curation = timeline, runs, curation
        self.mark: RunMark | None = None
        self._soon = curation.session.timers.single_shot(REST_MS, self.refresh)
        self._connections: list[tuple[SignalInstance, Callable[..., Any]]] = [
            (timeline.moved, self._soon.start),
            (timeline.changed, self.refresh),
            (runs.changed, self.refresh),
        ]
        for signal, slot in self._connections:
            signal.connect(slot)
        self.refresh()

    def refresh(self) -> None:
        """Mark the run as it is now."""
        mark = self._find()
        if mark != self.mark:
            self.mark = mark
            self.changed.emit()

    def close(self) -> None:
        """Mark nothing any more."""
        while self._connections:
            signal, slot = self._connections.pop()
            signal.disconnect(slot)
        self._soon.stop()

    def _find(self) -> RunMark | None:
        series, table = self._timeline.series, self._curation.table_in_front
        if series is None or table is None:
            return None
        preview = self._runs.preview
        run = self._here() if preview is None else preview.run
        if run is None or not len(run.rows):
            return None
        first, last = (series.row_of(int(run.rows[end])) for end in (0, -1))
        if first is None or last is None:
            return None
        return RunMark(first, last, len(run.rows), run.ending(len(table)), preview is not None)

    def _here(self) -> FrameRun | None:
        try:
            return self._runs.run_here()
        except IrisError:  # the message of the project says so
            return None
