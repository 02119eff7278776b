"""The frame fills the canvas until a person zooms or pans."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_iris.desk.layers.frames_layer import FramesLayer

MARGIN = 0.01
"""Room about the frame, as a part of the canvas."""


class FrameFit:
    """Fits the view when a night opens, and while docks change the size of the canvas.

    Parameters
    ----------
    frames : FramesLayer
        The layer of the frames.
    """

    def __init__(self, frames: FramesLayer) -> None:
        self._frames = frames
        self._fitted: tuple[object, ...] | None = None
        frames.changed.connect(self._fit)
        frames.viewer.canvas.events.size.connect(self._follow_size)
        self._fit()

    @property
    def _camera(self) -> tuple[object, ...]:
        camera = self._frames.viewer.scene.camera
        return (*camera.center, camera.zoom)

    def _fit(self) -> None:
        if self._frames.layer is not None:
            self._frames.viewer.reset_view(margin=MARGIN)
            self._fitted = self._camera

    def _follow_size(self) -> None:
        if not self._frames.is_closed and self._camera == self._fitted:
            self._fit()
