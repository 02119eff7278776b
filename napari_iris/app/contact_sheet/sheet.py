"""The contact sheet: frames as the frame list has them, their thumbnails, and the selection."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any

import numpy as np
from psygnal import Signal

from napari_iris.app.background import Background
from napari_iris.app.contact_sheet.thumbnail import automatic_masks, make_thumbnails, project_masks
from napari_iris.app.curation.queue_table import count_text
from napari_iris.app.times import short_time
from napari_iris.errors import IrisError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from psygnal import SignalInstance

    from napari_iris.app.clear_sky import ClearSky
    from napari_iris.app.curation.curation import Curation
    from napari_iris.app.session import Session
    from napari_iris.frames.sequence import FrameSequence
    from napari_iris.labels import Status

KEPT = 1000
"""Thumbnails that are kept: 12 kB each."""

ASKED = 200
"""Thumbnails that wait to be made, at most: those asked for last."""

STEP_S = 0.15
"""Seconds that thumbnails are made before they are shown."""

GATHER_MS = 30
"""Milliseconds in which requests are gathered."""


class ContactSheet:
    """Frames with their thumbnails.

    Parameters
    ----------
    session : Session
        The open frames.
    curation : Curation
        Gives masks, order and filters where the frames are those of a project.
    clear_sky : ClearSky
        Clear-sky references, for the automatic masks of other frames.

    Attributes
    ----------
    numbers : ndarray of int64
        Numbers of the frames that are listed, in that order.
    listed : Signal
        Other frames are listed, or in another order.
    drawn : Signal
        Thumbnails were made, or are out of date; or other frames are selected or current.
    """

    listed = Signal()
    drawn = Signal()

    def __init__(self, session: Session, curation: Curation, clear_sky: ClearSky) -> None:
        self.session, self._curation, self._clear_sky = session, curation, clear_sky
        self.numbers: NDArray[np.int64] = np.empty(0, np.int64)
        self._sequence: FrameSequence | None = None
        self._made: OrderedDict[int, NDArray[np.uint8] | None] = OrderedDict()
        self._asked: OrderedDict[int, None] = OrderedDict()
        self._seen_changes = 0
        self._is_project = False
        self._stop = Event()
        self._worker = Background(session.timers)
        self._gather = session.timers.single_shot(GATHER_MS, self._make)
        self._connections: list[tuple[SignalInstance, Callable[..., Any]]] = [
            (self._worker.done, self._take),
            (session.sequence_changed, self._begin),
            (session.frame_changed, self.drawn.emit),
            (session.selection_changed, self.drawn.emit),
            (session.labels_changed, self._note_labels),
            (clear_sky.changed, self._follow_clear_sky),
            (curation.project_changed, self._begin),
            (curation.frame_changed, self._begin_project),
            (curation.queue_changed, self._list),
        ]
        for signal, slot in self._connections:
            signal.connect(slot)
        self._begin()

    def __len__(self) -> int:
        return len(self.numbers)

    # --- what is listed

    @property
    def count(self) -> str:
        """How many frames are listed."""
        return "" if self._sequence is None else count_text(len(self))

    @property
    def current(self) -> int | None:
        """Place of the current frame; None where it is not listed."""
        found = np.flatnonzero(self.numbers == self.session.number)
        return int(found[0]) if len(found) else None

    def name(self, place: int) -> str:
        """Give number and time of a listed frame."""
        number, index = int(self.numbers[place]), self.session.index
        times = () if index is None else index.times
        time = short_time(times[number]) if number < len(times) else ""
        return f"{number + 1}  {time}".strip()

    def status(self, place: int) -> Status | None:
        """Status of a listed frame; None without a project."""
        table = self._curation.table_in_front
        return None if table is None else table.status_of(int(self.numbers[place]))

    def is_selected(self, place: int) -> bool:
        """Whether a listed frame is selected."""
        selected, number = self.session.selected, self.numbers[place]
        found = np.searchsorted(selected, number)
        return bool(found < len(selected) and selected[found] == number)

    # --- going and selecting

    def go_to(self, place: int) -> None:
        """Make a listed frame the current one; nothing is selected then."""
        self.session.select()
        self.session.go_to(int(self.numbers[place]))

    def select(self, first: int, last: int) -> None:
        """Select the listed frames from one place to another; none where it is the same."""
        low, high = sorted((first, last))
        self.session.select(self.numbers[low : high + 1] if low < high else ())

    def toggle(self, place: int) -> None:
        """Add a listed frame to the selection, beside the current one, or remove it."""
        selected = self.session.selected
        before = selected if len(selected) else np.array([self.session.number])
        self.session.select(np.setxor1d(before, self.numbers[place : place + 1]))

    # --- thumbnails

    def thumbnail(self, place: int) -> NDArray[np.uint8] | None:
        """Give the thumbnail of a listed frame; None where it is not made, which it will be."""
        number = int(self.numbers[place])
        if number in self._made:
            self._made.move_to_end(number)
            return self._made[number]
        self._asked[number] = None
        self._asked.move_to_end(number)
        while len(self._asked) > ASKED:
            self._asked.popitem(last=False)
        if self._worker.is_idle and not self._gather.is_active:
            self._gather.start()
        return None

    def close(self) -> None:
        """Stop making thumbnails."""
        while self._connections:
            signal, slot = self._connections.pop()
            signal.disconnect(slot)
        self._stop.set()
        self._gather.stop()
        self._worker.discard()
        self._worker.close()

    def _make(self) -> None:
        """Make those asked for last in the background."""
        sequence, numbers = self._sequence, list(self._asked)
        if sequence is None or not numbers:
            return
        table, project = self._curation.table_in_front, self._curation.project
        if table is None or project is None:
            if not self._clear_sky.is_known:  # all are drawn again then
                return
            masks = automatic_masks(self._clear_sky.references)
        else:
            frames = dict(zip(numbers, table.id[numbers].tolist(), strict=True))
            masks = project_masks(project.folder, frames)
        self._worker.submit(partial(make_thumbnails, sequence, numbers, masks, self._stop, STEP_S))

    def _take(self, made: dict[int, NDArray[np.uint8] | None] | IrisError) -> None:
        if isinstance(made, IrisError):
            return
        for number, image in made.items():
            self._made[number] = image
            self._asked.pop(number, None)
        while len(self._made) > KEPT:
            self._made.popitem(last=False)
        self._make()
        self.drawn.emit()

    # --- following

    def _begin(self) -> None:
        """Show other frames or masks."""
        self._sequence = self.session.sequence
        self._is_project = self._curation.table_in_front is not None
        self._stop.set()
        self._stop = Event()
        self._worker.discard()
        self._made.clear()
        self._asked.clear()
        self._list()

    def _follow_clear_sky(self) -> None:
        """Make the automatic masks anew; those of a project are on the disk."""
        if not self._is_project:
            self._begin()

    def _begin_project(self) -> None:
        """Show the masks of a project once its frames are in front."""
        if (self._curation.table_in_front is not None) is not self._is_project:
            self._begin()

    def _listing(self) -> NDArray[np.int64]:
        if self._curation.table_in_front is not None:
            return self._curation.queue.rows
        return np.arange(0 if self._sequence is None else len(self._sequence))

    def _list(self) -> None:
        self.numbers = self._listing()
        self.listed.emit()

    def _note_labels(self) -> None:
        """Make the thumbnails of frames whose label has changed again."""
        project, table = self._curation.project, self._curation.table_in_front
        if project is None or table is None:
            return
        if len(project.changed) < self._seen_changes:
            self._seen_changes = 0
        changed = project.changed[self._seen_changes :]
        self._seen_changes = len(project.changed)
        for number in np.flatnonzero(np.isin(table.id, changed)).tolist():
            self._made.pop(number, None)
        self.drawn.emit()
