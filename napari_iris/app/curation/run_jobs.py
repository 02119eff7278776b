"""Runs of frames being labelled or taken back, in the background, one after the other."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

from psygnal import Signal

from napari_iris.app.background import Background
from napari_iris.app.curation.run_decision import Labelled, LabelWork
from napari_iris.errors import IrisError
from napari_iris.numbers import format_count
from napari_iris.project.run_labels import last_run, take_back

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.app.curation.decisions import Decisions
    from napari_iris.project.project import Project


@dataclass
class _Job:
    """A run that is being labelled, or taken back where there is no work."""

    at: int | None
    night: str = ""
    work: LabelWork | None = None
    total: int = 0
    done: list[int] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


class RunJobs:
    """Labels runs of frames, and takes them back, some frames at a time.

    Parameters
    ----------
    decisions : Decisions
        Told of the nights of runs that are called clear.

    Attributes
    ----------
    result : str
        What the last run changed, in words.
    stop : Event
        Set once the project is closed.
    changed : Signal
        The text has changed.
    begun : Signal
        Sent with the frame that a run was decided on, and the time that names the run.
    runs : list of int
        Runs that were decided here and not taken back.
    """

    changed = Signal()
    begun = Signal(int, int)

    def __init__(self, decisions: Decisions) -> None:
        self._decisions, self._curation = decisions, decisions.curation
        self.result, self.stop = "", Event()
        self.runs: list[int] = []
        self._jobs: deque[_Job] = deque()
        self._project = self._curation.project
        self._worker = Background(self._curation.session.timers)
        self._worker.done.connect(self._take)
        self._curation.project_changed.connect(self._follow_project)

    @property
    def is_busy(self) -> bool:
        """Whether a run is being labelled or taken back."""
        return bool(self._jobs)

    @property
    def frames(self) -> list[int]:
        """Numbers of the frames that are still to be labelled."""
        works = (job.work for job in self._jobs)
        return [frame for work in works if work is not None for frame in work.frames]

    @property
    def text(self) -> str:
        """What is going on, or was done last; empty for nothing."""
        if not self.is_busy:
            return self.result
        job = self._jobs[0]
        if job.work is None:
            return "Undoing the run..."
        return f"Labelling: {job.total - len(job.work.frames):,} of {job.total:,} frames"

    def label(self, work: LabelWork, night: str) -> None:
        """Label a run once those before it are done.

        Parameters
        ----------
        work : LabelWork
            Its frames, and the decision.
        night : str
            Their night.
        """
        self.runs.append(work.at)
        self.begun.emit(work.first, work.at)
        self._begin(_Job(work.at, night, work, len(work.frames)))

    def undo(self) -> None:
        """Take back the last run; one that is being labelled is stopped."""
        project = self._curation.project
        if project is None or project.read_only:
            return
        at = self.runs.pop() if self.runs else None
        for job in self._jobs:
            if job.work is not None and job.at == at:
                job.work.frames, job.work.paths = [], []
        self._begin(_Job(at))

    def _begin(self, job: _Job) -> None:
        self._jobs.append(job)
        if len(self._jobs) == 1:
            self._go_on()
        self.changed.emit()

    def _go_on(self) -> None:
        """Start the next piece of work."""
        project = self._project
        if not self._jobs or project is None:
            return
        job = self._jobs[0]
        if job.work is not None:
            self._worker.submit(job.work.do_some)
        else:
            self._worker.submit(partial(_take_back, project.folder, job.at, project.by))

    def _take(self, found: Labelled | tuple[int | None, list[int]] | IrisError) -> None:
        """Show what a piece of work has changed, and go on."""
        job, project = self._jobs[0], self._project
        if project is None:
            return
        is_over = True
        if isinstance(found, IrisError):
            self._curation.report(f"Run stopped: {found}")
        elif isinstance(found, Labelled) and job.work is not None:
            del job.work.frames[: found.count], job.work.paths[: found.count]
            job.failed += found.failed
            self._show_changed(project, job, found.frames)
            is_over = not job.work.frames
        elif isinstance(found, tuple):
            job.at, frames = found
            self._show_changed(project, job, frames)
            is_over = not frames
        if is_over:
            self._jobs.popleft()
            self._finish(job)
        self._go_on()
        self.changed.emit()

    def _show_changed(self, project: Project, job: _Job, frames: list[int]) -> None:
        job.done += frames
        project.read_again(frames)
        curation = self._curation
        if curation.row is not None and curation.frame in frames and not curation.unsaved:
            curation.show_again()
        elif frames:
            curation.changed.emit()

    def _finish(self, job: _Job) -> None:
        """Say what was done; a run called clear teaches its night."""
        count = format_count(len(job.done), "frame")
        if job.work is None:
            self.result = f"{count} restored" if job.done else "There is no run to undo"
            return
        self.result = f"{count} labelled: {job.work.decision.text}"
        left = job.total - len(job.done) - len(job.failed)
        if left:
            self.result += f"; {format_count(left, 'frame')} left as they are"
        if job.failed:
            self.result += f"; {format_count(len(job.failed), 'frame')} failed: {job.failed[0]}"
        if job.work.decision.kind == "clear" and job.done:
            self._decisions.called_clear.emit(job.night)

    def _follow_project(self) -> None:
        """Forget everything once another project is open."""
        if self._curation.project is self._project:
            return
        self._project = self._curation.project
        self.stop.set()
        self.stop = Event()
        self._worker.discard()
        self._jobs.clear()
        self.runs, self.result = [], ""
        self.changed.emit()


def _take_back(folder: Path, at: int | None, by: str) -> tuple[int | None, list[int]]:
    found = last_run(folder) if at is None else at
    return found, [] if found is None else take_back(folder, found, by=by)
