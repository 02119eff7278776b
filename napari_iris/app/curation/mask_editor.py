"""The tools that change the mask of the current frame: the threshold and the brushes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.app.curation.cut_surface import best_heights, clear_sky_heights
from napari_iris.app.curation.edited_mask import EditedMask
from napari_iris.labels import CLOUD, IGNORE, SKY
from napari_iris.masks.local_threshold import threshold_brush
from napari_iris.masks.scribbles import follow_stroke
from napari_iris.masks.threshold import apply_threshold, best_threshold

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Stroke = NDArray[np.bool_]

STEPS = 60
"""Steps of the threshold keys over the range of the frame."""

PERCENTILES = (0.1, 99.9)
"""Percentiles of the frame between which the threshold can be moved."""


class MaskEditor(EditedMask):
    """The mask of the current frame and the tools that change it; see `EditedMask`."""

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
    def threshold_scope(self) -> str:
        """Where the threshold applies, in words."""
        return "whole frame" if self.region is None else "last stroke"

    def _region(self) -> NDArray[np.bool_]:
        region = self.region
        return np.ones(self.canvas.labels.shape, bool) if region is None else region
