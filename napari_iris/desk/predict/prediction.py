"""The prediction of the frame in view: asked for beside the window, cut live, accepted."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QObject, QTimer, Signal

from napari_iris.app.background import Background
from napari_iris.desk.layers.overlay import Overlay
from napari_iris.desk.predict.blink import Blink
from napari_iris.desk.predict.keys import ModelKeys
from napari_iris.desk.predict.layers import cut_layer, probability_layer, spread_layer
from napari_iris.desk.predict.truth import TruthInView
from napari_iris.desk.timers import QtTimers, connect
from napari_iris.errors import IrisError
from napari_iris.inference.cut import cloud_mask
from napari_iris.masks.mask_file import cloud_fraction

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.app.curation.curation import Curation
    from napari_iris.app.curation.decisions import Decisions
    from napari_iris.app.session import Session
    from napari_iris.desk.layers.frames_layer import FramesLayer
    from napari_iris.desk.predict.blink import Part
    from napari_iris.desk.predict.source import Seen, Source
    from napari_iris.project.project import Project

LATE_MS = 400
"""Milliseconds after which the prediction of the frame before is no longer shown."""

OPEN_PROJECT = "Open a project in the Curate dock: it keeps the labels."


class PredictionInView(QObject):
    """What a model says of the frame in view, in layers over it.

    Parameters
    ----------
    session : Session
        What is open in the viewer.
    frames : FramesLayer
        The layer of the open frames.
    decisions : Decisions
        The decisions on the current frame of the project.

    Attributes
    ----------
    source : Source or None
        Where predictions come from.
    seen : Seen or None
        The prediction of the frame in view; None while there is none.
    problem : str
        Why there is none; empty where nothing is wrong.
    probability, cut, spread : Overlay
        The layers: probability of cloud, the mask at the threshold, the uncertainty.
    truth : TruthInView
        What the prediction is held against.
    blink : Blink
        Shows prediction, truth and neither in turn.
    folder : Path or None
        Folder that predictions of the night go to.
    changed : Signal
        Another prediction is shown, or none, or another threshold.
    source_changed : Signal
        They come from elsewhere.
    folder_changed : Signal
        Predictions have been made in `folder`.
    told : Signal
        A line for the person, about the label; empty when that is over.
    """

    changed = Signal()
    source_changed = Signal()
    folder_changed = Signal()
    told = Signal(str)

    def __init__(self, session: Session, frames: FramesLayer, decisions: Decisions) -> None:
        super().__init__()
        self.session, self.frames, self._decisions = session, frames, decisions
        self.source: Source | None = None
        self.seen: Seen | None = None
        self.problem = ""
        self.folder: Path | None = None
        self._chosen: float | None = None
        self._model = ""
        self._sure: int | None = None
        self.probability = Overlay(frames, "iris_probability", probability_layer, self)
        self.cut = Overlay(frames, "iris_cut", cut_layer, self)
        self.spread = Overlay(frames, "iris_spread", spread_layer, self, wanted=False)
        self.truth = TruthInView(self)
        self.blink = Blink(self._parts, self)
        self._keys = ModelKeys(frames, {"accept": self.accept, "blink": self.blink.step})
        for signal in (self.probability.toggled, self.cut.toggled, self.blink.changed):
            signal.connect(self._outline)
        self._worker = Background(QtTimers())
        connect(self._worker.done, self._take)
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(LATE_MS)
        self._late.timeout.connect(self._forget)
        connect(session.frame_changed, self.look)
        connect(session.sequence_changed, self.look)

    @property
    def curation(self) -> Curation:
        """The work on the open project."""
        return self._decisions.curation

    @property
    def overlays(self) -> tuple[Overlay, ...]:
        """All layers of the prediction."""
        return self.probability, self.cut, self.spread

    def open(self, dock: object) -> None:
        """Serve one more dock."""
        self._keys.take(dock)

    def close(self, dock: object) -> None:
        """Serve a dock no longer; with the last one, keys and layers are given back."""
        if self._keys.leave(dock):
            self.show_from(None)
            self.blink.run(False)  # noqa: FBT003 (a signal's slot)
            for overlay in (*self.overlays, self.truth.truth, self.truth.errors):
                overlay.remove()

    @property
    def settled(self) -> bool:
        """Whether what is shown is of the frame in view."""
        return self._worker.is_idle

    @property
    def threshold(self) -> float:
        """Probability from which it is cloud: the one chosen, else the prediction's own."""
        if self._chosen is not None:
            return self._chosen
        return 0.5 if self.seen is None else float(self.seen.prediction.threshold)

    @property
    def chosen_threshold(self) -> float | None:
        """Threshold that a person has chosen; None for the model's own."""
        return self._chosen

    @property
    def mask(self) -> NDArray[np.uint8] | None:
        """Mask at the threshold: 0 sky, 1 cloud, 2 blank; None without a prediction."""
        if self.seen is None:
            return None
        return cloud_mask(self.seen.prediction.probability, self.threshold)

    @property
    def cloud_fraction(self) -> float:
        """Part of the sky that is cloud at the threshold; NaN without a prediction."""
        mask = self.mask
        return float("nan") if mask is None else cloud_fraction(mask)

    # --- showing

    def show_from(self, source: Source | None) -> None:
        """Take predictions from elsewhere."""
        if source == self.source:
            return
        self.source = source
        self.source_changed.emit()
        self.look()

    def look(self) -> None:
        """Ask for the prediction of the frame in view, beside the window."""
        self._sure = None
        self.told.emit("")
        if self.source is None or self.session.sequence is None:
            self._worker.discard()
            self._late.stop()
            self.problem = ""
            self._forget()
            return
        self._late.start()
        self._worker.submit(partial(self.source.see, self.session.sequence, self.session.number))

    def set_threshold(self, threshold: float | None) -> None:
        """Cut at another probability; None for the model's own."""
        if threshold != self._chosen:
            self._chosen = threshold
            self._draw_cut()
            self.changed.emit()

    def _draw(self) -> None:
        """Put the prediction into its layers."""
        if self.seen is None:
            for overlay in self.overlays:
                overlay.clear()
            return
        prediction = self.seen.prediction
        name = f"({prediction.model})"
        self.probability.show(prediction.probability, f"probability {name}")
        if prediction.spread is None:
            self.spread.clear()
        else:
            self.spread.show(prediction.spread, f"uncertainty {name}")
        self._draw_cut()

    def _parts(self) -> dict[str, Sequence[Part]]:
        """Give what takes part in blinking."""
        shown = () if self.seen is None else (self.cut,)
        others = (self.probability, self.spread, self.truth.errors)
        return {"prediction": shown, "truth": self.truth.parts(), "other": others}

    def _draw_cut(self) -> None:
        mask = self.mask
        if mask is not None and self.seen is not None:
            self.cut.show(mask, f"mask ({self.seen.prediction.model})")
        self.blink.follow()
        self._outline()

    def _outline(self) -> None:
        """Draw the mask as a line where the probability is in view, else whole."""
        if self.frames.is_closed:
            return
        layer, line = self.cut.layer, self.probability.wanted and not self.blink.shown
        if layer is not None and layer.contour != int(line):
            layer.contour = int(line)

    def _take(self, found: Seen | IrisError) -> None:
        self._late.stop()
        if isinstance(found, IrisError):
            self.problem = str(found)
            self._forget()
            return
        self.problem = ""
        if found.prediction.model != self._model:
            self._model, self._chosen = found.prediction.model, None
        self.seen = found
        self._draw()
        self.changed.emit()

    def _forget(self) -> None:
        """Show none."""
        self.seen = None
        self._draw()
        self.changed.emit()

    # --- the label

    def accept(self) -> None:
        """Take the prediction as the frame's label, approved, and go on to the next to do.

        A mask that a person has drawn is only replaced when that is said twice; it stays in the
        history.
        """
        mask, decisions = self.mask, self._decisions
        if self.seen is None or mask is None or self.seen.frame != self.session.path:
            self.told.emit("There is no prediction of this frame to accept.")
        elif decisions.curation.project is None:
            self.told.emit(OPEN_PROJECT)
        elif decisions.curation.row is None:
            self.told.emit("This frame is not of the project that is open.")
        elif decisions.curation.save() and self._may_replace(decisions.curation, mask):
            said = f"accepted from {self.seen.prediction.model}, threshold {self.threshold:.2f}"
            decisions.accept(mask, said)

    def _may_replace(self, work: Curation, mask: NDArray[np.uint8]) -> bool:
        """Whether no person's mask is in the way, or the person has said so twice."""
        project, frame = work.project, work.frame
        if project is None or project.read_only or self._sure == frame:
            return True
        facts = project.mask_facts(frame, "human")
        if facts is None or _is_in_force(project, frame, mask):
            return True
        self._sure = frame
        self.told.emit(
            f"{facts.by} has labelled this frame ({facts.method}). Press Y again to take the "
            "prediction in its place; History keeps the mask."
        )
        return False


def _is_in_force(project: Project, frame: int, mask: NDArray[np.uint8]) -> bool:
    """Whether the person's mask of a frame is this very one; a damaged one is not."""
    try:
        known = project.mask(frame, "human")
    except IrisError:
        return False
    return known is not None and np.array_equal(known, mask)
