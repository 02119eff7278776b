"""How a training run is getting on, from its events; and, in plain words, how it ended."""

from __future__ import annotations

import re
import signal
import time
from contextlib import suppress
from dataclasses import fields
from math import nan
from typing import TYPE_CHECKING, Any

from napari_iris.desk.jobs.clock import clock
from napari_iris.training.epochs import Epoch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from napari_iris.events import DataEvent, Event, ScoresEvent
    from napari_iris.jobs.job import Ending

MOST_STEPS = 1000
"""Losses of single steps that are kept for the curve; of more, neighbours are averaged."""

OUT_OF_MEMORY = re.compile(
    r"out of memory|resource.?exhausted|memoryerror|bad_alloc|unable to allocate", re.IGNORECASE
)
"""What the libraries write when memory has run out, on the GPU or beside it."""

SMALLER = "take smaller batches or fewer channels"

SIGNALS = {
    "SIGKILL": f"The system ended the training, most likely for want of memory: {SMALLER}.",
    "SIGSEGV": "The training crashed (SIGSEGV): a fault in the learning library or a driver. If "
    f"the memory was full, {SMALLER}.",
    "SIGBUS": "The training crashed (SIGBUS: a full disk, or one that is gone).",
    "SIGABRT": f"The learning library gave up (SIGABRT), often for want of memory: {SMALLER}.",
    "SIGTERM": "The training was ended from elsewhere (SIGTERM).",
}
"""What a signal that ended a run means."""


