"""The mask that a person corrects: the layer it is in, the tools, and what it is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QObject, Signal

from napari_iris.desk.layers.reader import labels_layer
from napari_iris.errors import IrisError
from napari_iris.frames.rebin import rebin
from napari_iris.labels import CLOUD, IGNORE, SKY
from napari_iris.masks.local_threshold import grow_region, threshold_brush
from napari_iris.masks.threshold import apply_threshold, best_threshold

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari.components import LayerList
    from napari.layers import Labels
    from numpy.typing import NDArray

LABEL, OTHER = "label", "compared"
"""Names of the layer that a person corrects, and of the one that shows another mask."""

STEPS = 60
"""Steps of the threshold over the frame's range: one press of a key."""

BRUSH = 12
"""Diameter of the brush to begin with, in mask pixels."""


class MaskInHand(QObject):
    """The mask of the frame in hand, in a layer of its own.

    Every tool changes the layer so that one undo takes it back, and the layer's history is cleared
    with each new frame, so that undo never writes one frame's pixels into another.

    Parameters
    ----------
    session : Session
        What is open in the viewer.

    Attributes
    ----------
    edited : Signal
        A tool has changed the mask.
    pixels : ndarray of float32 or None
        The frame at the mask's shape; None where it cannot be read.
    region : ndarray of bool or None
        Where the threshold is moved: what the threshold brush has touched; None for everywhere.
    """

    edited = Signal()

    def __init__(self, layers: LayerList, parent: QObject) -> None:
        super().__init__(parent)
        self._layers = layers
        self.pixels: NDArray[np.float32] | None = None
        self.region: NDArray[np.bool_] | None = None
        self._may_edit = True
        self.layer = _add(layers, LABEL)
        self.layer.brush_size = BRUSH
        self.layer.selected_label = CLOUD
        self._other: Labels | None = None

    @property
    def mask(self) -> NDArray[np.uint8]:
        """The mask, as the layer has it; labels that there are none of count as cloud."""
        mask = np.array(self.layer.data, np.uint8)
        mask[mask > IGNORE] = CLOUD
        return mask

    def show(
        self,
        mask: NDArray[np.uint8],
        frame: NDArray[np.float32] | None,
        shown: tuple[int, int],
        *,
        may_edit: bool,
    ) -> None:
        """Take another frame's mask in hand, and forget what could be undone.

        Parameters
        ----------
        mask : ndarray of uint8, shape (rows, columns)
            0 sky, 1 cloud, 2 ignore.
        frame : ndarray of float32 or None
            The frame as read; None where it cannot be.
        shown : (int, int)
            Rows and columns that the viewer shows the frame with.
        may_edit : bool
            Whether the mask may be changed.
        """
        self.end_compare()
        if self.layer not in self._layers:  # a person has deleted it
            self._layers.append(self.layer)
        self.pixels = None if frame is None else _at(frame, mask.shape)
        self.region = None
        self.layer.data = mask.copy()
        self._may_edit, mode = may_edit, self.layer.mode
        self.layer.editable = False  # the one public way to clear the layer's history
        self.layer.editable = may_edit
        self.layer.mode = mode  # which that has put down
        _fit(self.layer, shown)

    def rest(self) -> None:
        """Refuse edits while no frame is in hand: another night is in view."""
        self.end_compare()
        self._may_edit = self.layer.editable = False

    def remove(self) -> None:
        """Take the layers out of the viewer."""
        for layer in (self.layer, self._other):
            if layer is not None and layer in self._layers:
                self._layers.remove(layer)

    # --- tools

    def apply(self, tool: Callable[[NDArray[np.uint8]], NDArray[np.uint8]]) -> None:
        """Correct the mask by a function of it."""
        self.correct(tool(self.mask))

    def correct(self, mask: NDArray[np.uint8]) -> None:
        """Put a corrected mask into the layer, as one step that undo takes back."""
        if not self._may_edit:
            return
        compared = self.end_compare()
        where = np.nonzero(mask != self.layer.data)
        if where[0].size:
            self.layer.data_setitem(where, mask[where])
        if where[0].size or compared:
            self.edited.emit()

    def span(self) -> tuple[float, float] | None:
        """Range that the threshold may take, in the frame's unit; None for a blank frame."""
        if self.pixels is None or not np.isfinite(self.pixels).any():
            return None
        low, high = np.percentile(self.pixels[np.isfinite(self.pixels)], (0.1, 99.9))
        return (float(low), float(high)) if high > low else None

    def cut(self) -> float | None:
        """Threshold that comes nearest to the mask in the region, in the frame's unit.

        None where the region has no pixel to look at.
        """
        span = self.span()
        if self.pixels is None or span is None:
            return None
        mask, region = self.mask, self._region()
        if not (np.isfinite(self.pixels) & (mask != IGNORE) & region).any():
            return None
        return float(np.clip(best_threshold(self.pixels, mask, region), *span))

    def set_cut(self, cut: float) -> None:
        """Move the threshold of the region; the mask follows."""
        if self.pixels is not None:
            self.correct(apply_threshold(self.pixels, self.mask, self._region(), cut))

    def step_cut(self, steps: int) -> None:
        """Move the threshold by steps: negative for more cloud, positive for less.

        It only adds cloud or only takes it, so what was drawn by hand stays, and it goes on to the
        next pixel that changes where there is none within the steps.
        """
        cut, span = self.cut(), self.span()
        if self.pixels is None or cut is None or span is None:
            return
        to, mask = cut + steps * (span[1] - span[0]) / STEPS, self.mask
        may_change = np.isfinite(self.pixels) & (mask == (CLOUD if steps > 0 else SKY))
        may_change &= self._region()
        values = self.pixels[may_change]
        if not values.size:
            return
        if steps > 0:
            to = max(to, float(values.min()))
            mask[may_change & (self.pixels <= to)] = SKY
        else:
            to = min(to, float(np.nextafter(values.max(), np.float32(-np.inf))))
            mask[may_change & (self.pixels > to)] = CLOUD
        self.correct(mask)

    def brush(self, before: NDArray[np.uint8], touched: NDArray[np.bool_], *, more: bool) -> None:
        """Move the threshold under a stroke; keys and slider then act on what it has touched.

        Parameters
        ----------
        before : ndarray of uint8
            The mask as it was when the stroke began.
        touched : ndarray of bool
            All that the stroke has passed over so far.
        more : bool
            Whether to turn sky to cloud, or cloud to sky.
        """
        if self.pixels is not None:
            self.region = touched
            self.correct(threshold_brush(self.pixels, before, touched, more=more))

    def pick(self, seed: tuple[int, int], value: int) -> None:
        """Mark the cloud, or the clear patch, that a click is in."""
        if self.pixels is not None:
            self.correct(grow_region(self.pixels, self.mask, seed, value))

    def _region(self) -> NDArray[np.bool_]:
        return np.ones(self.layer.data.shape, bool) if self.region is None else self.region

    # --- comparing

    def show_other(self, mask: NDArray[np.uint8]) -> None:
        """Show another mask of the frame in place of the one in hand."""
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

    def end_compare(self) -> bool:
        """Show the mask in hand again; say whether another one was shown."""
        if self._other is None or not self._other.visible:
            return False
        self._other.visible, self.layer.visible = False, True
        return True


def _add(layers: LayerList, name: str) -> Labels:
    """Add a layer for a mask."""
    from napari.layers import Labels

    data, settings, _ = labels_layer(np.zeros((2, 2), np.uint8), name, None)
    layer = Labels(data, **settings)
    layers.append(layer)
    return layer


def _fit(layer: Labels, shown: tuple[int, int] | list[int]) -> None:
    """Lay a mask over the frame, scaled so that its pixels cover the frame's."""
    scale = [frame / mask for frame, mask in zip(shown, layer.data.shape, strict=True)]
    if not np.array_equal(layer.scale, scale):  # either takes napari 15 ms, changed or not
        layer.scale = scale
        layer.translate = [(factor - 1) / 2 for factor in scale]


def _at(frame: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32] | None:
    """Give the frame at a mask's shape; None where it cannot be brought to it."""
    try:
        return rebin(frame, (shape[0], shape[1]))
    except IrisError:
        return None
