"""The folders of predictions and reference masks under review."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QWidget

from napari_iris.app.review.choice import MASKS
from napari_iris.desk.forms.controls import TextLine, by_tab, combo_box
from napari_iris.desk.forms.folder import FolderEdit
from napari_iris.desk.forms.layout import column, labelled
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from napari_iris.app.review.choice import ReviewChoice


class ReviewChoiceBox(QWidget):
    """Choose predictions and reference masks.

    Parameters
    ----------
    choice : ReviewChoice
        The choice.
    """

    def __init__(self, choice: ReviewChoice) -> None:
        super().__init__()
        self._choice = choice
        self.predictions = FolderEdit(
            "Folder of predictions, as the Predict dock writes it", "Predictions"
        )
        self.truth = FolderEdit(
            "Reference masks: a project, a folder of masks, or one with frames/ and truth/", "Truth"
        )
        self.masks = combo_box(MASKS, "Which masks of the project are the truth", "Masks")
        by_tab(self.masks)
        self.hint = TextLine()
        folders = {"Predictions": self.predictions.native, "Truth": self.truth.native}
        form = labelled({**folders, "Masks": self.masks})
        self._masks_label = form.labelForField(self.masks)
        column(self, form, self.hint)
        self.predictions.follow(choice.predictions)
        self.truth.follow(choice.truth)
        self.masks.currentTextChanged.connect(choice.set_masks)
        connect(choice.predictions_changed, self.refresh)
        connect(choice.truth_changed, self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the hint, and the masks of a project."""
        for widget in (self.masks, self._masks_label):
            widget.setVisible(self._choice.is_project)
        self.hint.show_text(self._choice.hint)
