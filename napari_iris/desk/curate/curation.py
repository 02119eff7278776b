"""Working through a project: the frame in hand, every save, every decision, and what comes next."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QObject, QTimer, Signal

from napari_iris.desk.curate.mask_in_hand import MaskInHand
from napari_iris.desk.frames.reader import GAMMA
from napari_iris.desk.jobs.preview import Preview
from napari_iris.errors import FrameError, IrisError, ProjectError
from napari_iris.frames.contrast import display_limits
from napari_iris.frames.index import FrameIndex
from napari_iris.frames.sequence import FrameSequence
from napari_iris.masks import edit
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.mask_file import CLOUD, SKY
from napari_iris.project.frame_table import is_status
from napari_iris.project.labels import TO_DO
from napari_iris.project.project import read_table
from napari_iris.project.queue import QueueConfig, queue

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari.layers import Image, Layer
    from numpy.typing import NDArray

    from napari_iris.desk.frames.session import Session
    from napari_iris.project.frame_table import FrameTable
    from napari_iris.project.labels import Sky, Tag
    from napari_iris.project.project import Project

SAVE_MS = 250
"""Milliseconds between two looks for something to save."""

RATED = 30
"""Decisions that the rate is told from."""

PAUSE_S = 120.0
"""Seconds between two decisions beyond which a person was away."""


class Curation(QObject):
    """A person's work on one project.

    The mask in hand is looked at four times a second and saved when it has changed, however it was
    changed: by a brush, by a key, by undo.

    Parameters
    ----------
    session : Session
        What is open in the viewer.

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

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.project: Project | None = None
        self.hand: MaskInHand | None = None
        self.config = QueueConfig()
        self.queue = np.empty(0, np.int64)
        self.row: int | None = None
        self.compared: Tag | None = None
        self._image: Image | None = None
        self._saved: NDArray[np.uint8] | None = None
        self._save_failed = False
        self._hidden: list[Layer] = []
        self._visited: deque[int] = deque(maxlen=1000)
        self._decided: deque[float] = deque(maxlen=RATED)
        self._clock = QTimer(self)
        self._clock.setInterval(SAVE_MS)
        self._clock.timeout.connect(self.save)
        self._reader = Preview(self)
        self._reader.done.connect(self._take_table)
        session.share(self)
        self.changed.connect(session.labels_changed)
        session.frame_changed.connect(self._follow)
        session.night_changed.connect(self._follow)

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
        self.arrange(self.config)
        if len(project.table):
            self._add_layers(project)
            self.row = None  # napari has shown some frame of its own accord; none is in hand yet
        self._clock.start()
        self.session.take_project(project.folder)
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
        hand, image = self.hand, self._image
        self.project = self.hand = self._image = self._saved = self.row = None
        if not keep_layers:
            self._clear_layers(hand, image)
        self._hidden.clear()
        self._visited.clear()
        self.session.take_project(None)
        self.opened.emit()

    def _clear_layers(self, hand: MaskInHand | None, image: Image | None) -> None:
        """Take our layers out of the viewer, and show again what they were put over."""
        if hand is not None:
            hand.remove()
        if image is not None and image in self.session.viewer.layers:
            self.session.viewer.layers.remove(image)
        for layer in self._hidden:
            layer.visible = True

    def renew(self) -> None:
        """Read the project again: another program has put frames into it."""
        if self.project is not None:
            project, since = self.project, len(self.project.changed)
            self._reader.ask(lambda: (project, since, read_table(project.folder)))

    def _take_table(self, found: tuple[Project, int, FrameTable] | IrisError) -> None:
        """Go on with the project as it was read again, at the frame in hand."""
        if isinstance(found, IrisError):
            self.told.emit(str(found))
            return
        project, since, table = found
        if project is not self.project or not self.save():
            return
        frame = None if self.row is None else self.frame
        project.adopt(table, since)
        self.arrange(self.config)
        if self._image is not None:
            index = self._image.metadata["iris_index"] = _index(project)
            self.row = None
            self._image.data = _sequence(project)
            self.session.take_index(index)
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
        from napari.layers import Image

        sequence, layers = _sequence(project), self.session.viewer.layers
        for layer in layers:  # the same night may be open, and the Mask dock's preview of it
            ours = isinstance(layer.data, FrameSequence) or layer.metadata.get("iris_preview")
            if ours and layer.visible:
                layer.visible = False
                self._hidden.append(layer)
        self._image = Image(
            sequence,
            name=project.folder.name,
            contrast_limits=display_limits(sequence),
            colormap="gray",
            gamma=GAMMA,
            axis_labels=("frame", "y", "x"),
            metadata={"iris_index": _index(project)},
        )
        layers.append(self._image)
        self.hand = MaskInHand(layers, self)
        self.hand.edited.connect(self._take_edit)

    def _resume(self, project: Project) -> None:
        """Begin with a frame that is half done, else with the first to do."""
        edited = np.flatnonzero(is_status(project.table, "edited"))
        if len(edited):
            self.session.go_to(int(edited[0]))
        elif len(self.queue):
            self.session.go_to(int(self.queue[0]))

    # --- the frame in hand

    def _follow(self) -> None:
        """Take the frame in view in hand, once what was in hand is saved."""
        ours = self._image is not None and self.session.layer is self._image
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
        if self.hand is None or self.project is None or self.row is None or self._image is None:
            return
        self.compared = None
        try:
            frame = self.session.frame().data
        except FrameError as error:
            frame = None
            self.told.emit(str(error))
        mask = self._stored_mask(frame)
        may_edit = not self.project.read_only
        self.hand.show(mask, frame, self._image.data.shape[1:], may_edit=may_edit)
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

    # --- deciding

    def approve(self) -> None:
        """Approve the mask in hand and go on."""
        self._decide(lambda project, frame: project.approve(frame))

    def accept(self, mask: NDArray[np.uint8], how: str) -> None:
        """Approve another mask in place of the one in hand and go on.

        Parameters
        ----------
        mask : ndarray of uint8, shape (rows, columns)
            0 sky, 1 cloud, 2 ignore.
        how : str
            How it came about, for the history.
        """
        self._decide(lambda project, frame: project.approve(frame, mask, how))

    def reject(self, reason: str) -> None:
        """Reject the frame and go on."""
        self._decide(lambda project, frame: project.reject(frame, reason))

    def clear(self) -> None:
        """Clear sky: an empty mask, approved, and on."""
        self._decide_whole(SKY, "clear", "clear sky")

    def overcast(self) -> None:
        """Overcast: a full mask, approved, and on."""
        self._decide_whole(CLOUD, "cloudy", "overcast")

    def unsure(self) -> None:
        """Not to be told: class unsure, rejected as a label, and on."""

        def decide(project: Project, frame: int) -> None:
            project.set_sky(frame, "unsure")
            project.reject(frame, "unsure")

        self._decide(decide)

    def set_sky(self, sky: Sky) -> None:
        """Say whether the frame is clear, cloudy or not to be told."""
        self._do(lambda project, frame: project.set_sky(frame, sky))

    def set_note(self, note: str) -> None:
        """Keep a note on the frame."""
        if self.project is None or self.row is None:
            return
        if note != self.project.decision(self.frame).note:
            self._do(lambda project, frame: project.set_note(frame, note))

    def revert(self) -> None:
        """Go back to the automatic mask."""
        if self._do(lambda project, frame: project.revert(frame)):
            self._take_in_hand()
            self.changed.emit()

    def restore(self, mask: int) -> None:
        """Put an earlier mask in force again, by its number in the history."""
        if self._do(lambda project, frame: project.restore(frame, mask)):
            self._take_in_hand()
            self.changed.emit()

    def ditto(self) -> None:
        """Take over the mask of the frame before, in time."""
        if self.project is None or self.hand is None or not self.row:
            self.told.emit("There is no frame before this one.")
            return
        try:
            before = self.project.mask(int(self.project.table.id[self.row - 1]))
        except IrisError as error:
            self.told.emit(str(error))
            return
        if before is None or before.shape != self.hand.layer.data.shape:
            self.told.emit("The frame before has no mask of this shape.")
        else:
            self.hand.correct(before)

    def compare(self) -> None:
        """Show the next other mask in place of the one in hand; after the last, that one again."""
        if self.project is None or self.hand is None or self.row is None or not self.save():
            return
        has = self.project.tags(self.frame)
        turn: list[Tag | None] = [None, *(tag for tag in ("auto", "model") if tag in has)]
        after = turn[(turn.index(self.compared) + 1) % len(turn)]
        try:
            mask = None if after is None else self.project.mask(self.frame, after)
        except IrisError as error:
            self.told.emit(str(error))
            mask = None
        if mask is None:
            self.hand.end_compare()
        else:
            self.hand.show_other(mask)
        self.compared = after
        self.changed.emit()

    def _decide_whole(self, value: int, sky: Sky, how: str) -> None:
        if self.hand is not None:
            mask = edit.whole(self.hand.mask, value)
            self._decide(lambda project, frame: project.label(frame, mask, sky, how))

    def _decide(self, decide: Callable[[Project, int], None]) -> None:
        """Decide, count it, and go to the next frame to do."""
        row = self.row
        if not self._do(decide):
            return
        self._decided.append(time.monotonic())
        self.go_on()
        if self.row == row:
            self._take_in_hand()
            self.changed.emit()

    def _do(self, act: Callable[[Project, int], None]) -> bool:
        """Save what is in hand, then change the project; False, and a line, where it could not."""
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

    # --- going

    def arrange(self, config: QueueConfig) -> None:
        """Arrange what is to do."""
        self.config = config
        if self.project is not None:
            self.queue = queue(self.project.table, config)

    def go_on(self) -> None:
        """Go to the next frame in the queue that is still to do."""
        row = self._next()
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

    def _next(self) -> int | None:
        """Row after the one in hand, in the queue, that waits; round to its start."""
        if self.project is None or not len(self.queue):
            return None
        waiting = ("rejected",) if self.config.order == "rejected" else TO_DO
        waits = is_status(self.project.table, *waiting)[self.queue]
        waits &= self.queue != (-1 if self.row is None else self.row)
        place = np.flatnonzero(self.queue == (-1 if self.row is None else self.row))
        start = int(place[0]) + 1 if len(place) else 0
        left = np.flatnonzero(np.roll(waits, -start))
        return int(np.roll(self.queue, -start)[left[0]]) if len(left) else None

    def progress(self) -> tuple[int, int, float | None]:
        """Count frames done and frames in all, and decisions a minute (None while not known)."""
        if self.project is None:
            return 0, 0, None
        done = int(np.count_nonzero(is_status(self.project.table, "approved", "rejected")))
        gaps = np.diff(list(self._decided))
        gaps = gaps[gaps < PAUSE_S]
        rate = 60 / max(float(gaps.mean()), 0.1) if len(gaps) >= 3 else None
        return done, len(self.project.table), rate


def _sequence(project: Project) -> FrameSequence:
    """Frames of a project, all shown with the first one's shape."""
    return FrameSequence(project.table.paths, shape=project.shape_of(0))


def _index(project: Project) -> FrameIndex:
    return FrameIndex.of(project.table.paths, project.table.time)
