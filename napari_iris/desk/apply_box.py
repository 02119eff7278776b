"""Make the masks of this frame, a range or the whole night, as a job beside the window."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from magicgui.widgets import FileEdit
from qtpy.QtCore import QObject, Signal
from qtpy.QtGui import QGuiApplication
from qtpy.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from napari_iris.jobs.job import Ending, Event, Job, shell_line
from napari_iris.masks.config import MaskConfig
from napari_iris.resources import sample_night

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_iris.desk.session import Session

LISTED = 20
"""Most frames that are named one by one on the command line; more go into a list file."""


class _Line(QObject):
    """Carries a job's news from its thread to the window's."""

    event = Signal(dict)
    ended = Signal(object)


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
        self.job: Job | None = None
        self._line = _Line(self)
        self._line.event.connect(self._hear)
        self._line.ended.connect(self._end)
        self._failures: list[str] = []
        self._build()
        self.set_night()

    def _build(self) -> None:
        self.this_frame = QRadioButton("this frame")
        self.some = QRadioButton("frames")
        self.all = QRadioButton("all frames")
        self.all.setChecked(True)
        self._choice = QButtonGroup(self)
        for button in (self.this_frame, self.some, self.all):
            self._choice.addButton(button)
        self.first, self.last = QSpinBox(), QSpinBox()
        for spin in (self.first, self.last):
            spin.valueChanged.connect(lambda _: self.some.setChecked(True))
        self.folder = FileEdit(mode="d", nullable=True, tooltip="Folder for <frame>_mask.fits")
        self.start = QPushButton("Make masks")
        self.start.setToolTip("Runs beside the window; a mask that a person drew is kept")
        self.cancel = QPushButton("Cancel")
        self.copy = QPushButton("Copy command")
        self.copy.setToolTip("Copy the same job as a shell command")
        self.bar = QProgressBar()
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.start.clicked.connect(self.run)
        self.cancel.clicked.connect(self.stop)
        self.copy.clicked.connect(self.copy_command)
        choice = QGridLayout()
        choice.addWidget(self.all, 0, 0, 1, 4)
        choice.addWidget(self.some, 1, 0)
        choice.addWidget(self.first, 1, 1)
        choice.addWidget(QLabel("to"), 1, 2)
        choice.addWidget(self.last, 1, 3)
        choice.addWidget(self.this_frame, 2, 0, 1, 4)
        choice.setColumnStretch(1, 1)
        choice.setColumnStretch(3, 1)
        where = QHBoxLayout()
        where.addWidget(QLabel("into"))
        where.addWidget(self.folder.native, stretch=1)
        buttons = QHBoxLayout()
        for button in (self.start, self.cancel, self.copy):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(choice)
        layout.addLayout(where)
        layout.addLayout(buttons)
        layout.addWidget(self.bar)
        layout.addWidget(self.status)

    def set_night(self) -> None:
        """Fit the ranges and the folder to the night that is open."""
        sequence = self._session.sequence
        count = 0 if sequence is None else len(sequence)
        chosen = self._choice.checkedButton()
        for spin, value in ((self.first, 1), (self.last, count)):
            spin.setRange(min(1, count), count)
            spin.setValue(value)
        chosen.setChecked(True)
        if count and sequence is not None:
            self.folder.value = _masks_folder(sequence.paths[0].parent)
        self.bar.setVisible(False)
        self.status.setText("")
        self._enable()

    def arguments(self, list_file: Callable[[Sequence[Path]], str]) -> list[str]:
        """Command and arguments of the job that the box shows."""
        config = self._config() or MaskConfig()
        rows, columns = config.shape
        gate = "--gate" if config.gate else "--no-gate"
        options = ["--out", str(self.folder.value), "--shape", str(rows), str(columns)]
        options += ["--a-log", f"{config.a_log:.8g}", "--contrast", f"{config.contrast:.6g}", gate]
        return ["mask", *self._frames(list_file), *options]

    def run(self) -> None:
        """Start the job."""
        if self.job is not None or self._session.sequence is None or self._config() is None:
            return
        self._failures = []
        self.bar.setRange(0, 0)
        self.bar.setVisible(True)
        self.status.setText("starting ...")
        arguments = self.arguments(_write_list)
        self.job = Job(arguments, self._line.event.emit, self._line.ended.emit)
        self._enable()

    def stop(self) -> None:
        """Cancel the job; the masks made so far stay."""
        if self.job is not None:
            self.status.setText("stopping ...")
            self.job.cancel()

    def copy_command(self) -> None:
        """Put the job's shell command on the clipboard."""
        QGuiApplication.clipboard().setText(shell_line(self.arguments(_write_list)))
        self.status.setText("The command is on the clipboard.")

    def _frames(self, list_file: Callable[[Sequence[Path]], str]) -> list[str]:
        sequence = self._session.sequence
        if sequence is None:
            return []
        if self.all.isChecked() and self._session.sources:
            return self._session.sources
        first, last = self.first.value() - 1, self.last.value()
        if self.this_frame.isChecked():
            first, last = self._session.number, self._session.number + 1
        paths = [sequence.paths[number] for number in range(first, last)]
        return [str(path) for path in paths] if len(paths) <= LISTED else [list_file(paths)]

    def _hear(self, event: Event) -> None:
        if event["event"] == "progress":
            self.bar.setRange(0, event["total"])
            self.bar.setValue(event["done"])
            self.status.setText(f"{event['done']} of {event['total']}, {event['eta_s']:.0f} s left")
        elif event["event"] == "failed":
            self._failures.append(event["message"])
        elif event["event"] == "end":
            made = ", ".join(f"{count} {sky}" for sky, count in event.get("masks", {}).items())
            self.status.setText(f"Done: {made or 'no masks'}.")

    def _end(self, ending: Ending) -> None:
        self.job = None
        self.bar.setVisible(False)
        if ending.cancelled:
            self.status.setText("Stopped. The masks made so far are whole.")
        elif ending.code not in (0, 1):
            reason = ending.message.splitlines()[-1] if ending.message else f"code {ending.code}"
            self.status.setText(f"The job failed: {reason}")
        elif self._failures:
            shown = "\n".join(self._failures[:3])
            self.status.setText(f"{self.status.text()} {len(self._failures)} failed:\n{shown}")
        self.status.setToolTip("\n".join(self._failures[:50]))
        self._enable()

    def _enable(self) -> None:
        night, running = self._session.sequence is not None, self.job is not None
        self.start.setEnabled(night and not running)
        self.copy.setEnabled(night)
        self.cancel.setEnabled(running)
        for widget in (self.this_frame, self.some, self.all, self.first, self.last):
            widget.setEnabled(night and not running)


def _masks_folder(frames: Path) -> Path:
    """Where masks go unless one chooses: beside the frames, or where the user may write."""
    packaged = frames.resolve() == sample_night().resolve()
    if os.access(frames.parent, os.W_OK) and not packaged:
        return frames.parent / f"{frames.name}_masks"
    return Path.home() / "iris_masks" / frames.name


def _write_list(paths: Sequence[Path]) -> str:
    """Write frames to a list file and give the argument that names it."""
    with tempfile.NamedTemporaryFile(
        "w", prefix="iris-frames-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        file.writelines(f"{path}\n" for path in paths)
    return f"@{file.name}"
