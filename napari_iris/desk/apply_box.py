"""Make the masks of this frame, a range or the whole night, as a job beside the window."""

from __future__ import annotations

import signal
import tempfile
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING
from weakref import finalize

from magicgui.widgets import FileEdit
from qtpy.QtCore import Qt, QTimer
from qtpy.QtGui import QGuiApplication
from qtpy.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_iris.desk.frame_choice import FrameChoice
from napari_iris.desk.places import folder_for
from napari_iris.jobs.job import Ending, Event, Job, shell_line
from napari_iris.masks.config import MaskConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_iris.desk.session import Session

LISTED = 20
"""Most frames that are named one by one on the command line; more go into a list file."""

LISTEN_MS = 50
"""Milliseconds between two looks at a job's news."""

SURE = 20
"""Frames that must be done before the time left is told: the first ones wait for the workers."""

KINDS = {"recipe": "by the recipe", "human": "drawn by a person and kept"}
"""How the counts of a finished job read that are no sky's."""


class ApplyBox(QWidget):
    """Choose frames and a folder, start, watch, cancel.

    Parameters
    ----------
    session : Session
        The night in the viewer.
    config : callable
        Gives the config that the form shows, or None.
    """

    def __init__(self, session: Session, config: Callable[[], MaskConfig | None]) -> None:
        super().__init__()
        self._session, self._config = session, config
        self._jobs: list[Job] = []
        self.destroyed.connect(finalize(self, _cancel, self._jobs))
        self._done = 0
        self._sources: list[str] = []
        self._failures: list[str] = []
        self._news: SimpleQueue[Event | Ending] = SimpleQueue()
        self._clock = QTimer(self)
        self._clock.setInterval(LISTEN_MS)
        self._clock.timeout.connect(self._listen)
        self._build()
        self._lay_out()
        self.set_night()

    @property
    def job(self) -> Job | None:
        """The job that runs, if any."""
        return self._jobs[0] if self._jobs else None

    def _build(self) -> None:
        self.frames = FrameChoice()
        self.folder = FileEdit(mode="d", nullable=True, tooltip="Folder for <frame>_mask.fits")
        self.folder.choose_btn.text = "Choose ..."
        self.folder.changed.connect(self._enable)
        self.start = QPushButton("Make masks")
        self.start.setToolTip("Runs beside the window; a mask that a person drew is kept")
        self.cancel = QPushButton("Cancel")
        self.cancel.setToolTip("Stop within seconds; the masks made so far stay")
        self.copy = QPushButton("Copy command")
        self.copy.setToolTip("Copy the same job as a shell command")
        self.bar = QProgressBar()
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.status.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.status.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.start.clicked.connect(self.run)
        self.cancel.clicked.connect(self.stop)
        self.copy.clicked.connect(self.copy_command)

    def _lay_out(self) -> None:
        where, buttons = QHBoxLayout(), QHBoxLayout()
        where.addWidget(QLabel("into"))
        where.addWidget(self.folder.native, stretch=1)
        for button in (self.start, self.cancel, self.copy):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.frames)
        layout.addLayout(where)
        layout.addLayout(buttons)
        layout.addWidget(self.bar)
        layout.addWidget(self.status)

    def set_night(self) -> None:
        """Fit the ranges and the folder to the night that is open, or has grown."""
        sequence, sources = self._session.sequence, self._session.sources
        count = 0 if sequence is None else len(sequence)
        if count and sources == self._sources:
            self.frames.grow(count)
            return
        self._sources = sources
        self.frames.fit(count)
        if count and sequence is not None:
            self.folder.value = folder_for(sequence.paths[0].parent, "masks")
        if self.job is None:
            self.bar.hide()
            self.status.hide()
        self._enable()

    def arguments(self) -> list[str]:
        """Command and arguments of the job that the box shows."""
        config = self._config() or MaskConfig()
        rows, columns = config.shape
        gate = "--gate" if config.gate else "--no-gate"
        folder = Path(self.folder.value or ".").expanduser().absolute()
        options = ["--out", str(folder), "--shape", str(rows), str(columns)]
        options += ["--a-log", f"{config.a_log:.8g}", "--contrast", f"{config.contrast:.6g}", gate]
        return ["mask", *self._frames(), *options]

    def run(self) -> None:
        """Start the job."""
        if self.job is not None or self._session.sequence is None or self._config() is None:
            return
        self._failures, self._news, self._done = [], SimpleQueue(), 0
        self.bar.setRange(0, 0)
        self.bar.show()
        self._tell("starting ...")
        self._jobs.append(Job(self.arguments(), self._news.put, self._news.put))
        self._clock.start()
        self._enable()

    def stop(self) -> None:
        """Cancel the job; the masks made so far stay."""
        if self.job is not None:
            self.job.cancel()
            self._tell("stopping ...")
            self._enable()

    def copy_command(self) -> None:
        """Put the job's shell command on the clipboard."""
        QGuiApplication.clipboard().setText(shell_line(self.arguments()))
        self._tell("The command is on the clipboard.")

    def _frames(self) -> list[str]:
        sequence, sources = self._session.sequence, self._session.sources
        if sequence is None:
            return []
        span = self.frames.span(self._session.number)
        if span is None and 0 < len(sources) <= LISTED:
            return sources
        paths = [sequence.paths[number] for number in span or range(len(sequence))]
        return [str(path) for path in paths] if len(paths) <= LISTED else [_write_list(paths)]

    def _listen(self) -> None:
        """Take in what the job has said since the last look."""
        while self.job is not None and not self._news.empty():
            news = self._news.get()
            if isinstance(news, Ending):
                self._end(self.job, news)
            else:
                self._hear(self.job, news)

    def _hear(self, job: Job, event: Event) -> None:
        if event["event"] == "progress":
            self._done = event["done"]
            self.bar.setRange(0, event["total"])
            self.bar.setValue(self._done)
            if not job.cancelled:
                left = f", {_clock(event['eta_s'])} left" if self._done >= SURE else ""
                self._tell(f"{self._done:,} of {event['total']:,}{left}")
        elif event["event"] == "failed":
            reason = event["message"].removeprefix(f"{event['file']}: ")
            self._failures.append(f"{Path(event['file']).name}: {reason}")
        elif event["event"] == "end":
            counts = event.get("masks", {}).items()
            made = ", ".join(f"{count:,} {KINDS.get(kind, kind)}" for kind, count in counts)
            self._tell(f"Done: {made or 'no masks'}.")

    def _end(self, job: Job, ending: Ending) -> None:
        self._jobs.clear()
        self._clock.stop()
        self.bar.hide()
        _remove_list(job.arguments)
        if ending.cancelled:
            self._tell(f"Stopped after {self._done:,} frames; their masks are whole.")
        elif ending.code not in (0, 1):
            self._tell(f"The job failed: {_reason(ending)}")
        elif self._failures:
            shown = [_short(failure) for failure in self._failures[:3]]
            more = ["..."] if len(self._failures) > len(shown) else []
            first = f"{self.status.text()} {len(self._failures):,} failed:"
            self._tell("\n".join([first, *shown, *more]))
            self.status.setToolTip("\n".join(self._failures[:50]))
        self._enable()

    def _tell(self, text: str) -> None:
        self.status.setText(text)
        self.status.setToolTip("")
        self.status.show()

    def _enable(self) -> None:
        night, running = self._session.sequence is not None, self.job is not None
        ready = night and self.folder.value is not None
        self.start.setEnabled(ready and not running)
        self.copy.setEnabled(ready)
        self.cancel.setEnabled(self.job is not None and not self.job.cancelled)
        self.frames.setEnabled(night and not running)
        self.folder.native.setEnabled(night and not running)


