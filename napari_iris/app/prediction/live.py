"""Predict each frame that is opened with the chosen models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psygnal import Signal

from napari_iris.app.prediction.source import ModelSource, OpenPredictors

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.app.clear_sky import ClearSky
    from napari_iris.app.prediction.current import CurrentPrediction
    from napari_iris.app.prediction.model_choice import ModelChoice
    from napari_iris.app.suggestion import Suggestion


class LivePrediction:
    """Makes the chosen models the source of the current prediction.

    It gives way to another source: stored predictions under review.

    Parameters
    ----------
    current : CurrentPrediction
        The prediction of the current frame.
    models : ModelChoice
        The chosen models.
    folder : Suggestion of Path
        Folder of their predictions; what is stored there is not computed again.
    clear_sky : ClearSky, optional
        What is known of the clear sky of the open frames.

    Attributes
    ----------
    enabled : bool
        Whether each frame is predicted.
    changed : Signal
        `enabled` or `is_available` may have changed.
    """

    changed = Signal()

    def __init__(
        self,
        current: CurrentPrediction,
        models: ModelChoice,
        folder: Suggestion[Path],
        clear_sky: ClearSky | None = None,
    ) -> None:
        self._current, self._models, self._folder = current, models, folder
        self._clear_sky = clear_sky
        self._predictors = OpenPredictors()
        self._source: ModelSource | None = None
        self._applied = models.model, models.classifier
        self.enabled = True
        models.changed.connect(self._follow_models)
        folder.changed.connect(self._apply)
        if clear_sky is not None:
            clear_sky.changed.connect(self.refresh)
        current.canvas.uncertainty.wanted_changed.connect(self._apply)
        current.source_changed.connect(self._give_way)
        current.session.sequence_changed.connect(self.changed.emit)

    @property
    def is_available(self) -> bool:
        """Whether there is a usable model, and a frame to predict."""
        return self._models.is_usable and self._current.session.sequence is not None

    @property
    def source(self) -> ModelSource | None:
        """The chosen models as a source; None without a usable one."""
        model, classifier = self._models.model, self._models.classifier
        if model is None or not self._models.is_usable:
            return None
        return ModelSource(
            self._predictors,
            model.folder,
            None if classifier is None else classifier.folder,
            self._current.canvas.uncertainty.wanted,
            self._folder.value,
            self._clear_sky,
        )

    def set_enabled(self, enabled: bool) -> None:
        """Predict each frame, or stop that."""
        if enabled != self.enabled:
            self.enabled = enabled
            self._apply()

    def refresh(self) -> None:
        """Predict the current frame again, or read what is stored now."""
        if self._source is not None and self._current.source == self._source:
            self._current.refresh()

    def _apply(self) -> None:
        before, self._source = self._source, self.source if self.enabled else None
        self._applied = self._models.model, self._models.classifier
        if self.enabled or (before is not None and self._current.source == before):
            self._current.set_source(self._source)
        self.changed.emit()

    def _follow_models(self) -> None:
        """Use another model; predict again with one that was trained again."""
        applied, source = self._applied, self._source
        self._apply()
        if applied != self._applied and source == self._source:
            self.refresh()

    def _give_way(self) -> None:
        """Stop once predictions come from another source."""
        source = self._current.source
        if self.enabled and source is not None and source != self._source:
            self.enabled, self._source = False, None
            self.changed.emit()
