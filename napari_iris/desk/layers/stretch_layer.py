"""The stretch of the frames' layer, its colour bar, and the layer of the excess."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from psygnal import Signal

from napari_iris.app.view.stretch import EXCESS_LIMITS, NIGHT_GAMMA
from napari_iris.desk.layers.overlay import Overlay
from napari_iris.masks.config import MaskConfig

if TYPE_CHECKING:
    from napari.components.overlays import TextOverlay
    from napari.layers import Image
    from napari.utils import Colormap
    from numpy.typing import NDArray

    from napari_iris.app.view.stretch import Look
    from napari_iris.desk.layers.frames_layer import FramesLayer

CORNER = "bottom_right"
"""Corner of the canvas that the colour bar is in."""

SCALE = "iris_scale"
"""Name of the text beside it, among the viewer's own overlays."""

SIZE, FONT = (12, 110), 8
"""Width and height of the bar in pixels, and the size of the text in points."""

STEPS = 65
"""Points of the logarithmic colormap."""


class StretchLayer:
    """A `StretchCanvas` in napari.

    Parameters
    ----------
    frames : FramesLayer
        The layer of the frames.

    Attributes
    ----------
    moved : Signal
        A person has moved the limits of the frames' layer.
    """

    moved = Signal()

    def __init__(self, frames: FramesLayer) -> None:
        self._frames = frames
        self._layer: Any = None
        self._look: Look | None = None
        self._is_setting = False
        self._excess = Overlay(frames, "iris_excess", _excess_layer)

    def show_look(self, look: Look) -> None:
        """Show the frame in a look; what a person has set besides stays until the next choice."""
        layer: Any = self._frames.layer
        if layer is None:
            return
        if self._layer is not layer:
            self._layer, self._look = layer, None
            _add_color_bar(layer)
            layer.events.contrast_limits.connect(self._tell)
        before, self._look = self._look, look
        self._is_setting = True
        if before is None or look.gamma != before.gamma:
            layer.gamma = look.gamma
        if before is None or look.is_logarithmic != before.is_logarithmic:
            layer.colormap = logarithmic() if look.is_logarithmic else "gray"
        layer.contrast_limits = look.limits
        self._is_setting = False

    def _tell(self) -> None:
        if not self._is_setting:
            self.moved.emit()

    def show_excess(self, excess: NDArray[np.float32] | None) -> None:
        """Show the excess over the frame; None for none."""
        if excess is None:
            self._excess.clear()
        else:
            self._excess.show(excess, "excess")
            self._excess.lower()
        if self._frames.layer is not None:
            self._frames.layer.colorbar.visible = excess is None

    def show_scale(self, text: str) -> None:
        """Say beside the colour bar what is shown, and in which unit."""
        self._scale.text = text
        self._scale.visible = True

    @property
    def _scale(self) -> TextOverlay:
        from napari.components.overlays import TextOverlay

        overlays = self._frames.viewer.canvas.overlays
        if SCALE not in overlays:
            overlays[SCALE] = TextOverlay(position=CORNER, box=True, font_size=FONT)
        return overlays[SCALE]


@cache
def logarithmic() -> Colormap:
    """Make the colormap that does to grey what the recipe's LogStretch does to a frame."""
    from napari.utils import Colormap

    grey = np.linspace(0, 1, STEPS)
    a_log = MaskConfig().a_log
    values = ((1 + a_log) ** grey - 1) / a_log
    colors = np.stack([grey, grey, grey, np.ones(STEPS)], axis=1)
    return Colormap(colors, controls=values, name="logarithmic gray")


def _excess_layer(excess: NDArray[np.float32]) -> Image:
    from napari.layers import Image

    layer = Image(excess, colormap="gray", gamma=NIGHT_GAMMA, contrast_limits=EXCESS_LIMITS)
    _add_color_bar(layer)
    return layer


def _add_color_bar(layer: Image) -> None:
    layer.colorbar.position = CORNER
    layer.colorbar.size, layer.colorbar.font_size, layer.colorbar.tick_length = SIZE, FONT, 3
    layer.colorbar.visible = True
