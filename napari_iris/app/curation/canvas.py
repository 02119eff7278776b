"""What the curation of a project needs of a viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from napari_iris.app.overlay import Blinkable

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.frames.index import FrameIndex
    from napari_iris.frames.sequence import FrameSequence


class MaskCanvas(Blinkable, Protocol):
    """Shows the mask of the current frame, to be painted on."""

    @property
    def labels(self) -> NDArray[np.uint8]:
        """The mask as painted, shape (rows, columns), not a copy; may hold labels above 2."""

    def show(
        self,
        mask: NDArray[np.uint8],
        frame_shape: tuple[int, int],
        path: Path | None,
        *,
        editable: bool,
    ) -> None:
        """Show the mask of another frame, no outline; nothing done before can be undone."""

    def reveal(self) -> None:
        """Show the mask, whatever hid it."""

    def lock(self) -> None:
        """Refuse edits until the next `show`."""

    def change(self, mask: NDArray[np.uint8]) -> bool:
        """Change pixels to those of `mask`, as one step to undo; return whether any changed."""

    def undo(self) -> bool:
        """Undo the last step; return whether there was one."""

    def redo(self) -> None:
        """Redo the last undone step."""

    def begin_step(self) -> None:
        """Let all changes be one step to undo, until `end_step` or the next `show`."""

    def end_step(self) -> None:
        """End the step, if one was begun."""

    def outline(self, region: NDArray[np.bool_] | None) -> None:
        """Draw the outline of a region over the mask; None for none."""

    @property
    def shows_other(self) -> bool:
        """Whether another mask of the frame is shown in place of the painted one."""

    def show_other(self, mask: NDArray[np.uint8]) -> None:
        """Show another mask of the frame in place of the painted one."""

    def hide_other(self) -> bool:
        """Show the painted mask again; return whether another one was shown."""


class ProjectView(Protocol):
    """Shows the frames of a project in a viewer."""

    def show(self, sequence: FrameSequence, index: FrameIndex, name: str) -> MaskCanvas:
        """Bring frames to the front; return the canvas of their masks."""

    def update(self, sequence: FrameSequence, index: FrameIndex) -> None:
        """Show a newer state of the same frames, in front or not."""

    def remove(self) -> None:
        """Remove frames and masks, and show again what they covered."""

    def release(self) -> None:
        """Leave frames and masks in the viewer as plain layers."""
