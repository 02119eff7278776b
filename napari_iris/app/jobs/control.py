"""Start, follow and cancel one job at a time: the model behind the job panel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from psygnal import Signal

from napari_iris.app.jobs.progress import JobProgress
from napari_iris.app.jobs.runner import JobRunner
from napari_iris.jobs.job import shell_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_iris.app.timers import Timers
    from napari_iris.events import Event
    from napari_iris.jobs.job import Ending, Job

    Commands = Sequence[Sequence[str]]
    """Commands that run one after the other, each without ``napari-iris``."""

Progress_co = TypeVar("Progress_co", bound=JobProgress, covariant=True)


class JobControl(Generic[Progress_co]):
    """Run the commands of a job, one after the other, and keep what a panel shows.

    Parameters
    ----------
    timers : Timers
        Make timers of the window's thread.
    progress : JobProgress
        Describes the job.

    Attributes
    ----------
    problem : str
        Why a job cannot be started; empty if it can.
    has_command : bool
        Whether the job can be written as a shell command.
    changed : Signal
        Something that the panel shows has changed.
    advanced : Signal
        Events have arrived.
    ended : Signal
        The job has ended.
    """

    changed = Signal()
    advanced = Signal()
    ended = Signal()

    def __init__(self, timers: Timers, progress: Progress_co) -> None:
        self.progress = progress
        self.problem, self.has_command = "", True
        self._notice = ""
        self._queue: list[Sequence[str]] = []
        self._runner = JobRunner(timers)
        self.close = self._runner.close
        self._runner.received.connect(self._receive)
        self._runner.ended.connect(self._end)

    @property
    def job(self) -> Job | None:
        """The running command, if any."""
        return self._runner.job

    @property
    def is_running(self) -> bool:
        """Whether a job is running."""
        return self.job is not None

    @property
    def can_start(self) -> bool:
        """Whether a job can be started now."""
        return not self.problem and not self.is_running

    @property
    def can_cancel(self) -> bool:
        """Whether there is a job to cancel."""
        return self.progress.state == "running"

    @property
    def text(self) -> str:
        """The status line."""
        return self._notice or self.progress.text

    @property
    def details(self) -> str:
        """Tooltip of the status line."""
        return "" if self._notice else self.progress.details

    def offer(self, problem: str, *, has_command: bool | None = None) -> None:
        """Allow a job to be started, or say why it cannot.

        Parameters
        ----------
        problem : str
            Why not; empty if it can be started.
        has_command : bool, optional
            Whether its command can be copied; by default, if it can be started.
        """
        self.problem = problem
        self.has_command = not problem if has_command is None else has_command
        self.changed.emit()

    def start(self, commands: Commands) -> None:
        """Start a job, unless one is running.

        Parameters
        ----------
        commands : sequence of sequence of str
            Commands without ``napari-iris``; each runs if the one before has not failed.
        """
        if not self.is_running and commands:
            first, *self._queue = commands
            self.progress.start()
            self._notice = ""
            self._runner.run(first)
            self.changed.emit()

    def cancel(self) -> None:
        """Cancel the job; what it has made so far is kept."""
        if self.can_cancel:
            self.progress.stop()
            self._notice = ""
            self._queue = []
            self._runner.cancel()
            self.changed.emit()

    def notify(self, text: str) -> None:
        """Show a line in place of the progress, until that changes.

        Parameters
        ----------
        text : str
            The line; empty to show the progress again.
        """
        self._notice = text
        self.changed.emit()

    def _receive(self, events: Sequence[Event]) -> None:
        for event in events:
            self.progress.take(event)
        self._notice = ""
        self.advanced.emit()
        self.changed.emit()

    def _end(self, ending: Ending) -> None:
        self._notice = ""
        if self._queue and ending.code in (0, 1) and not ending.cancelled:
            self.progress.next_command()
            self._runner.run(self._queue.pop(0))
            self.changed.emit()
            return
        self.progress.end(ending)
        self.ended.emit()
        self.changed.emit()


def shell_commands(commands: Commands) -> str:
    """Write commands as one line for a shell; each runs if the one before has not failed.

    Parameters
    ----------
    commands : sequence of sequence of str
        Commands without ``napari-iris``.

    Returns
    -------
    str
        The line.
    """
    return " && ".join(map(shell_line, commands))
