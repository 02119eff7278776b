"""Other masks than the edited one: compare, restore, copy from the previous frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.errors import IrisError

if TYPE_CHECKING:
    from napari_iris.app.curation.curation import Curation
    from napari_iris.labels import Tag

COMPARED: tuple[Tag, ...] = ("auto", "model")
"""Origins of the masks to compare with, in this order."""


class OtherMasks:
    """Other masks of the current frame, and the mask of the previous one.

    Parameters
    ----------
    curation : Curation
        The curation of the project.
    """

    def __init__(self, curation: Curation) -> None:
        self._curation = curation

    def revert(self) -> None:
        """Go back to the automatic mask."""
        if self._curation.perform(lambda project, frame: project.revert(frame)):
            self._curation.show_again()

    def restore(self, mask: int) -> None:
        """Make an earlier mask the active one.

        Parameters
        ----------
        mask : int
            Its number in the history.
        """
        if self._curation.perform(lambda project, frame: project.restore(frame, mask)):
            self._curation.show_again()

    def copy_previous(self) -> None:
        """Copy the mask of the previous frame, in time."""
        curation = self._curation
        project, editor = curation.project, curation.editor
        if project is None or editor is None or not curation.row:
            curation.report("There is no previous frame.")
            return
        try:
            mask = project.mask(int(project.table.id[curation.row - 1]))
        except IrisError as error:
            curation.report(str(error))
            return
        if mask is None or mask.shape != editor.canvas.labels.shape:
            curation.report("The previous frame has no mask of this shape.")
        else:
            editor.set_mask(mask, "copy of the previous frame")

    def compare(self) -> None:
        """Show the next other mask in place of the edited one; after the last, that one again."""
        curation = self._curation
        project, editor = curation.project, curation.editor
        if project is None or editor is None or curation.row is None or not curation.save():
            return
        tags: list[Tag] = [tag for tag in COMPARED if tag in project.tags(curation.frame)]
        shown = editor.compared
        for tag in tags[tags.index(shown) + 1 :] if shown in tags else tags:
            try:
                mask = project.mask(curation.frame, tag)
            except IrisError as error:
                curation.report(str(error))
                continue
            if mask is not None:
                editor.compare(mask, tag)
                break
        else:
            editor.end_comparison()
        curation.changed.emit()
