"""Loss and score of training runs, epoch by epoch, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psygnal import Signal

from napari_iris.app.curves import Curve, Curves

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari_iris.training.epochs import Epoch

SCORES = {
    "clear IoU": "iou_clear",
    "cloud IoU": "iou_cloud",
    "accuracy": "accuracy",
    "balanced accuracy": "balanced_accuracy",
    "MCC": "mcc",
}
"""Scores on the validation frames, by label."""

MAX_RUNS = 6
"""Runs that are drawn: as many as there are colours that can be distinguished."""


@dataclass(frozen=True)
class RunCurves:
    """What is drawn of one run.

    Attributes
    ----------
    name : str
        Name of the run.
    epochs : sequence of Epoch
        Its epochs.
    steps : sequence of (float, float)
        Positions of single steps, in epochs, and their losses.
    """

    name: str
    epochs: Sequence[Epoch]
    steps: Sequence[tuple[float, float]] = ()

    @property
    def best(self) -> int | None:
        """Epoch with the lowest validation loss."""
        best = min(self.epochs, key=lambda epoch: epoch.val_loss, default=None)
        return None if best is None else best.epoch


class TrainingCurves:
    """The losses and one score of some runs; both are read at the same epoch.

    Attributes
    ----------
    runs : tuple of RunCurves
        Runs that are drawn.
    left_out : int
        Runs that are not, for lack of colours.
    score : str
        The score, one of `SCORES`.
    losses, scores : Curves
        The curves.
    changed : Signal
        Other runs are drawn.
    """

    changed = Signal()

    def __init__(self) -> None:
        self.runs: tuple[RunCurves, ...] = ()
        self.left_out = 0
        self.score = next(iter(SCORES))
        self.losses, self.scores = Curves("Loss"), Curves("")
        self.losses.moved.connect(lambda: self.scores.read(self.losses.epoch))
        self.scores.moved.connect(lambda: self.losses.read(self.scores.epoch))

    def show(self, runs: Sequence[RunCurves]) -> None:
        """Draw some runs together.

        Parameters
        ----------
        runs : sequence of RunCurves
            The runs; the first `MAX_RUNS` are drawn.
        """
        self.runs, self.left_out = tuple(runs[:MAX_RUNS]), len(runs[MAX_RUNS:])
        self._draw()
        self.changed.emit()

    def choose_score(self, score: str) -> None:
        """Draw another score.

        Parameters
        ----------
        score : str
            One of `SCORES`.
        """
        self.score = score
        self._draw()

    def _draw(self) -> None:
        self.losses.show(list(self._losses()))
        title = f"{self.score[0].upper()}{self.score[1:]} (validation)"
        self.scores.show(list(self._scores()), title)

    def _losses(self) -> Iterator[Curve]:
        for color, run in enumerate(self.runs):
            training = [(epoch.epoch, epoch.loss) for epoch in run.epochs]
            validation = [(epoch.epoch, epoch.val_loss) for epoch in run.epochs]
            yield Curve("", tuple(run.steps), color, "faint")  # they grow: not the list itself
            yield Curve(self._named(run, "training"), training, color, "dotted")
            yield Curve(self._named(run, "validation"), validation, color, best=run.best)

    def _scores(self) -> Iterator[Curve]:
        for color, run in enumerate(self.runs):
            points = [(epoch.epoch, getattr(epoch, SCORES[self.score])) for epoch in run.epochs]
            yield Curve(self._named(run, self.score), points, color)

    def _named(self, run: RunCurves, name: str) -> str:
        """Begin the name of a curve with its run's, where there are several."""
        return f"{run.name} {name}" if len(self.runs) > 1 else name
