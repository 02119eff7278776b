"""A project in the viewer: the layer of its frames, and that of the mask in hand over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.desk.curate.mask_in_hand import MaskInHand
from napari_iris.desk.layers.reader import GAMMA
from napari_iris.frames.contrast import display_limits
from napari_iris.frames.index import FrameIndex
from napari_iris.frames.sequence import FrameSequence

if TYPE_CHECKING:
    import napari
    from napari.layers import Layer
    from qtpy.QtCore import QObject

    from napari_iris.project.project import Project


class ProjectLayers:
    """The layers of a project that is open.

    Parameters
    ----------
    viewer : napari.Viewer
        Where they are shown.
    project : Project
        The project; it has frames.

    Attributes
    ----------
    image : napari.layers.Image
        Its frames.
    hand : MaskInHand or None
        The mask in hand, once they are in the viewer.
    """

    def __init__(self, viewer: napari.Viewer, project: Project) -> None:
        from napari.layers import Image

        sequence = _sequence(project)
        self._layers = viewer.layers
        self._hidden: list[Layer] = []
        self.hand: MaskInHand | None = None
        self.image = Image(
            sequence,
            name=project.folder.name,
            contrast_limits=display_limits(sequence),
            colormap="gray",
            gamma=GAMMA,
            axis_labels=("frame", "y", "x"),
            metadata={"iris_index": _index(project)},
        )

    def add(self, parent: QObject) -> MaskInHand:
        """Add them to the viewer, in place of the night that is open; give the mask in hand."""
        for layer in self._layers:  # the same night may be open, and the Mask dock's preview of it
            ours = isinstance(layer.data, FrameSequence) or layer.metadata.get("iris_preview")
            if ours and layer.visible:
                layer.visible = False
                self._hidden.append(layer)
        self._layers.append(self.image)
        self.hand = MaskInHand(self._layers, parent)
        return self.hand

    def renew(self, project: Project) -> tuple[FrameSequence, FrameIndex]:
        """Give the frames that the project has now, and their index."""
        index = self.image.metadata["iris_index"] = _index(project)
        return _sequence(project), index

    def remove(self) -> None:
        """Take them out of the viewer, and show again what they were put over."""
        if self.hand is not None:
            self.hand.remove()
        if self.image in self._layers:
            self._layers.remove(self.image)
        for layer in self._hidden:
            layer.visible = True


def _sequence(project: Project) -> FrameSequence:
    """Frames of a project, all shown with the first one's shape."""
    return FrameSequence(project.table.paths, shape=project.shape_of(0))


def _index(project: Project) -> FrameIndex:
    return FrameIndex.of(project.table.paths, project.table.time)
