"""What a person says of the frame in hand: its status, class and note; then on to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.labels import CLOUD, SKY
from napari_iris.masks import edit

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.desk.curate.curation import Curation
    from napari_iris.labels import FrameClass
    from napari_iris.project.project import Project


class Decisions:
    """The decisions on the frame in hand.

    Parameters
    ----------
    curation : Curation
        The work on the project.
    """

    def __init__(self, curation: Curation) -> None:
        self.curation = curation

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
            project.set_class(frame, "unsure")
            project.reject(frame, "unsure")

        self._decide(decide)

    def set_sky(self, sky: FrameClass) -> None:
        """Say whether the frame is clear, cloudy or not to be told."""
        self.curation.do(lambda project, frame: project.set_class(frame, sky))

    def set_note(self, note: str) -> None:
        """Keep a note on the frame."""
        work = self.curation
        if work.project is None or work.row is None:
            return
        if note != work.project.decision(work.frame).note:
            work.do(lambda project, frame: project.set_note(frame, note))

    def _decide_whole(self, value: int, sky: FrameClass, how: str) -> None:
        hand = self.curation.hand
        if hand is not None:
            mask = edit.whole(hand.mask, value)
            self._decide(lambda project, frame: project.label(frame, mask, sky, how))

    def _decide(self, decide: Callable[[Project, int], None]) -> None:
        """Decide, count it, and go to the next frame to do."""
        work = self.curation
        row = work.row
        if not work.do(decide):
            return
        work.pace.count()
        work.go_on()
        if work.row == row:
            work.show_anew()
