"""Decide on the current frame: its status, class and note; then go to the next frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psygnal import Signal

from napari_iris.labels import CLOUD, SKY
from napari_iris.masks import edit
from napari_iris.project.night_references import nights_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.app.curation.curation import Curation
    from napari_iris.labels import FrameClass
    from napari_iris.project.project import Project
    from napari_iris.project.records import LabelState

HIDDEN = "The mask was hidden; nothing is approved yet. Look at it and press A again."


class Decisions:
    """Decisions on the current frame of a project.

    Parameters
    ----------
    curation : Curation
        The curation of the project.

    Attributes
    ----------
    called_clear : Signal
        Sent with the night of a frame that was just labelled clear.
    decided : Signal
        Sent with the number of a frame that was decided on, and its label before.
    """

    called_clear = Signal(str)
    decided = Signal(int, object)

    def __init__(self, curation: Curation) -> None:
        self.curation = curation

    def approve(self) -> None:
        """Approve the mask and go to the next frame; only show the mask where it is hidden."""
        curation = self.curation
        if curation.row is not None and curation.editor is not None and curation.editor.reveal():
            curation.report(HIDDEN)
            curation.changed.emit()
            return
        self._decide(lambda project, frame: project.approve(frame))

    def accept(
        self, mask: NDArray[np.uint8], how: str, go_on: Callable[[], object] | None = None
    ) -> None:
        """Approve another mask in place of the edited one; go to the next frame.

        Parameters
        ----------
        mask : ndarray of uint8, shape (rows, columns)
            0 sky, 1 cloud, 2 ignore.
        how : str
            How it was made, for the history.
        go_on : callable, optional
            Goes to the next frame; by default to that of the queue.
        """
        self._decide(lambda project, frame: project.approve(frame, mask, how), go_on)

    def reject(self, reason: str) -> None:
        """Reject the frame; go to the next one.

        Parameters
        ----------
        reason : str
            Why, such as "bird".
        """
        self._decide(lambda project, frame: project.reject(frame, reason))

    def clear(self) -> None:
        """Label the frame clear, with an empty mask, approved; go to the next one."""
        project, row = self.curation.project, self.curation.row
        if self._label_whole(SKY, "clear", "clear sky") and project is not None:
            (night,) = nights_of(project.table.time[row:][:1])
            self.called_clear.emit(str(night))

    def overcast(self) -> None:
        """Label the frame overcast, with a full mask, approved; go to the next one."""
        self._label_whole(CLOUD, "cloudy", "overcast")

    def unsure(self) -> None:
        """Reject the frame with class unsure: the sky is not discernible; go to the next one."""

        def decide(project: Project, frame: int) -> None:
            project.set_class(frame, "unsure")
            project.reject(frame, "unsure")

        self._decide(decide)

    def set_class(self, frame_class: FrameClass) -> None:
        """Set the class of the frame; mask and status stay.

        Parameters
        ----------
        frame_class : {'clear', 'cloudy', 'unsure'}
            Its class.
        """
        self.curation.perform(lambda project, frame: project.set_class(frame, frame_class))

    def set_note(self, note: str) -> None:
        """Set the note on the frame.

        Parameters
        ----------
        note : str
            The note; nothing happens where it is the same as before.
        """
        curation = self.curation
        if curation.project is None or curation.row is None:
            return
        if note != curation.project.decision(curation.frame).note:
            curation.perform(lambda project, frame: project.set_note(frame, note))

    def _label_whole(self, value: int, frame_class: FrameClass, how: str) -> bool:
        editor = self.curation.editor
        if editor is None:
            return False
        mask = edit.whole(editor.mask, value)
        return self._decide(lambda project, frame: project.label(frame, mask, frame_class, how))

    def _decide(
        self,
        decide: Callable[[Project, int], None],
        go_on: Callable[[], object] | None = None,
    ) -> bool:
        """Decide, count the decision, and go to the next frame; False where that failed."""
        curation = self.curation
        row = curation.row
        before: list[tuple[int, LabelState]] = []

        def change(project: Project, frame: int) -> None:
            before.append((frame, project.repository.label_state(frame)))
            decide(project, frame)

        if not curation.perform(change):
            return False
        self.decided.emit(*before[0])
        curation.pace.count()
        (go_on or curation.next)()
        if curation.row == row:
            curation.show_again()
        return True
