"""Label a run of frames by one decision: preview it, confirm it, take it back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from psygnal import Signal

from napari_iris.app.curation.frame_run import find_run, selected_run
from napari_iris.app.curation.run_decision import LabelWork, RunDecision, carried_mask, cut_mask
from napari_iris.app.curation.run_jobs import RunJobs
from napari_iris.app.curation.run_preview import cover_and_origin, preview_run
from napari_iris.app.current_excess import excess_of
from napari_iris.errors import IrisError
from napari_iris.project.night_references import nights_of
from napari_iris.project.timestamps import now_us

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.app.clear_sky import ClearSky
    from napari_iris.app.curation.decisions import Decisions
    from napari_iris.app.curation.frame_run import FrameRun
    from napari_iris.app.curation.run_decision import Kind
    from napari_iris.app.curation.run_preview import RunPreview
    from napari_iris.project.project import Project

HIDDEN = "The masks were hidden; nothing is labelled yet. Look at them and press Enter again."


class RunLabels:
    """One decision for a run of frames.

    While a run is previewed, its least agreeing frame is shown, and nothing is changed. Once it is
    confirmed, it is labelled in the background, some frames at a time, and the next run is
    previewed; each frame keeps its own mask, and a frame that a person labels meanwhile is left
    alone. Further runs wait for their turn. Taking a run back leaves its frames as before,
    whatever else was decided since.

    Parameters
    ----------
    decisions : Decisions
        Decisions on the current frame; notified of the nights of runs that are called clear.
    clear_sky : ClearSky
        Clear-sky references, for a cut.

    Attributes
    ----------
    preview : RunPreview or None
        The run that is previewed.
    jobs : RunJobs
        What labels the runs.
    changed : Signal
        Another run is previewed or none, or the text has changed.
    """

    changed = Signal()

    def __init__(self, decisions: Decisions, clear_sky: ClearSky) -> None:
        self._clear_sky = clear_sky
        self._curation = curation = decisions.curation
        self.preview: RunPreview | None = None
        self.jobs = RunJobs(decisions)
        self._previewed: tuple[Project | None, int] = (None, 0)
        self._cut: tuple[str, float] | None = None
        self._refused: int | None = None
        self.jobs.changed.connect(self.changed.emit)
        curation.frame_changed.connect(self._follow_frame)
        curation.project_changed.connect(self._follow_project)

    @property
    def text(self) -> str:
        """The run that is previewed, and what is going on, or was done last."""
        project = self._curation.project
        lines = [self.jobs.text] if self.jobs.text else []
        if self.preview is not None and project is not None:
            lines = [*self.preview.lines(project.table), *lines]
        return "\n".join(lines)

    # --- before

    def run_here(self) -> FrameRun | None:
        """Find the run that begins at the current frame; None without a frame of the project."""
        project, row = self._curation.project, self._curation.row
        if project is None or row is None:
            return None
        cover, _ = cover_and_origin(project, self._curation.frame)
        return find_run(project.table, row, cover, self._refused)

    def show(self) -> None:
        """Preview the selected frames, or the run that begins here, at the least agreeing frame.

        While one is previewed, go on to its first, middle, and last frame.
        """
        curation = self._curation
        if self.preview is not None:
            places = self.preview.places
            row = curation.row
            place = places.index(row) + 1 if row in places else 0
            curation.session.go_to(places[place % len(places)])
            return
        project, editor = curation.project, curation.editor
        if project is None or editor is None or curation.row is None or not curation.save():
            return
        if project.read_only:
            curation.report("The project is open read-only: no run can be labelled.")
            return
        selected = curation.session.selected
        if len(selected) > 1:
            curation.session.go_to(int(selected[0]))
        try:
            cover, tag = cover_and_origin(project, curation.frame)
            frame, references = curation.session.frame(), self._clear_sky.references
            if len(selected) > 1:
                run = selected_run(project.table, selected, cover)
            else:
                run = find_run(project.table, curation.row, cover, self._refused)
            preview = preview_run(run, frame, editor.mask, references, tag)
            night = str(nights_of(project.table.time[[run.row]])[0])
            self.preview = self._with_last_cut(preview, night)
        except IrisError as error:
            curation.report(str(error))
            return
        self._previewed = _frames_of(project)
        curation.session.go_to(run.least)
        self._propose()
        self.changed.emit()

    def choose(self, kind: Kind, reason: str = "") -> None:
        """Choose what to decide on the run that is previewed.

        Parameters
        ----------
        kind : {'approve', 'clear', 'overcast', 'cut', 'carry', 'reject'}
            The decision; a cut needs a clear-sky reference.
        reason : str
            Why the frames are rejected.
        """
        if self.preview is None:
            return
        if kind == "cut" and not self.preview.has_cut:
            self._curation.report("No cut: the clear-sky reference of this frame is not known.")
            return
        self._use(self.preview.chosen(kind, reason))

    def step_cut(self, steps: float) -> None:
        """Choose the cut of the run that is previewed, then move it.

        Parameters
        ----------
        steps : float
            Negative for more cloud, positive for less.
        """
        if self.preview is None or not self.preview.has_cut:
            self.choose("cut")
        else:
            self._use(self.preview.stepped(steps))

    def excess(self) -> NDArray[np.float32] | None:
        """Excess of the current frame above the clear sky, for its mask; None without one."""
        editor = self._curation.editor
        if editor is None or self._curation.row is None:
            return None
        try:
            frame = self._curation.session.frame()
        except IrisError:  # the message says so
            return None
        rows, columns = editor.canvas.labels.shape
        return excess_of(frame, self._clear_sky.references, (rows, columns))

    def cancel(self) -> None:
        """Leave the preview, and go back to the frame that it began at.

        A run from there, or from a frame between, then ends halfway to the one that was in view.
        """
        if self.preview is not None:
            row = self.preview.run.row
            self._refused = None if self.preview.run.is_selection else self._curation.row
            self._end_preview()
            self._curation.session.go_to(row)

    def _use(self, preview: RunPreview) -> None:
        self.preview = preview
        self._propose()
        self.changed.emit()

    def _end_preview(self) -> None:
        self.preview = None
        self._hide_proposal()
        self.changed.emit()

    def _follow_frame(self) -> None:
        """Leave the preview with its run: keys of decisions are those of the frame again."""
        row = self._curation.row
        if self.preview is not None and row is not None and not self.preview.run.holds(row):
            self._end_preview()
        self._propose()

    def _hide_proposal(self) -> None:
        editor = self._curation.editor
        if editor is not None and editor.compared is None:
            editor.end_comparison()

    def _propose(self) -> None:
        """Show the mask that the current frame would get, where it is a new one."""
        preview, curation = self.preview, self._curation
        row, editor = curation.row, curation.editor
        if preview is None or editor is None or row is None:
            return
        self._hide_proposal()
        is_kept = row == preview.run.row and preview.is_drawn
        if row not in preview.run.rows or is_kept:
            return
        try:
            mask = self._proposal(preview, editor.mask)
        except IrisError:  # the message says so, or labelling will
            return
        if mask is not None:
            editor.propose(mask)

    def _proposal(self, preview: RunPreview, mask: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
        """Make the new mask of the current frame; None where it keeps its own."""
        frame, decision = self._curation.session.frame(), preview.decision
        if decision.kind == "carry":
            return carried_mask(frame, preview.origin)
        if decision.kind == "cut":
            return cut_mask(frame, mask, self._clear_sky.references, decision.cut)
        return None

    # --- labelling, and taking back

    def confirm(self) -> None:
        """Label the run that is previewed, in the background; preview the next one.

        Where masks would be approved that are hidden, only show them.
        """
        curation, preview = self._curation, self.preview
        project, editor = curation.project, curation.editor
        if preview is None or project is None or editor is None or not curation.save():
            return
        if preview.decision.approves_masks and editor.reveal():
            self._propose()
            curation.report(HIDDEN)
            return
        self._end_preview()
        rows = preview.run.rows
        if not len(rows):
            return
        frames, paths = project.table.id[rows].tolist(), project.table.paths
        work = LabelWork(
            project.folder,
            frames,
            [paths[row] for row in rows.tolist()],
            preview.decision,
            self._clear_sky.references,
            project.by,
            now_us(),
            int(project.table.id[preview.run.row]),
            self.jobs.stop,
            preview.origin,
        )
        night = str(nights_of(project.table.time[rows[:1]])[0])
        self.jobs.label(work, night)
        curation.pace.count()
        left = np.flatnonzero(np.isin(project.table.id, self.jobs.frames))
        is_selection = preview.run.is_selection
        if is_selection:
            curation.session.select()
        if preview.decision.kind == "cut":
            self._cut = night, preview.decision.cut
        if curation.next(*np.union1d(left, rows).tolist()) and not is_selection:
            self.show()

    def _with_last_cut(self, preview: RunPreview, night: str) -> RunPreview:
        """Go on with the last cut of the night: it holds above the clear sky of any frame."""
        if self._cut is None or self._cut[0] != night or preview.is_drawn or not preview.has_cut:
            return preview
        return replace(preview, decision=RunDecision("cut", cut=self._cut[1]))

    def undo(self) -> None:
        """Take back the last run; one that is being labelled is stopped."""
        self.jobs.undo()

    def _follow_project(self) -> None:
        """Forget the preview once another project is open, or this one has other frames."""
        if self._previewed == (frames := _frames_of(self._curation.project)):
            return
        if self._previewed[0] is not frames[0]:
            self._cut = None
        self._refused = None
        if self.preview is not None:
            self.preview = None
            self.changed.emit()


def _frames_of(project: Project | None) -> tuple[Project | None, int]:
    return project, 0 if project is None else len(project.table)
