"""Progress of a training run, from its events."""

from __future__ import annotations

import time
from dataclasses import fields
from math import nan
from typing import TYPE_CHECKING

from napari_iris.app.jobs.progress import JobProgress
from napari_iris.app.jobs.wording import duration
from napari_iris.app.training.wording import failure_text, scores_text, split_text
from napari_iris.numbers import format_count
from napari_iris.training.epochs import Epoch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from napari_iris.events import EpochEvent, Event, StepEvent
    from napari_iris.jobs.job import Ending

MAX_STEPS = 1000
"""Losses of single steps that are kept for the curve; of more, neighbours are averaged."""

BAR = 1000
"""Maximum of the progress bar."""


class TrainingProgress(JobProgress):
    """Epochs, losses and time left of a run.

    Parameters
    ----------
    clock : callable
        Gives the time [s].

    Attributes
    ----------
    name : str
        Name of the model.
    epochs : list of Epoch
        Epochs done.
    planned, patience : int
        Maximum of epochs, and epochs without improvement after which the run stops; 0 if unknown.
    steps : list of (float, float)
        Positions of the steps so far, in epochs, and their losses.
    device, data, scores : str
        The device, the split of the data, and the scores of the finished model; empty if unknown.
    """

    OUTPUT = "models"

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        super().__init__()
        self.plan("", 0)

    def plan(self, name: str, epochs: int, patience: int = 0, done: Iterable[Epoch] = ()) -> None:
        """Set what is known before the run starts.

        Parameters
        ----------
        name : str
            Name of the model.
        epochs, patience : int
            Maximum of epochs, and epochs without improvement after which the run stops.
        done : iterable of Epoch
            Epochs done before, if the run is resumed.
        """
        self.name, self.planned, self.patience = name, epochs, patience
        self.epochs = list(done)
        self.steps: list[tuple[float, float]] = []
        self.device = self.data = self.scores = ""
        self._step = (len(self.epochs), 0, 0)
        self._first: tuple[float, float] | None = None
        self._estimate: tuple[float, float] | None = None
        self._stride = self._skipped = 1

    def take(self, event: Event) -> None:
        """Update from one event.

        Parameters
        ----------
        event : Event
            Any event.
        """
        super().take(event)
        if event["event"] == "device":
            self.device = f"{event['name']}, {event['precision']}"
        elif event["event"] == "data":
            self.data = split_text(event)
        elif event["event"] == "step":
            self._take_step(event)
        elif event["event"] == "epoch":
            self._take_epoch(event)
        elif event["event"] == "judged":
            self.scores = scores_text(event)

    # --- in numbers

    @property
    def best(self) -> Epoch | None:
        """Epoch with the lowest validation loss."""
        return min(self.epochs, key=lambda epoch: epoch.val_loss, default=None)

    @property
    def is_trained(self) -> bool:
        """Whether all epochs are done: as many as planned, or no improvement for too long."""
        done, best = len(self.epochs), self.best
        exhausted = best is not None and 0 < self.patience <= done - best.epoch
        return exhausted or 0 < self.planned <= done

    @property
    def succeeded(self) -> bool:
        """Whether the run ended with a model, whatever files could not be used."""
        if self.ending is None or self.ending.cancelled:
            return False
        result = self.results[-1] if self.results else None
        complete = result is not None and not result.get("cancelled") and result.get("best_epoch")
        return self.ending.code == 0 or bool(complete)

    @property
    def position(self) -> float:
        """Epochs done, with the part of the current one."""
        done, step, steps = self._step
        return done + (step / steps if steps else 0.0)

    @property
    def fraction(self) -> float:
        """How much is done, from 0 to 1; NaN while not known."""
        return self.position / self.planned if self.planned else nan

    @property
    def bar(self) -> tuple[int, int]:
        """Value and maximum of the progress bar; (0, 0) before the first step."""
        return (round(BAR * self.fraction), BAR) if self.steps and self.planned else (0, 0)

    @property
    def max_eta_s(self) -> float | None:
        """Time left at most [s]; None while not known."""
        now = self._clock()
        if self._estimate is not None:
            moment, left = self._estimate
            return max(left - (now - moment), 0.0)
        if self._first is None or not self.planned:
            return None
        moment, start = self._first
        if self.position <= start:
            return None
        return (now - moment) / (self.position - start) * (self.planned - self.position)

    def _take_epoch(self, event: EpochEvent) -> None:
        self.planned = event["epochs"]
        values: dict[str, object] = {**event}
        row = {field.name: values[field.name] for field in fields(Epoch)}
        epoch = Epoch(**{name: nan if value is None else value for name, value in row.items()})  # type: ignore[arg-type]
        self.epochs = [*self.epochs[: epoch.epoch - 1], epoch]
        self._step = (epoch.epoch, 0, 0)
        self._estimate = (self._clock(), float(event["eta_s"]))

    def _take_step(self, event: StepEvent) -> None:
        self._step = (event["epoch"] - 1, event["step"], event["steps"])
        if self._first is None:  # the first step compiles the network: it takes longer
            self._first = (self._clock(), self.position)
        self._skipped += 1
        if self._skipped < self._stride:
            return
        self._skipped = 0
        self.steps.append((self.position, event["loss"]))
        if len(self.steps) > MAX_STEPS:
            self.steps = _halved(self.steps)
            self._stride *= 2

    # --- in words

    @property
    def details(self) -> str:
        """The text again, and the files that could not be used."""
        return "\n".join(filter(None, (self.text, super().details)))

    def running_text(self) -> str:
        """Describe how far the run is, its device and its data."""
        facts = "; ".join(filter(None, (self.device and f"On {self.device}", self.data)))
        return "\n".join(filter(None, (f"{self.name}: {self._progress_text()}", facts)))

    def _progress_text(self) -> str:
        done, step, steps = self._step
        if self.is_trained:
            return f"all {format_count(done, 'epoch')} done; evaluating the model..."
        if not (step or self.epochs or self.device):
            return "loading the libraries..."
        if not step and self._estimate is None:
            return "reading the frames..."
        of = f" of {self.planned}" if self.planned else ""
        line = f"epoch {done + 1}{of}, step {step} of {steps}" if step else f"epoch {done}{of} done"
        left = self.max_eta_s
        return line if left is None else f"{line}, at most {duration(left)} left"

    def ended_text(self, ending: Ending) -> str:
        """Describe how the run ended, and what it leaves.

        Parameters
        ----------
        ending : Ending
            The end of its process.
        """
        resumable = ending.code != 0 and not (self.succeeded or self.is_trained)
        parts = (self._how(ending), self._best_text(resumable=resumable), self.scores)
        unusable = [f"{format_count(len(self.failures), 'file')} could not be used."]
        return "\n".join([" ".join(filter(None, parts)), *(unusable if self.failures else [])])

    def _how(self, ending: Ending) -> str:
        done = len(self.epochs)
        if ending.cancelled:
            return (
                f"Stopped after {format_count(done, 'epoch')}." if done else "Stopped in epoch 1."
            )
        if not self.succeeded:
            return failure_text(ending)
        if done < self.planned:
            return f"Finished after {done} of {self.planned} epochs (early stopping)."
        return f"Finished after {format_count(done, 'epoch')}."

    def _best_text(self, *, resumable: bool) -> str:
        """Describe the model that is kept."""
        best = self.best
        if best is None:
            return ""
        text = f"Best epoch of {self.name}: {best.epoch} (validation loss {best.val_loss:.4f})."
        return f"{text} Continue resumes after the last complete epoch." if resumable else text


def _halved(steps: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Average each two neighbours."""
    pairs = zip(steps[::2], steps[1::2], strict=False)
    return [((a + c) / 2, (b + d) / 2) for (a, b), (c, d) in pairs]
