"""The boxes to choose a segmentation model and a classifier from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker, Qt
from qtpy.QtWidgets import QComboBox, QFileDialog, QWidget

from napari_iris.app.models import model_title
from napari_iris.app.tooltip import tip_of
from napari_iris.desk.forms.controls import TextLine, button, by_tab, combo_box
from napari_iris.desk.forms.layout import Wide, column, labelled, row
from napari_iris.desk.jobs.poll import PollWhileVisible
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_iris.app.prediction.model_choice import ModelChoice
    from napari_iris.inference.folders import ModelEntry

REFRESH_MS = 2000
"""Milliseconds between two refreshes of the models while the dock is visible."""

NO_CLASSIFIER = "None (segment every frame)"


class ModelChoiceBox(QWidget):
    """Choose the models to predict with.

    Parameters
    ----------
    models : ModelChoice
        The choice.
    """

    def __init__(self, models: ModelChoice) -> None:
        super().__init__()
        self._models = models
        self._refresher = PollWhileVisible(self, models.refresh, REFRESH_MS)
        self.model = _box("Model", "U-Net that predicts where cloud is")
        self.classifier = _box(
            "Classifier",
            "VGG8 that runs first: frames it classifies as clear are not segmented",
        )
        self.model.currentIndexChanged.connect(self._choose_model)
        self.classifier.currentIndexChanged.connect(self._choose_classifier)
        tip = "Choose the folder of another model, U-Net or VGG8"
        self.browse = button("Choose...", tip, self._browse)
        self.summary = TextLine(selectable=True)
        model = row(Wide(self.model), self.browse)
        column(self, labelled({"Model": model, "Classifier": self.classifier}), self.summary)
        connect(models.listed, self._list)
        connect(models.changed, self._select)
        self._list()

    def _list(self) -> None:
        """List the models to choose from."""
        models, classifiers = self._models.models, self._models.classifiers
        with QSignalBlocker(self.model), QSignalBlocker(self.classifier):
            _fill(self.model, models)
            self.classifier.clear()
            self.classifier.addItem(NO_CLASSIFIER, None)
            _fill(self.classifier, classifiers, clear=False)
        self.model.setEnabled(bool(models))
        self.classifier.setEnabled(bool(classifiers))
        self._select()

    def _select(self) -> None:
        """Show what is chosen."""
        model, classifier = self._models.model, self._models.classifier
        with QSignalBlocker(self.model), QSignalBlocker(self.classifier):
            self.model.setCurrentIndex(-1 if model is None else self._place(self.model, model))
            place = 0 if classifier is None else self._place(self.classifier, classifier)
            self.classifier.setCurrentIndex(place)
        self.summary.setText(self._models.summary)
        self.summary.setToolTip("" if model is None else str(model.folder))

    @staticmethod
    def _place(box: QComboBox, model: ModelEntry) -> int:
        return int(box.findData(str(model.folder)))

    def _choose_model(self) -> None:
        self._models.set_model(Path(self.model.currentData()))

    def _choose_classifier(self) -> None:
        folder = self.classifier.currentData()
        self._models.set_classifier(None if folder is None else Path(folder))

    def _browse(self) -> None:
        model = self._models.model
        start = Path.home() if model is None else model.folder.parent
        folder = QFileDialog.getExistingDirectory(self, "Model folder", str(start))
        if folder:
            self._models.choose(Path(folder))


def _box(name: str, tip: str) -> QComboBox:
    """Make a combo box whose long entries do not widen the dock."""
    box = combo_box((), tip, name)
    by_tab(box)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(12)
    box.view().setTextElideMode(Qt.TextElideMode.ElideMiddle)
    return box


def _fill(box: QComboBox, models: Iterable[ModelEntry], *, clear: bool = True) -> None:
    if clear:
        box.clear()
    for model in models:
        box.addItem(model_title(model), str(model.folder))
        box.setItemData(box.count() - 1, tip_of(str(model.folder)), Qt.ItemDataRole.ToolTipRole)
