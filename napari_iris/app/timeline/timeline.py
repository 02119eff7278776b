"""The timeline of the open frames: measured in the background, shown at once."""

from __future__ import annotations

from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any

import numpy as np
from psygnal import Signal

from napari_iris.app.background import Background
from napari_iris.app.timeline.levels import NightLevels, coarse_first, measure_some
from napari_iris.app.timeline.series import NightSeries
from napari_iris.errors import IrisError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from psygnal import SignalInstance

    from napari_iris.app.clear_sky import ClearSky
    from napari_iris.app.curation.curation import Curation
    from napari_iris.app.session import Session
    from napari_iris.frames.sequence import FrameSequence

FIRST_S, NEXT_S = 0.3, 1.0
"""Seconds that the first frames are measured before they are shown, and those after them."""

QUIET_MS = 300
"""Milliseconds in which changes of times and labels are gathered before they are shown."""

MAX_ZOOM = 20
"""Most times that the view can be halved."""


class Timeline:
    """Levels, cloud cover and status of all open frames.

    Parameters
    ----------
    session : Session
        The open frames.
    clear_sky : ClearSky
        Their clear-sky references.
    curation : Curation
        Gives status and cloud cover where the frames are those of a project.

    Attributes
    ----------
    series : NightSeries or None
        The frames against time; None while none are open.
    row : int or None
        Row of the current frame in the series.
    zoom : int
        How many times the view is halved.
    changed : Signal
        Other values are known.
    moved : Signal
        Another frame is current.
    view_changed : Signal
        Another part of the axis is in view.
    selection_changed : Signal
        Other frames are selected, or none.
    """

    changed = Signal()
    moved = Signal()
    view_changed = Signal()
    selection_changed = Signal()

    def __init__(self, session: Session, clear_sky: ClearSky, curation: Curation) -> None:
        self._session, self._clear_sky, self._curation = session, clear_sky, curation
        self.series: NightSeries | None = None
        self.row: int | None = None
        self.zoom = 0
        self._start = 0.0
        self._sequence: FrameSequence | None = None
        self._levels = NightLevels.unknown(0)
        self._todo: NDArray[np.int64] = np.empty(0, np.int64)
        self._is_cover_measured = False
        self._stop = Event()
        self._worker = Background(session.timers)
        self._gather = session.timers.single_shot(QUIET_MS, self._compose)
        self._connections: list[tuple[SignalInstance, Callable[..., Any]]] = [
            (self._worker.done, self._take),
            (session.sequence_changed, self._begin),
            (session.frame_changed, self._follow),
            (session.selection_changed, self.selection_changed.emit),
            (session.times_changed, self._gather.start),
            (session.labels_changed, self._gather.start),
            (clear_sky.changed, self._measure),
            (curation.frame_changed, self._follow_project),
        ]
        for signal, slot in self._connections:
            signal.connect(slot)
        self._begin()

    @property
    def is_current(self) -> bool:
        """Whether all frames are measured."""
        return self._worker.is_idle and self._clear_sky.is_known and not len(self._todo)

    @property
    def progress(self) -> str:
        """How many frames are measured, and what is left out; empty where all is shown."""
        if self.series is None or self._sequence is None:
            return ""
        count, left_out = len(self._sequence), len(self._sequence) - len(self.series)
        if not self._clear_sky.is_known:
            return "learning the clear sky..."
        texts = []
        if len(self._todo):
            texts.append(f"{count - len(self._todo):,} of {count:,} frames measured")
        if len(self._session.selected):
            texts.append(f"{len(self._session.selected):,} frames selected")
        if left_out:
            texts.append(f"{left_out:,} without a time left out")
        return ", ".join(texts)

    def go_to(self, row: int) -> None:
        """Make a frame the current one.

        Parameters
        ----------
        row : int
            Its row in the series.
        """
        if self.series is not None:
            self._session.go_to(int(self.series.numbers[row]))

    def select(self, first: int, last: int) -> None:
        """Select all frames from one to another, in either order; none where it is the same one.

        Parameters
        ----------
        first, last : int
            Their rows in the series.
        """
        if self.series is not None:
            low, high = sorted((first, last))
            self._session.select(self.series.numbers[low : high + 1] if low < high else ())

    @property
    def selected(self) -> NDArray[np.int64]:
        """Numbers of the selected frames."""
        return self._session.selected

    def close(self) -> None:
        """Stop measuring."""
        while self._connections:
            signal, slot = self._connections.pop()
            signal.disconnect(slot)
        self._stop.set()
        self._gather.stop()
        self._worker.discard()
        self._worker.close()

    # --- the part in view

    @property
    def view(self) -> tuple[float, float] | None:
        """First and last place in view, in the unit of the plot's axis; None without frames."""
        whole = self._whole
        if whole is None:
            return None
        width = (whole[1] - whole[0]) / 2**self.zoom
        start = min(max(self._start, whole[0]), whole[1] - width)
        return start, start + width

    def set_zoom(self, zoom: int) -> None:
        """Halve the view so many times, about the current frame.

        Parameters
        ----------
        zoom : int
            0 shows all frames.
        """
        self.zoom = min(max(zoom, 0), MAX_ZOOM)
        self._centre()
        self.view_changed.emit()

    @property
    def _whole(self) -> tuple[float, float] | None:
        if self.series is None or not len(self.series):
            return None
        first, last = self.series.ends
        return first, max(last, first + 1)

    @property
    def _place(self) -> float | None:
        """Place of the current frame on the axis."""
        if self.series is None or self.row is None:
            return None
        return float(self.series.x[self.row] / self.series.unit)

    def _centre(self) -> None:
        """Bring the current frame to the middle of the view."""
        whole, place = self._whole, self._place
        if whole is not None:
            width = (whole[1] - whole[0]) / 2**self.zoom
            self._start = (whole[0] if place is None else place) - width / 2

    # --- what is shown

    def _begin(self) -> None:
        """Show other frames; those that stay keep what is known of them."""
        before, self._sequence = self._sequence, self._session.sequence
        count = 0 if self._sequence is None else len(self._sequence)
        kept = 0 if before is None else self._session.kept
        if before is None or self._sequence is None or not _are_same(before, self._sequence):
            self._levels = self._levels.grown(kept, count)
            self.zoom = self.zoom if kept else 0
        if kept and self._clear_sky.is_known:
            todo = self._todo[self._todo < kept]
            self._restart(np.concatenate([np.arange(kept, count), todo]))
        else:
            self._measure()

    def _compose(self) -> None:
        """Show what is known by now."""
        sequence, index = self._sequence, self._session.index
        if sequence is None:
            self.series = None
        else:
            times = None if index is None else index.times
            if times is None or len(times) != len(sequence):
                times = np.full(len(sequence), np.datetime64("NaT", "us"))
            table = self._curation.table_in_front
            cover = self._levels.cover if table is None else table.cloud_fraction
            status = None if table is None else table.status
            levels = self._levels
            if table is not None:  # the project knows them roughly until they are measured
                levels = levels.completed(table.floor, table.median, table.level)
            self.series = NightSeries.of(times, levels, cover, status)
        self.row = None if self.series is None else self.series.row_of(self._session.number)
        self.changed.emit()

    def _follow(self) -> None:
        """Follow the session to another frame."""
        self.row = None if self.series is None else self.series.row_of(self._session.number)
        place, view = self._place, self.view
        self.moved.emit()
        if place is not None and view is not None and not view[0] <= place <= view[1]:
            self._centre()
            self.view_changed.emit()

    def _follow_project(self) -> None:
        """Show status and cover of a project once its frames are in front, or not any more."""
        if (self._curation.table_in_front is None) is not self._is_cover_measured:
            self._measure()

    # --- measuring

    def _measure(self) -> None:
        """Measure all frames with the references as they are known now."""
        self._levels.reference[:] = self._levels.sigma[:] = np.nan
        count = 0 if self._sequence is None else len(self._sequence)
        self._restart(coarse_first(count) if count else np.empty(0, np.int64))

    def _restart(self, todo: NDArray[np.int64]) -> None:
        """Measure some frames next, in this order."""
        self._stop.set()
        self._stop = Event()
        self._worker.discard()
        self._todo = todo
        self._is_cover_measured = self._curation.table_in_front is None
        self._compose()
        if self._clear_sky.is_known:
            self._go_on(FIRST_S)

    def _go_on(self, seconds: float) -> None:
        if self._sequence is not None and len(self._todo):
            self._worker.submit(
                partial(
                    measure_some,
                    self._sequence,
                    self._todo,
                    self._clear_sky.references,
                    self._stop,
                    with_cover=self._is_cover_measured,
                    seconds=seconds,
                )
            )

    def _take(self, found: NDArray[np.float32] | IrisError) -> None:
        """Show what was measured, and go on."""
        if isinstance(found, IrisError):
            return
        self._levels.put(self._todo, found)
        self._todo = self._todo[len(found) :]
        self._go_on(NEXT_S)
        self._compose()


def _are_same(before: FrameSequence, now: FrameSequence) -> bool:
    return np.array_equal(before.paths.packed, now.paths.packed)
