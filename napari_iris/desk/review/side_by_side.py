"""The frame twice, side by side: the truth on the left one, the prediction on the right one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from napari_iris.desk.layers.overlay import Overlay
from napari_iris.desk.layers.reader import GAMMA

if TYPE_CHECKING:
    import numpy as np
    from napari.layers import Image
    from numpy.typing import NDArray

    from napari_iris.desk.predict.prediction import PredictionInView

APART = 1.04
"""From frame to frame, in widths of one."""

LINKED = ("contrast_limits", "gamma", "colormap")
"""What both frames look like, whichever is changed."""


class SideBySide(QObject):
    """A copy of the frame in view beside it, with the prediction's layers moved over it.

    Parameters
    ----------
    view : PredictionInView
        The prediction in view.

    Attributes
    ----------
    toggled : Signal
        Sent with whether the frame is shown twice; no more once the person deletes the copy.
    """

    toggled = Signal(bool)

    def __init__(self, view: PredictionInView) -> None:
        super().__init__()
        self._view = view
        self.on = False
        self.copy = Overlay(view.frames, "iris_copy", self._make, self)
        self.copy.toggled.connect(self._follow_copy)
        for signal in (view.session.frame_changed, view.session.sequence_changed):
            signal.connect(self._draw)

    def set_on(self, on: bool) -> None:
        """Show the frame twice, or once again."""
        if on == self.on:
            return
        self.on = self.copy.wanted = on
        self.toggled.emit(on)
        for overlay in self._view.overlays:
            overlay.shift = APART if on else 0.0
            overlay.settle()
        self._draw()
        if self._view.session.sequence is not None:
            self._view.frames.viewer.reset_view()

    def _draw(self) -> None:
        sequence = self._view.session.sequence
        if not self.on or sequence is None:
            self.copy.remove()
            return
        self.copy.shift = APART
        frame = sequence.pixels(self._view.session.number)
        self.copy.show(frame, "frame for the prediction")
        self._keep_below()

    def _follow_copy(self, wanted: bool) -> None:
        if not wanted:
            self.set_on(False)

    def _keep_below(self) -> None:
        """Keep the copy right above the night, below all that lies over it."""
        layer, layers = self.copy.layer, self._view.frames.viewer.layers
        night = self._view.frames.layer
        if (
            layer is not None
            and night is not None
            and layers.index(layer) != layers.index(night) + 1
        ):
            layers.move(layers.index(layer), layers.index(night) + 1)

    def _make(self, pixels: NDArray[np.float32]) -> Image:
        from napari.layers import Image

        layer, night = Image(pixels, gamma=GAMMA, colormap="gray"), self._view.frames.layer
        if night is not None:
            for name in LINKED:
                setattr(layer, name, getattr(night, name))
            night.events.contrast_limits.connect(self._follow)
            night.events.gamma.connect(self._follow)
            night.events.colormap.connect(self._follow)
        return layer

    def _follow(self) -> None:
        """Look like the night's own frame."""
        layer, night = self.copy.layer, self._view.frames.layer
        if layer is not None and night is not None:
            for name in LINKED:
                setattr(layer, name, getattr(night, name))
