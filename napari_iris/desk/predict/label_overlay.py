"""The mask that the user is editing, where that is the truth of the current frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_iris.app.curation.canvas import MaskCanvas
    from napari_iris.app.curation.curation import Curation
    from napari_iris.app.overlay import Blinkable
    from napari_iris.app.prediction.truth import CurrentTruth


class EditedLabel:
    """Finds the edited mask for `Blink`.

    Parameters
    ----------
    curation : Curation
        The work on the open project.
    truth : CurrentTruth
        The truth.
    """

    def __init__(self, curation: Curation, truth: CurrentTruth) -> None:
        self._curation, self._truth = curation, truth

    def __call__(self) -> Blinkable | None:
        """Give the edited mask if it is the truth, else None."""
        work, source = self._curation, self._truth.source
        if work.editor is None or work.project is None or work.row is None:
            return None
        if source is None or source.folder != work.project.folder or source.masks != "approved":
            return None
        return LabelOverlay(work.editor.canvas)


class LabelOverlay:
    """The canvas of the edited mask; it is always wanted.

    Parameters
    ----------
    canvas : MaskCanvas
        The canvas.
    """

    def __init__(self, canvas: MaskCanvas) -> None:
        self._canvas = canvas

    def override(self, *, visible: bool) -> None:
        """Show or hide it until `restore`."""
        self._canvas.visible = visible

    def restore(self) -> None:
        """Show it."""
        self._canvas.visible = True
