"""The prediction of the current frame: made in the background, thresholded live."""

from __future__ import annotations

from functools import partial
from math import nan
from typing import TYPE_CHECKING

from psygnal import Signal

from napari_iris.app.background import Background
from napari_iris.errors import IrisError
from napari_iris.inference.cloud_mask import cloud_mask
from napari_iris.masks.mask_file import cloud_fraction

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.app.prediction.canvas import PredictionCanvas
    from napari_iris.app.prediction.source import FramePrediction, PredictionSource
    from napari_iris.app.session import Session

LATE_MS = 400
"""Milliseconds after which the prediction of the last frame is no longer shown."""


class CurrentPrediction:
    """The prediction of the current frame, drawn over it.

    Parameters
    ----------
    session : Session
        What is open in the viewer.
    canvas : PredictionCanvas
        Shows it.

    Attributes
    ----------
    source : PredictionSource or None
        Where predictions come from.
    result : FramePrediction or None
        The prediction; None while there is none.
    problem : str
        Why there is none; empty if nothing is wrong.
    requested : Signal
        A prediction was requested: the frame, the model, or the source is another one.
    changed : Signal
        Another prediction, or none, is shown, or another threshold.
    source_changed : Signal
        Predictions come from another source.
    predictions_written : Signal
        Sent with the folder in which predictions of many frames were stored.
    """

    requested = Signal()
    changed = Signal()
    source_changed = Signal()
    predictions_written = Signal(object)

    def __init__(self, session: Session, canvas: PredictionCanvas) -> None:
        self.session, self.canvas = session, canvas
        self.source: PredictionSource | None = None
        self.result: FramePrediction | None = None
        self.problem = ""
        self._threshold: float | None = None
        self._model = ""
        self._background = Background(session.timers)
        self._background.done.connect(self._take)
        self._late = session.timers.single_shot(LATE_MS, self._clear)
        session.frame_changed.connect(self.refresh)
        session.sequence_changed.connect(self.refresh)

    @property
    def is_current(self) -> bool:
        """Whether the prediction that was requested last has arrived."""
        return self._background.is_idle

    @property
    def threshold(self) -> float:
        """Probability from which a pixel is cloud: the chosen one, else the prediction's own."""
        if self._threshold is not None:
            return self._threshold
        return 0.5 if self.result is None else float(self.result.prediction.threshold)

    @property
    def chosen_threshold(self) -> float | None:
        """Threshold that the user has chosen; None for the model's own."""
        return self._threshold

    @property
    def mask(self) -> NDArray[np.uint8] | None:
        """Mask at the threshold: 0 sky, 1 cloud, 2 blank; None without a prediction."""
        if self.result is None:
            return None
        return cloud_mask(self.result.prediction.probability, self.threshold)

    @property
    def cloud_fraction(self) -> float:
        """Cloud fraction of `mask`; NaN without a prediction."""
        mask = self.mask
        return nan if mask is None else cloud_fraction(mask)

    def set_source(self, source: PredictionSource | None) -> None:
        """Take predictions from another source; None for none."""
        if source == self.source:
            return
        self.source = source
        self.source_changed.emit()
        self.refresh()

    def refresh(self) -> None:
        """Request the prediction of the current frame again, in the background."""
        self.requested.emit()
        if self.source is None or self.session.sequence is None:
            self._background.discard()
            self._late.stop()
            self.problem = ""
            self._clear()
            return
        self._late.start()
        sequence, number = self.session.sequence, self.session.number
        self._background.submit(partial(self.source.get, sequence, number))

    def set_threshold(self, threshold: float | None) -> None:
        """Set the threshold; None for the model's own.

        Parameters
        ----------
        threshold : float or None
            Probability from which a pixel is cloud, 0 to 1.
        """
        if threshold != self._threshold:
            self._threshold = threshold
            self._draw_mask()
            self.changed.emit()

    def _take(self, found: FramePrediction | IrisError) -> None:
        self._late.stop()
        if isinstance(found, IrisError):
            self.problem = str(found)
            self._clear()
            return
        self.problem = ""
        if found.prediction.model != self._model:  # another model has another threshold
            self._model, self._threshold = found.prediction.model, None
        self.result = found
        self._draw()
        self.changed.emit()

    def _clear(self) -> None:
        self.result = None
        self._draw()
        self.changed.emit()

    def _draw(self) -> None:
        canvas = self.canvas
        if self.result is None:
            for overlay in (canvas.probability, canvas.mask, canvas.uncertainty):
                overlay.clear()
            return
        prediction = self.result.prediction
        canvas.probability.show(prediction.probability, f"probability ({prediction.model})")
        if prediction.spread is None:
            canvas.uncertainty.clear()
        else:
            canvas.uncertainty.show(prediction.spread, f"uncertainty ({prediction.model})")
        self._draw_mask()

    def _draw_mask(self) -> None:
        mask = self.mask
        if mask is not None and self.result is not None:
            self.canvas.mask.show(mask, f"mask ({self.result.prediction.model})")
