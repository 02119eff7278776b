"""A layer of ours over the night, of the frame in view: shown, hidden and deleted as one likes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.compat import isalive
from qtpy.QtCore import QObject, Signal

from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari.layers import Layer
    from numpy.typing import NDArray

    from napari_iris.desk.layers.frames_layer import FramesLayer


class Overlay(QObject):
    """One layer that is made when there is something to show, scaled to the frames.

    Its eye in the layer list and a box in a dock are one: `wanted`. A layer that the person deletes
    is not wanted any more.

    Parameters
    ----------
    frames : FramesLayer
        The layer of the frames that it lies over.
    mark : str
        Key in the layer's metadata that marks it as this one.
    make : callable
        Makes the layer of some pixels.
    wanted : bool
        Whether it is shown to begin with.
    parent : QObject
        Whose it is.

    Attributes
    ----------
    toggled : Signal
        Sent with whether it is wanted, when that changes.
    shift : float
        How far it lies to the right of the night, in widths of a frame.
    """

    toggled = Signal(bool)

    def __init__(
        self,
        frames: FramesLayer,
        mark: str,
        make: Callable[[NDArray[Any]], Layer],
        parent: QObject,
        *,
        wanted: bool = True,
    ) -> None:
        super().__init__(parent)
        self._frames, self._session = frames, frames.session
        self._mark, self._make = mark, make
        self.wanted = self._usual = wanted
        self.shift = 0.0
        self._pixels: NDArray[Any] | None = None
        self._name = ""
        self._by_us = False
        frames.viewer.layers.events.removed.connect(self._follow_list)
        connect(self._session.sequence_changed, self._follow_night)

    @property
    def layer(self) -> Layer | None:
        """The layer, by its mark: another one may have its name."""
        layers = self._frames.viewer.layers
        return next((layer for layer in layers if layer.metadata.get(self._mark)), None)

    def set_wanted(self, wanted: bool) -> None:
        """Say whether it is to be seen."""
        if wanted != self.wanted:
            self.wanted = wanted
            self.toggled.emit(wanted)
        self.settle()

    def show(self, pixels: NDArray[Any], name: str) -> None:
        """Show some pixels over the night, if that is wanted.

        Parameters
        ----------
        pixels : ndarray, shape (rows, columns)
            Of the layer; any shape over the frames' field of view.
        name : str
            What the layer is called.
        """
        self._pixels, self._name = pixels, name
        self.settle()

    def clear(self) -> None:
        """Show nothing."""
        self._pixels = None
        self.settle()

    def settle(self) -> None:
        """Be seen or not as is wanted."""
        self.peek(visible=self.wanted)

    def peek(self, *, visible: bool) -> None:
        """Show or hide it for a moment; what is wanted stays."""
        if self._frames.is_closed:
            return
        layer = self.layer
        if visible and self._pixels is not None and self._session.sequence is not None:
            layer = self._draw(layer, self._pixels)
        elif layer is None:
            return
        seen = visible and self._pixels is not None
        if layer.visible != seen:
            with layer.events.visible.blocker(self._follow_eye):
                layer.visible = seen

    def remove(self) -> None:
        """Take the layer out of the viewer; what is wanted stays."""
        layer = None if self._frames.is_closed else self.layer
        if layer is not None:
            self._by_us = True
            self._frames.viewer.layers.remove(layer)
            self._by_us = False

    def _draw(self, layer: Layer | None, pixels: NDArray[Any]) -> Layer:
        """Put the pixels into the layer, which is added if need be."""
        if layer is None:
            layer = self._add(pixels)
        elif layer.data.shape != pixels.shape or layer.data.dtype != pixels.dtype:
            layer.data = pixels.copy()
        elif not self._is_drawn(layer, pixels):
            layer.data[:] = pixels
            layer.refresh()
        if layer.name != self._name:
            layer.name = self._name
        layer.metadata["iris_frame"] = str(self._session.path)
        self._fit(layer)
        return layer

    @staticmethod
    def _is_drawn(layer: Layer, pixels: NDArray[Any]) -> bool:
        return np.array_equal(layer.data, pixels, equal_nan=pixels.dtype.kind == "f")

    def _add(self, pixels: NDArray[Any]) -> Layer:
        """Add the layer, and leave selected what was."""
        viewer = self._frames.viewer  # held until the end, whoever lets go of it
        layers = viewer.layers
        selected = layers.selection.active
        layer = self._make(pixels.copy())
        layer.metadata[self._mark] = True
        layers.append(layer)
        layer.editable = False
        layer.events.visible.connect(self._follow_eye)
        layers.selection.active = selected
        self._frames.overlay_added.emit(self)
        return layer

    def _fit(self, layer: Layer) -> None:
        """Lay it over the night, scaled so that its pixels cover the frame's."""
        sequence, layers = self._session.sequence, self._frames.viewer.layers
        if sequence is None:
            return
        rows, columns = sequence.shape[1:]
        scale = [rows / layer.data.shape[0], columns / layer.data.shape[1]]
        place = [(factor - 1) / 2 for factor in scale]
        place[1] += self.shift * columns
        if [*layer.scale, *layer.translate] != [*scale, *place]:  # either takes napari 15 ms
            layer.scale, layer.translate = scale, place
        if layers.index(layer) < layers.index(self._frames.layer):
            layers.move(layers.index(layer), layers.index(self._frames.layer) + 1)

    def _follow_eye(self, event: Any) -> None:
        """Take the eye of the layer list for what is wanted."""
        if isalive(self) and event.source.visible != self.wanted:
            self.wanted = event.source.visible
            self.toggled.emit(self.wanted)
            self.settle()  # what was hidden may be of an earlier frame

    def _follow_night(self) -> None:
        """Want it again as usual once all is closed: that took the layer along."""
        if self._session.sequence is None and self.wanted != self._usual:
            self.wanted = self._usual
            self.toggled.emit(self.wanted)

    def _follow_list(self, event: Any) -> None:
        """Take a layer that the person deletes for one that is not wanted."""
        ours = event.value.metadata.get(self._mark) and not self._by_us
        if isalive(self) and ours and self._session.sequence is not None:
            self.wanted = False
            self.toggled.emit(self.wanted)
