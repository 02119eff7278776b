"""Which predictions are reviewed, and which reference masks they are compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psygnal import Signal

from napari_iris.app.places import output_folder
from napari_iris.app.prediction.truth_source import TruthSource, find_truth
from napari_iris.app.review.review import find_reviews
from napari_iris.app.suggestion import Suggestion

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.app.session import Session
    from napari_iris.labels import MaskChoice

MASKS: dict[str, MaskChoice] = {
    "Human masks": "approved",
    "Best mask of each frame": "best",
    "Automatic masks": "auto",
}
"""Which masks of a project are the truth, by name."""

FIRST = 20
"""Frames that are checked for masks when the truth is suggested."""

NO_PREDICTIONS = "Predict frames in the Predict dock, or choose a predictions folder."
NO_TRUTH = (
    "Without reference masks, frames are sorted by uncertainty. For errors and scores open a "
    "project in the Curate dock, make masks, or choose a folder."
)
NO_MASKS = (
    "The truth folder has no masks. Choose a project, a folder of mask FITS, or one with "
    "frames/ and truth/."
)


class ReviewChoice:
    """Folders of predictions and reference masks; they follow the open frames until chosen.

    Parameters
    ----------
    session : Session
        What is open in the viewer.

    Attributes
    ----------
    predictions, truth : Suggestion of Path
        Folder of the predictions; project or folder of the reference masks.
    masks : {'approved', 'best', 'auto'}
        Which masks of a project are the truth.
    predictions_changed : Signal
        Other predictions are chosen, or the same folder has more.
    truth_changed : Signal
        Other reference masks are chosen.
    """

    predictions_changed = Signal()
    truth_changed = Signal()

    def __init__(self, session: Session) -> None:
        self._session = session
        self.predictions: Suggestion[Path] = Suggestion()
        self.truth: Suggestion[Path] = Suggestion()
        self.masks: MaskChoice = "approved"
        self._frames: Path | None = None
        self.predictions.changed.connect(self.predictions_changed.emit)
        self.truth.changed.connect(self.truth_changed.emit)
        session.sequence_changed.connect(self.suggest)
        session.project_changed.connect(self.suggest)
        self.suggest()

    @property
    def source(self) -> TruthSource | None:
        """The reference masks; None for none."""
        folder = self.truth.value
        return None if folder is None else TruthSource(folder, self.masks)

    @property
    def is_project(self) -> bool:
        """Whether the reference masks are a project's, so that `masks` applies."""
        source = self.source
        return source is not None and source.is_project

    @property
    def hint(self) -> str:
        """What to do next; empty if all is chosen."""
        source = self.source
        if self.predictions.value is None:
            return NO_PREDICTIONS
        if source is None:
            return NO_TRUTH
        return "" if source.has_masks else NO_MASKS

    def set_masks(self, name: str) -> None:
        """Choose which masks of a project are the truth.

        Parameters
        ----------
        name : str
            One of `MASKS`.
        """
        if MASKS[name] != self.masks:
            self.masks = MASKS[name]
            self.truth_changed.emit()

    def suggest(self) -> None:
        """Suggest what belongs to the open project or frames."""
        sequence, project = self._session.sequence, self._session.project
        if sequence is None:
            return
        frames = sequence.paths[0].parent
        replace, self._frames = frames != self._frames, frames
        homes = [project / "predictions"] if project else []
        found = find_reviews([*homes, output_folder(frames, "predictions")])
        self.predictions.suggest(found[0] if found else None, replace=replace)
        first = [sequence.paths[number] for number in range(min(FIRST, len(sequence)))]
        truth = project or find_truth(first, output_folder(frames, "masks"))
        self.truth.suggest(truth, replace=replace)

    def use_written(self, folder: Path) -> None:
        """Review predictions that were just written.

        Parameters
        ----------
        folder : Path
            Their folder.
        """
        if self.predictions.value == folder:
            self.predictions_changed.emit()
        self.predictions.suggest(folder, replace=True)
