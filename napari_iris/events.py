"""The events of a running command: one JSON object per line with ``--json``.

Undefined numbers are NaN in an event that is emitted, and None in one that was parsed.
"""
# No `from __future__ import annotations`: `__required_keys__` would not see `NotRequired`.

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NotRequired, TypeAlias, TypedDict

from napari_iris.labels import FrameClass

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
    trust: NotRequired[Number]
    reference: NotRequired[str]
    level: NotRequired[Number]
    median_excess: NotRequired[Number]
    clear_part: NotRequired[Number]
    cloud_part: NotRequired[Number]
    undecided_part: NotRequired[Number]
    novelty: NotRequired[Number]
    unlike: NotRequired[str]


class ReferenceEvent(TypedDict):
    """``watch`` knows more, or less, of the clear sky than before."""

    event: Literal["reference"]
    kind: Literal["measured", "limit", "none"]
    message: str


class ChannelEvent(TypedDict):
    """``watch --publish`` says where a channel publishes, or what fails and is tried again."""

    event: Literal["channel"]
    target: str
    message: str


class SafetyEvent(TypedDict):
    """``watch --publish``: the sky is safe from now on, or not any more, and why."""

    event: Literal["safety"]
    safe: bool
    reasons: Sequence[str]


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
    reference: NotRequired[str]
    sure_labels: NotRequired[str]


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
    """A training epoch is done: its row of ``epochs.csv``, the number of epochs, the time left."""

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


class AdaptedEvent(TypedDict):
    """A model is adapted: scores on simulated frames before and after; epoch 0 is as before."""

    event: Literal["adapted"]
    epoch: int
    frames: int
    before: Scores
    after: Scores


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


class OwnLabelCounts(TypedDict):
    """Labels among those evaluated that nobody has drawn or corrected."""

    accepted: Mapping[str, int]
    """By the evaluated model that they were accepted from."""
    left_out: bool
    """Whether the accepted ones are."""
    automatic: int
    not_for: Sequence[str]
    """Baselines whose scores the automatic ones are left out of."""


class Result(TypedDict, total=False):
    """What a command has made; each command has some of the keys."""

    masks: Mapping[str, int]  # mask, merge: by sky condition or method; import: by tag
    frames: int  # project index: frames in the project
    files: int  # project export: files written
    copied: int  # project backup: files copied
    new: int  # project take: predictions added,
    known: int  # ... added earlier,
    other: int  # ... and of frames that are not in the project
    removed: int  # project remove-model-masks: frames that had one
    remade: int  # project remake-masks: frames whose mask is another one now
    predictions: Mapping[str, int]  # predict, watch, merge: by class
    unlike: int  # predict: frames unlike the model's training frames, of those predicted now
    done_before: int  # predict, mask --shard: frames done by an earlier run
    model: str | Scores  # predict, watch, train: the model; evaluate: its scores
    engine: str  # predict, watch
    precision: str  # predict, watch
    report: str  # evaluate: path of report.json
    without_counterpart: int  # evaluate: frames without truth or prediction
    own_labels: OwnLabelCounts  # evaluate: labels accepted from the evaluated model
    n_frames: int  # evaluate: frames evaluated
    baselines: Mapping[str, Scores]  # evaluate
    warnings: Sequence[str]  # evaluate
    epochs: int  # train: epochs done
    best_epoch: int  # train: the one with the lowest validation loss; 0 for none
    val_loss: Number  # train: its validation loss
    cancelled: bool  # train: whether the run was interrupted


class EndEvent(Result):
    """A command has ended: files done (not for train), files that failed, and the result."""

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
    | ReferenceEvent
    | ChannelEvent
    | SafetyEvent
    | DeviceEvent
    | DataEvent
    | StepEvent
    | EpochEvent
    | AdaptedEvent
    | CalibratedEvent
    | ScoresEvent
    | EndEvent
)
"""Any event; a type checker narrows it by ``event["event"] == "progress"``."""

OnEvent: TypeAlias = Callable[[Event], None]
"""A callback that takes each event."""
