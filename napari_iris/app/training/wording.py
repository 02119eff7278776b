"""The data, the scores and the failures of a training run in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from napari_iris.app.jobs.wording import failure_reason, signal_name
from napari_iris.evaluation.titles import TITLES

if TYPE_CHECKING:
    from napari_iris.events import DataEvent, ScoresEvent
    from napari_iris.jobs.job import Ending

OUT_OF_MEMORY = re.compile(
    r"out of memory|resource.?exhausted|memoryerror|bad_alloc|unable to allocate", re.IGNORECASE
)
"""What the libraries write when memory has run out, on the GPU or in main memory."""

SMALLER = "use smaller batches or fewer channels"

SIGNALS = {
    "SIGKILL": f"The system killed the training, most likely for lack of memory: {SMALLER}.",
    "SIGSEGV": "The training crashed (SIGSEGV): a fault in a library or a driver. If memory was "
    f"full, {SMALLER}.",
    "SIGBUS": "The training crashed (SIGBUS: the disk is full or was removed).",
    "SIGABRT": f"The library aborted (SIGABRT), often for lack of memory: {SMALLER}.",
    "SIGTERM": "Another process ended the training (SIGTERM).",
}
"""What a signal that ended a run means."""

METRICS = {"accuracy": "accuracy", "iou_clear": "clear IoU", "mcc": "MCC"}
"""Scores that are shown, by name."""


def split_text(event: DataEvent) -> str:
    """Describe the split of the data.

    Parameters
    ----------
    event : DataEvent
        The run's event.

    Returns
    -------
    str
        Frames of each part, and what limits the scores.
    """
    parts = [f"{event['train']:,} training frames"]
    parts += [f"{event['simulated']:,} simulated"] if event["simulated"] else []
    parts += [f"{event['validation']:,} validation", f"{event['test']:,} test"]
    alike = sum(event["overlap"].values())
    parts += [f"{alike:,} near-duplicates across the split"] if alike else []
    parts += [f"all {part} frames are {sky}" for part, sky in event["one_class"].items()]
    return ", ".join(parts)


def scores_text(event: ScoresEvent) -> str:
    """Describe the scores on one part of the data, beside the best baseline.

    Parameters
    ----------
    event : ScoresEvent
        The run's event.

    Returns
    -------
    str
        One sentence; empty if no score is defined.
    """
    scores = dict(event.get("scores", {}))
    model = scores.pop("model", {})
    baselines = {name: value for name, row in scores.items() if (value := row.get("accuracy"))}
    known = {name: model.get(key) for key, name in METRICS.items()}
    values = [f"{name} {value:.3f}" for name, value in known.items() if value is not None]
    best = max(baselines, key=lambda name: baselines[name], default="")
    beside = f"; best baseline {baselines[best]:.3f} ({TITLES[best]})" if best else ""
    part = f"{event['part'].capitalize()} set ({event.get('frames', 0):,} frames)"
    return f"{part}: {', '.join(values)}{beside}." if values else ""


def failure_text(ending: Ending) -> str:
    """Describe why a run failed: by the signal that killed it, or by the last line it wrote.

    Parameters
    ----------
    ending : Ending
        The end of its process.
    """
    if OUT_OF_MEMORY.search(ending.message):
        return f"Out of memory: {SMALLER}."
    if ending.code < 0:
        name = signal_name(ending)
        return SIGNALS.get(name, f"The training was killed ({name}).")
    return f"Training failed: {failure_reason(ending)}"
