"""Progress of a job, from its typed events, in numbers and words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from napari_iris.app.jobs.wording import duration, failed_file, failure_reason, shortened
from napari_iris.numbers import format_count

if TYPE_CHECKING:
    from napari_iris.events import EndEvent, Event
    from napari_iris.jobs.job import Ending

State = Literal["idle", "running", "stopping", "ended"]

LISTED, DETAILED = 3, 50
"""Failures that the text and the details name."""

ETA_AFTER = 20
"""Files done before the time left is shown: the first ones include the start of the workers."""


class JobProgress:
    """How far a job is, what failed, and how it ended.

    A job may consist of several commands, one after the other. Subclasses describe their results.

    Attributes
    ----------
    OUTPUT : str
        What the job makes, such as 'masks'.
    state : {'idle', 'running', 'stopping', 'ended'}
        Its state.
    done, total : int
        Files done, and in all; 0 while not known.
    eta_s : float
        Time left [s].
    failures : list of str
        Files that failed, each with the reason.
    results : list of EndEvent
        The result of each command that has finished.
    commands_done : int
        Commands that have finished, where another one followed.
    ending : Ending or None
        How the last command ended.
    """

    OUTPUT = "files"

    def __init__(self) -> None:
        self._reset("idle")

    def _reset(self, state: State) -> None:
        self.state: State = state
        self.done = self.total = self.commands_done = 0
        self.eta_s = 0.0
        self.failures: list[str] = []
        self.results: list[EndEvent] = []
        self.ending: Ending | None = None

    # --- what happens

    def start(self) -> None:
        """Start anew."""
        self._reset("running")

    def take(self, event: Event) -> None:
        """Update from one event.

        Parameters
        ----------
        event : Event
            Any event; those of other commands are ignored.
        """
        if event["event"] == "progress":
            self.done, self.total, self.eta_s = event["done"], event["total"], event["eta_s"]
        elif event["event"] == "failed":
            self.failures.append(failed_file(event))
        elif event["event"] == "end":
            self.results.append(event)

    def next_command(self) -> None:
        """Note that a command has finished and the next one starts."""
        self.commands_done += 1
        self.done = self.total = 0

    def stop(self) -> None:
        """Note that the job was cancelled and will end soon."""
        self.state = "stopping"

    def end(self, ending: Ending) -> None:
        """Note how the job ended.

        Parameters
        ----------
        ending : Ending
            The end of its last command.
        """
        self.state, self.ending = "ended", ending

    # --- in numbers and words

    @property
    def succeeded(self) -> bool:
        """Whether the job ran to its end, whatever files failed."""
        return self.ending is not None and not self.ending.cancelled and self.ending.code in (0, 1)

    @property
    def bar(self) -> tuple[int, int]:
        """Value and maximum of the progress bar; (0, 0) while not known."""
        return self.done, self.total

    @property
    def text(self) -> str:
        """The progress or the result; empty for nothing to report."""
        if self.state == "running":
            return self.running_text()
        if self.state == "stopping":
            return "Stopping..."
        return "" if self.ending is None else self.ended_text(self.ending)

    @property
    def details(self) -> str:
        """More on the text, for its tooltip."""
        return "\n".join(self.failures[:DETAILED]) if self.state == "ended" else ""

    def running_text(self) -> str:
        """Describe how far the job is."""
        if not self.total:
            return "Starting..."
        left = f", {duration(self.eta_s)} left" if self.done >= ETA_AFTER else ""
        return f"{self.done:,} of {self.total:,}{left}"

    def ended_text(self, ending: Ending) -> str:
        """Describe how the job ended.

        Parameters
        ----------
        ending : Ending
            The end of its last command.
        """
        if ending.cancelled:
            return self.stopped_text()
        if not self.succeeded:
            return f"Job failed: {failure_reason(ending)}"
        return "\n".join([*filter(None, [self.result_text()]), *self._failure_lines()])

    def stopped_text(self) -> str:
        """Describe what a cancelled job leaves."""
        return f"Stopped after {format_count(self.done, 'frame')}; their {self.OUTPUT} are kept."

    def result_text(self) -> str:
        """Describe what the job has made, from `results`."""
        return ""

    def _failure_lines(self) -> list[str]:
        if not self.failures:
            return []
        more = ["..."] if len(self.failures) > LISTED else []
        shown = map(shortened, self.failures[:LISTED])
        return [f"{format_count(len(self.failures), 'file')} failed:", *shown, *more]
