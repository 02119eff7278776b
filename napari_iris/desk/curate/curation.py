"""Working through a project: the frame in hand, every save, and the way to the next."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QObject, QTimer, Signal

from napari_iris.app.background import Background
from napari_iris.desk.curate.project_layers import ProjectLayers
from napari_iris.desk.curate.work_queue import Pace, WorkQueue
from napari_iris.desk.timers import QtTimers, connect
from napari_iris.errors import FrameError, IrisError, ProjectError
from napari_iris.masks.config import MaskConfig
from napari_iris.project.frame_table import is_status, read_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from napari_iris.app.session import Session
    from napari_iris.desk.curate.mask_in_hand import MaskInHand
    from napari_iris.desk.layers.frames_layer import FramesLayer
    from napari_iris.labels import Tag
    from napari_iris.project.frame_table import FrameTable
    from napari_iris.project.project import Project
    from napari_iris.project.queue import QueueConfig

SAVE_MS = 250
"""Milliseconds between two looks for something to save."""


class Curation(QObject):
    """A person's work on one project.

    The mask in hand is looked at four times a second and saved when it has changed, however it was
    changed: by a brush, by a key, by undo.

    Parameters
    ----------
    session : Session
        What is open in the viewer.
    frames : FramesLayer
        The layer of the open frames.

    Attributes
    ----------
    opened : Signal
        A project was opened or closed, or has more frames.
    shown : Signal
        Another frame is in hand.
    leaving : Signal
        The frame in hand is about to be left: what was typed for it must be kept now.
    changed : Signal
        What is known of the frame in hand has changed: a decision, an edit, a save.
    told : Signal
        A line for the person: what went wrong and what to do; empty when that is over.
    """

    opened = Signal()
    shown = Signal()
    leaving = Signal()
    changed = Signal()
    told = Signal(str)

    def __init__(self, session: Session, frames: FramesLayer) -> None:
        super().__init__()
        self.session, self._frames = session, frames
        self.project: Project | None = None
        self.layers: ProjectLayers | None = None
        self.queue = WorkQueue()
        self.pace = Pace()
        self.row: int | None = None
        self.compared: Tag | None = None
        self._saved: NDArray[np.uint8] | None = None
        self._save_failed = False
        self._visited: deque[int] = deque(maxlen=1000)
        self._clock = QTimer(self)
        self._clock.setInterval(SAVE_MS)
        self._clock.timeout.connect(self.save)
        self._reader = Background(QtTimers())
        connect(self._reader.done, self._take_table)
        self.changed.connect(session.labels_changed.emit)
        connect(session.frame_changed, self._follow)
        connect(session.sequence_changed, self._follow)

    @property
    def hand(self) -> MaskInHand | None:
        """The mask in hand; None where no project with frames is open."""
        return None if self.layers is None else self.layers.hand

    @property
    def frame(self) -> int:
        """Number of the frame in hand in the database.

        Raises
        ------
        IrisError
            If none is in hand.
        """
        if self.project is None or self.row is None:
            raise IrisError("no frame is in hand; open a project")
        return int(self.project.table.id[self.row])

    # --- opening and closing

    def open(self, project: Project) -> None:
        """Take a project in hand; its frames become the night in view."""
        if not self.close():
            project.close()
            return
        self.project = project
        self.arrange(self.queue.config)
        if len(project.table):
            self._add_layers(project)
            self.row = None  # napari has shown some frame of its own accord; none is in hand yet
        self._clock.start()
        self.session.set_project(project.folder)
        self.opened.emit()
        self._resume(project)
        self._follow()

    def close(self) -> bool:
        """Save and let go of the project; False where the last edit could not be saved."""
        if not self.settle():
            return False
        if self.project is not None:
            self.let_go()
        return True

    def settle(self) -> bool:
        """Save all that is typed or drawn; False where it could not be."""
        self.leaving.emit()
        return self.save()

    def let_go(self, *, keep_layers: bool = False) -> None:
        """Let go of the project, saved or not; what is drawn may stay in the viewer."""
        self._clock.stop()
        if self.project is not None:
            self.project.close()
        layers = self.layers
        self.project = self.layers = self._saved = self.row = None
        if layers is not None and not keep_layers:
            layers.remove()
        self._visited.clear()
        self.session.set_project(None)
        self.opened.emit()

    def renew(self) -> None:
        """Read the project again: another program has put frames into it."""
        if self.project is not None:
            project, since = self.project, len(self.project.changed)
            self._reader.submit(lambda: (project, since, read_table(project.folder)))

    def _take_table(self, found: tuple[Project, int, FrameTable] | IrisError) -> None:
        """Go on with the project as it was read again, at the frame in hand."""
        if isinstance(found, IrisError):
            self.told.emit(str(found))
            return
        project, since, table = found
        if project is not self.project or not self.save():
            return
        frame = None if self.row is None else self.frame
        project.replace_table(table, since)
        self.arrange(self.queue.config)
        if self.layers is not None:
            self.row = None
            self.session.replace(*self.layers.renew(project))
        elif len(project.table):
            self._add_layers(project)
        self.row = None
        self.opened.emit()
        if frame is None:
            self._resume(project)
        else:
            self.session.go_to(table.row_of(frame))
        self._follow()

    def _add_layers(self, project: Project) -> None:
        self.layers = ProjectLayers(self._frames.viewer, project)
        self.layers.add(self).edited.connect(self._take_edit)

    def _resume(self, project: Project) -> None:
        """Begin with a frame that is half done, else with the first to do."""
        edited = np.flatnonzero(is_status(project.table, "edited"))
        if len(edited):
            self.session.go_to(int(edited[0]))
        elif len(self.queue.rows):
            self.session.go_to(int(self.queue.rows[0]))

    # --- the frame in hand

    def _follow(self) -> None:
        """Take the frame in view in hand, once what was in hand is saved."""
        ours = self.layers is not None and self._frames.layer is self.layers.image
        row = self.session.number if ours else None
        if row == self.row:
            return
        if self.row is not None:
            self.leaving.emit()
            if not self.save():
                self.session.go_to(self.row)
                return
            self._visited.append(self.frame)
        self.row = row
        self.told.emit("")
        self._take_in_hand()
        self.shown.emit()

    def _take_in_hand(self) -> None:
        """Put the frame's mask into the layer."""
        if self.hand is not None and self.row is None:
            self.hand.rest()
        if self.hand is None or self.project is None or self.row is None or self.layers is None:
            return
        self.compared = None
        try:
            frame = self.session.frame().data
        except FrameError as error:
            frame = None
            self.told.emit(str(error))
        mask = self._stored_mask(frame)
        may_edit = not self.project.read_only
        self.hand.show(mask, frame, self.layers.image.data.shape[1:], may_edit=may_edit)
        self.hand.layer.metadata["iris_frame"] = str(self.session.path)
        self._saved = mask

    def _take_edit(self) -> None:
        self.compared = None
        self.changed.emit()

    def _stored_mask(self, frame: NDArray[np.float32] | None) -> NDArray[np.uint8]:
        """Give the best mask that the project has; an empty one where there is none."""
        try:
            mask = None if self.project is None else self.project.mask(self.frame)
        except IrisError as error:
            mask = None
            self.told.emit(str(error))
        if mask is not None:
            return mask
        rows, columns = MaskConfig().shape
        if frame is not None:
            rows, columns = min(rows, frame.shape[0]), min(columns, frame.shape[1])
        return np.zeros((rows, columns), np.uint8)

    # --- saving

    @property
    def unsaved(self) -> bool:
        """Whether the mask in hand differs from the one on the disk."""
        if self.hand is None or self.row is None or self._saved is None:
            return False
        if self.project is None or self.project.read_only:
            return False
        return not np.array_equal(self.hand.layer.data, self._saved)

    def save(self) -> bool:
        """Save the mask in hand if it has changed; False, and a line, where it could not be."""
        if not self.unsaved or self.project is None or self.hand is None:
            return True
        mask = self.hand.mask
        if self.hand.end_compare():  # by an undo: napari does not tell of it
            self.compared = None
        try:
            self.project.save_mask(self.frame, mask)
        except IrisError as error:
            self.told.emit(f"Not saved: {error}")
            self._save_failed = True
            return False
        if self._save_failed:
            self.told.emit("")
            self._save_failed = False
        self._saved = np.array(self.hand.layer.data)
        self.changed.emit()
        return True

    def do(self, act: Callable[[Project, int], None]) -> bool:
        """Save what is in hand, then change the project; False, and a line, where it could not.

        Parameters
        ----------
        act : callable
            Changes the project; called with it and the number of the frame in hand.
        """
        if self.project is None or self.row is None or not self.save():
            return False
        try:
            if self.project.read_only:
                fix = "close the other window and open it again"
                raise ProjectError(self.project.folder, "is open to look only", fix)
            act(self.project, self.frame)
        except IrisError as error:
            self.told.emit(str(error))
            return False
        self.changed.emit()
        return True

    def show_anew(self) -> None:
        """Show the frame in hand as the project has it now."""
        self._take_in_hand()
        self.changed.emit()

    # --- going

    def arrange(self, config: QueueConfig) -> None:
        """Arrange what is to do."""
        self.queue.arrange(None if self.project is None else self.project.table, config)

    def go_on(self) -> None:
        """Go to the next frame in the queue that is still to do."""
        row = None if self.project is None else self.queue.after(self.project.table, self.row)
        if row is None:
            self.told.emit("Nothing is left to do in this queue.")
        else:
            self.session.go_to(row)

    def go_back(self) -> None:
        """Go back to the frame that was in hand before."""
        if not self._visited:
            self.told.emit("There is no frame to go back to.")
            return
        frame = self._visited.pop()
        length = len(self._visited)
        if self.project is not None:
            self.session.go_to(self.project.table.row_of(frame))
        while len(self._visited) > length:  # going back leaves no trace
            self._visited.pop()
