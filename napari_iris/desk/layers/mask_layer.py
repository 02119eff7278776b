"""The Labels layer in which a person paints the mask of the current frame."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.desk.layers.mask_style import draw_mask
from napari_iris.desk.layers.reader import new_labels
from napari_iris.labels import CLOUD

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari.components import LayerList
    from napari.layers import Labels
    from napari.utils.colormaps import DirectLabelColormap
    from numpy.typing import ArrayLike, NDArray

    from napari_iris.app.view.shown import Shown

DOCKS = ("curate", "review")
"""Docks that the mask belongs to."""

LABEL, OTHER, STROKE = "label", "compared", "stroke"
"""Names of the painted layer, of that which shows another mask, and of the outline of a stroke."""

STROKE_COLOR = "#ffd166"

BRUSH = 12
"""Diameter of the brush at the start, in mask pixels."""


class MaskLayer:
    """A `MaskCanvas` in napari.

    Parameters
    ----------
    layers : LayerList
        Layers of the viewer; the mask is added in front.
    shown : Shown
        Which layers lie over the frames.

    Attributes
    ----------
    layer : Labels
        The painted layer.
    """

    def __init__(self, layers: LayerList, shown: Shown) -> None:
        self._layers, self._shown = layers, shown
        self.layer = _add(layers, LABEL)
        self.layer.brush_size = BRUSH
        self.layer.selected_label = CLOUD
        self._step = ExitStack()
        self._other: Labels | None = None
        self._outline: Labels | None = None
        self._is_outlined = False
        for event in (self.layer.events.set_data, self.layer.events.labels_update):
            event.connect(self._draw)
        self._was_shown = shown.shows(DOCKS)
        self.layer.visible = self._was_shown
        shown.changed.connect(self._follow)

    def _draw(self) -> None:
        """Draw all masks in the style that is chosen."""
        for layer in filter(None, (self.layer, self._other)):
            draw_mask(layer, self._shown.style)

    def _follow(self) -> None:
        """Show the mask while its dock is in front."""
        if self.layer not in self._layers:
            return
        self._draw()
        if self._was_shown != (is_shown := self._shown.shows(DOCKS)):
            self._was_shown = is_shown
            self.restore()

    @property
    def labels(self) -> NDArray[np.uint8]:
        """The mask as painted, not a copy; napari lets a person choose labels above 2."""
        labels: NDArray[np.uint8] = self.layer.data
        return labels

    @property
    def visible(self) -> bool:
        """Whether the mask can be seen."""
        return self.layer in self._layers and bool(self.layer.visible and self.layer.opacity)

    @property
    def shows_other(self) -> bool:
        """Whether another mask of the frame is shown in place of the painted one."""
        return self._other is not None and self._other in self._layers and self._other.visible

    def override(self, *, visible: bool) -> None:
        """Show or hide the mask for a while."""
        self.layer.visible = visible

    def restore(self) -> None:
        """Show the mask if its dock is in front, hide it if not."""
        is_shown = self._shown.shows(DOCKS)
        self.layer.visible = is_shown
        if self._other is not None:
            self._other.visible = False
        if self._outline is not None:
            self._outline.visible = is_shown and self._is_outlined

    def reveal(self) -> None:
        """Show the mask, whatever hid it."""
        self._put_back()
        self._shown.reveal(DOCKS)
        self.layer.visible = True
        if not self.layer.opacity:
            draw_mask(self.layer, self._shown.style, anew=True)

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
        self.end_step()
        self.outline(None)
        self._put_back()
        mode = self.layer.mode
        self._replace(self.layer, mask)
        self.layer.editable = False  # the only public way to clear the layer's undo history
        self.layer.editable = editable
        self.layer.mode = mode  # `editable` has reset it
        self.layer.metadata["iris_frame"] = str(path)
        _fit(self.layer, frame_shape)

    def _put_back(self) -> None:
        if self.layer not in self._layers:  # the user has deleted it
            self._layers.append(self.layer)

    def _replace(self, layer: Labels, mask: NDArray[np.uint8]) -> None:
        """Put other pixels into a layer; other data would cost napari five times as much."""
        if layer.data.shape == mask.shape:
            layer.data[:] = mask
            layer.refresh(extent=False)
        else:
            layer.data = mask.copy()

    def lock(self) -> None:
        """Refuse edits until the next `show`."""
        self.layer.editable = False

    def change(self, mask: NDArray[np.uint8]) -> bool:
        """Change pixels to those of `mask`, as one step to undo; return whether any changed."""
        where = np.nonzero(mask != self.layer.data)
        if where[0].size:
            self.layer.data_setitem(where, mask[where])
        return bool(where[0].size)

    def undo(self) -> bool:
        """Undo the last step; return whether there was one."""
        self.end_step()
        before = self.layer.data.copy()
        self.layer.undo()
        return not np.array_equal(before, self.layer.data)

    def redo(self) -> None:
        """Redo the last undone step."""
        self.layer.redo()

    def begin_step(self) -> None:
        """Let all changes be one step to undo, until `end_step` or the next `show`."""
        self.end_step()
        self._step.enter_context(self.layer.block_history())

    def end_step(self) -> None:
        """End the step, if one was begun."""
        self._step.close()

    def outline(self, region: NDArray[np.bool_] | None) -> None:
        """Draw the outline of a region over the mask; None for none.

        Parameters
        ----------
        region : ndarray of bool, shape (rows, columns), or None
            Of the mask's shape.
        """
        if self._outline is None or self._outline not in self._layers:
            if region is None:
                return
            self._outline = self._add_over(STROKE)
            self._outline.contour, self._outline.opacity = 1, 1
            self._outline.colormap = _one_color(STROKE_COLOR)
        if region is not None:
            self._cover(self._outline, region.astype(np.uint8))
        self._is_outlined = region is not None
        is_shown = self._is_outlined and self._shown.shows(DOCKS)
        if self._outline.visible != is_shown:  # setting it lays the canvas out anew
            self._outline.visible = is_shown

    def _add_over(self, name: str) -> Labels:
        """Add a layer over the mask; the selection stays."""
        selected = self._layers.selection.active
        layer = _add(self._layers, name)
        self._layers.selection.active = selected
        return layer

    def _cover(self, layer: Labels, mask: NDArray[np.uint8]) -> None:
        """Show pixels in another layer, over the same field of view."""
        self._replace(layer, mask)
        layer.editable = False
        if mask.shape == self.layer.data.shape:
            _place(layer, self.layer.scale, self.layer.translate)
        else:
            sides = zip(self.layer.data.shape, self.layer.scale, strict=True)
            _fit(layer, [round(side * scale) for side, scale in sides])

    def show_other(self, mask: NDArray[np.uint8]) -> None:
        """Show another mask of the frame in place of the painted one.

        Parameters
        ----------
        mask : ndarray of uint8, shape (rows, columns)
            The other mask, of any shape.
        """
        if self._other is None or self._other not in self._layers:
            self._other = self._add_over(OTHER)
        self._cover(self._other, mask)
        draw_mask(self._other, self._shown.style)
        self._other.visible, self.layer.visible = True, False

    def hide_other(self) -> bool:
        """Show the painted mask again; return whether another one was shown."""
        if self._other is None or not self._other.visible:
            return False
        self._other.visible, self.layer.visible = False, self._shown.shows(DOCKS)
        return True

    def remove(self) -> None:
        """Remove all layers from the viewer."""
        self.remove_outline()
        for layer in (self.layer, self._other):
            if layer is not None and layer in self._layers:
                self._layers.remove(layer)

    def remove_outline(self) -> None:
        """Remove the layer of the outline from the viewer."""
        if self._outline is not None and self._outline in self._layers:
            self._layers.remove(self._outline)


def _one_color(color: str) -> DirectLabelColormap:
    from napari.utils.colormaps import DirectLabelColormap

    return DirectLabelColormap(color_dict={1: color, None: "transparent"})


def _add(layers: LayerList, name: str) -> Labels:
    layer = new_labels(np.zeros((2, 2), np.uint8), name)
    layers.append(layer)
    return layer


def _fit(layer: Labels, frame_shape: Sequence[int]) -> None:
    """Scale a mask so that it covers the frame."""
    scale = [frame / mask for frame, mask in zip(frame_shape, layer.data.shape, strict=True)]
    _place(layer, scale, [(factor - 1) / 2 for factor in scale])


def _place(layer: Labels, scale: ArrayLike, translate: ArrayLike) -> None:
    """Place a layer in the world, unless it is there: setting either takes napari 15 ms."""
    if not np.array_equal(layer.scale, scale):
        layer.scale = scale
    if not np.array_equal(layer.translate, translate):
        layer.translate = translate
