"""The current frame twice, side by side: the truth on the left one, the prediction on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psygnal import Signal

from napari_iris.desk.layers.overlay import Overlay

if TYPE_CHECKING:
    import numpy as np
    from napari.layers import Image
    from numpy.typing import NDArray

    from napari_iris.desk.layers.frames_layer import FramesLayer
    from napari_iris.desk.layers.prediction_layers import PredictionLayers

OFFSET = 1.04
"""Offset of the copy, in widths of a frame."""

LINKED = ("contrast_limits", "gamma", "colormap")
"""Settings of the frames' layer that the copy shares."""


class SideBySide:
    """A copy of the current frame beside it, with the layers of the prediction over the copy.

    Parameters
    ----------
    frames : FramesLayer
        The layer of the frames.
    layers : PredictionLayers
        The layers of the prediction.

    Attributes
    ----------
    enabled : bool
        Whether the frame is shown twice.
    enabled_changed : Signal
        Sent with `enabled`; the user may end it by deleting the copy.
    """

    enabled_changed = Signal(bool)

    def __init__(self, frames: FramesLayer, layers: PredictionLayers) -> None:
        self._frames, self._layers = frames, layers
        self._session = frames.session
        self.enabled = False
        self._copy = Overlay(frames, "iris_copy", self._make)
        self._copy.wanted_changed.connect(self._follow_copy)
        for signal in (self._session.frame_changed, self._session.sequence_changed):
            signal.connect(self._draw)

    def set_enabled(self, enabled: bool) -> None:
        """Show the frame twice, or once."""
        if enabled == self.enabled:
            return
        self.enabled = self._copy.wanted = enabled
        self.enabled_changed.emit(enabled)
        for overlay in self._layers.predicted:
            overlay.shift = OFFSET if enabled else 0.0
            overlay.restore()
        self._draw()
        if self._session.sequence is not None:
            self._frames.viewer.reset_view()

    def _draw(self) -> None:
        sequence = self._session.sequence
        if not self.enabled or sequence is None:
            self._copy.remove()
            return
        self._copy.shift = OFFSET
        self._copy.show(sequence.pixels(self._session.number), "frame for the prediction")
        self._copy.lower()

    def _follow_copy(self, wanted: bool) -> None:
        if not wanted:
            self.set_enabled(False)

    def _make(self, pixels: NDArray[np.float32]) -> Image:
        from napari.layers import Image

        copy, frames = Image(pixels, colormap="gray"), self._frames.layer
        if frames is not None:
            for name in LINKED:
                setattr(copy, name, getattr(frames, name))
                getattr(frames.events, name).connect(self._link)
        return copy

    def _link(self) -> None:
        """Give the copy the settings of the frames' layer."""
        copy, frames = self._copy.layer, self._frames.layer
        if copy is not None and frames is not None:
            for name in LINKED:
                setattr(copy, name, getattr(frames, name))
