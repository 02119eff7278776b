"""Frames that a person calls clear teach the night: masks that nobody has touched follow."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

import numpy as np
from psygnal import Signal

from napari_iris.app.background import Background
from napari_iris.errors import IrisError
from napari_iris.labels import FRAME_CLASSES
from napari_iris.numbers import format_count
from napari_iris.project.frame_table import is_status, read_table
from napari_iris.project.night_references import nights_of
from napari_iris.project.relearning import apply_night, relearn_night, restore_night

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from napari_iris.app.clear_sky import ClearSky
    from napari_iris.app.curation.decisions import Decisions
    from napari_iris.project.frame_table import FrameTable
    from napari_iris.project.project import Project
    from napari_iris.project.relearning import EarlierNight

POLL_MS = 200
"""Milliseconds between two looks at the progress."""


class _StoppedError(IrisError):
    """The project was closed meanwhile."""


@dataclass
class _Progress:
    """What the thread has done so far; it is only read elsewhere."""

    stop: Event
    done: int = 0
    total: int = 0
    failed: int = 0

    def count(self, done: int, total: int) -> None:
        """Count a frame."""
        self.done, self.total = done, total
        if self.stop.is_set():
            raise _StoppedError("stopped")


@dataclass(frozen=True)
class _Outcome:
    """What the thread has changed, and the project's frames as read again."""

    project: Project
    since: int
    table: FrameTable
    earlier: tuple[EarlierNight, ...]
    is_undo: bool


class Teaching:
    """Learns the clear sky of a project's nights from the frames that are called clear.

    It works in the background, on one request at a time; what came before can be taken back, step
    by step. A mask that a person has drawn, approved or rejected is never replaced.

    Parameters
    ----------
    decisions : Decisions
        A frame that is called clear there teaches its night.
    clear_sky : ClearSky
        Follows what is learned.

    Attributes
    ----------
    result : str
        What the last request changed, in words.
    changed : Signal
        `text`, `can_learn` or `can_undo` may have changed.
    """

    changed = Signal()

    def __init__(self, decisions: Decisions, clear_sky: ClearSky) -> None:
        self._curation, self._clear_sky = decisions.curation, clear_sky
        self.result = ""
        self._steps: list[tuple[EarlierNight, ...]] = []
        self._pending: dict[str, None] = {}
        self._progress = _Progress(Event())
        self._project = self._curation.project
        timers = self._curation.session.timers
        self._worker = Background(timers)
        self._worker.done.connect(self._finish)
        self._poll = timers.repeating(POLL_MS, self.changed.emit)
        decisions.called_clear.connect(self.learn)
        self._curation.project_changed.connect(self._follow_project)

    @property
    def is_busy(self) -> bool:
        """Whether something is being learned or taken back."""
        return not self._worker.is_idle

    @property
    def text(self) -> str:
        """What is going on, or what was done last; empty for nothing."""
        progress = self._progress
        if not self.is_busy:
            return self.result
        count = f": {progress.done:,} of {progress.total:,} masks" if progress.total else "..."
        return f"Learning from clear frames{count}"

    @property
    def clear_nights(self) -> list[str]:
        """Nights of the project that have a frame which is approved as clear."""
        project = self._curation.project
        if project is None or project.read_only:
            return []
        is_clear = project.table.frame_class == FRAME_CLASSES.index("clear")
        times = project.table.time[is_clear & is_status(project.table, "approved")]
        return np.unique(nights_of(times)).tolist() if len(times) else []

    @property
    def can_undo(self) -> bool:
        """Whether a step can be taken back now."""
        return bool(self._steps) and not self.is_busy

    def learn(self, *nights: str) -> None:
        """Learn nights again, and renew their untouched masks.

        Parameters
        ----------
        *nights : str
            The nights, as `nights_of` gives them; those that come while others are learned follow.
        """
        self._pending.update(dict.fromkeys(nights))
        if not self.is_busy:
            self._start_next()

    def learn_all(self) -> None:
        """Learn every night that has a frame which is approved as clear."""
        self.learn(*self.clear_nights)

    def undo(self) -> None:
        """Take the last step back: its references, and its masks where they are still in use."""
        if self.can_undo:
            self._start(partial(_restore, earlier=self._steps[-1]), is_undo=True)

    # --- one request at a time

    def _start_next(self) -> None:
        nights, self._pending = list(self._pending), {}
        if nights:
            self._progress = _Progress(Event())
            self._start(partial(_learn, nights=nights, progress=self._progress), is_undo=False)

    def _start(self, work: Callable[[Path], tuple[EarlierNight, ...]], *, is_undo: bool) -> None:
        project = self._curation.project
        if project is None or project.read_only:
            return
        self._worker.submit(partial(_change, project, len(project.changed), work, is_undo))
        self._poll.start()
        self.changed.emit()

    def _finish(self, found: _Outcome | IrisError) -> None:
        self._poll.stop()
        if isinstance(found, IrisError):
            self.result = f"Not learned: {found}"
        else:
            self._use(found)
        self._start_next()
        self.changed.emit()

    def _use(self, outcome: _Outcome) -> None:
        """Show what was changed."""
        count = format_count(sum(len(night.masks) for night in outcome.earlier), "mask")
        if outcome.is_undo:
            self._steps.pop()
            self.result = f"{count} restored"
        else:
            self._steps.append(outcome.earlier)
            failed = self._progress.failed
            unread = f"; {format_count(failed, 'frame')} could not be read" if failed else ""
            self.result = f"{count} renewed{unread}"
        self._curation.take_masks(outcome.table, outcome.since)
        self._clear_sky.learn()

    def _follow_project(self) -> None:
        """Forget everything once another project is open."""
        if self._curation.project is self._project:
            return
        self._project = self._curation.project
        self._progress.stop.set()
        self._worker.discard()
        self._poll.stop()
        self._steps, self._pending, self.result = [], {}, ""
        self.changed.emit()


def _change(
    project: Project,
    since: int,
    work: Callable[[Path], tuple[EarlierNight, ...]],
    is_undo: bool,
) -> _Outcome:
    """Change the masks of a project, and read its frames again."""
    earlier = work(project.folder)
    return _Outcome(project, since, read_table(project.folder), earlier, is_undo)


def _learn(folder: Path, nights: Sequence[str], progress: _Progress) -> tuple[EarlierNight, ...]:
    renewed = [relearn_night(folder, night, on_frame=progress.count) for night in nights]
    progress.failed = sum(len(night.failed) for night in renewed)
    return tuple(apply_night(folder, night) for night in renewed)


def _restore(folder: Path, earlier: Sequence[EarlierNight]) -> tuple[EarlierNight, ...]:
    for night in reversed(earlier):
        restore_night(folder, night)
    return tuple(earlier)
