"""Choose predictions and the truth that they are held against, and have them measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QComboBox,
    QFormLayout,
    QVBoxLayout,
    QWidget,
)

from napari_iris.app.places import output_folder
from napari_iris.app.prediction.truth_source import TruthSource, find_truth
from napari_iris.desk.forms.folder import FolderEdit
from napari_iris.desk.forms.line import text_line
from napari_iris.desk.review.data import find_reviews
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.app.prediction.current import CurrentPrediction
    from napari_iris.labels import MaskChoice

MASKS: dict[str, MaskChoice] = {
    "people's masks": "approved",
    "the best of each frame": "best",
    "automatic masks": "auto",
}
"""Which masks of a project are the truth, by what they are called."""

FIRST = 20
"""Frames that are looked at to see whether the night has masks."""

NO_PREDICTIONS = (
    "Predict the night in the Predict dock, or choose the folder of napari-iris predict."
)
NO_TRUTH = (
    "Without a truth, frames are sorted by uncertainty. For errors and scores open a project in "
    "the Curate dock, make masks, or choose a folder."
)
NO_MASKS = (
    "The folder chosen as truth holds no masks: choose a project, a folder of mask FITS, or one "
    "with frames/ and truth/."
)


class ReviewChoice(QWidget):
    """Which predictions, and which truth.

    Parameters
    ----------
    prediction : CurrentPrediction
        The prediction of the current frame.

    Attributes
    ----------
    predictions_changed : Signal
        Other predictions are chosen, or there are more.
    truth_changed : Signal
        Another truth is chosen.
    """

    predictions_changed = Signal()
    truth_changed = Signal()

    def __init__(self, prediction: CurrentPrediction) -> None:
        super().__init__()
        self._session = prediction.session
        self._suggested: dict[str, Path | None] = {"predictions": None, "truth": None}
        self._night: Path | None = None
        self._build()
        connect(self._session.sequence_changed, self.suggest)
        connect(self._session.project_changed, self.suggest)
        connect(prediction.predictions_written, self._take_made)
        self.suggest()

    def _build(self) -> None:
        self.predictions = FolderEdit("Folder that predict has written", "predictions to review")
        self.truth = FolderEdit(
            "A project, a folder of masks, or one with frames/ and truth/", "truth to compare with"
        )
        self.masks = QComboBox()
        self.masks.addItems(MASKS)
        self.masks.setToolTip("Which masks of the project are the truth")
        self.masks.setAccessibleName("masks that are the truth")
        self.masks.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.hint = text_line()
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("predictions", self.predictions.native)
        form.addRow("truth", self.truth.native)
        form.addRow("masks", self.masks)
        self._masks_label = form.labelForField(self.masks)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(form)
        layout.addWidget(self.hint)
        self.predictions.changed.connect(self._follow)
        self.truth.changed.connect(self._follow_truth)
        self.masks.currentTextChanged.connect(self._follow_truth)

    @property
    def folder(self) -> Path | None:
        """Folder of the predictions, spelt out."""
        return self.predictions.chosen

    def source(self) -> TruthSource | None:
        """Give the truth that is chosen; None for none."""
        folder = self.truth.chosen
        return None if folder is None else TruthSource(folder, MASKS[self.masks.currentText()])

    def suggest(self) -> None:
        """Suggest what there is of the project or the night, unless the person has chosen."""
        sequence, project = self._session.sequence, self._session.project
        if sequence is None:
            self._tell()
            return
        frames = sequence.paths[0].parent
        if frames != self._night:
            self._night = frames
            self._suggested = {"predictions": self.folder, "truth": self.truth.chosen}
        homes = [project / "predictions"] if project else []
        found = find_reviews([*homes, output_folder(frames, "predictions")])
        self._propose("predictions", found[0] if found else None)
        first = [sequence.paths[number] for number in range(min(FIRST, len(sequence)))]
        self._propose("truth", project or find_truth(first, output_folder(frames, "masks")))
        self._tell()

    def _propose(self, what: str, folder: Path | None) -> None:
        edit = self.predictions if what == "predictions" else self.truth
        if edit.chosen in (None, self._suggested[what]):
            self._suggested[what] = folder
            if edit.chosen != folder:
                edit.value = folder

    def _take_made(self, folder: Path) -> None:
        """Review what the Predict dock has just written."""
        self._suggested["predictions"] = folder
        if self.folder == folder:
            self.predictions_changed.emit()
        else:
            self.predictions.value = folder

    def _follow(self) -> None:
        self._tell()
        self.predictions_changed.emit()

    def _follow_truth(self) -> None:
        self._tell()
        self.truth_changed.emit()

    def _tell(self) -> None:
        """Say what is missing."""
        source = self.source()
        is_project = source is not None and source.is_project
        self.masks.setVisible(is_project)
        self._masks_label.setVisible(is_project)
        lines = [] if self.folder else [NO_PREDICTIONS]
        lines += [] if source else [NO_TRUTH]
        lines += [] if source is None or source.has_masks else [NO_MASKS]
        self.hint.setText("\n".join(lines[:1]))
        self.hint.setVisible(bool(lines))
