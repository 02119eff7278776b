"""Where the threshold applies: under the last stroke of the threshold brush, or everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.app.curation.canvas import MaskCanvas


@dataclass
class _Stroke:
    region: NDArray[np.bool_]
    before: NDArray[np.uint8]
    after: NDArray[np.uint8] | None = None
    """The mask as the tools of the editor have left it; None once an undo has changed it."""


class ThresholdRegion:
    """The pixels under the last stroke, outlined, until the stroke is undone or ended.

    Parameters
    ----------
    canvas : MaskCanvas
        Where the mask is painted.
    """

    def __init__(self, canvas: MaskCanvas) -> None:
        self._canvas = canvas
        self._stroke: _Stroke | None = None

    @property
    def is_active(self) -> bool:
        """Whether there was a stroke when that was last looked at."""
        return self._stroke is not None

    @property
    def pixels(self) -> NDArray[np.bool_] | None:
        """The pixels under the stroke; None where there was none, or it was undone.

        A canvas does not signal an undo: the stroke was undone where the mask is the one before it
        again, and it was not a tool of the editor that led there.
        """
        stroke, mask = self._stroke, self._canvas.labels
        if stroke is None:
            return None
        if stroke.after is not None and not np.array_equal(mask, stroke.after):
            stroke.after = None
        if stroke.after is None and np.array_equal(mask, stroke.before):
            self.end()
            return None
        return stroke.region

    def begin(self, region: NDArray[np.bool_], before: NDArray[np.uint8]) -> None:
        """Take a stroke, or its continuation.

        Parameters
        ----------
        region : ndarray of bool, shape (rows, columns)
            Pixels under the stroke.
        before : ndarray of uint8, shape (rows, columns)
            The mask when it began.
        """
        self._stroke = _Stroke(region, before)
        self._canvas.outline(region)

    def note_edit(self) -> None:
        """Note that a tool of the editor has changed the mask."""
        if self._stroke is not None:
            self._stroke.after = np.array(self._canvas.labels)

    def end(self) -> bool:
        """Forget the stroke; return whether there was one."""
        if self._stroke is None:
            return False
        self._stroke = None
        self._canvas.outline(None)
        return True
