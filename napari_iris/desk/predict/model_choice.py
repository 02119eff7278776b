"""Choose a model: one that is shipped, one of the project or the night, or any folder."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_iris.app.background import Background
from napari_iris.desk.forms.line import text_line
from napari_iris.desk.frames.places import folder_for
from napari_iris.desk.jobs.lookout import Lookout
from napari_iris.desk.predict.model_list import Choice, choice_of, models_in
from napari_iris.desk.timers import QtTimers, connect
from napari_iris.resources import models_folder

if TYPE_CHECKING:
    from napari_iris.app.session import Session

LOOK_MS = 2000
"""Milliseconds between two looks for new models, while the dock is in view."""

NO_MODEL = (
    "No model yet: train one in the Train dock, or choose the folder of one that was trained "
    "elsewhere."
)
NO_CLASSIFIER = "none: every frame is segmented"


class ModelChoice(QWidget):
    """Which U-Net answers, and which classifier before it.

    Parameters
    ----------
    session : Session
        What is open in the viewer.

    Attributes
    ----------
    changed : Signal
        Another model or classifier is chosen, or one has been trained anew.
    pending_changed : Signal
        A model that was chosen is being looked at, or was.
    """

    changed, pending_changed = Signal(), Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._found: tuple[Choice, ...] = ()
        self._browsed: list[Path] = []
        self._wanted: Path | None = None
        self._by_hand = False
        self._looker = Background(QtTimers())
        connect(self._looker.done, self._take)
        self._lookout = Lookout(self, self.look, LOOK_MS)
        self._build()
        connect(session.project_changed, self.look)
        connect(session.sequence_changed, self.look)

    def _build(self) -> None:
        self.model, self.classifier = QComboBox(), QComboBox()
        for box, name in ((self.model, "model"), (self.classifier, "classifier")):
            box.setAccessibleName(name)
            box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            box.setMinimumContentsLength(12)
            box.view().setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.model.currentIndexChanged.connect(self._choose_model)
        self.classifier.currentIndexChanged.connect(self._choose)
        self.classifier.activated.connect(self._keep_classifier)
        self.model.setToolTip("U-Net that tells where the cloud is")
        self.classifier.setToolTip("VGG8 that is asked first: a frame that it calls clear is clear")
        self.browse = QPushButton("Choose ...")
        self.browse.setToolTip("Choose the folder of another model, U-Net or VGG8")
        self.browse.clicked.connect(self._browse)
        self.facts = text_line(selectable=True)
        top, form = QHBoxLayout(), QFormLayout()
        top.addWidget(self.model, stretch=1)
        top.addWidget(self.browse)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("model", top)
        form.addRow("classifier", self.classifier)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(form)
        layout.addWidget(self.facts)
        self._fill()

    @property
    def settled(self) -> bool:
        """Whether the models were listed since the last look."""
        return self._looker.is_idle

    @property
    def is_pending(self) -> bool:
        """Whether a model that was chosen is still being looked at."""
        return self._wanted is not None

    @property
    def chosen(self) -> Choice | None:
        """The U-Net that is chosen."""
        return self._choice(self.model)

    @property
    def chosen_classifier(self) -> Choice | None:
        """The classifier that is chosen; None for none."""
        return self._choice(self.classifier)

    def choose(self, folder: Path) -> None:
        """Choose a model by its folder, now or once it is listed."""
        if folder not in self._browsed and folder not in {one.folder for one in self._found}:
            self._browsed.append(folder)
        self._wanted = folder
        self.pending_changed.emit()
        self.look()

    def look(self) -> None:
        """List the models anew, beside the window."""
        self._looker.submit(partial(_list, self._folders(), tuple(self._browsed)))

    def _folders(self) -> tuple[Path, ...]:
        """Where models may lie: the open project, the night, and those that are shipped."""
        folders = []
        if self._session.project is not None:
            folders.append(self._session.project / "models")
        if self._session.sequence is not None:
            folders.append(folder_for(self._session.sequence.paths[0].parent, "models"))
        return (*folders, models_folder())

    def _take(self, found: tuple[Choice, ...]) -> None:
        if found != self._found or self._wanted is not None:
            before = self.chosen, self.chosen_classifier
            self._found = found
            self._fill()
            if (self.chosen, self.chosen_classifier) != before:
                self.changed.emit()
            self.pending_changed.emit()

    def _fill(self) -> None:
        """Offer what was found; what is chosen stays so."""
        unets = [one for one in self._found if one.kind != "vgg8"]
        vggs = [one for one in self._found if one.kind == "vgg8"]
        wanted, self._wanted = self._wanted, None
        for box, choices in ((self.model, unets), (self.classifier, vggs)):
            before = box.currentData()
            with QSignalBlocker(box):
                box.clear()
                if box is self.classifier:
                    box.addItem(NO_CLASSIFIER, None)
                for one in choices:
                    box.addItem(_named(one), str(one.folder))
                    box.setItemData(box.count() - 1, str(one.folder), Qt.ItemDataRole.ToolTipRole)
                place = max(box.findData(str(wanted)), -1)
                box.setCurrentIndex(place if place >= 0 else max(box.findData(before), 0))
                self._by_hand = self._by_hand or (place >= 0 and box is self.classifier)
        self._pair()
        self.model.setEnabled(bool(unets))
        self.classifier.setEnabled(bool(vggs))
        self._tell()

    def _keep_classifier(self) -> None:
        self._by_hand = True

    def _pair(self) -> None:
        """Take the shipped classifier with the shipped U-Net, unless the person has chosen."""
        if self._by_hand:
            return
        chosen = self.chosen
        shipped = [one for one in self._found if one.kind == "vgg8" and one.is_shipped]
        wanted = str(shipped[0].folder) if shipped and chosen and chosen.is_shipped else None
        with QSignalBlocker(self.classifier):
            self.classifier.setCurrentIndex(max(self.classifier.findData(wanted), 0))

    def _choose_model(self) -> None:
        self._pair()
        self._choose()

    def _choose(self) -> None:
        self._tell()
        self.changed.emit()

    def _choice(self, box: QComboBox) -> Choice | None:
        folder = box.currentData()
        return next((one for one in self._found if str(one.folder) == folder), None)

    def _tell(self) -> None:
        chosen = self.chosen
        self.facts.setText(NO_MODEL if chosen is None else chosen.facts())
        self.facts.setToolTip("" if chosen is None else str(chosen.folder))

    def _browse(self) -> None:
        start = str(self.chosen.folder.parent) if self.chosen else str(Path.home())
        folder = QFileDialog.getExistingDirectory(self, "Folder of a model", start)
        if folder:
            self.choose(Path(folder))


def _list(folders: tuple[Path, ...], browsed: tuple[Path, ...]) -> tuple[Choice, ...]:
    """List the models of some folders, and those that were chosen one by one."""
    found = models_in(folders)
    known = {one.folder for one in found}
    return (*found, *(choice_of(folder) for folder in browsed if folder not in known))


def _named(choice: Choice) -> str:
    if choice.card is None:
        return f"{choice.name} (damaged)"
    return f"{choice.name} (shipped)" if choice.is_shipped else choice.name
