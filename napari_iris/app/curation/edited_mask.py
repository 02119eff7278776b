"""The mask that is edited: its steps to undo, the tools that made it, another one in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from psygnal import Signal

from napari_iris.app.curation.threshold_region import ThresholdRegion
from napari_iris.errors import IrisError
from napari_iris.frames.rebin import rebin
from napari_iris.labels import CLOUD, IGNORE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.app.curation.canvas import MaskCanvas
    from napari_iris.labels import Tag


class EditedMask:
    """The mask of the current frame, which tools change.

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

    # --- changes

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
        """Note that the canvas was painted on, which emits no signal."""
        if self._left is not None and not np.array_equal(self.canvas.labels, self._left):
            self._tools["brush"] = None
            self._left = np.array(self.canvas.labels)

    def reveal(self) -> bool:
        """Show the mask; return whether it was hidden, and no proposed one shown in its place."""
        if self.canvas.visible or (self.compared is None and self.canvas.shows_other):
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

    # --- the last stroke

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
        """End the region of a stroke that was undone, which emits no signal."""
        if self._threshold_region.is_active and self.region is None:
            self.edited.emit()

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
