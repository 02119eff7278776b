"""The job panel: buttons to start, cancel and copy a job, its progress bar and status line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtGui import QGuiApplication
from qtpy.QtWidgets import QProgressBar, QWidget

from napari_iris.app.jobs.control import shell_commands
from napari_iris.app.tooltip import tip_of
from napari_iris.desk.forms.controls import TextLine, button
from napari_iris.desk.forms.layout import Wide, column, row
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_iris.app.jobs.control import Commands, JobControl
    from napari_iris.app.jobs.progress import JobProgress

COPIED = "Command copied to the clipboard."


class JobPanel(QWidget):
    """Shows a `JobControl`.

    Parameters
    ----------
    control : JobControl
        The job.
    title, tip : str
        Text and tooltip of the start button; without a title there are no buttons but *Cancel*,
        and the panel is visible only while it has something to show.
    start : callable, optional
        Starts the job.
    commands : callable, optional
        Gives the commands to copy.
    cancel_tip : str
        Tooltip of the cancel button.
    """

    def __init__(
        self,
        control: JobControl[JobProgress],
        title: str = "",
        tip: str = "",
        start: Callable[[], object] | None = None,
        commands: Callable[[], Commands] | None = None,
        cancel_tip: str = "Stop within seconds; finished files are kept",
    ) -> None:
        super().__init__()
        self.control = control
        self._has_start = bool(title)
        self._tip = tip
        self.destroyed.connect(control.close)
        self.start = button(title, tip)
        self.cancel = button("Cancel", cancel_tip, control.cancel)
        self.copy = button("Copy command", "Copy the same job as a shell command")
        self.bar = QProgressBar()
        self.bar.setToolTip("Progress of the job")
        self.status = TextLine(selectable=True)
        if start is not None:
            self.start.clicked.connect(lambda _=False: start())
        if commands is not None:
            self.copy.clicked.connect(lambda _=False: self._copy(commands()))
        if self._has_start:
            self.buttons = row(self.start, self.cancel, self.copy)
            column(self, self.buttons, self.bar, self.status)
        else:
            self.buttons = row(Wide(self.bar), self.cancel)
            column(self, self.buttons, self.status)
        connect(control.changed, self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the job as it is now."""
        control = self.control
        running = control.is_running
        self.start.setEnabled(control.can_start)
        self.start.setToolTip("\n".join(filter(None, (self._tip, control.problem))))
        self.cancel.setEnabled(control.can_cancel)
        self.cancel.setVisible(self._has_start or running)
        self.copy.setEnabled(control.has_command)
        value, maximum = control.progress.bar
        self.bar.setRange(0, maximum)
        self.bar.setValue(value)
        self.bar.setVisible(running)
        self.status.show_text(control.text)
        self.status.setToolTip(tip_of(control.details))
        if not self._has_start:
            self.setVisible(running or bool(control.text))

    def _copy(self, commands: Commands) -> None:
        QGuiApplication.clipboard().setText(shell_commands(commands))
        self.control.notify(COPIED)
