"""Review stored predictions: which are read, which frame is current, what is out of date."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from psygnal import Signal

from napari_iris.app.background import Background
from napari_iris.app.prediction.source import FileSource
from napari_iris.app.review.review import Review, read_review
from napari_iris.errors import IrisError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray
    from psygnal import SignalInstance

    from napari_iris.app.prediction.current import CurrentPrediction
    from napari_iris.app.prediction.truth import CurrentTruth
    from napari_iris.app.review.choice import ReviewChoice
    from napari_iris.app.review.evaluation_job import EvaluationJob


class Reviewer:
    """Shows the chosen predictions over their frames, and compares them with the truth.

    Parameters
    ----------
    current : CurrentPrediction
        The prediction of the current frame.
    truth : CurrentTruth
        What it is compared with.
    choice : ReviewChoice
        Predictions and reference masks.
    job : EvaluationJob
        Evaluates them.

    Attributes
    ----------
    review : Review or None
        The predictions; None while there are none.
    message : str
        What went wrong; empty for nothing.
    row : int or None
        Row of the current frame in the review; None if it has no prediction.
    changed : Signal
        Other predictions, or other results of their evaluation, are known.
    message_changed, row_changed : Signal
        `message`, or `row`, has changed.
    """

    changed = Signal()
    message_changed = Signal()
    row_changed = Signal()

    def __init__(
        self,
        current: CurrentPrediction,
        truth: CurrentTruth,
        choice: ReviewChoice,
        job: EvaluationJob,
    ) -> None:
        self._current, self._truth, self._choice, self._job = current, truth, choice, job
        self.review: Review | None = None
        self.message = ""
        self.row: int | None = None
        self._report: Path | None = None
        self._shown: Path | None = None
        self._background = Background(current.session.timers)
        session = current.session
        self._connections: list[tuple[SignalInstance, Callable[..., Any]]] = [
            (self._background.done, self._take),
            (choice.predictions_changed, self._read_other),
            (choice.truth_changed, self._compare),
            (job.evaluated, self._read_report),
            (current.source_changed, self._follow_source),
            (current.predictions_written, choice.use_written),
            (session.sequence_changed, self._read),
            (session.frame_changed, self._follow_frame),
            (session.labels_changed, self._note_labels),
        ]
        for signal, slot in self._connections:
            signal.connect(slot)
        self._read()

    @property
    def is_current(self) -> bool:
        """Whether all that is shown belongs to what is chosen and to the current frame."""
        is_read = self._background.is_idle
        return is_read and self._current.is_current and self._truth.is_current

    @property
    def threshold(self) -> float | None:
        """Threshold of the current prediction; None without one."""
        return None if self._current.result is None else self._current.threshold

    @property
    def outdated(self) -> str:
        """Why the evaluation does not apply any more; empty if it does."""
        report = None if self.review is None else self.review.report
        then, now = None if report is None else report.threshold, self.threshold
        if then is None or now is None or round(now, 3) == round(then, 3):
            return ""
        return f"Evaluated at threshold {then:.3f}, now {now:.3f}. Evaluate again."

    def go_to(self, row: int) -> None:
        """Make a frame of the review the current one.

        Parameters
        ----------
        row : int
            Its row in the review.
        """
        if self.review is None:
            return
        place = int(self.review.places[row])
        if place < 0:
            self._report_problem(f"{self.review.files[row]} is not among the open frames.")
            return
        self._report_problem("")
        self._show_predictions()
        self._current.session.go_to(place)
        self._follow_frame()  # the frame stays current if an edit of it could not be saved

    def next(self, rows: NDArray[np.integer]) -> None:
        """Make the frame that comes after the current one the current one.

        Parameters
        ----------
        rows : ndarray of int
            Rows of the review, in the order in which they are reviewed.
        """
        if self.review is None:
            return
        place = np.flatnonzero(rows == (-1 if self.row is None else self.row))
        later = rows[int(place[0]) + 1 :] if len(place) else rows
        open_ones = later[self.review.places[later] >= 0]
        if len(open_ones):
            self.go_to(int(open_ones[0]))
        else:
            self._report_problem("That was the last frame of the review.")

    def close(self) -> None:
        """Stop showing predictions."""
        while self._connections:
            signal, slot = self._connections.pop()
            signal.disconnect(slot)
        self.review = None
        self._truth.set_source(None)
        self._hide_predictions()

    # --- reading

    def _read_other(self) -> None:
        """Read other predictions; the results of an evaluation are of those before."""
        self._report = None
        self._read()

    def _read_report(self, folder: Path) -> None:
        self._report = folder
        self._read()

    def _read(self) -> None:
        folder, sequence = self._choice.predictions.value, self._current.session.sequence
        if folder is None:
            self._background.discard()
            self._take(None)
        else:
            frames = None if sequence is None else sequence.paths
            self._background.submit(partial(read_review, folder, frames, self._report))

    def _take(self, found: Review | IrisError | None) -> None:
        self._report_problem(str(found) if isinstance(found, IrisError) else "")
        self.review = None if isinstance(found, IrisError) else found
        self.changed.emit()
        if self.review is None:
            self._shown = None
            self._hide_predictions()
        else:
            if self.review.folder != self._shown or self._current.source is None:
                self._show_predictions()
            self._shown = self.review.folder
        self._follow_frame()

    # --- showing

    def _show_predictions(self) -> None:
        """Show the stored predictions, and compare them with the truth."""
        if self.review is not None:
            self._current.set_source(FileSource(self.review.folder))
            self._compare()

    def _hide_predictions(self) -> None:
        """Show no stored predictions; those of a model stay."""
        if isinstance(self._current.source, FileSource):
            self._current.set_source(None)

    def _compare(self) -> None:
        """Compare with the chosen truth; results of an evaluation with another one are dropped."""
        source = self._choice.source
        changed = source != self._truth.source
        self._truth.set_source(source)
        if changed and self._report is not None:
            self._read_other()

    def _follow_source(self) -> None:
        """Show the stored predictions again once no model predicts any more."""
        if self._current.source is None:
            self._show_predictions()

    def _follow_frame(self) -> None:
        row = None
        if self.review is not None and self._current.session.sequence is not None:
            row = self.review.row_of(self._current.session.number)
        self.row = row
        self.row_changed.emit()

    def _note_labels(self) -> None:
        if self._report is not None:
            self._job.note_labels(self._current.session.project)

    def _report_problem(self, message: str) -> None:
        self.message = message
        self.message_changed.emit()
