"""Accept the prediction of the current frame as its label."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from psygnal import Signal

from napari_iris.app.prediction.source import FileSource
from napari_iris.errors import IrisError
from napari_iris.project.label_origin import accepted_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from napari_iris.app.curation.curation import Curation
    from napari_iris.app.curation.decisions import Decisions
    from napari_iris.app.prediction.current import CurrentPrediction
    from napari_iris.project.project import Project

NO_PREDICTION = "There is no prediction of this frame to accept."
NO_PROJECT = "Open a project in the Curate dock: labels are stored there."
OTHER_FRAME = "This frame does not belong to the open project."
HIDDEN = "The prediction was hidden; nothing is accepted yet. Look at it and press Y again."


class Acceptance:
    """Makes the mask of the prediction the label of the current frame.

    A human mask is only replaced when `accept` is called twice; it stays in the history.

    Parameters
    ----------
    prediction : CurrentPrediction
        The prediction.
    decisions : Decisions
        The decisions on the current frame of the project.

    Attributes
    ----------
    go_on : callable or None
        Goes to the next frame under review; None where none is open. Predictions of a model go on
        with the queue.
    message : Signal
        Sent with one line for the user; empty once it no longer applies.
    """

    message = Signal(str)

    def __init__(self, prediction: CurrentPrediction, decisions: Decisions) -> None:
        self._prediction, self._decisions = prediction, decisions
        self.go_on: Callable[[], object] | None = None
        self._confirmed: int | None = None
        prediction.requested.connect(self._reset)

    def accept(self) -> None:
        """Approve the mask at the threshold as the label, and go to the next frame."""
        prediction, curation = self._prediction, self._decisions.curation
        result, mask = prediction.result, prediction.mask
        if result is None or mask is None or result.frame != prediction.session.path:
            self.message.emit(NO_PREDICTION)
        elif curation.project is None:
            self.message.emit(NO_PROJECT)
        elif curation.row is None:
            self.message.emit(OTHER_FRAME)
        elif not prediction.canvas.mask.visible:
            prediction.canvas.mask.set_wanted(True)
            self.message.emit(HIDDEN)
        elif curation.save() and self._may_replace(curation, curation.project, mask):
            model, threshold = result.prediction.model, prediction.threshold
            go_on = self.go_on if isinstance(prediction.source, FileSource) else None
            self._decisions.accept(mask, accepted_from(model, threshold), go_on)

    def _reset(self) -> None:
        self._confirmed = None
        self.message.emit("")

    def _may_replace(self, curation: Curation, project: Project, mask: NDArray[np.uint8]) -> bool:
        """Whether no other human mask is lost, or the user has asked for that twice."""
        frame = curation.frame
        if project.read_only or self._confirmed == frame:
            return True
        facts = project.mask_facts(frame, "human")
        if facts is None or _is_active(project, frame, mask):
            return True
        self._confirmed = frame
        self.message.emit(
            f"{facts.by} has labelled this frame ({facts.method}). Press Y again to replace that "
            "label; the history keeps it."
        )
        return False


def _is_active(project: Project, frame: int, mask: NDArray[np.uint8]) -> bool:
    """Whether the human mask of a frame equals `mask`; a damaged one does not."""
    try:
        known = project.mask(frame, "human")
    except IrisError:
        return False
    return known is not None and np.array_equal(known, mask)
