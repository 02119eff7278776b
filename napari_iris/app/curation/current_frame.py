"""The current frame of a project: its mask is shown, saved, and changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from psygnal import Signal

from napari_iris.errors import FrameError, IrisError, ProjectError
from napari_iris.masks.config import MaskConfig

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from napari_iris.app.curation.mask_editor import MaskEditor
    from napari_iris.app.session import Session
    from napari_iris.frames.sequence import FrameSequence
    from napari_iris.project.project import Project
    from napari_iris.project.records import LabelState


class CurrentFrame:
    """The current frame of a project, with its mask.

    Parameters
    ----------
    session : Session
        The open frames.

    Attributes
    ----------
    project : Project or None
        The open project.
    editor : MaskEditor or None
        Edits the mask of the current frame; None unless a project with frames is open.
    row : int or None
        Row of the current frame in the project's table; None while other frames are in front.
    message : str
        What went wrong and how to fix it; empty once that is over.
    changed : Signal
        The label or the mask of the current frame has changed: a decision, an edit, a save.
    message_changed : Signal
        Sent with the message.
    """

    changed = Signal()
    message_changed = Signal(str)

    def __init__(self, session: Session) -> None:
        self.session = session
        self.project: Project | None = None
        self.editor: MaskEditor | None = None
        self.row: int | None = None
        self.message = ""
        self._sequence: FrameSequence | None = None
        self._save_failed = False
        self._before: tuple[LabelState, NDArray[np.uint8]] | None = None

    @property
    def frame(self) -> int:
        """Number of the current frame in the database.

        Raises
        ------
        IrisError
            If no frame of a project is current.
        """
        if self.project is None or self.row is None:
            raise IrisError("no frame of a project is current; open a project")
        return int(self.project.table.id[self.row])

    def report(self, message: str) -> None:
        """Show a message; an empty one removes the last."""
        self.message = message
        self.message_changed.emit(message)

    def show_again(self) -> None:
        """Show the current frame as the project has it now."""
        self._show_mask()
        self.changed.emit()

    @property
    def unsaved(self) -> bool:
        """Whether the mask differs from the one on the disk."""
        if self.editor is None or self.row is None or self.project is None:
            return False
        return not self.project.read_only and self.editor.is_modified

    def save(self) -> bool:
        """Save the mask if it has changed; return False, with a message, where that failed."""
        if self.editor is not None:
            self.editor.follow_undo()
        if not self.unsaved or self.project is None or self.editor is None:
            return True
        self.editor.end_comparison()  # the mask was changed by undo, which emits no signal
        try:
            self._save_mask(self.project, self.editor)
        except IrisError as error:
            self.report(f"Not saved: {error}")
            self._save_failed = True
            return False
        if self._save_failed:
            self.report("")
            self._save_failed = False
        self.editor.mark_saved()
        self.changed.emit()
        return True

    def _save_mask(self, project: Project, editor: MaskEditor) -> None:
        """Save the mask; once all edits are undone, the frame has its label from before them."""
        mask = editor.mask
        if self._before is not None and np.array_equal(mask, self._before[1]):
            project.take_back(self.frame, self._before[0], "mask")
        else:
            project.save_mask(self.frame, mask, editor.how)

    def perform(self, change: Callable[[Project, int], None]) -> bool:
        """Save the mask, then change the project; return False, with a message, on failure.

        Parameters
        ----------
        change : callable
            Called with the project and the number of the current frame.
        """
        if self.project is None or self.row is None or not self.save():
            return False
        try:
            if self.project.read_only:
                fix = "close the other window and open it again"
                raise ProjectError(self.project.folder, "is open read-only", fix)
            change(self.project, self.frame)
        except IrisError as error:
            self.report(str(error))
            return False
        self._before = None
        self.changed.emit()
        return True

    def _show_mask(self) -> None:
        """Show the best mask of the current frame."""
        if self.editor is None or self.project is None or self._sequence is None:
            return
        if self.row is None:
            self.editor.lock()
            return
        try:
            frame = self.session.frame().data
        except FrameError as error:
            frame = None
            self.report(str(error))
        mask, shape = self._stored_mask(self.project, frame), self._sequence.shape[1:]
        editable = not self.project.read_only
        self._before = self._label_before(self.project, mask) if editable else None
        self.editor.show(mask, frame, shape, self.session.path, editable=editable)

    def _label_before(
        self, project: Project, mask: NDArray[np.uint8]
    ) -> tuple[LabelState, NDArray[np.uint8]] | None:
        """Give the label and the mask to return to once all edits are undone."""
        try:
            return project.repository.label_state(self.frame), mask.copy()
        except IrisError as error:
            self.report(str(error))
            return None

    def _stored_mask(
        self, project: Project, frame: NDArray[np.float32] | None
    ) -> NDArray[np.uint8]:
        """Read the best mask in the project; an empty one where there is none."""
        try:
            mask = project.mask(self.frame)
        except IrisError as error:
            mask = None
            self.report(str(error))
        if mask is not None:
            return mask
        rows, columns = MaskConfig().shape
        if frame is not None:
            rows, columns = min(rows, frame.shape[0]), min(columns, frame.shape[1])
        return np.zeros((rows, columns), np.uint8)
