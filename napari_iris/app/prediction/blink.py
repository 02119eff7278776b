"""Blink between the prediction, the truth, and the bare frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psygnal import Signal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_iris.app.curation.curation import Curation
    from napari_iris.app.overlay import Blinkable
    from napari_iris.app.prediction.current import CurrentPrediction
    from napari_iris.app.prediction.truth import CurrentTruth

BLINK_MS = 700
"""Milliseconds that each mask is shown."""

PREDICTION, TRUTH, NONE = "prediction", "truth", "none"


class Blink:
    """Shows one mask at a time, or none, and in the end all overlays as they are wanted.

    Parameters
    ----------
    prediction : CurrentPrediction
        The prediction.
    truth : CurrentTruth
        The reference mask.
    curation : Curation
        The work on the open project: the mask that is edited may be the truth.

    Attributes
    ----------
    shown : str
        What is shown: 'prediction', 'truth', 'none', or '' for all overlays as they are wanted.
    shown_changed : Signal
        Sent with `shown`.
    """

    shown_changed = Signal(str)

    def __init__(
        self,
        prediction: CurrentPrediction,
        truth: CurrentTruth,
        curation: Curation,
    ) -> None:
        self._prediction, self._truth, self._curation = prediction, truth, curation
        self.shown = ""
        self._timer = prediction.session.timers.repeating(BLINK_MS, self._alternate)
        prediction.changed.connect(self._follow)
        truth.changed.connect(self._follow)

    @property
    def is_running(self) -> bool:
        """Whether it alternates automatically."""
        return self._timer.is_active

    def step(self) -> None:
        """Show the next: prediction, truth, none, and then all overlays as they are wanted."""
        if self._prediction.result is None:
            self.show("")
            return
        cycle = [PREDICTION, *([TRUTH] if self._has_truth else []), NONE, ""]
        place = cycle.index(self.shown) if self.shown in cycle else -2
        self.show(cycle[(place + 1) % len(cycle)])

    def show(self, what: str) -> None:
        """Show one mask alone, or none.

        Parameters
        ----------
        what : str
            'prediction', 'truth' or 'none'; '' for all overlays as they are wanted.
        """
        changed = what != self.shown
        self.shown = what
        for name, overlays in self._overlays().items():
            for overlay in overlays:
                if what:
                    overlay.override(visible=name == what)
                elif changed:
                    overlay.restore()
        if changed:
            self.shown_changed.emit(what)

    def run(self, on: bool) -> None:
        """Start or stop alternating between prediction and truth."""
        if on:
            self._timer.start()
            self._alternate()
        else:
            self.stop()

    def stop(self) -> None:
        """Stop alternating, and show all overlays as they are wanted."""
        self._timer.stop()
        self.show("")

    @property
    def _has_truth(self) -> bool:
        return self._truth.mask is not None

    def _overlays(self) -> Mapping[str, tuple[Blinkable, ...]]:
        canvas = self._prediction.canvas
        truth = (self._edited_mask() or canvas.truth,) if self._has_truth else ()
        return {
            PREDICTION: (canvas.mask,),
            TRUTH: truth,
            "other": (canvas.probability, canvas.uncertainty, canvas.errors),
        }

    def _edited_mask(self) -> Blinkable | None:
        """Give the mask that is edited, if it is the truth."""
        curation, source = self._curation, self._truth.source
        if curation.editor is None or curation.project is None or curation.row is None:
            return None
        if source is None or source.folder != curation.project.folder:
            return None
        return curation.editor.canvas if source.masks == "approved" else None

    def _follow(self) -> None:
        """Blink on what is drawn again; a blink by hand ends with its frame."""
        self.show(self.shown if self.is_running else "")

    def _alternate(self) -> None:
        other = TRUTH if self._has_truth else NONE
        self.show(other if self.shown == PREDICTION else PREDICTION)
