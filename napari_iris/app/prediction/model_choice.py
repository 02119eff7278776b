"""The segmentation model to predict with, and the classifier to run before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psygnal import Signal

from napari_iris.app.models import ModelList, model_folders, model_summary
from napari_iris.inference.folders import read_entry

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.app.session import Session
    from napari_iris.inference.folders import ModelEntry

NO_MODEL = "No models yet. Train one in the Train dock, or choose a model folder."


class ModelChoice:
    """The models that the user predicts with.

    The classifier is the one that the card of the segmentation model names, as on the command
    line, until the user chooses another one, or none.

    Parameters
    ----------
    session : Session
        What is open in the viewer.

    Attributes
    ----------
    list : ModelList
        All models.
    model : ModelEntry or None
        The segmentation model; it may be damaged.
    classifier : ModelEntry or None
        The classifier; None for none.
    listed : Signal
        There are other models to choose from.
    changed : Signal
        Another model or classifier is chosen, or one was trained again.
    pending_changed : Signal
        `is_pending` has changed.
    """

    listed = Signal()
    changed = Signal()
    pending_changed = Signal()

    def __init__(self, session: Session) -> None:
        self._session = session
        self._model: Path | None = None
        self._classifier: Path | None = None
        self._by_user = False
        self._wanted: Path | None = None
        self._awaits_classifier = False
        self._known: tuple[ModelEntry | None, ModelEntry | None] = (None, None)
        self.list: ModelList[ModelEntry] = ModelList(session.timers, read_entry)
        self.list.changed.connect(self._choose_listed)
        self.list.refreshed.connect(self._choose_wanted)
        session.project_changed.connect(self._set_folders)
        session.sequence_changed.connect(self._set_folders)

    @property
    def models(self) -> tuple[ModelEntry, ...]:
        """Segmentation models to choose from, damaged ones too."""
        return tuple(one for one in self.list.models if one.kind != "vgg8")

    @property
    def classifiers(self) -> tuple[ModelEntry, ...]:
        """Classifiers to choose from."""
        return tuple(one for one in self.list.models if one.kind == "vgg8")

    @property
    def model(self) -> ModelEntry | None:
        """The segmentation model."""
        return self.list.get(self._model)

    @property
    def classifier(self) -> ModelEntry | None:
        """The classifier to run first; None for none."""
        return self.list.get(self._classifier)

    @property
    def is_usable(self) -> bool:
        """Whether a model is chosen that is not damaged."""
        return self.model is not None and self.model.card is not None

    @property
    def is_pending(self) -> bool:
        """Whether the folder that was chosen last, or its classifier, is still being read."""
        return self._wanted is not None or self._awaits_classifier

    @property
    def summary(self) -> str:
        """Description of the model, or how to get one."""
        return NO_MODEL if self.model is None else model_summary(self.model)

    def choose(self, folder: Path) -> None:
        """Choose a model or a classifier by its folder, once that has been read.

        Parameters
        ----------
        folder : Path
            Any model folder.
        """
        self._wanted = folder
        self.pending_changed.emit()
        self.list.add(folder)

    def set_model(self, folder: Path | None) -> None:
        """Choose a listed segmentation model."""
        self._model = folder
        self._pair()
        self._report()

    def set_classifier(self, folder: Path | None) -> None:
        """Choose a listed classifier, or none."""
        self._classifier, self._by_user = folder, True
        self._report()

    def refresh(self) -> None:
        """List the models of the project, of the frames, and the shipped ones again."""
        self._set_folders()

    def _set_folders(self) -> None:
        self.list.set_folders(model_folders(self._session))

    def _choose_listed(self) -> None:
        """Keep what is chosen if it is still listed; else choose the first model."""
        models, classifiers = self.models, self.classifiers
        if self._model not in [one.folder for one in models]:
            self._model = models[0].folder if models else None
        if self._classifier not in [one.folder for one in classifiers]:
            self._classifier = None
        self._pair()
        self.listed.emit()
        self._report()

    def _choose_wanted(self) -> None:
        """Choose the folder that has now been read."""
        if not self.is_pending:
            return
        wanted, self._wanted = self._wanted, None
        self._awaits_classifier = False
        entry = None if wanted is None else self._find(wanted)
        if entry is not None and entry.kind == "vgg8":
            self.set_classifier(entry.folder)
        elif entry is not None:
            self.set_model(entry.folder)
        self.pending_changed.emit()

    def _pair(self) -> None:
        """Choose the classifier that the card names, unless the user has chosen one."""
        if self._by_user:
            return
        named = None if self.model is None else self.model.classifier
        entry = None if named is None else self._find(named)
        self._classifier = None if entry is None else entry.folder
        if named is not None and entry is None:
            self._awaits_classifier = True
            self.list.add(named)

    def _find(self, folder: Path) -> ModelEntry | None:
        """Find a model by its folder, whatever links lead to that."""
        place = folder.resolve()
        return next((one for one in self.list.models if one.folder.resolve() == place), None)

    def _report(self) -> None:
        now = self.model, self.classifier
        if now != self._known:
            self._known = now
            self.changed.emit()
