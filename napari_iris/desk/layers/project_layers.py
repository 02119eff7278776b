"""A project in the viewer: the layer of its frames, and the mask layer in front of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.desk.layers.busy import show_busy
from napari_iris.desk.layers.mask_layer import MaskLayer
from napari_iris.desk.layers.reader import GAMMA
from napari_iris.frames.contrast import display_limits
from napari_iris.frames.sequence import FrameSequence

if TYPE_CHECKING:
    from napari.layers import Image, Labels, Layer

    from napari_iris.desk.layers.frames_layer import FramesLayer
    from napari_iris.frames.index import FrameIndex


class ProjectLayers:
    """A `ProjectView` in napari.

    Parameters
    ----------
    frames : FramesLayer
        Connects the viewer and its session.

    Attributes
    ----------
    mask : MaskLayer or None
        The mask of the current frame; None while no project is shown.
    """

    def __init__(self, frames: FramesLayer) -> None:
        self._frames = frames
        self._image: Image | None = None
        self._hidden: list[Layer] = []
        self.mask: MaskLayer | None = None

    def show(self, sequence: FrameSequence, index: FrameIndex, name: str) -> MaskLayer:
        """Bring a project's frames to the front, in place of the frames that are open.

        Parameters
        ----------
        sequence : FrameSequence
            The frames.
        index : FrameIndex
            Their index.
        name : str
            Name of the layer.

        Returns
        -------
        MaskLayer
            The canvas of their masks.
        """
        from napari.layers import Image

        show_busy()
        layers = self._frames.viewer.layers
        for layer in layers:  # the same frames may be open
            if isinstance(layer.data, FrameSequence) and layer.visible:
                layer.visible = False
                self._hidden.append(layer)
        self._image = Image(
            sequence,
            name=name,
            contrast_limits=display_limits(sequence),
            colormap="gray",
            gamma=GAMMA,
            axis_labels=("frame", "y", "x"),
            metadata={"iris_index": index},
        )
        layers.append(self._image)
        self.mask = MaskLayer(layers, self._frames.shown)
        self._keep_brush(self.mask.layer)
        return self.mask

    def _keep_brush(self, layer: Labels) -> None:
        """Take the brush of the last window, and keep that of this one for the next."""
        remembered = self._frames.remembered
        layer.brush_size = remembered.kept.brush or layer.brush_size
        layer.events.brush_size.connect(lambda: remembered.keep(brush=round(layer.brush_size)))

    def update(self, sequence: FrameSequence, index: FrameIndex) -> None:
        """Show a newer state of the same frames, in front or not.

        Parameters
        ----------
        sequence : FrameSequence
            The frames.
        index : FrameIndex
            Their index.
        """
        if self._image is None:
            return
        self._image.metadata["iris_index"] = index
        if self._frames.layer is self._image:
            self._frames.session.replace(sequence, index)
        else:
            self._image.data.close()
            self._image.data = sequence

    def remove(self) -> None:
        """Remove frames and mask, and show again what they covered."""
        layers = self._frames.viewer.layers
        if self.mask is not None:
            self.mask.remove()
        if self._image is not None and self._image in layers:
            layers.remove(self._image)
        for layer in self._hidden:
            layer.visible = True
        self.release()

    def release(self) -> None:
        """Leave frames and mask in the viewer as plain layers."""
        if self.mask is not None:
            self.mask.remove_outline()
        self._image = self.mask = None
        self._hidden = []
