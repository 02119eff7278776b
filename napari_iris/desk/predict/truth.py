"""The truth of the frame in view, and where the prediction of it is wrong."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, Signal

from napari_iris.app.background import Background
from napari_iris.desk.layers.overlay import Overlay
from napari_iris.desk.predict.layers import errors_layer, errors_of, truth_layer
from napari_iris.desk.timers import QtTimers, connect
from napari_iris.errors import IrisError
from napari_iris.labels import CLOUD, IGNORE
from napari_iris.masks.mask_file import cloud_fraction
from napari_iris.metrics.counts import Counts, scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.app.curation.canvas import MaskCanvas
    from napari_iris.desk.predict.blink import Part
    from napari_iris.desk.predict.prediction import PredictionInView
    from napari_iris.desk.predict.truth_source import TruthSource


class TruthInView(QObject):
    """What the prediction in view is held against.

    Parameters
    ----------
    view : PredictionInView
        The prediction.

    Attributes
    ----------
    mask : ndarray of uint8 or None
        The truth at the prediction's shape; None while there is none.
    problem : str
        Why there is none; empty where nothing is wrong.
    truth, errors : Overlay
        The layers.
    changed : Signal
        Another truth is known, or the errors are others.
    """

    changed = Signal()

    def __init__(self, view: PredictionInView) -> None:
        super().__init__()
        self._view = view
        self.source: TruthSource | None = None
        self.mask: NDArray[np.uint8] | None = None
        self.problem = ""
        self._of: Any = None
        self.truth = Overlay(view.frames, "iris_truth", truth_layer, self, wanted=False)
        self.errors = Overlay(view.frames, "iris_errors", errors_layer, self)
        self._reader = Background(QtTimers())
        connect(self._reader.done, self._take)
        view.changed.connect(self._follow)
        connect(view.session.labels_changed, self.look)

    @property
    def settled(self) -> bool:
        """Whether the truth is of the prediction in view."""
        return self._reader.is_idle and self._of is self._view.seen

    def show_from(self, source: TruthSource | None) -> None:
        """Hold against other labels."""
        if source != self.source:
            self.source = source
            self.look()

    def look(self) -> None:
        """Read the truth of the frame in view anew, beside the window."""
        seen = self._view.seen
        if seen is not self._of:
            self._of, self.mask = seen, None
        if self.source is None or seen is None:
            self._reader.discard()
            self._take(None)
            return
        rows, columns = seen.prediction.probability.shape
        self._reader.submit(partial(self.source.mask, seen.frame, (rows, columns)))

    def scores(self) -> dict[str, float]:
        """Scores of the frame in view at the threshold; empty where there is no truth."""
        mask = self._view.mask
        if mask is None or self.mask is None or mask.shape != self.mask.shape:
            return {}
        counted = (mask != IGNORE) & (self.mask != IGNORE)
        counts = Counts.of(mask == CLOUD, self.mask == CLOUD, counted)
        return {**scores(counts), "cloud": cloud_fraction(self.mask)} if counts.total else {}

    def parts(self) -> Sequence[Part]:
        """Give what shows the truth alone: the label that is in hand, else our own layer."""
        if self.mask is None:
            return ()
        label = self._label_in_hand()
        return (self.truth,) if label is None else (LabelPart(label),)

    def _label_in_hand(self) -> MaskCanvas | None:
        """Canvas of the person's mask, where that is the truth."""
        work, source = self._view.curation, self.source
        if work.editor is None or work.project is None or work.row is None:
            return None
        if source is None or source.folder != work.project.folder or source.masks != "approved":
            return None
        return work.editor.canvas

    def _follow(self) -> None:
        """Read the truth of another frame; at another threshold only the errors change."""
        if self._view.seen is self._of:
            self._draw()
        else:
            self.look()

    def _take(self, found: NDArray[np.uint8] | IrisError | None) -> None:
        self.problem = str(found) if isinstance(found, IrisError) else ""
        self.mask = None if isinstance(found, IrisError) else found
        self._draw()

    def _draw(self) -> None:
        mask = self._view.mask
        if mask is None or self.mask is None or mask.shape != self.mask.shape:
            self.truth.clear()
            self.errors.clear()
        else:
            self.truth.show(self.mask, "truth")
            self.errors.show(errors_of(mask, self.mask), "errors")
        self._view.blink.follow()
        self.changed.emit()


class LabelPart:
    """The layer that a person corrects, as a part of blinking.

    Parameters
    ----------
    layer : MaskCanvas
        Shows it.
    """

    def __init__(self, layer: MaskCanvas) -> None:
        self._layer = layer

    def peek(self, *, visible: bool) -> None:
        """Show or hide it for a moment."""
        self._layer.visible = visible

    def settle(self) -> None:
        """Show it, as it is at work."""
        self._layer.visible = True
