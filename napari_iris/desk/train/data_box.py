"""Choose what is learnt from: the project or the night at hand, or any folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from napari_iris.app.background import Background
from napari_iris.app.places import output_folder
from napari_iris.app.training.supply import Supply, look_at
from napari_iris.desk.forms.folder import FolderEdit
from napari_iris.desk.forms.form import FormView
from napari_iris.desk.forms.line import text_line
from napari_iris.desk.jobs.lookout import Lookout
from napari_iris.desk.timers import QtTimers, connect

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.app.session import Session
    from napari_iris.app.training.form import TrainingForm
    from napari_iris.networks.spec import Kind

LOOK_MS = 1000
"""Milliseconds between two looks at what there is, while the dock is in view."""

NONE_OPEN = "Open a project in the Curate dock, make masks in the Mask dock, or choose a folder."

NOTHING = Supply(None, "nothing", NONE_OPEN)


class DataBox(QWidget):
    """What is learnt from, and how many labels it has.

    Parameters
    ----------
    session : Session
        What is open in the viewer.
    form : TrainingForm
        The form, with the choice of masks.

    Attributes
    ----------
    changed : Signal
        Another folder or other masks are chosen, or there is more or less of them.
    """

    changed = Signal()

    def __init__(self, session: Session, form: TrainingForm) -> None:
        super().__init__()
        self._session, self._form = session, form
        self.supply = NOTHING
        self._suggested: Path | None = None
        self._by_hand = False
        self._looker = Background(QtTimers())
        connect(self._looker.done, self._take)
        self._lookout = Lookout(self, self._look, LOOK_MS)
        self._build()
        connect(session.project_changed, self._suggest)
        connect(session.sequence_changed, self._suggest)
        self._suggest()

    def _build(self) -> None:
        tip = "A project, a folder of masks, or one with frames/ and truth/ as simulate writes it"
        self.folder = FolderEdit(tip, "folder to learn from")
        self.folder.changed.connect(self._follow)
        self.masks = FormView(self._form, ["masks"])
        self.line = text_line()
        where = QHBoxLayout()
        where.addWidget(QLabel("folder"))
        where.addWidget(self.folder.native, stretch=1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(where)
        layout.addWidget(self.masks)
        layout.addWidget(self.line)

    @property
    def chosen(self) -> Path | None:
        """Folder that is chosen, spelt out."""
        return self.folder.chosen

    @property
    def known(self) -> bool:
        """Whether what the folder chosen offers has been looked at."""
        return self.supply.folder == self.chosen

    def problem(self, kind: Kind) -> str:
        """Say why there is nothing to train a network on; empty where there is."""
        if self.chosen is None:
            return "There is nothing to learn from yet."
        if not self.known:
            return "looking at what there is to learn from ..."
        if self.supply.what == "nothing":
            return self.supply.text
        which = str(self._form.shown("masks"))
        if self.supply.masks[which] or (kind == "vgg8" and self.supply.classes):
            return ""
        if which == "approved":
            return "No frame is approved yet: approve some in the Curate dock, or take auto masks."
        return "No frame has such a mask yet: choose other masks."

    def models(self) -> Path | None:
        """Folder for the models of what is chosen: in the project, or beside the night."""
        chosen, sequence = self.supply.folder, self._session.sequence
        if chosen is None or self.supply.what == "nothing":
            return None
        if self.supply.what == "project":
            return chosen / "models"
        if sequence is not None:
            frames = sequence.paths[0].parent
            if chosen == output_folder(frames, "masks"):
                return output_folder(frames, "models")
        return output_folder(chosen, "models")

    def _suggest(self) -> None:
        """Suggest the project that is open, unless the person has chosen a folder."""
        if self.chosen in (None, self._suggested):
            if self._session.project is not None:
                self._propose(self._session.project)
            elif self.supply.what == "masks" and self._suggested != self._of_night():
                self._propose(None)
        self._look()

    def _propose(self, folder: Path | None) -> None:
        self._suggested = folder
        self.folder.value = folder

    def _follow(self) -> None:
        self._by_hand = self.chosen != self._suggested
        self.changed.emit()
        self._look()

    def _look(self) -> None:
        """Look at the folder chosen, else for the masks of the night in view."""
        folder, known = self.chosen, self.supply
        if folder is None and not self._by_hand:
            folder = self._of_night()
        if folder is None:
            self._looker.discard()
            self._take(NOTHING)
        else:
            self._looker.submit(lambda: look_at(folder, known))

    def _of_night(self) -> Path | None:
        """Where the masks of the night in view go."""
        sequence = self._session.sequence
        return None if sequence is None else output_folder(sequence.paths[0].parent, "masks")

    def _take(self, supply: Supply) -> None:
        if self.chosen is None and supply.what == "nothing":
            supply = NOTHING
        elif self.chosen is None:
            self._propose(supply.folder)
        if supply is self.supply and self.line.text():
            return
        self.supply = supply
        self.masks.setVisible(supply.what == "project")
        self.line.setText(supply.text)
        self.changed.emit()
