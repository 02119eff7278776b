"""Edit the mask of the current frame: tools, the threshold, and comparison with another mask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from psygnal import Signal

from napari_iris.app.curation.cut_surface import best_heights, clear_sky_heights
from napari_iris.app.curation.threshold_region import ThresholdRegion
from napari_iris.errors import IrisError
from napari_iris.frames.rebin import rebin
from napari_iris.labels import CLOUD, IGNORE, SKY
from napari_iris.masks.local_threshold import threshold_brush
from napari_iris.masks.scribbles import follow_stroke
from napari_iris.masks.threshold import apply_threshold, best_threshold

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.app.curation.canvas import MaskCanvas
    from napari_iris.labels import Tag

    Stroke = NDArray[np.bool_]

STEPS = 60
"""Steps of the threshold keys over the range of the frame."""

PERCENTILES = (0.1, 99.9)
"""Percentiles of the frame between which the threshold can be moved."""


class MaskEditor:
    """The mask of the current frame and the tools that change it.

    Every tool makes one step to undo, and `show` clears the history, so that undo never writes
    one frame's pixels into another.

    Parameters
    ----------
    canvas : MaskCanvas
        Where the mask is painted.

    Attributes
    ----------
    edited : Signal
        A tool has changed the mask.
    pixels : ndarray of float32 or None
        The frame at the mask's shape, in its own unit; None where it cannot be read.
    compared : Tag or None
        Origin of the mask shown in place of the edited one.
    """

    edited = Signal()

    def __init__(self, canvas: MaskCanvas) -> None:
        self.canvas = canvas
        self.pixels: NDArray[np.float32] | None = None
        self.compared: Tag | None = None
        self._editable = True
        self._saved: NDArray[np.uint8] | None = None
        self._left: NDArray[np.uint8] | None = None
        self._tools: dict[str, None] = {}
        self._threshold_region = ThresholdRegion(canvas)

    @property
    def mask(self) -> NDArray[np.uint8]:
        """A copy of the mask: 0 sky, 1 cloud, 2 ignore; labels above 2 count as cloud."""
        mask = np.array(self.canvas.labels, np.uint8)
        mask[mask > IGNORE] = CLOUD
        return mask

    @property
    def is_modified(self) -> bool:
        """Whether the mask has changed since it was shown or saved."""
        if self._saved is None:
            return False
        return not np.array_equal(self.canvas.labels, self._saved)

    def show(
        self,
        mask: NDArray[np.uint8],
        frame: NDArray[np.float32] | None,
        frame_shape: tuple[int, int],
        path: Path | None = None,
        *,
        editable: bool = True,
    ) -> None:
        """Edit the mask of another frame.

        Parameters
        ----------
        mask : ndarray of uint8, shape (rows, columns)
            0 sky, 1 cloud, 2 ignore.
        frame : ndarray of float32 or None
            The frame as read; None where it cannot be read.
        frame_shape : (int, int)
            Rows and columns of the frame as displayed.
        path : Path, optional
            File of the frame.
        editable : bool
            Whether the mask may be changed.
        """
        self._forget()  # the canvas may send events while its mask is not of this frame
        self.canvas.show(mask, frame_shape, path, editable=editable)
        self.pixels = None if frame is None else _rebinned(frame, mask.shape)
        self._editable, self._saved, self._left = editable, mask, mask

    def lock(self) -> None:
        """Refuse edits: no frame of the project is current."""
        self._forget()
        self.canvas.lock()

    def _forget(self) -> None:
        self.end_comparison()
        self._threshold_region.end()
        self.pixels = self._saved = self._left = None
        self._editable, self._tools = False, {}

    def mark_saved(self) -> None:
        """Take the mask as it is now for the saved one."""
        self._saved = self._left = np.array(self.canvas.labels)
        self._tools = {}

    # --- tools

    def apply(
        self, function: Callable[[NDArray[np.uint8]], NDArray[np.uint8]], tool: str = ""
    ) -> None:
        """Replace the mask by a function of it, as one step to undo."""
        self.set_mask(function(self.mask), tool)

    def set_mask(self, mask: NDArray[np.uint8], tool: str = "") -> None:
        """Replace the mask, as one step to undo; a comparison ends.

        Parameters
        ----------
        mask : ndarray of uint8, shape (rows, columns)
            0 sky, 1 cloud, 2 ignore.
        tool : str
            What made it, for the history.
        """
        if not self._editable:
            return
        was_compared = self.end_comparison()
        self._note_brush()
        is_changed = self.canvas.change(mask)
        if is_changed:
            self._tools[tool] = None
            self._left = np.array(self.canvas.labels)
        self._threshold_region.note_edit()
        if is_changed or was_compared:
            self.edited.emit()

    @property
    def how(self) -> str:
        """How the mask was made since it was saved, such as "drawn with grow, smooth"."""
        self._note_brush()
        names = ", ".join(name for name in self._tools if name)
        return f"drawn with {names}" if names else "drawn"

    def _note_brush(self) -> None:
        """Note that the canvas was painted on, of which there is no signal."""
        if self._left is not None and not np.array_equal(self.canvas.labels, self._left):
            self._tools["brush"] = None
            self._left = np.array(self.canvas.labels)

    def reveal(self) -> bool:
        """Show the mask; return whether it, or the edited one in place of another, was hidden."""
        if self.canvas.visible:
            return False
        self.end_comparison()
        self.canvas.reveal()
        return True

    def undo(self) -> bool:
        """Undo the last step on this frame; return whether there was one."""
        self._note_brush()
        is_undone = self.canvas.undo()
        self._left = np.array(self.canvas.labels)
        self.follow_undo()
        return is_undone

    def redo(self) -> None:
        """Redo the last undone step."""
        self.canvas.redo()
        self._left = np.array(self.canvas.labels)

    # --- the threshold

    def threshold_range(self) -> tuple[float, float] | None:
        """Lowest and highest threshold, in the frame's unit; None for a blank frame."""
        if self.pixels is None or not np.isfinite(self.pixels).any():
            return None
        low, high = np.percentile(self.pixels[np.isfinite(self.pixels)], PERCENTILES)
        return (float(low), float(high)) if high > low else None

    def threshold(self) -> float | None:
        """Threshold that fits the mask in the region best, in the frame's unit.

        None where all pixels of the region are blank or ignored.
        """
        limits = self.threshold_range()
        if self.pixels is None or limits is None:
            return None
        mask, region = self.mask, self._region()
        if not (np.isfinite(self.pixels) & (mask != IGNORE) & region).any():
            return None
        return float(np.clip(best_threshold(self.pixels, mask, region), *limits))

    def set_threshold(self, threshold: float) -> None:
        """Cut the region at a threshold, in the frame's unit: cloud is above it."""
        if self.pixels is not None:
            mask = apply_threshold(self.pixels, self.mask, self._region(), threshold)
            self.set_mask(mask, "threshold")

    def step_threshold(self, steps: float, excess: NDArray[np.float32] | None = None) -> None:
        """Move the threshold: negative steps for more cloud, positive for less.

        It moves along the surface that the mask was cut at: above the clear sky, above the frame's
        floor, or level. Cloud is only added or only removed, so painted pixels of the other kind
        stay. If no pixel lies within the steps, it moves on to the next one that changes.

        Parameters
        ----------
        steps : float
            In sixtieths of the range of the frame above that surface.
        excess : ndarray of float32, shape of the mask, optional
            Excess of the frame above the clear sky.
        """
        mask, region = self.mask, self._region()
        if self.pixels is None or self.threshold() is None:
            return
        heights = self.pixels
        if self.region is None:
            heights = best_heights(self.pixels, excess, mask)
        low, high = np.percentile(heights[np.isfinite(heights)], PERCENTILES)
        threshold = float(np.clip(best_threshold(heights, mask, region), low, high))
        target = threshold + steps * (high - low) / STEPS
        may_change = np.isfinite(heights) & (mask == (CLOUD if steps > 0 else SKY)) & region
        values = heights[may_change]
        if not values.size:
            return
        if steps > 0:
            target = max(target, float(values.min()))
            mask[may_change & (heights <= target)] = SKY
        else:
            target = min(target, float(np.nextafter(values.max(), np.float32(-np.inf))))
            mask[may_change & (heights > target)] = CLOUD
        self.set_mask(mask, "threshold")

    def paint_threshold(
        self, before: NDArray[np.uint8], stroke: NDArray[np.bool_], *, more: bool
    ) -> None:
        """Move the threshold under a brush stroke; later moves apply to the stroke only.

        Parameters
        ----------
        before : ndarray of uint8
            The mask when the stroke began.
        stroke : ndarray of bool
            Pixels under the stroke so far.
        more : bool
            Whether to turn sky into cloud, or cloud into sky.
        """
        if self.pixels is not None and self._editable:
            self._threshold_region.begin(stroke, before)
            mask = threshold_brush(self.pixels, before, stroke, more=more)
            self.set_mask(mask, "threshold brush")

    def scribble(
        self, before: NDArray[np.uint8], heights: NDArray[np.floating], stroke: Stroke, value: int
    ) -> None:
        """Give the pixels under a stroke a value; those around it that are like it follow.

        Parameters
        ----------
        before : ndarray of uint8
            The mask when the stroke began.
        heights : ndarray of float
            From `sky_heights`.
        stroke : ndarray of bool
            Pixels under the stroke so far.
        value : int
            0 sky, 1 cloud, 2 ignore.
        """
        self.set_mask(follow_stroke(heights, before, stroke, value), "scribble")

    def sky_heights(self, excess: NDArray[np.float32] | None) -> NDArray[np.floating] | None:
        """Heights of the pixels above the clear sky; None where the frame cannot be read."""
        return None if self.pixels is None else clear_sky_heights(self.pixels, excess)

    @property
    def region(self) -> NDArray[np.bool_] | None:
        """Pixels under the last stroke, which the threshold applies to; None for all pixels."""
        return self._threshold_region.pixels

    def end_region(self) -> bool:
        """Let the threshold apply to the whole frame; return whether it did not before."""
        has_ended = self._threshold_region.end()
        if has_ended:
            self.edited.emit()
        return has_ended

    def follow_undo(self) -> None:
        """End the region of a stroke that was undone, of which there is no signal."""
        if self._threshold_region.is_active and self.region is None:
            self.edited.emit()

    @property
    def threshold_scope(self) -> str:
        """Where the threshold applies, in words."""
        return "whole frame" if self.region is None else "last stroke"

    def _region(self) -> NDArray[np.bool_]:
        region = self.region
        return np.ones(self.canvas.labels.shape, bool) if region is None else region

    # --- comparison

    def compare(self, mask: NDArray[np.uint8], tag: Tag) -> None:
        """Show another mask of the frame in place of the edited one.

        Parameters
        ----------
        mask : ndarray of uint8
            The other mask, of any shape.
        tag : {'auto', 'model', 'human'}
            Its origin.
        """
        self.compared = tag
        self.canvas.show_other(mask)

    def propose(self, mask: NDArray[np.uint8]) -> None:
        """Show a mask that the frame may get in place of the edited one.

        Parameters
        ----------
        mask : ndarray of uint8
            The mask, of any shape.
        """
        self.compared = None
        self.canvas.show_other(mask)

    def end_comparison(self) -> bool:
        """Show the edited mask again; return whether another one was shown."""
        self.compared = None
        return self.canvas.hide_other()


def _rebinned(frame: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32] | None:
    """Rebin a frame to a mask's shape; None where that is not possible."""
    try:
        return rebin(frame, (shape[0], shape[1]))
    except IrisError:
        return None
