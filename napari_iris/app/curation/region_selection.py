"""Select a region by a click: what is as warm, or as cold, and connected; shown beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psygnal import Signal

from napari_iris.masks.edit import paint
from napari_iris.masks.local_threshold import find_patch
from napari_iris.radiometry.statistics import adu_per_unit

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.app.curation.mask_editor import MaskEditor
    from napari_iris.masks.local_threshold import Patch

STEP = 1.25
"""Factor of the tolerance by one step of the wheel."""


class RegionSelection:
    """The region that a click would take, outlined on the mask.

    Parameters
    ----------
    editor : MaskEditor
        Edits the mask of the current frame.
    excess : callable
        Gives the excess of that frame above the clear sky, for its mask, or None.

    Attributes
    ----------
    tolerance : float or None
        How far the region may lie beyond the pixel under the mouse, in the unit of the frame,
        or of its excess; None for what suits that pixel.
    changed : Signal
        Another region is outlined, or none.
    """

    changed = Signal()

    def __init__(
        self, editor: MaskEditor, excess: Callable[[], NDArray[np.float32] | None]
    ) -> None:
        self._editor, self._excess = editor, excess
        self._pixels: NDArray[np.float32] | None = None
        self._heights: NDArray[np.floating] | None = None
        self._unit = 1.0
        self._at: tuple[tuple[int, int], int] | None = None
        self._patch: Patch | None = None
        self.tolerance: float | None = None

    @property
    def text(self) -> str:
        """The region in words; empty for none."""
        if self._patch is None or self._editor.pixels is not self._pixels:
            return ""
        count = int(self._patch.pixels.sum())
        return f"Region: {count:,} pixels, tolerance {self._patch.tolerance * self._unit:.0f} ADU"

    def preview(self, place: tuple[int, int], value: int) -> None:
        """Outline what a click would take.

        Parameters
        ----------
        place : (int, int)
            Row and column of the pixel under the mouse.
        value : int
            0 sky (what is as cold, or colder), 1 cloud (what is as warm, or warmer).
        """
        if (place, value) != self._at or self._editor.pixels is not self._pixels:
            self._at = place, value
            self._outline()

    def step_tolerance(self, steps: float) -> None:
        """Widen (positive) or narrow the region under the mouse, and all after it."""
        if self._patch is not None:
            self.tolerance = self._patch.tolerance * STEP**steps
            self._outline()

    def take(self, place: tuple[int, int], value: int) -> None:
        """Set the region around a pixel, as one step to undo; place and value as in `preview`."""
        self._at = place, value
        self._outline()
        if self._patch is not None:
            self._editor.set_mask(paint(self._editor.mask, self._patch.pixels, value), "region")

    def end(self) -> None:
        """Outline nothing; the tolerance is again what suits each pixel."""
        self._at = self._patch = self.tolerance = None
        self._editor.canvas.outline(None)
        self.changed.emit()

    def _outline(self) -> None:
        heights = self._known_heights()
        self._patch = None
        if heights is not None and self._at is not None:
            self._patch = find_patch(heights, self._editor.mask, *self._at, self.tolerance)
        self._editor.canvas.outline(None if self._patch is None else self._patch.pixels)
        self.changed.emit()

    def _known_heights(self) -> NDArray[np.floating] | None:
        """Give the excess, computed once for each frame, else the frame itself.

        The frame's own floor would not do: it rises under a cloud at the border.
        """
        pixels = self._editor.pixels
        if pixels is not self._pixels:
            self._pixels = self._heights = pixels
            self._unit = 1.0
            excess = None if pixels is None else self._excess()
            if excess is not None and pixels is not None and excess.shape == pixels.shape:
                self._heights = excess
            elif pixels is not None:
                self._unit = adu_per_unit(pixels)
        return self._heights
