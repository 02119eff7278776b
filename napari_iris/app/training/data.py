"""The data to train on: the open project or the masks of the open frames, or any folder."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from psygnal import Signal

from napari_iris.app.background import Background
from napari_iris.app.places import output_folder
from napari_iris.app.suggestion import Suggestion
from napari_iris.app.training.advice import LEAST_LABELS, left_out_text
from napari_iris.app.training.supply import Supply, read_supply
from napari_iris.numbers import format_count

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.app.session import Session
    from napari_iris.app.training.form import TrainingForm

NO_SUPPLY = Supply(
    None,
    "none",
    "Open a project in the Curate dock, make masks in the Mask dock, or choose a folder.",
)


class DataChoice:
    """The folder of the data, and its labelled frames; counted in the background.

    Parameters
    ----------
    session : Session
        What is open in the viewer: suggests the folder.
    form : TrainingForm
        The form, with the network and the choice of masks.

    Attributes
    ----------
    folder : Suggestion of Path
        The folder.
    supply : Supply
        Its labelled frames.
    changed : Signal
        Folder or supply have changed.
    """

    changed = Signal()

    def __init__(self, session: Session, form: TrainingForm) -> None:
        self._session, self._form = session, form
        self.folder: Suggestion[Path] = Suggestion()
        self.supply = NO_SUPPLY
        self._emptied = False
        self._background = Background(session.timers)
        self._background.done.connect(self._take)
        self.close = self._background.close
        self.folder.changed.connect(self._follow_folder)
        session.project_changed.connect(self.suggest)
        session.sequence_changed.connect(self.suggest)

    @property
    def is_idle(self) -> bool:
        """Whether no count is under way."""
        return self._background.is_idle

    @property
    def is_current(self) -> bool:
        """Whether the supply is that of the chosen folder."""
        return self.supply.folder == self.folder.value

    @property
    def problem(self) -> str:
        """Why the network of the form cannot be trained; empty if it can."""
        if self.folder.value is None:
            return "No labelled frames to train on."
        if not self.is_current:
            return "Counting the labelled frames..."
        if self.supply.kind == "none":
            return self.supply.text
        return self._label_problem()

    def _label_problem(self) -> str:
        """Say whether there are too few labels."""
        labels = self.labels
        if labels >= LEAST_LABELS:
            return ""
        if labels:
            return f"Only {format_count(labels, 'labelled frame')}: label at least {LEAST_LABELS}."
        if self._form.shown("masks") == "approved":
            return "No frame is approved: approve some in the Curate dock, or use automatic masks."
        return "No frame has such a mask: choose other masks."

    @property
    def labels(self) -> int:
        """Labelled frames for the network of the form."""
        if not self.is_current or self.supply.kind == "none":
            return 0
        masks = self.supply.masks[str(self._form.shown("masks"))]
        return max(masks, self.supply.classes) if self._form.kind == "vgg8" else masks

    @property
    def left_out(self) -> str:
        """How many frames the training leaves out, and why; empty for none."""
        by_class = self._form.kind == "vgg8"
        return left_out_text(self.supply, str(self._form.shown("masks")), by_class=by_class)

    def models_folder(self) -> Path | None:
        """Give the default folder for models: in the project, or beside the frames."""
        folder, sequence = self.supply.folder, self._session.sequence
        if folder is None or self.supply.kind == "none":
            return None
        if self.supply.kind == "project":
            return folder / "models"
        if sequence is not None:
            frames = sequence.paths[0].parent
            if folder == output_folder(frames, "masks"):
                return output_folder(frames, "models")
        return output_folder(folder, "models")

    def suggest(self) -> None:
        """Suggest the open project; drop the masks of frames that are no longer open."""
        if not self.folder.is_chosen:
            if self._session.project is not None:
                self.folder.suggest(self._session.project)
            elif self.supply.kind == "masks" and self.folder.value != self._masks_of_frames():
                self.folder.suggest(None)
                self._emptied = False
        self.refresh()

    def refresh(self) -> None:
        """Count again: in the chosen folder, else in that of the masks of the open frames."""
        folder, known = self.folder.value, self.supply
        if folder is None and not self._emptied:
            folder = self._masks_of_frames()
        if folder is None:
            self._background.discard()
            self._take(NO_SUPPLY)
        else:
            self._background.submit(partial(read_supply, folder, known))

    def _follow_folder(self) -> None:
        self._emptied = self.folder.value is None  # by the user: nothing is suggested in its place
        self.changed.emit()
        self.refresh()

    def _masks_of_frames(self) -> Path | None:
        """Where the masks of the open frames go."""
        sequence = self._session.sequence
        return None if sequence is None else output_folder(sequence.paths[0].parent, "masks")

    def _take(self, supply: Supply) -> None:
        if self.folder.value is None and supply.kind == "none":
            supply = NO_SUPPLY
        if supply is self.supply:
            return
        self.supply = supply
        if self.folder.value is None and supply.folder is not None:
            self.folder.suggest(supply.folder)
        self.changed.emit()