def _cancel(jobs: Sequence[Job]) -> None:
    """End the job of a box that is gone; the program's end counts as such."""
    for job in jobs:
        job.cancel()


def _write_list(paths: Sequence[Path]) -> str:
    """Write frames to a list file and give the argument that names it."""
    with tempfile.NamedTemporaryFile(
        "w", prefix="iris-frames-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        file.writelines(f"{path}\n" for path in paths)
    return f"@{file.name}"


def _remove_list(arguments: Sequence[str]) -> None:
    """Remove the list file of a job that has ended."""
    for argument in arguments:
        if argument.startswith("@"):
            Path(argument[1:]).unlink(missing_ok=True)


def _reason(ending: Ending) -> str:
    """Say why a job failed: the last line it wrote, or the signal that killed it."""
    if ending.code < 0:
        return f"it was killed ({signal.Signals(-ending.code).name}); see if memory ran out"
    return ending.message.splitlines()[-1] if ending.message else f"exit code {ending.code}"


def _short(failure: str, most: int = 40) -> str:
    """Shorten a long file name in its middle."""
    name, _, reason = failure.partition(": ")
    if len(name) > most:
        name = f"{name[: most // 2]}…{name[-most // 2 :]}"
    return f"{name}: {reason}"


def _clock(seconds: float) -> str:
    """Write a time as a person says it: ``12 s``, ``3 min``, ``2 h 05 min``."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
