"""The open frame sequence, the current frame, and the open project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from psygnal import Signal

from napari_iris.app.index_refresher import IndexRefresher
from napari_iris.errors import FrameError
from napari_iris.frames.index import FrameIndex
from napari_iris.frames.sequence import FrameSequence

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import ArrayLike, NDArray

    from napari_iris.app.timers import Timers
    from napari_iris.frames.frame import Frame


class Session:
    """What is open in one viewer; all docks of the viewer work on it.

    Parameters
    ----------
    timers : Timers
        Make timers of the window's thread.

    Attributes
    ----------
    sequence : FrameSequence or None
        Frames of the sequence in front.
    sources : list of str
        Files, folders or globs that it was opened from; empty for a project's frames.
    index : FrameIndex or None
        Paths and observation times of the frames.
    number : int
        Number of the current frame, from 0.
    project : Path or None
        Folder of the open project.
    selected : ndarray of int64
        Numbers of the selected frames, ascending; empty for none.
    follows : bool
        Whether newer frames are looked for all the time, and shown as they come.
    kept : int
        With how many frames the sequence in front begins as it did before it grew; 0 for another
        sequence.
    sequence_changed : Signal
        Another sequence is in front, or none, or the one in front has grown.
    frame_changed : Signal
        Another frame is current.
    selection_changed : Signal
        Other frames are selected, or none.
    times_changed : Signal
        More observation times are known.
    project_changed : Signal
        Another project is open, or none.
    labels_changed : Signal
        A label of the project has changed: a decision, an edit, a save.
    """

    sequence_changed = Signal()
    frame_changed = Signal()
    selection_changed = Signal()
    times_changed = Signal()
    project_changed = Signal()
    labels_changed = Signal()

    def __init__(self, timers: Timers) -> None:
        self.timers = timers
        self.sequence: FrameSequence | None = None
        self.sources: list[str] = []
        self.index: FrameIndex | None = None
        self.number = 0
        self.project: Path | None = None
        self.selected: NDArray[np.int64] = np.empty(0, np.int64)
        self.kept = 0
        self._refresher = IndexRefresher(timers)
        self._refresher.refreshed.connect(self._update_index)

    @property
    def path(self) -> Path | None:
        """File of the current frame."""
        return None if self.sequence is None else self.sequence.paths[self.number]

    @property
    def time(self) -> np.datetime64:
        """Observation time of the current frame, UTC; NaT where not known."""
        if self.index is None or self.number >= len(self.index.times):
            return np.datetime64("NaT")
        moment: np.datetime64 = self.index.times[self.number]
        return moment

    def frame(self) -> Frame:
        """Read the current frame.

        Raises
        ------
        FrameError
            If it cannot be read, or no sequence is open.
        """
        if self.sequence is None:
            raise FrameError("no frames", "nothing is open", "open a folder of FITS frames")
        return self.sequence.frame(self.number)

    def show(
        self,
        sequence: FrameSequence | None,
        sources: Sequence[str] = (),
        index: FrameIndex | None = None,
        number: int = 0,
    ) -> None:
        """Bring another sequence to the front, or none.

        Parameters
        ----------
        sequence : FrameSequence or None
            Its frames.
        sources : sequence of str
            What it was opened from; new frames and times are looked up there.
        index : FrameIndex, optional
            Its index, where `sources` do not name the frames.
        number : int
            Number of the current frame, from 0.
        """
        self.sequence, self.sources, self.kept = sequence, list(sources), 0
        self.index = FrameIndex(self.sources) if self.sources else index
        self.number = self._clip(number)
        self.select()
        self.sequence_changed.emit()
        if self.sources:
            self._refresher.start(self.sources)
        else:
            self._refresher.stop()

    def replace(self, sequence: FrameSequence, index: FrameIndex) -> None:
        """Replace the sequence in front by a newer state of it.

        Parameters
        ----------
        sequence : FrameSequence
            Its frames now.
        index : FrameIndex
            Their index.
        """
        is_last = self.sequence is not None and self.number == len(self.sequence) - 1
        self.kept = 0 if self.index is None else _common(self.index, index)
        self.sequence, self.index = sequence, index
        self.number = self._clip(self.number)
        self.select()  # frames between others have changed their numbers
        self.sequence_changed.emit()
        if self.follows and is_last:
            self.go_to(len(sequence) - 1)

    @property
    def follows(self) -> bool:
        """Whether newer frames are shown as they come."""
        return self._refresher.follows

    def follow(self, on: bool = True) -> None:
        """Go to the last frame, and to each newer one while the last is in view; or stop that.

        Parameters
        ----------
        on : bool
            Whether to follow.
        """
        if on == self.follows:
            return
        self._refresher.follows = on
        if on and self.sequence is not None:
            self.go_to(len(self.sequence) - 1)
        if self.sources:
            self._refresher.start(self.sources)

    def go_to(self, number: int) -> None:
        """Make a frame the current one.

        Parameters
        ----------
        number : int
            Number of the frame, from 0; clipped to the sequence.
        """
        if self.sequence is not None and (number := self._clip(number)) != self.number:
            self.number = number
            self.frame_changed.emit()

    def select(self, numbers: ArrayLike = ()) -> None:
        """Select frames in place of those selected before.

        Parameters
        ----------
        numbers : array_like of int
            Their numbers, from 0, in any order; none to select nothing.
        """
        selected = np.unique(np.asarray(numbers, np.int64))
        if not np.array_equal(selected, self.selected):
            self.selected = selected
            self.selection_changed.emit()

    def jump(self, text: str) -> bool:
        """Go to the frame that a text means.

        Parameters
        ----------
        text : str
            Frame number from 1, time, or part of a file name.

        Returns
        -------
        bool
            Whether there is such a frame.
        """
        number = None if self.index is None else self.index.locate(text)
        if number is not None:
            self.go_to(number)
        return number is not None

    def set_project(self, folder: Path | None) -> None:
        """Set the folder of the open project; None for none."""
        if folder != self.project:
            self.project = folder
            self.project_changed.emit()

    def close(self) -> None:
        """Stop background work."""
        self._refresher.stop()

    def _clip(self, number: int) -> int:
        return 0 if self.sequence is None else int(np.clip(number, 0, len(self.sequence) - 1))

    def _update_index(self, index: FrameIndex) -> None:
        """Use a newer index; show frames that were added or removed."""
        if self.sequence is None or index.sources != self.sources:
            return
        count = len(self.sequence)
        is_same = self.index is not None and _common(index, self.index) == len(index.paths) == count
        if is_same:
            self.index = index
        else:
            self.replace(FrameSequence(index.paths), index)
        self.times_changed.emit()


def _common(one: FrameIndex, other: FrameIndex) -> int:
    """Count the frames with which both begin, none of them written over meanwhile."""
    count = min(len(one.table), len(other.table))
    same = np.ones(count, np.bool_)
    for name in ("path", "changed"):
        same &= one.table[name][:count] == other.table[name][:count]
    return count if same.all() else int(same.argmin())
