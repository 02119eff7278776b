"""A layer over the frame sequence that belongs to the current frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from psygnal import Signal

from napari_iris.desk.layers.mask_style import draw_mask

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari.layers import Layer
    from numpy.typing import NDArray

    from napari_iris.desk.layers.frames_layer import FramesLayer


class Overlay:
    """One layer, added when there is something to show, scaled to the frames.

    The eye in the layer list and a checkbox in a dock both set `wanted`. Deleting the layer makes
    it unwanted.

    Parameters
    ----------
    frames : FramesLayer
        The layer of the frames.
    mark : str
        Key in the layer's metadata that identifies it: another layer may have its name.
    make : callable
        Makes the layer of some pixels.
    wanted : bool
        Whether it is shown to begin with.
    docks : tuple of str
        Docks that it belongs to; none for an overlay that is shown whichever dock is in front.

    Attributes
    ----------
    wanted_changed : Signal
        Sent with whether it is wanted, when that changes.
    shift : float
        Offset to the right of the frames, in widths of a frame.
    """

    wanted_changed = Signal(bool)

    def __init__(
        self,
        frames: FramesLayer,
        mark: str,
        make: Callable[[NDArray[Any]], Layer],
        *,
        wanted: bool = True,
        docks: tuple[str, ...] = (),
    ) -> None:
        self._frames, self._session, self._shown = frames, frames.session, frames.shown
        self._mark, self._make, self._docks = mark, make, docks
        self.wanted = self._default = wanted
        self.shift = 0.0
        self._pixels: NDArray[Any] | None = None
        self._name = ""
        self._removing = False
        frames.viewer.layers.events.removed.connect(self._follow_list)
        self._session.sequence_changed.connect(self._follow_sequence)
        self._shown.changed.connect(self.restore)

    @property
    def layer(self) -> Layer | None:
        """The layer; None while there is none."""
        layers = self._frames.viewer.layers
        return next((layer for layer in layers if layer.metadata.get(self._mark)), None)

    @property
    def visible(self) -> bool:
        """Whether it can be seen."""
        layer = self.layer
        return layer is not None and bool(layer.visible and layer.opacity)

    def set_wanted(self, wanted: bool) -> None:
        """Set whether it is to be shown; what a person wants to see is shown, whatever hid it."""
        if wanted != self.wanted:
            self.wanted = wanted
            self.wanted_changed.emit(wanted)
        if wanted:
            self._shown.reveal(self._docks)
        self.restore()

    def show(self, pixels: NDArray[Any], name: str) -> None:
        """Show pixels over the current frame, if that is wanted.

        Parameters
        ----------
        pixels : ndarray, shape (rows, columns)
            Of any shape; they cover the frame's field of view.
        name : str
            Name of the layer.
        """
        self._pixels, self._name = pixels, name
        self.restore()

    def clear(self) -> None:
        """Show nothing."""
        self._pixels = None
        self.restore()

    def restore(self) -> None:
        """Show it if it is wanted and its dock is in front, hide it if not."""
        self.override(visible=self.wanted and self._shown.shows(self._docks))

    def override(self, *, visible: bool) -> None:
        """Show or hide it, whatever is wanted, until `restore`."""
        if self._frames.is_closed:
            return
        layer = self.layer
        visible = visible and self._pixels is not None
        if visible and self._pixels is not None and self._session.sequence is not None:
            layer = self._draw(layer, self._pixels)
        if layer is not None and layer.visible != visible:
            with layer.events.visible.blocker(self._follow_eye):
                layer.visible = visible

    def remove(self) -> None:
        """Take the layer out of the viewer; `wanted` stays as it is."""
        layer = None if self._frames.is_closed else self.layer
        if layer is not None:
            self._removing = True
            self._frames.viewer.layers.remove(layer)
            self._removing = False

    def _draw(self, layer: Layer | None, pixels: NDArray[Any]) -> Layer:
        """Put the pixels into the layer, which is added if there is none."""
        if layer is None:
            layer = self._add(pixels)
        elif layer.data.shape != pixels.shape or layer.data.dtype != pixels.dtype:
            layer.data = pixels.copy()
        elif not np.array_equal(layer.data, pixels, equal_nan=pixels.dtype.kind == "f"):
            layer.data[:] = pixels
            layer.refresh()
        if layer.name != self._name:
            layer.name = self._name
        draw_mask(layer, self._shown.style)
        layer.metadata["iris_frame"] = str(self._session.path)
        self._fit(layer)
        return layer

    def _add(self, pixels: NDArray[Any]) -> Layer:
        """Add the layer; the selection stays."""
        viewer = self._frames.viewer  # keeps the viewer alive to the end
        layers = viewer.layers
        selected = layers.selection.active
        layer = self._make(pixels.copy())
        layer.metadata[self._mark] = True
        layers.append(layer)
        layer.editable = False
        layer.events.visible.connect(self._follow_eye)
        layers.selection.active = selected
        return layer

    def lower(self) -> None:
        """Put the layer right above the frames, below all others."""
        layer, frames = self.layer, self._frames.layer
        if layer is None or frames is None:
            return
        layers = self._frames.viewer.layers
        place = layers.index(frames) + 1
        if layers.index(layer) != place:
            layers.move(layers.index(layer), place)

    def _fit(self, layer: Layer) -> None:
        """Place the layer over the frames so that its pixels cover the field of view."""
        sequence, layers = self._session.sequence, self._frames.viewer.layers
        if sequence is None:
            return
        rows, columns = sequence.shape[1:]
        scale = [rows / layer.data.shape[0], columns / layer.data.shape[1]]
        # napari's origin is the centre of the first pixel, which is larger than the frame's
        place = [(factor - 1) / 2 for factor in scale]
        place[1] += self.shift * columns
        if [*layer.scale, *layer.translate] != [*scale, *place]:  # setting them takes 15 ms each
            layer.scale, layer.translate = scale, place
        if layers.index(layer) < layers.index(self._frames.layer):
            layers.move(layers.index(layer), layers.index(self._frames.layer) + 1)

    def _follow_eye(self, event: Any) -> None:
        """Set `wanted` from the eye in the layer list."""
        if event.source.visible != self.wanted:
            self.wanted = event.source.visible
            self.wanted_changed.emit(self.wanted)
            self.restore()  # the pixels of a hidden layer may be of an earlier frame

    def _follow_sequence(self) -> None:
        """Reset `wanted` once all layers are closed: the overlay was deleted with them."""
        if self._session.sequence is None and self.wanted != self._default:
            self.wanted = self._default
            self.wanted_changed.emit(self.wanted)

    def _follow_list(self, event: Any) -> None:
        """Treat a layer that the user deletes as unwanted."""
        deleted = event.value.metadata.get(self._mark) and not self._removing
        if deleted and self._session.sequence is not None:
            self.wanted = False
            self.wanted_changed.emit(self.wanted)
