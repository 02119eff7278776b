"""The Labels layer in which a person paints the mask of the current frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.desk.layers.reader import new_labels
from napari_iris.labels import CLOUD

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari.components import LayerList
    from napari.layers import Labels
    from numpy.typing import NDArray

LABEL, OTHER = "label", "compared"
"""Names of the painted layer, and of the layer that shows another mask."""

BRUSH = 12
"""Diameter of the brush at the start, in mask pixels."""


class MaskLayer:
    """A `MaskCanvas` in napari.

    Parameters
    ----------
    layers : LayerList
        Layers of the viewer; the mask is added in front.

    Attributes
    ----------
    layer : Labels
        The painted layer.
    """

    def __init__(self, layers: LayerList) -> None:
        self._layers = layers
        self.layer = _add(layers, LABEL)
        self.layer.brush_size = BRUSH
        self.layer.selected_label = CLOUD
        self._other: Labels | None = None

    @property
    def labels(self) -> NDArray[np.uint8]:
        """The mask as painted, not a copy; napari lets a person choose labels above 2."""
        labels: NDArray[np.uint8] = self.layer.data
        return labels

    def override(self, *, visible: bool) -> None:
        """Show or hide the mask for a while."""
        self.layer.visible = visible

    def restore(self) -> None:
        """Show the mask again."""
        self.layer.visible = True

    def show(
        self,
        mask: NDArray[np.uint8],
        frame_shape: tuple[int, int],
        path: Path | None,
        *,
        editable: bool,
    ) -> None:
        """Show the mask of another frame, over that frame, without a history to undo.

        Parameters
        ----------
        mask : ndarray of uint8, shape (rows, columns)
            0 sky, 1 cloud, 2 ignore.
        frame_shape : (int, int)
            Rows and columns of the frame as displayed.
        path : Path or None
            File of the frame.
        editable : bool
            Whether it may be painted on.
        """
        if self.layer not in self._layers:  # the user has deleted it
            self._layers.append(self.layer)
        mode = self.layer.mode
        self.layer.data = mask.copy()
        self.layer.editable = False  # the only public way to clear the layer's undo history
        self.layer.editable = editable
        self.layer.mode = mode  # `editable` has reset it
        self.layer.metadata["iris_frame"] = str(path)
        _fit(self.layer, frame_shape)

    def lock(self) -> None:
        """Refuse edits until the next `show`."""
        self.layer.editable = False

    def change(self, mask: NDArray[np.uint8]) -> bool:
        """Change pixels to those of `mask`, as one step to undo; return whether any changed."""
        where = np.nonzero(mask != self.layer.data)
        if where[0].size:
            self.layer.data_setitem(where, mask[where])
        return bool(where[0].size)

    def undo(self) -> None:
        """Undo the last step."""
        self.layer.undo()

    def redo(self) -> None:
        """Redo the last undone step."""
        self.layer.redo()

    def show_other(self, mask: NDArray[np.uint8]) -> None:
        """Show another mask of the frame in place of the painted one.

        Parameters
        ----------
        mask : ndarray of uint8, shape (rows, columns)
            The other mask, of any shape.
        """
        selected = self._layers.selection.active
        if self._other is None or self._other not in self._layers:
            self._other = _add(self._layers, OTHER)
        self._other.data = mask
        self._other.editable = False
        self._other.scale, self._other.translate = self.layer.scale, self.layer.translate
        if mask.shape != self.layer.data.shape:
            sides = zip(self.layer.data.shape, self.layer.scale, strict=True)
            _fit(self._other, [round(side * scale) for side, scale in sides])
        self._other.visible, self.layer.visible = True, False
        self._layers.selection.active = selected

    def hide_other(self) -> bool:
        """Show the painted mask again; return whether another one was shown."""
        if self._other is None or not self._other.visible:
            return False
        self._other.visible, self.layer.visible = False, True
        return True

    def remove(self) -> None:
        """Remove both layers from the viewer."""
        for layer in (self.layer, self._other):
            if layer is not None and layer in self._layers:
                self._layers.remove(layer)


def _add(layers: LayerList, name: str) -> Labels:
    layer = new_labels(np.zeros((2, 2), np.uint8), name)
    layers.append(layer)
    return layer


def _fit(layer: Labels, frame_shape: Sequence[int]) -> None:
    """Scale a mask so that it covers the frame."""
    scale = [frame / mask for frame, mask in zip(frame_shape, layer.data.shape, strict=True)]
    if not np.array_equal(layer.scale, scale):  # setting either takes napari 15 ms
        layer.scale = scale
        layer.translate = [(factor - 1) / 2 for factor in scale]
