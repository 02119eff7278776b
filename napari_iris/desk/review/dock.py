"""The Review dock: where predictions are wrong or uncertain, frame by frame and over all frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.app.review.choice import ReviewChoice
from napari_iris.app.review.cover import CoverSeries
from napari_iris.app.review.evaluation_job import EvaluationJob
from napari_iris.app.review.reviewer import Reviewer
from napari_iris.app.review.roc import Roc
from napari_iris.desk.forms.controls import TextLine
from napari_iris.desk.forms.dock import CanvasDock
from napari_iris.desk.forms.layout import Wide, row, titled
from napari_iris.desk.frames.welcome import Welcome
from napari_iris.desk.review.choice_box import ReviewChoiceBox
from napari_iris.desk.review.confusion import ConfusionView
from napari_iris.desk.review.cover_plot import CoverPlot
from napari_iris.desk.review.evaluate_box import EvaluateBox
from napari_iris.desk.review.frame_box import ReviewFrameBox
from napari_iris.desk.review.roc import RocView
from napari_iris.desk.review.scores import ScoreTable
from napari_iris.desk.review.table import ReviewTable
from napari_iris.desk.timers import connect
from napari_iris.desk.workspace import workspace_of

if TYPE_CHECKING:
    import napari

WIDTH = 390
"""Least width of the dock, in pixels."""


class ReviewDock(CanvasDock):
    """Review stored predictions, the worst or the most uncertain first.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        The viewer it is docked to.
    """

    def __init__(self, napari_viewer: napari.Viewer) -> None:
        super().__init__()
        self.viewer = napari_viewer
        workspace = workspace_of(napari_viewer)
        self.session, self.prediction = workspace.session, workspace.prediction
        self.truth, self.blink = workspace.truth, workspace.blink
        self._docks, self._acceptance = workspace.prediction_docks, workspace.acceptance
        self.choice = ReviewChoice(self.session)
        self.job = EvaluationJob(self.prediction, self.choice)
        self.welcome = Welcome(workspace.frames)
        self.choice_box, self.frame = ReviewChoiceBox(self.choice), ReviewFrameBox(workspace)
        self.evaluation = EvaluateBox(self.job)
        self.table, self.cover = ReviewTable(), CoverPlot()
        self.scores, self.confusion, self.roc = ScoreTable(), ConfusionView(), RocView()
        self.message, self.warnings = TextLine(), TextLine()
        self.outdated = TextLine(markup=True)
        self._lay_out()
        self.work_in(workspace, "review")
        self.reviewer = Reviewer(self.prediction, self.truth, self.choice, self.job)
        self._connect()
        self._docks.add(self)
        self._show_review()

    def _lay_out(self) -> None:
        plots = row(Wide(self.confusion), Wide(self.roc))
        evaluation = (self.evaluation, self.outdated, self.scores, plots, self.warnings)
        self.fill(
            self.welcome,
            titled("Predictions and truth", self.choice_box, self.message),
            titled("Current frame", self.frame),
            Wide(titled("Frames", self.table)),
            titled("Cloud cover", self.cover),
            titled("Evaluation", *evaluation),
            width=WIDTH,
        )

    def _connect(self) -> None:
        self.table.chosen.connect(self.reviewer.go_to)
        self.cover.chosen.connect(self.reviewer.go_to)
        self._acceptance.go_on = self._go_on
        connect(self.reviewer.changed, self._show_review)
        connect(self.reviewer.row_changed, self._show_row)
        connect(self.reviewer.message_changed, self._show_message)
        connect(self.prediction.changed, self._show_threshold)

    @property
    def is_current(self) -> bool:
        """Whether all that is shown belongs to what is chosen and to the current frame."""
        return self.reviewer.is_current

    def _show_review(self) -> None:
        review = self.reviewer.review
        report = None if review is None else review.report
        self.table.show_review(review)
        if review is None:
            self.cover.show_series(None)
        else:
            columns = review.columns
            truth = columns.get("true_cloud_fraction")
            self.cover.show_series(CoverSeries.of(review.times, columns["cloud_fraction"], truth))
        self.scores.show_report(report)
        self.confusion.show_matrix(None if report is None else report.confusion)
        self.roc.show_roc(Roc.of(report))
        self.warnings.show_text("\n".join([] if report is None else report.warnings))
        self._show_message()
        self._show_row()
        self._show_threshold()

    def _show_row(self) -> None:
        """Mark the current frame in the table and on the curve."""
        self.table.select(self.reviewer.row)
        self.cover.mark(self.reviewer.row)

    def _show_threshold(self) -> None:
        """Mark the threshold on the ROC curve; say if another one was evaluated."""
        self.roc.mark(self.reviewer.threshold)
        outdated = self.reviewer.outdated
        self.outdated.show_text(outdated and f"<b>{outdated}</b>")

    def _go_on(self) -> None:
        """Go to the next frame of the table."""
        self.reviewer.next(self.table.model.rows)

    def _show_message(self) -> None:
        self.message.show_text(self.reviewer.message)

    def leave(self) -> None:
        """Remove all layers and shortcuts once the dock is taken out of the window."""
        self.frame.close_views()
        if self._acceptance.go_on == self._go_on:
            self._acceptance.go_on = None
        self.reviewer.close()
        self._docks.discard(self)
