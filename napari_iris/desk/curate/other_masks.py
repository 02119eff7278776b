"""Other masks than the one in hand: compared with it, gone back to, taken over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.errors import IrisError

if TYPE_CHECKING:
    from napari_iris.desk.curate.curation import Curation
    from napari_iris.labels import Tag


class OtherMasks:
    """The other masks of the frame in hand, and that of the frame before.

    Parameters
    ----------
    curation : Curation
        The work on the project.
    """

    def __init__(self, curation: Curation) -> None:
        self._curation = curation

    def revert(self) -> None:
        """Go back to the automatic mask."""
        if self._curation.do(lambda project, frame: project.revert(frame)):
            self._curation.show_anew()

    def restore(self, mask: int) -> None:
        """Put an earlier mask in force again, by its number in the history."""
        if self._curation.do(lambda project, frame: project.restore(frame, mask)):
            self._curation.show_anew()

    def ditto(self) -> None:
        """Take over the mask of the frame before, in time."""
        work = self._curation
        if work.project is None or work.hand is None or not work.row:
            work.told.emit("There is no frame before this one.")
            return
        try:
            before = work.project.mask(int(work.project.table.id[work.row - 1]))
        except IrisError as error:
            work.told.emit(str(error))
            return
        if before is None or before.shape != work.hand.layer.data.shape:
            work.told.emit("The frame before has no mask of this shape.")
        else:
            work.hand.correct(before)

    def compare(self) -> None:
        """Show the next other mask in place of the one in hand; after the last, that one again."""
        work = self._curation
        if work.project is None or work.hand is None or work.row is None or not work.save():
            return
        has = work.project.tags(work.frame)
        turn: list[Tag | None] = [None, *(tag for tag in ("auto", "model") if tag in has)]
        after = turn[(turn.index(work.compared) + 1) % len(turn)]
        try:
            mask = None if after is None else work.project.mask(work.frame, after)
        except IrisError as error:
            work.told.emit(str(error))
            mask = None
        if mask is None:
            work.hand.end_compare()
        else:
            work.hand.show_other(mask)
        work.compared = after
        work.changed.emit()
