"""Curate a project: open and close it, and go from frame to frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from psygnal import Signal

from napari_iris.app.background import Background
from napari_iris.app.curation.current_frame import CurrentFrame
from napari_iris.app.curation.mask_editor import MaskEditor
from napari_iris.app.curation.visited import Visited
from napari_iris.app.curation.work_queue import Pace, WorkQueue
from napari_iris.errors import IrisError
from napari_iris.frames.index import FrameIndex
from napari_iris.frames.sequence import FrameSequence
from napari_iris.project.frame_table import is_status, read_table

if TYPE_CHECKING:
    from napari_iris.app.curation.canvas import ProjectView
    from napari_iris.app.session import Session
    from napari_iris.project.frame_table import FrameTable
    from napari_iris.project.project import Project
    from napari_iris.project.queue import QueueConfig

SAVE_MS = 250
"""Milliseconds between two checks for something to save."""


class Curation(CurrentFrame):
    """A person's work on one project.

    The mask is checked four times a second and saved when it has changed, however it was changed:
    with a brush, a key, or undo.

    Parameters
    ----------
    session : Session
        The open frames.
    view : ProjectView
        Shows the project's frames.

    Attributes
    ----------
    queue : WorkQueue
        The frames that need a decision.
    pace : Pace
        How fast decisions are made.
    project_changed : Signal
        A project was opened or closed, or its frames were read again.
    frame_changed : Signal
        Another frame is current.
    queue_changed : Signal
        The frames that need a decision are others, or in another order.
    leaving : Signal
        The current frame is about to change: text being typed for it must be kept now.
    """

    project_changed = Signal()
    frame_changed = Signal()
    queue_changed = Signal()
    leaving = Signal()

    def __init__(self, session: Session, view: ProjectView) -> None:
        super().__init__(session)
        self._view = view
        self.queue, self.pace = WorkQueue(), Pace()
        self._visited = Visited()
        self._autosave = session.timers.repeating(SAVE_MS, self.save)
        self._reader = Background(session.timers)
        self._reader.done.connect(self._use_table)
        self.changed.connect(session.labels_changed.emit)
        session.frame_changed.connect(self._follow)
        session.sequence_changed.connect(self._follow)

    # --- opening and closing

    def open(self, project: Project) -> None:
        """Curate a project; its frames become the open sequence.

        Parameters
        ----------
        project : Project
            The project; closed again if the one open before could not be saved.
        """
        if not self.close():
            project.close()
            return
        self.project = project
        self.set_queue(self.queue.config)
        if len(project.table):
            self._show_frames(project)
        self._autosave.start()
        self.session.set_project(project.folder)
        self.project_changed.emit()
        self._resume(project)
        self._follow()

    def close(self) -> bool:
        """Save and close the project; return False where the last edit could not be saved."""
        if not self.finish_frame():
            return False
        if self.project is not None:
            self.release()
        return True

    def finish_frame(self) -> bool:
        """Save all that is typed or drawn; return False where that failed."""
        self.leaving.emit()
        return self.save()

    def release(self, *, keep_layers: bool = False) -> None:
        """Close the project without saving.

        Parameters
        ----------
        keep_layers : bool
            Whether frames and mask stay in the viewer.
        """
        self._autosave.stop()
        if self.project is not None:
            self.project.close()
        is_shown = self._sequence is not None
        self.project = self.editor = self.row = self._sequence = None
        if is_shown and keep_layers:
            self._view.release()
        elif is_shown:
            self._view.remove()
        self._visited.clear()
        self.session.set_project(None)
        self.project_changed.emit()

    def reload(self) -> None:
        """Read the project again in the background: another program has added frames."""
        if self.project is not None:
            project, since = self.project, len(self.project.changed)
            self._reader.submit(lambda: (project, since, read_table(project.folder)))

    def _use_table(self, found: tuple[Project, int, FrameTable] | IrisError) -> None:
        """Continue with the project as read again, at the same frame."""
        if isinstance(found, IrisError):
            self.report(str(found))
            return
        project, since, table = found
        if project is not self.project or not self.save():
            return
        frame = None if self.row is None else self.frame
        project.replace_table(table, since)
        self.set_queue(self.queue.config)
        if len(project.table):
            self._show_frames(project)
        self.project_changed.emit()
        if frame is None:
            self._resume(project)
        else:
            self.session.go_to(table.row_of(frame))
        self._follow()

    def take_masks(self, table: FrameTable, since: int) -> None:
        """Continue with the project as read again, once its automatic masks have changed.

        Parameters
        ----------
        table : FrameTable
            From `read_table`.
        since : int
            Length of the project's `changed` when the masks began to change.
        """
        project = self.project
        if project is None:
            return
        if not np.array_equal(table.id, project.table.id):  # frames were added meanwhile
            self.reload()
            return
        project.replace_table(table, since)
        self.set_queue(self.queue.config)
        self.project_changed.emit()
        self._show_renewed(project)

    def _show_renewed(self, project: Project) -> None:
        """Show the new mask of the current frame, unless a person has touched the one in view."""
        editor = self.editor
        if editor is None or self.row is None or self.unsaved or editor.compared is not None:
            return
        stored = self._stored_mask(project, None)
        if stored.shape == editor.mask.shape and not np.array_equal(stored, editor.mask):
            self.show_again()

    def _show_frames(self, project: Project) -> None:
        """Show the project's frames, or their newer state; none of them is current yet."""
        paths, times = project.table.paths, project.table.time
        sequence = FrameSequence(paths, shape=project.shape_of(0))
        index = FrameIndex.of(paths, times)
        self.row = self._sequence = None  # so that `_follow` does nothing until all is in place
        if self.editor is None:
            self.editor = MaskEditor(self._view.show(sequence, index, project.folder.name))
            self.editor.edited.connect(self.changed.emit)
        else:
            self._view.update(sequence, index)
        self._sequence = sequence

    def _resume(self, project: Project) -> None:
        """Go to a frame that is half done, else to the first that needs a decision."""
        if not self._is_in_front:
            return
        edited = np.flatnonzero(is_status(project.table, "edited"))
        if len(edited):
            self.session.go_to(int(edited[0]))
        elif len(self.queue.rows):
            self.session.go_to(int(self.queue.rows[0]))

    # --- from frame to frame

    @property
    def _is_in_front(self) -> bool:
        """Whether the project's frames are the open sequence."""
        return self._sequence is not None and self.session.sequence is self._sequence

    @property
    def table_in_front(self) -> FrameTable | None:
        """The project's frames where they are the open sequence; rows are numbers there."""
        return self.project.table if self.project is not None and self._is_in_front else None

    def _follow(self) -> None:
        """Follow the session to another frame, once the mask of the last one is saved."""
        row = self.session.number if self._is_in_front else None
        if row == self.row:
            return
        if self.row is not None:
            if not self.finish_frame():
                self.session.go_to(self.row)
                return
            self._visited.add(self.frame)
        self.row = row
        self.report("")
        self._show_mask()
        self.frame_changed.emit()

    def set_queue(self, config: QueueConfig) -> None:
        """Order and filter the frames that need a decision."""
        self.queue.update(None if self.project is None else self.project.table, config)
        self.queue_changed.emit()

    def start(self) -> None:
        """Go to the first frame of the queue that needs a decision."""
        row = None if self.project is None else self.queue.next_row(self.project.table)
        if row is not None:
            self.session.go_to(row)

    def next(self, *left: int) -> bool:
        """Go to the next frame of the queue that needs a decision; return whether there is one.

        Parameters
        ----------
        *left : int
            Rows of the frames that are left, ascending; by default of the current one.
        """
        rows = left or (() if self.row is None else (self.row,))
        row = None if self.project is None else self.queue.next_row(self.project.table, *rows)
        if row is None:
            self.report("Queue finished.")
            return False
        self.session.go_to(row)
        return True

    def back(self) -> None:
        """Go back to the frame that was current before."""
        with self._visited.back() as frame:
            if frame is None:
                self.report("There is no frame to go back to.")
            elif self.project is not None:
                self.session.go_to(self.project.table.row_of(frame))
