"""The Review dock: where predictions are wrong or unsure, frame by frame and over the night."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from napari_iris.app.background import Background
from napari_iris.app.prediction.source import FileSource
from napari_iris.desk.forms.dock import CanvasDock
from napari_iris.desk.forms.form import titled
from napari_iris.desk.forms.line import text_line
from napari_iris.desk.frames.beginning import Beginning
from napari_iris.desk.review.choice import ReviewChoice
from napari_iris.desk.review.confusion import ConfusionView
from napari_iris.desk.review.cover_plot import Cover, CoverPlot
from napari_iris.desk.review.data import Review, read_review
from napari_iris.desk.review.evaluate_box import EvaluateBox
from napari_iris.desk.review.frame_box import ReviewFrameBox
from napari_iris.desk.review.roc import RocView
from napari_iris.desk.review.scores import ScoreTable
from napari_iris.desk.review.table import ReviewTable
from napari_iris.desk.timers import QtTimers, connect
from napari_iris.desk.workspace import workspace_of
from napari_iris.errors import IrisError

if TYPE_CHECKING:
    from pathlib import Path

    import napari

    from napari_iris.frames.paths import FramePaths

WIDTH = 390
"""Width that the dock needs, in pixels."""


class ReviewDock(CanvasDock):
    """Look through a night's predictions, the worst or the most uncertain first.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        The viewer it is docked to.
    """

    def __init__(self, napari_viewer: napari.Viewer) -> None:
        super().__init__()
        self.predictioner = napari_viewer
        workspace = workspace_of(napari_viewer)
        self.session = workspace.session
        self.prediction, self.truth = workspace.prediction, workspace.truth
        self.blink, self._docks = workspace.blink, workspace.prediction_docks
        self.review: Review | None = None
        self._report: Path | None = None
        self._shown: Path | None = None
        self._reader = Background(QtTimers())
        connect(self._reader.done, self._take)
        self.choice = ReviewChoice(self.prediction)
        self.evaluation = EvaluateBox(self.prediction, self.choice)
        self.beginning = Beginning(workspace.frames)
        self.frame = ReviewFrameBox(workspace)
        self.table, self.cover = ReviewTable(), CoverPlot()
        self.scores, self.confusion, self.roc = ScoreTable(), ConfusionView(), RocView()
        self.line, self.warnings, self.older = text_line(), text_line(), text_line()
        for label in (self.line, self.warnings, self.older):
            label.hide()
        self._lay_out()
        self._connect()
        self._docks.add(self)
        self._read()

    def _lay_out(self) -> None:
        inner, pictures, beside = QWidget(), QWidget(), QHBoxLayout()
        pictures.setLayout(beside)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(self.confusion, stretch=1)
        beside.addWidget(self.roc, stretch=1)
        layout = QVBoxLayout(inner)
        layout.addWidget(self.beginning)
        layout.addWidget(titled("review", self.choice, self.line))
        layout.addWidget(titled("this frame", self.frame))
        layout.addWidget(titled("frames", self.table), stretch=1)
        layout.addWidget(titled("cloud cover", self.cover))
        all_frames = (self.evaluation, self.older, self.scores, pictures, self.warnings)
        layout.addWidget(titled("all frames", *all_frames))
        self.fill(inner, WIDTH)

    def _connect(self) -> None:
        self.choice.predictions_changed.connect(self._read_other)
        self.choice.truth_changed.connect(self._hold_against)
        self.evaluation.evaluated.connect(self._take_report)
        self.table.chosen.connect(self.go_to)
        self.cover.chosen.connect(self.go_to)
        connect(self.prediction.changed, self._mark_threshold)
        connect(self.prediction.source_changed, self._follow_source)
        connect(self.session.sequence_changed, self._read)
        connect(self.session.frame_changed, self._follow)
        connect(self.session.labels_changed, self._grow_old)

    @property
    def is_current(self) -> bool:
        """Whether all that is shown belongs to what is chosen and to the frame in view."""
        return self._reader.is_idle and self.prediction.is_current and self.truth.is_current

    # --- what is reviewed

    def _read_other(self) -> None:
        """Read other predictions; what was measured is of those before."""
        self._report = None
        self._read()

    def _read(self) -> None:
        """Read the predictions that are chosen, beside the window."""
        folder, sequence = self.choice.folder, self.session.sequence
        if folder is None:
            self._reader.discard()
            self._take(None)
        else:
            night = None if sequence is None else sequence.paths
            self._reader.submit(partial(_read, folder, night, self._report))

    def _take(self, found: Review | IrisError | None) -> None:
        problem = str(found) if isinstance(found, IrisError) else ""
        self.line.setText(problem)
        self.line.setVisible(bool(problem))
        self.review = None if isinstance(found, IrisError) else found
        self._show(self.review)
        if self.review is None:
            self._shown = None
            self._show_none()
        else:
            if self.review.folder != self._shown or self.prediction.source is None:
                self._take_over()
            self._shown = self.review.folder
            self._follow()

    def _show(self, review: Review | None) -> None:
        self.table.show_review(review)
        truth = None if review is None else review.columns.get("truth")
        self.cover.show_cover(
            None if review is None else Cover.of(review.times, review.columns["cloud"], truth)
        )
        measured = None if review is None else review.measured
        self.scores.show_scores(measured)
        self.confusion.show_matrix(None if measured is None else measured.confusion)
        self.roc.show_measured(measured)
        told = [] if measured is None else measured.facts.get("warnings", [])
        self.warnings.setText("\n".join(told))
        self.warnings.setVisible(bool(told))
        self._mark_threshold()

    def _show_none(self) -> None:
        """Take stored predictions off the frame; a model that is asked goes on."""
        if isinstance(self.prediction.source, FileSource):
            self.prediction.set_source(None)

    def _take_over(self) -> None:
        """Show the stored predictions, and hold them against the truth that is chosen."""
        if self.review is not None:
            self.prediction.set_source(FileSource(self.review.folder))
            self._hold_against()

    def _follow_source(self) -> None:
        """Show the stored predictions again once no model is asked any more."""
        if self.prediction.source is None:
            self._take_over()

    def _hold_against(self) -> None:
        """Compare with the truth chosen; what was measured against another one is gone."""
        source = self.choice.source()
        changed = source != self.truth.source
        self.truth.set_source(source)
        if changed and self._report is not None:
            self._read_other()

    def _grow_old(self) -> None:
        """Say that the labels are others than those that were measured against."""
        source = self.choice.source()
        ours = source is not None and source.folder == self.session.project
        if ours and self._report is not None and not self.evaluation.control.is_running:
            self.evaluation.control.notify("Labels have changed: evaluate again.")

    def _take_report(self, report: Path) -> None:
        self._report = report
        self._read()

    # --- the frame in view

    def go_to(self, row: int) -> None:
        """Bring a frame of the review into view."""
        if self.review is None:
            return
        place = int(self.review.places[row])
        if place < 0:
            self.line.setText(f"{self.review.files[row]} is not of the night that is open.")
            self.line.show()
            return
        self.line.hide()
        self._take_over()
        self.session.go_to(place)
        self._follow()  # where an edit could not be saved, its frame stays

    def _follow(self) -> None:
        """Show in the table and on the curve which frame is in view."""
        row = None
        if self.review is not None and self.session.sequence is not None:
            row = self.review.row_of(self.session.number)
        self.table.select(row)
        self.cover.mark(row)

    def _mark_threshold(self) -> None:
        """Mark the threshold on the curve; say where the numbers are of another one."""
        now = self.prediction.threshold if self.prediction.result is not None else None
        self.roc.mark(now)
        measured = None if self.review is None else self.review.measured
        then = None if measured is None else measured.facts.get("threshold")
        self.older.hide()
        if now is not None and then is not None and round(now, 3) != round(then, 3):
            self.older.show()
            self.older.setText(
                f"<b>Evaluated at threshold {then:.3f}; it is {now:.3f} now: evaluate again.</b>"
            )

    # --- the end

    def leave(self) -> None:
        """Give keys and layers back when the dock is taken out of the window."""
        self.review = None
        self.frame.close_views()
        self.truth.set_source(None)
        self._show_none()
        self._docks.discard(self)


def _read(folder: Path, night: FramePaths | None, report: Path | None) -> Review:
    """Read predictions and, where they were measured, what they are worth."""
    review = read_review(folder, night)
    return review if report is None else review.with_scores(report)
