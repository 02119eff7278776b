"""The model masks in the open project, and one way back for all of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from psygnal import Signal

from napari_iris.app.background import Background
from napari_iris.errors import IrisError
from napari_iris.numbers import format_count
from napari_iris.project.starting_masks import remove_model_masks

if TYPE_CHECKING:
    from napari_iris.app.curation.curation import Curation

READ_ONLY = "The project is open read-only; open it to label."


class StartingMasks:
    """Masks of models that frames of the open project start from.

    Parameters
    ----------
    curation : Curation
        The work on the project.

    Attributes
    ----------
    count : int
        Number of frames with such a mask.
    message : str
        What was removed, or why that failed; empty for nothing.
    changed : Signal
        `count` or `message` has changed.
    """

    changed = Signal()

    def __init__(self, curation: Curation) -> None:
        self._curation = curation
        self.count, self.message = 0, ""
        self._background = Background(curation.session.timers)
        self._background.done.connect(self._report)
        curation.project_changed.connect(self._refresh)
        self._refresh()

    def remove(self) -> None:
        """Remove all of them, in the background; human masks and decisions stay."""
        project = self._curation.project
        if project is None or not self._curation.finish_frame():
            return
        if project.read_only:
            self._say(READ_ONLY)
        else:
            self._background.submit(partial(remove_model_masks, project.folder, project.by))

    def _refresh(self) -> None:
        project = self._curation.project
        count = 0 if project is None else project.repository.mask_counts()["model"]
        if count:
            self.message = ""
        self.count = count
        self.changed.emit()

    def _report(self, found: int | IrisError) -> None:
        if isinstance(found, IrisError):
            self._say(str(found))
            return
        self._say(f"Model masks of {format_count(found, 'frame')} removed. Labels are unchanged.")
        self._curation.reload()

    def _say(self, message: str) -> None:
        self.message = message
        self.changed.emit()
