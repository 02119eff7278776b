"""The image layer of the frame sequence in front of a viewer, kept in step with the session."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import finalize, ref

from psygnal import Signal

from napari_iris.frames.sequence import FrameSequence

if TYPE_CHECKING:
    import napari
    from napari.layers import Image

    from napari_iris.app.remembered import Remembered
    from napari_iris.app.session import Session
    from napari_iris.app.view.shown import Shown


class FramesLayer:
    """Connects a viewer and its session: layers in front, the slider, frames that are added.

    Parameters
    ----------
    viewer : napari.Viewer
        The viewer; it is not kept alive.
    session : Session
        Its session.
    shown : Shown
        Which layers lie over the frames.
    remembered : Remembered
        What the last window has left.

    Attributes
    ----------
    layer : napari.layers.Image or None
        Layer of the sequence in front.
    changed : Signal
        Another layer is in front, or none.
    """

    changed = Signal()

    def __init__(
        self, viewer: napari.Viewer, session: Session, shown: Shown, remembered: Remembered
    ) -> None:
        self._viewer = ref(viewer)
        self.session, self.shown, self.remembered = session, shown, remembered
        self.layer: Image | None = None
        viewer.layers.events.inserted.connect(self._begin, position="last")
        viewer.layers.events.removed.connect(self._find)
        viewer.layers.selection.events.active.connect(self._find)
        viewer.dims.events.current_step.connect(self._read_slider)
        session.sequence_changed.connect(self._show_sequence)
        session.frame_changed.connect(self._set_slider)
        finalize(self, session.close)
        self._find()

    @property
    def viewer(self) -> napari.Viewer:
        """The viewer.

        Raises
        ------
        RuntimeError
            If it is closed.
        """
        viewer = self._viewer()
        if viewer is None:
            raise RuntimeError("the viewer of this session is closed")
        return viewer

    @property
    def is_closed(self) -> bool:
        """Whether the viewer is closed."""
        return self._viewer() is None

    def _begin(self) -> None:
        """Find the sequence in front; one opened into an empty window begins where it was left.

        napari goes to the middle, as is right for volumes.
        """
        dims, layer = self.viewer.dims, self.viewer.layers[-1]
        if self.layer is None and isinstance(layer.data, FrameSequence):
            sources = layer.metadata.get("iris_sources", ())
            place = self.remembered.place(sources, layer.data.paths)
            dims.set_current_step(dims.ndim - FrameSequence.ndim, place)
        self._find()

    def resume(self) -> None:
        """Go to the frame where the night in front was left, else to its first."""
        session = self.session
        if session.sequence is not None:
            session.go_to(self.remembered.place(session.sources, session.sequence.paths))

    def _find(self) -> None:
        """Find the sequence in front: the selected one, else the topmost."""
        layers = [layer for layer in self.viewer.layers if isinstance(layer.data, FrameSequence)]
        active = self.viewer.layers.selection.active
        front = active if active in layers else self.layer if self.layer in layers else None
        layer = front or (layers[-1] if layers else None)
        if layer is self.layer:
            return
        if self.layer is not None and self.layer not in self.viewer.layers:
            self.layer.data.close()
        self.layer = layer
        if layer is None:
            self.session.show(None)
        else:
            metadata = layer.metadata
            sources, index = metadata.get("iris_sources", ()), metadata.get("iris_index")
            self.session.show(layer.data, sources, index, self._step())
        self.changed.emit()

    def _show_sequence(self) -> None:
        """Show a newer state of the sequence in the same layer."""
        sequence, layer = self.session.sequence, self.layer
        if layer is not None and sequence is not None and layer.data is not sequence:
            before = layer.data
            layer.data = sequence
            before.close()

    def _read_slider(self) -> None:
        """Follow the slider; it moves too when the layer is removed, and the frame stays then."""
        if self.layer is not None and self.layer in self.viewer.layers:
            self.session.go_to(self._step())

    def _set_slider(self) -> None:
        if self.session.sources and self.session.path is not None:
            self.remembered.keep_place(self.session.sources, self.session.path.name)
        if self._step() != self.session.number:
            dims = self.viewer.dims
            dims.set_current_step(dims.ndim - FrameSequence.ndim, self.session.number)

    def _step(self) -> int:
        steps = self.viewer.dims.current_step
        return int(steps[-FrameSequence.ndim]) if len(steps) >= FrameSequence.ndim else 0
