"""Progress of a training run: one line per epoch for people, JSON lines for programs."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from napari_iris.cli.main import INTERRUPTED_TEXT
from napari_iris.cli.progress import print_event
from napari_iris.cli.streams import replace_line
from napari_iris.errors import printable
from napari_iris.evaluation.titles import TITLES
from napari_iris.numbers import format_count, format_number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_iris.events import (
        AdaptedEvent,
        CalibratedEvent,
        DataEvent,
        DeviceEvent,
        EpochEvent,
        Event,
        ScoresEvent,
        StepEvent,
    )
    from napari_iris.training.checkpoint import RunProgress


AS_BEFORE = "no epoch was better than --init, whose weights the model keeps"


class TrainReporter:
    """Prints the events of a training run; called with each.

    Parameters
    ----------
    out : Path
        Folder of the model.
    as_json : bool
        Whether to print events as JSON lines.

    Attributes
    ----------
    failed : int
        Files that could not be used so far.
    """

    def __init__(self, out: Path, *, as_json: bool) -> None:
        self.failed = 0
        self._out = out
        self._json = as_json
        self._live = sys.stderr.isatty() and not as_json
        self._first_step: tuple[int, float] | None = None

    def __call__(self, event: Event) -> None:
        """Print an event."""
        self.failed += event["event"] == "failed"
        if self._json:
            print_event(event)
        elif event["event"] == "step":
            if self._live:
                replace_line(self._step(event))
        elif text := _text(event):
            if self._live:
                replace_line("", clear=True)
            print(text, file=sys.stderr)

    def _step(self, event: StepEvent) -> str:
        """Format a step, with the time left for the epoch from the second step on."""
        now, step, steps = time.monotonic(), event["step"], event["steps"]
        if step == 1 or self._first_step is None:
            self._first_step = (step, now)  # the first step compiles the network
        text = f"epoch {event['epoch']}  step {step}/{steps}  loss {event['loss']:.4f}"
        first, then = self._first_step
        if step == first:
            return f"{text} "
        left = (now - then) / (step - first) * (steps - step)
        return f"{text}  {left:.0f} s left for the epoch "

    def end(self, progress: RunProgress, *, cancelled: bool = False) -> None:
        """Print the result of the run."""
        if self._json:
            print_event(
                {
                    "event": "end",
                    "failed": self.failed,
                    "model": str(self._out),
                    "epochs": progress.epochs,
                    "best_epoch": progress.best_epoch,
                    "val_loss": progress.best if progress.has_model else None,
                    "cancelled": cancelled,
                }
            )
        elif progress.has_model:
            best = f"best epoch {progress.best_epoch}" if progress.best_epoch else AS_BEFORE
            parts = [
                f"{printable(str(self._out))}: {format_count(progress.epochs, 'epoch')}",
                f"{best}, validation loss {progress.best:.4f}",
            ]
            if self.failed:
                parts.append(f"{format_count(self.failed, 'file')} could not be used")
            print("; ".join(parts), file=sys.stderr)

    def cancelled(self) -> None:
        """Print the result of a run that was interrupted."""
        from napari_iris.training.run_folder import RunFolder

        self.end(RunFolder(self._out).progress(), cancelled=True)

    def killed(self) -> None:
        """Print the result of a run that is ended within a step."""
        self.cancelled()
        print(f"\nnapari-iris train: {INTERRUPTED_TEXT}", file=sys.stderr, flush=True)


def _text(event: Event) -> str:
    """Format an event for people; empty if it is not shown."""
    text = ""
    if event["event"] == "device":
        text = _device(event)
    elif event["event"] == "failed":
        text = event["message"]
    elif event["event"] == "data":
        text = _data(event)
    elif event["event"] == "adapted":
        text = _adapted(event)
    elif event["event"] == "epoch":
        text = _epoch(event)
    elif event["event"] == "calibrated":
        text = _calibrated(event)
    elif event["event"] == "judged":
        text = _scores(event)
    return text


def _device(event: DeviceEvent) -> str:
    line = f"on {event['name']} ({event['kind']}), {event['precision']}"
    return f"{line}; no GPU: {event['why']}" if event["why"] else line


def _data(event: DataEvent) -> str:
    """Format the split and its warnings."""
    if not event["train"]:
        frames = format_count(event["simulated"], "simulated frame")
        return f"{frames} to train on, {event['validation']} others for validation"
    parts = {"train": event["train"], "validation": event["validation"], "test": event["test"]}
    facts = [
        ", ".join(f"{count} {part}" for part, count in parts.items()) + " frames",
        f"{event['left_out']} left out",
        "no gap, as each frame was simulated independently"
        if event["independent"]
        else f"{event['gap_s']:g} s between the parts",
    ]
    others = {
        "identical in two parts": event["overlap"]["same"],
        "similar in two parts": event["overlap"]["alike"],
        "kept in the training part, as --init was trained on them": event["seen_by_init"],
    }
    facts += [f"{format_count(count, 'frame')} {what}" for what, count in others.items() if count]
    facts += [f"reference: {known}"] if (known := event.get("reference")) else []
    facts += [labels] if (labels := event.get("sure_labels")) else []
    return "\n".join(["; ".join(facts), *_warnings(event, parts)])


def _warnings(event: DataEvent, parts: dict[str, int]) -> Iterator[str]:
    for part, frame_class in event["one_class"].items():
        missing = "cloudy" if frame_class == "clear" else "clear"
        frames = format_count(parts[part], f"{part} frame")
        yield (
            f"all {frames} are {frame_class}, so their scores do not apply to {missing} skies; add "
            f"{missing} frames, or try another --seed"
        )
    for name in event["init_unknown"]:
        yield (
            f"the training frames of {printable(name)} are not known: validation and test frames "
            "may be among them"
        )


def _epoch(event: EpochEvent) -> str:
    values = [
        f"loss {format_number(event['loss'])}",
        f"validation {format_number(event['val_loss'])}",
        f"accuracy {format_number(event['accuracy'])}",
        f"clear IoU {format_number(event['iou_clear'], 3)}",
        f"MCC {format_number(event['mcc'], 3)}",
        f"{event['seconds']:.0f} s, {event['eta_s']:.0f} s left",
    ]
    return f"epoch {event['epoch']}/{event['epochs']}  {'  '.join(values)}"


def _adapted(event: AdaptedEvent) -> str:
    before, after = event["before"], event["after"]
    parts = [
        f"{name} {format_number(before[key])} before, {format_number(after[key])} after"
        for name, key in (("accuracy", "accuracy"), ("MCC", "mcc"))
    ]
    frames = format_count(event["frames"], "simulated frame")
    return f"on {frames} of another seed: {'; '.join(parts)}"


def _calibrated(event: CalibratedEvent) -> str:
    if event["why"]:
        return f"temperature {event['temperature']:g}, not fitted: {event['why']}"
    frames = format_count(event["frames"], "validation frame")
    return f"temperature {event['temperature']:.3f}, fitted on {frames}"


def _scores(event: ScoresEvent) -> str:
    """Format the scores of the model and of the baselines as a table."""
    part = f"{event['part']} frame"
    heading = f"on {format_count(event.get('frames', 0), part)}"
    lines = [f"{heading:<26}{'accuracy':>9}{'clear IoU':>11}{'balanced':>10}{'MCC':>7}"]
    for name, row in event.get("scores", {}).items():
        values = (row[key] for key in ("accuracy", "iou_clear", "balanced_accuracy", "mcc"))
        cells = [format_number(value, 3) for value in values]
        label = f"  {TITLES[name]}"
        lines.append(f"{label:<26}{cells[0]:>9}{cells[1]:>11}{cells[2]:>10}{cells[3]:>7}")
    return "\n".join([*lines, *(f"  {warning}" for warning in event["warnings"])])
