"""The reference mask of the current frame, and where the prediction differs from it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from psygnal import Signal

from napari_iris.app.background import Background
from napari_iris.app.prediction.errors import error_map
from napari_iris.errors import IrisError
from napari_iris.labels import CLOUD, IGNORE
from napari_iris.masks.mask_file import cloud_fraction
from napari_iris.metrics.counts import Counts, scores

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.app.prediction.current import CurrentPrediction
    from napari_iris.app.prediction.source import FramePrediction
    from napari_iris.app.prediction.truth_source import TruthSource


class CurrentTruth:
    """What the prediction of the current frame is compared with.

    Parameters
    ----------
    prediction : CurrentPrediction
        The prediction.

    Attributes
    ----------
    source : TruthSource or None
        Where reference masks come from; None for none.
    mask : ndarray of uint8 or None
        The reference mask at the prediction's shape; None while there is none.
    problem : str
        Why there is none; empty if nothing is wrong.
    changed : Signal
        Another reference mask is known, or the errors are others.
    """

    changed = Signal()

    def __init__(self, prediction: CurrentPrediction) -> None:
        self._prediction = prediction
        self.source: TruthSource | None = None
        self.mask: NDArray[np.uint8] | None = None
        self.problem = ""
        self._result: FramePrediction | None = None
        self._background = Background(prediction.session.timers)
        self._background.done.connect(self._take)
        prediction.changed.connect(self._follow)
        prediction.session.labels_changed.connect(self.refresh)

    @property
    def is_current(self) -> bool:
        """Whether the reference mask belongs to the prediction that is shown."""
        return self._background.is_idle and self._result is self._prediction.result

    def set_source(self, source: TruthSource | None) -> None:
        """Compare with other reference masks; None for none."""
        if source != self.source:
            self.source = source
            self.refresh()

    def refresh(self) -> None:
        """Read the reference mask of the current frame again, in the background."""
        result = self._prediction.result
        if result is not self._result:
            self._result, self.mask = result, None
        if self.source is None or result is None:
            self._background.discard()
            self._take(None)
            return
        rows, columns = result.prediction.probability.shape
        self._background.submit(partial(self.source.mask, result.frame, (rows, columns)))

    def scores(self) -> dict[str, float]:
        """Score the mask at the threshold.

        Returns
        -------
        dict of str to float
            As `napari_iris.metrics.counts.scores` gives, and ``cloud``, the cloud fraction of the
            reference mask; empty if there is no reference mask, or no pixel counts.
        """
        mask = self._prediction.mask
        if mask is None or self.mask is None or mask.shape != self.mask.shape:
            return {}
        counted = (mask != IGNORE) & (self.mask != IGNORE)
        counts = Counts.of(mask == CLOUD, self.mask == CLOUD, counted)
        return {**scores(counts), "cloud": cloud_fraction(self.mask)} if counts.total else {}

    def _follow(self) -> None:
        """Read the mask of another frame; at another threshold only the errors change."""
        if self._prediction.result is self._result:
            self._draw()
        else:
            self.refresh()

    def _take(self, found: NDArray[np.uint8] | IrisError | None) -> None:
        self.problem = str(found) if isinstance(found, IrisError) else ""
        self.mask = None if isinstance(found, IrisError) else found
        self._draw()

    def _draw(self) -> None:
        canvas, mask = self._prediction.canvas, self._prediction.mask
        if mask is None or self.mask is None or mask.shape != self.mask.shape:
            canvas.truth.clear()
            canvas.errors.clear()
        else:
            canvas.truth.show(self.mask, "truth")
            canvas.errors.show(error_map(mask, self.mask), "errors")
        self.changed.emit()