class Watch:
    """What is known of a run while it goes.

    Parameters
    ----------
    before : iterable of Epoch
        Epochs that were done before, where a run goes on.
    clock : callable
        Gives the time [s].

    Attributes
    ----------
    epochs : list of Epoch
        Epochs done.
    planned, patience : int
        Epochs at most, and those without a better validation loss to stop at; 0 where not known.
    steps : list of (float, float)
        Places of the steps so far, in epochs, and their losses.
    device, data : str
        What it runs on and what it learns from, in words; empty while not known.
    unusable : list of str
        Files that cannot be used.
    ended : bool
        Whether it came to its end, whatever files it could not use.
    judged : str
        What the model is worth on frames that it has not seen, in words.
    """

    def __init__(
        self, before: Iterable[Epoch] = (), clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.epochs = list(before)
        self.planned = self.patience = 0
        self.steps: list[tuple[float, float]] = []
        self.device = self.data = self.judged = ""
        self.unusable: list[str] = []
        self.ended = False
        self._clock = clock
        self._step = (len(self.epochs), 0, 0)
        self._first: tuple[float, float] | None = None
        self._told: tuple[float, float] | None = None
        self._stride = self._skipped = 1

    def take(self, event: Event) -> None:
        """Take in one event."""
        if event["event"] == "device":
            self.device = f"on {event['name']}, {event['precision']}"
        elif event["event"] == "data":
            self.data = _parts(event)
        elif event["event"] == "failed":
            self.unusable.append(event["message"])
        elif event["event"] == "end":
            self.ended = bool(event["best_epoch"]) and not event["cancelled"]
        elif event["event"] == "step":
            self._take_step(event["epoch"], event["step"], event["steps"], event["loss"])
        elif event["event"] == "epoch":
            self.planned = event["epochs"]
            known: dict[str, Any] = {**event}
            line = {field.name: known[field.name] for field in fields(Epoch)}
            line = {name: nan if value is None else value for name, value in line.items()}
            epoch = Epoch(**line)
            self.epochs = [*self.epochs[: epoch.epoch - 1], epoch]
            self._step = (epoch.epoch, 0, 0)
            self._told = (self._clock(), float(event["eta_s"]))
        elif event["event"] == "judged":
            self.judged = _worth(event)

    def plan(self, epochs: int, patience: int = 0) -> None:
        """Say how many epochs there will be at most, and how long it may get no better."""
        self.planned, self.patience = epochs, patience

    @property
    def is_done(self) -> bool:
        """Whether all epochs are done that will be."""
        done, best = len(self.epochs), self.best
        tired = best is not None and 0 < self.patience <= done - best.epoch
        return tired or 0 < self.planned <= done

    @property
    def place(self) -> float:
        """Epochs done, with the part of the one that goes on."""
        done, step, steps = self._step
        return done + (step / steps if steps else 0.0)

    @property
    def share(self) -> float:
        """How much is done, from 0 to 1; NaN while not known."""
        return self.place / self.planned if self.planned else float("nan")

    @property
    def best(self) -> Epoch | None:
        """Epoch with the best validation loss."""
        return min(self.epochs, key=lambda epoch: epoch.val_loss, default=None)

    @property
    def eta_s(self) -> float | None:
        """Seconds left at most; None while not known."""
        now = self._clock()
        if self._told is not None:
            at, left = self._told
            return max(left - (now - at), 0.0)
        if self._first is None or not self.planned:
            return None
        at, place = self._first
        if self.place - place <= 0:
            return None
        return (now - at) / (self.place - place) * (self.planned - self.place)

    def text(self) -> str:
        """Say in one line how far it is."""
        done, step, steps = self._step
        if self.is_done:
            return f"all {_count(done)} done; the model is being measured ..."
        if not (step or self.epochs or self.device):
            return "starting: the learning library is being loaded ..."
        if not step and not self._told:
            return "starting: the frames are being read ..."
        of = f" of {self.planned}" if self.planned else ""
        line = f"epoch {done + 1}{of}, step {step} of {steps}" if step else f"epoch {done}{of} done"
        left = self.eta_s
        return line if left is None else f"{line}, at most {clock(left)} left"

    def _take_step(self, epoch: int, step: int, steps: int, loss: float) -> None:
        self._step = (epoch - 1, step, steps)
        place = self.place
        if self._first is None:  # the network is compiled in the first step
            self._first = (self._clock(), place)
        self._skipped += 1
        if self._skipped < self._stride:
            return
        self._skipped = 0
        self.steps.append((place, loss))
        if len(self.steps) > MOST_STEPS:
            self.steps = _thinned(self.steps)
            self._stride *= 2


def in_words(ending: Ending, watch: Watch, name: str) -> str:
    """Say how a run ended, and what there is of it.

    Parameters
    ----------
    ending : Ending
        The end of its process.
    watch : Watch
        What was known of it.
    name : str
        Name of the model.
    """
    done = len(watch.epochs)
    if ending.cancelled:
        how = f"Stopped after {_count(done)}." if done else "Stopped before the first epoch's end."
    elif ending.code == 0 or watch.ended:
        how = f"Done after {_count(done)}."
        if done < watch.planned:
            how = f"Done after {done} of {watch.planned} epochs: it got no better."
    else:
        how = _failure(ending)
    goes_on = ending.code != 0 and not (watch.ended or watch.is_done)
    return " ".join(filter(None, (how, _left(watch, name, goes_on=goes_on), watch.judged)))


def _failure(ending: Ending) -> str:
    """Say why a run failed: by the signal that killed it, or by the last line it wrote."""
    lines = [line for line in ending.message.splitlines() if line.strip()]
    if OUT_OF_MEMORY.search(ending.message):
        return f"The memory ran out: {SMALLER}."
    if ending.code < 0:
        name = f"signal {-ending.code}"
        with suppress(ValueError):
            name = signal.Signals(-ending.code).name
        return SIGNALS.get(name, f"The training was killed ({name}).")
    last = lines[-1].removeprefix("napari-iris train: ") if lines else f"exit code {ending.code}"
    return f"The training failed: {last}"


def _left(watch: Watch, name: str, *, goes_on: bool) -> str:
    """Say what there is of a run that has ended."""
    best = watch.best
    if best is None:
        return ""
    model = f"{name} keeps its best epoch, {best.epoch}: validation loss {best.val_loss:.4f}."
    return f"{model} Continue goes on from the last one." if goes_on else model


def _count(epochs: int) -> str:
    return f"{epochs} epoch{'' if epochs == 1 else 's'}"


def _parts(event: DataEvent) -> str:
    """Say how the frames are split."""
    parts = [f"{event['train']:,} frames to learn from"]
    parts += [f"{event['simulated']:,} simulated beside them"] if event.get("simulated") else []
    parts += [f"{event['validation']:,} to validate", f"{event['test']:,} kept for a test"]
    alike = sum(event.get("overlap", {}).values())
    parts += [f"{alike:,} look alike in two parts"] if alike else []
    parts += [f"all {part} frames are {sky}" for part, sky in event.get("one_class", {}).items()]
    return ", ".join(parts)


def _worth(event: ScoresEvent) -> str:
    """Say what the model is worth on a part of the frames, beside the best that needs none."""
    scores = dict(event.get("scores", {}))
    model = scores.pop("model", {})
    others = {name: value for name, row in scores.items() if (value := row.get("accuracy"))}
    told = {"accuracy": "accuracy", "iou_clear": "clear IoU", "mcc": "MCC"}
    values = [
        f"{word} {model[key]:.3f}" for key, word in told.items() if model.get(key) is not None
    ]
    best = max(others, key=lambda name: others[name], default="")
    without = f"; without a network {others[best]:.3f} ({best.replace('_', ' ')})" if best else ""
    count = event.get("frames", 0)
    return f"On {count:,} {event['part']} frames: {', '.join(values)}{without}." if values else ""


def _thinned(steps: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Average each two neighbours."""
    pairs = zip(steps[::2], steps[1::2], strict=False)
    return [((a + c) / 2, (b + d) / 2) for (a, b), (c, d) in pairs]
