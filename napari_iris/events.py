"""The events of a running command: one JSON object a line with ``--json``, typed dicts in Python.

Numbers that are not defined are NaN where an event is emitted, and None where it is read back.
"""
# No `from __future__ import annotations`: it would hide `NotRequired` from `__required_keys__`.

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NotRequired, TypeAlias, TypedDict, cast, get_args

from napari_iris.labels import FrameClass
from napari_iris.numbers import to_json

Number: TypeAlias = float | None
Scores: TypeAlias = Mapping[str, Number]
"""Scores by name, such as 'accuracy'; see `napari_iris.metrics.counts.scores`."""


class StartEvent(TypedDict):
    """A command over a known number of files has started."""

    event: Literal["start"]
    total: int


class WatchStartEvent(TypedDict):
    """``watch`` has started on a folder."""

    event: Literal["start"]
    folder: str
    model: str


class ProgressEvent(TypedDict):
    """Some of the files are done; sent at most ten times a second."""

    event: Literal["progress"]
    done: int
    total: int
    eta_s: float


class FailedEvent(TypedDict):
    """A file could not be used; the command continues with the others."""

    event: Literal["failed"]
    file: str
    message: str


class WaitingEvent(TypedDict):
    """``watch`` waits until a file or folder can be read or written."""

    event: Literal["waiting"]
    file: str
    message: str


class PredictedEvent(TypedDict):
    """``watch`` has predicted a frame: its row of ``predictions.csv``."""

    event: Literal["predicted"]
    frame: str
    date_obs: str
    p_cloud: Number
    sky: FrameClass
    cloud_fraction: Number
    uncertainty: float
    model: str
    threshold: float
    prediction: str
    run: str


class DeviceEvent(TypedDict):
    """The device that a training run uses; see `napari_iris.training.device.Device`."""

    event: Literal["device"]
    kind: str
    name: str
    count: int
    precision: str
    memory_gb: Number
    why: str


class PartCounts(TypedDict):
    """Frames in each part of a split; see `napari_iris.dataset.split.Parts`."""

    train: int
    validation: int
    test: int
    left_out: int
    overlap: Mapping[str, int]
    saved: bool
    seen_by_init: int
    one_class: Mapping[str, str]


class SplitFacts(PartCounts):
    """A split of the training data, as ``run/facts.json`` stores it."""

    gap_s: float
    independent: bool
    simulated: int
    class_weights: Sequence[float]


class DataEvent(SplitFacts):
    """The data of a training run have been read and split."""

    event: Literal["data"]
    init_unknown: Sequence[str]


class StepEvent(TypedDict):
    """A training step is done; epochs and steps count from 1."""

    event: Literal["step"]
    epoch: int
    step: int
    steps: int
    loss: float


class EpochEvent(TypedDict):
    """A training epoch is done: its row of ``epochs.csv``, of how many, and the time left."""

    event: Literal["epoch"]
    epoch: int
    loss: Number
    val_loss: Number
    accuracy: Number
    balanced_accuracy: Number
    iou_cloud: Number
    iou_clear: Number
    mcc: Number
    learning_rate: Number
    seconds: float
    epochs: int
    eta_s: float


class CalibratedEvent(TypedDict):
    """The temperature of a trained model; `why` says why it could not be fitted."""

    event: Literal["calibrated"]
    temperature: float
    frames: int
    why: str


class ScoresEvent(TypedDict):
    """Scores of a trained model and of the baselines on one part of the data."""

    event: Literal["judged"]
    part: str
    frames: NotRequired[int]
    scores: NotRequired[Mapping[str, Scores]]
    warnings: Sequence[str]


class Result(TypedDict, total=False):
    """What a command has made, as far as it applies to that command.

    Attributes
    ----------
    masks : mapping of str to int
        Masks by sky condition or method (mask), or by tag (import).
    frames, files, copied : int
        Frames in the project (project index); files written (project export, project backup).
    new, known, other : int
        Predictions added, there before, and of frames not in the project (project take).
    predictions : mapping of str to int
        Predictions by class (predict, watch).
    done_before : int
        Frames that an earlier run had predicted (predict).
    model : str or mapping
        The model (predict, watch, train), or its scores (evaluate).
    engine, precision : str
        What computed the predictions (predict, watch).
    report : str
        Path of ``report.json`` (evaluate).
    without_counterpart, n_frames : int
        Frames without truth or prediction, and frames evaluated (evaluate).
    baselines : mapping of str to mapping
        Scores of each baseline (evaluate).
    warnings : sequence of str
        What limits the report (evaluate).
    epochs, best_epoch : int
        Epochs done, and the one with the lowest validation loss; 0 for none (train).
    val_loss : float or None
        Its validation loss (train).
    cancelled : bool
        Whether the run was interrupted (train).
    """

    masks: Mapping[str, int]
    frames: int
    files: int
    copied: int
    new: int
    known: int
    other: int
    predictions: Mapping[str, int]
    done_before: int
    model: str | Mapping[str, object]
    engine: str
    precision: str
    report: str
    without_counterpart: int
    n_frames: int
    baselines: Mapping[str, Scores]
    warnings: Sequence[str]
    epochs: int
    best_epoch: int
    val_loss: Number
    cancelled: bool


class EndEvent(Result):
    """A command has ended: files done (not of train), files that failed, and the result."""

    event: Literal["end"]
    done: NotRequired[int]
    failed: int


Event: TypeAlias = (
    StartEvent
    | WatchStartEvent
    | ProgressEvent
    | FailedEvent
    | WaitingEvent
    | PredictedEvent
    | DeviceEvent
    | DataEvent
    | StepEvent
    | EpochEvent
    | CalibratedEvent
    | ScoresEvent
    | EndEvent
)
"""Any event. ``event["event"] == "progress"`` tells a type checker which one it is."""

OnEvent: TypeAlias = Callable[[Event], None]
"""A callback that takes each event."""


def format_event(event: Event) -> str:
    """Format an event as one line of JSON, without the line end.

    Parameters
    ----------
    event : Event
        The event; numbers that are not finite become null.

    Returns
    -------
    str
        A JSON object.

    Examples
    --------
    >>> format_event({"event": "start", "total": 5})
    '{"event": "start", "total": 5}'
    """
    return to_json(event)


def parse_event(line: str) -> Event | None:
    """Parse a line of a command's output.

    Parameters
    ----------
    line : str
        Any text.

    Returns
    -------
    Event or None
        None for a line that is no event, for an event of a name not known here, and for one that
        lacks a key.

    Examples
    --------
    >>> parse_event('{"event": "start", "total": 5}')
    {'event': 'start', 'total': 5}
    >>> parse_event("Epoch 1/10")
    """
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not isinstance(found.get("event"), str):
        return None
    forms = _REQUIRED_KEYS.get(found["event"], [])
    return cast("Event", found) if any(keys <= found.keys() for keys in forms) else None


def _required_keys() -> dict[str, list[frozenset[str]]]:
    """Keys that each event has, by its name; ``start`` has two forms."""
    found: dict[str, list[frozenset[str]]] = {}
    for form in get_args(Event):
        (name,) = get_args(form.__annotations__["event"])
        found.setdefault(name, []).append(form.__required_keys__)
    return found


_REQUIRED_KEYS = _required_keys()
