"""What is open in a viewer: the night, the frame in view, and when it was taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary, finalize, ref

import numpy as np
from qtpy.QtCore import QObject, Signal

from napari_iris.desk.frames.refresher import Refresher
from napari_iris.errors import FrameError
from napari_iris.frames.index import FrameIndex
from napari_iris.frames.sequence import FrameSequence

if TYPE_CHECKING:
    from pathlib import Path

    import napari
    from napari.layers import Image

    from napari_iris.frames.frame import Frame

Part = TypeVar("Part")

_SESSIONS: WeakKeyDictionary[Any, Session] = WeakKeyDictionary()


def session_of(viewer: napari.Viewer) -> Session:
    """Give the one session of a viewer; all docks share it."""
    model = getattr(viewer, "__wrapped__", viewer)
    if model not in _SESSIONS:
        _SESSIONS[model] = Session(model)
    return _SESSIONS[model]


class Session(QObject):
    """The night that is open in a viewer.

    Attributes
    ----------
    project : Path or None
        Folder of the project that is open.
    night_changed : Signal
        Another night is in front, or none; or the night in front has grown.
    frame_changed : Signal
        Another frame is in view.
    times_read : Signal
        More of the frames' times are known.
    project_changed : Signal
        Another project is open, or none.
    labels_changed : Signal
        A label of the project has changed: a decision, an edit, a save.
    overlaid : Signal
        Sent with the `Overlay` whose layer has just been laid over the night.
    """

    night_changed = Signal()
    frame_changed = Signal()
    times_read = Signal()
    project_changed = Signal()
    labels_changed = Signal()
    overlaid = Signal(object)

    def __init__(self, viewer: napari.Viewer) -> None:
        super().__init__()
        self._viewer = ref(viewer)
        self.index: FrameIndex | None = None
        self.project: Path | None = None
        self._parts: dict[type, object] = {}
        self._layer: Image | None = None
        self._number = 0
        self._refresher = Refresher()
        self._refresher.found.connect(self._take)
        finalize(self, self._refresher.stop)
        viewer.layers.events.inserted.connect(self._look)
        viewer.layers.events.removed.connect(self._look)
        viewer.layers.selection.events.active.connect(self._look)
        viewer.dims.events.current_step.connect(self._step)
        self._look()

    @property
    def viewer(self) -> napari.Viewer:
        """The viewer; the session does not keep it alive."""
        viewer = self._viewer()
        if viewer is None:
            raise RuntimeError("the viewer of this session is gone")
        return viewer

    @property
    def is_over(self) -> bool:
        """Whether the viewer is gone."""
        return self._viewer() is None

    @property
    def layer(self) -> Image | None:
        """Image layer of the night in front."""
        return self._layer

    @property
    def sequence(self) -> FrameSequence | None:
        """Frames of the night in front."""
        return None if self._layer is None else self._layer.data

    @property
    def sources(self) -> list[str]:
        """What the night was opened from: files, folders or globs."""
        return [] if self._layer is None else list(self._layer.metadata.get("iris_sources", ()))

    @property
    def number(self) -> int:
        """Number of the frame in view, from 0."""
        return self._number

    @property
    def path(self) -> Path | None:
        """File of the frame in view."""
        return None if self.sequence is None else self.sequence.paths[self._number]

    @property
    def time(self) -> np.datetime64:
        """When the frame in view was taken; NaT where not known."""
        if self.index is None or self._number >= len(self.index.times):
            return np.datetime64("NaT")
        moment: np.datetime64 = self.index.times[self._number]
        return moment

    def frame(self) -> Frame:
        """Give the frame in view.

        Raises
        ------
        FrameError
            If it cannot be read, or none is open.
        """
        if self.sequence is None:
            raise FrameError("no night", "nothing is open", "open a folder of FITS frames")
        return self.sequence.frame(self._number)

    def go_to(self, number: int) -> None:
        """Bring a frame into view, by its number from 0."""
        if self.sequence is not None:
            last = len(self.sequence) - 1
            axis = self.viewer.dims.ndim - FrameSequence.ndim
            self.viewer.dims.set_current_step(axis, int(np.clip(number, 0, last)))

    def jump(self, text: str) -> bool:
        """Bring the frame into view that a text means; say whether there is one."""
        number = None if self.index is None else self.index.locate(text)
        if number is not None:
            self.go_to(number)
        return number is not None

    def share(self, part: object) -> None:
        """Let all docks find what one of them works with, such as a person's work on a project."""
        self._parts[type(part)] = part

    def shared(self, kind: type[Part]) -> Part | None:
        """Give the part of a class that was last shared; None where no dock has one."""
        part = self._parts.get(kind)
        return part if isinstance(part, kind) else None

    def take_index(self, index: FrameIndex) -> None:
        """Take over the index of a night that has grown without sources, as a project's."""
        self.index = index
        self._number = self._current_step()
        self.night_changed.emit()

    def take_project(self, folder: Path | None) -> None:
        """Tell all docks which project is open."""
        if folder != self.project:
            self.project = folder
            self.project_changed.emit()

    def _look(self) -> None:
        """Find the night in front: the selected one, else the topmost."""
        nights = [layer for layer in self.viewer.layers if isinstance(layer.data, FrameSequence)]
        active = self.viewer.layers.selection.active
        front = active if active in nights else self._layer if self._layer in nights else None
        self._show(front or (nights[-1] if nights else None))

    def _show(self, layer: Image | None) -> None:
        if layer is self._layer:
            return
        if self._layer is not None and self._layer not in self.viewer.layers:
            self._layer.data.close()
        self._layer = layer
        self._number = self._current_step()
        self.index = FrameIndex(self.sources) if self.sources else self._index_at_hand()
        self.night_changed.emit()
        self._read_times()

    def _index_at_hand(self) -> FrameIndex | None:
        """Index that comes with a night which no sources name, as a project's."""
        return None if self._layer is None else self._layer.metadata.get("iris_index")

    def _step(self) -> None:
        number = self._current_step()
        if self.sequence is not None and number != self._number:
            self._number = number
            self.frame_changed.emit()

    def _current_step(self) -> int:
        steps = self.viewer.dims.current_step
        if self.sequence is None or len(steps) < FrameSequence.ndim:
            return 0
        return min(int(steps[-FrameSequence.ndim]), len(self.sequence) - 1)

    def _read_times(self) -> None:
        """Look for new frames and read times that are not known, beside the window."""
        if self.sources:
            self._refresher.start(self.sources)
        else:
            self._refresher.stop()

    def _take(self, index: FrameIndex) -> None:
        """Take over a fresher index; show frames that have come since."""
        if self._layer is None or index.sources != self.sources:
            return
        shown = self._layer.data.paths.packed
        grown = not np.array_equal(index.paths.packed, shown)
        self.index = index
        if grown:
            old = self._layer.data
            self._layer.data = FrameSequence(index.paths)
            old.close()
            self._number = self._current_step()
            self.night_changed.emit()
        self.times_read.emit()
