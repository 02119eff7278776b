"""Undo: the last step on the mask in view; without one, the last decision, on a frame or a run."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_iris.app.curation.decisions import Decisions
    from napari_iris.app.curation.run_jobs import RunJobs
    from napari_iris.project.project import Project
    from napari_iris.project.records import LabelState

REMEMBERED = 1000
"""Decisions that can be taken back one after the other."""


class Undo:
    """Takes back what a person did last.

    Parameters
    ----------
    decisions : Decisions
        Decisions on single frames.
    jobs : RunJobs
        Decisions on runs of frames.
    """

    def __init__(self, decisions: Decisions, jobs: RunJobs) -> None:
        self._curation, self._jobs = decisions.curation, jobs
        self._project: Project | None = None
        self._decisions: deque[tuple[int, LabelState | int]] = deque(maxlen=REMEMBERED)
        decisions.decided.connect(self._note)
        jobs.begun.connect(self._note)
        self._curation.project_changed.connect(self._follow_project)

    def undo(self) -> None:
        """Undo the last step on this frame; else take the last decision back, and go to it."""
        curation = self._curation
        editor = curation.editor
        if editor is not None and curation.row is not None and editor.undo():
            return
        while self._decisions:
            frame, before = self._decisions.pop()
            if not isinstance(before, int):
                self._take_back(frame, before)
                return
            if before in self._jobs.runs:  # else it was taken back already
                self._jobs.undo()
                self._go_to(frame)
                return
        curation.report("Nothing to undo.")

    def _take_back(self, frame: int, before: LabelState) -> None:
        curation = self._curation
        is_done = self._go_to(frame) and curation.perform(
            lambda project, here: project.take_back(here, before)
        )
        if is_done:
            curation.show_again()
        else:
            self._note(frame, before)

    def _go_to(self, frame: int) -> bool:
        """Go to a frame; return whether it is current: the one in view may not be saved."""
        curation = self._curation
        if curation.project is None:
            return False
        row = curation.project.table.row_of(frame)
        curation.session.go_to(row)
        return curation.row == row

    def _note(self, frame: int, before: LabelState | int) -> None:
        self._decisions.append((frame, before))

    def _follow_project(self) -> None:
        if self._curation.project is not self._project:
            self._project = self._curation.project
            self._decisions.clear()
