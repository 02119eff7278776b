"""The queue: which frames are shown for labelling, and in which order."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator

from napari_iris.labels import FRAME_CLASSES, STATUSES, TO_DO, FrameClass, Status
from napari_iris.networks.novelty import UNLIKE_ABOVE
from napari_iris.project.frame_table import UNKNOWN, FrameTable
from napari_iris.project.time_gap import spread_out

if TYPE_CHECKING:
    from numpy.typing import NDArray

Order = Literal["time", "random", "least trusted", "most uncertain", "rejected"]

SIMILAR_S = 300.0
"""Time in which the sky hardly changes: the spacing of uncertain frames [s]."""


class QueueConfig(BaseModel):
    """Which frames are in the queue, and in which order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    order: Order = Field(
        "time",
        description="by time; at random, never neighbours in time; least trusted mask first, where "
        "structure and level disagree or decide little sooner; frames unlike "
        "the model's training frames, then most uncertain predictions, spread out in time; "
        "rejected frames",
    )
    status: tuple[Status, ...] = Field(TO_DO, description="statuses of the frames")
    frame_class: tuple[FrameClass | Literal["none"], ...] = Field(
        (*FRAME_CLASSES, "none"), description="classes of the frames; none for those without one"
    )
    since: str = Field("", description="first time, ISO 8601, UTC; empty for any")
    until: str = Field("", description="last time or day, ISO 8601, UTC; empty for any")
    cloud: tuple[float, float] = Field(
        (0.0, 1.0), description="cloud fraction of the active mask, from and to"
    )
    duplicates: bool = Field(default=False, description="also copies of another frame's pixels")
    apart_s: float = Field(
        2.0, ge=0, description="least time between two frames drawn at random [s]"
    )
    count: int = Field(0, ge=0, description="most frames in the queue; 0 for all")
    seed: int = Field(0, ge=0, description="seed of the random order")

    @field_validator("since", "until")
    @classmethod
    def _is_a_time(cls, text: str) -> str:
        if text:
            _moment(text)
        return text


def queue(table: FrameTable, config: QueueConfig) -> NDArray[np.int64]:
    """List the frames of the queue in order.

    At random, frames within ``apart_s`` of one drawn before are left out (the published selection
    of N frames). By trust, a frame with a clear-sky reference is trusted less by the part of it
    that level leaves undecided, or in which structure and level disagree. By uncertainty, frames
    unlike the model's training frames come first, as a model may be sure and wrong there; frames
    within `SIMILAR_S` of one before them follow after all others.

    Parameters
    ----------
    table : FrameTable
        The project's frames.
    config : QueueConfig
        Filters and order.

    Returns
    -------
    ndarray of int64
        Rows of `table`.
    """
    rows = np.flatnonzero(_wanted(table, config))
    if config.order == "random":
        rows = np.random.default_rng(config.seed).permutation(rows)
        rows = rows[spread_out(table.time[rows], config.apart_s)]
    elif config.order == "least trusted":
        # squared: of frames equally trusted, the errors are where level leaves much undecided
        trust = table.trust * (1 - _doubt(table)) ** 2
        rows = rows[np.argsort(_missing_last(trust[rows]), kind="stable")]
    elif config.order == "most uncertain":
        is_like = ~(table.novelty[rows] > UNLIKE_ABOVE)  # NaN counts as like
        rows = rows[np.lexsort((_missing_last(-table.uncertainty[rows]), is_like))]
        # neighbours in time are equally uncertain for one reason: one of them is seen first
        first = spread_out(table.time[rows], max(config.apart_s, SIMILAR_S))
        rows = np.concatenate([rows[first], rows[~first]])
    return rows[: config.count] if config.count else rows


def _doubt(table: FrameTable) -> NDArray[np.float32]:
    """How doubtful a frame is by its clear-sky reference, 0 to 1; 0 without one."""
    # fmax ignores NaN: a frame is doubtful for either reason
    return np.nan_to_num(np.fmax(table.undecided, table.disagreement), nan=0.0)


def _wanted(table: FrameTable, config: QueueConfig) -> NDArray[np.bool_]:
    """Whether each frame passes the filters."""
    statuses = ("rejected",) if config.order == "rejected" else config.status
    classes = [
        UNKNOWN if name == "none" else FRAME_CLASSES.index(name) for name in config.frame_class
    ]
    wanted = np.isin(table.status, [STATUSES.index(status) for status in statuses])
    wanted &= np.isin(table.frame_class, classes)
    if not config.duplicates:
        wanted &= ~table.is_copy
    if config.since:
        wanted &= table.time >= _moment(config.since)
    if config.until:
        last = _moment(config.until)
        is_day = len(config.until) <= len("2024-01-15")
        wanted &= table.time < last + np.timedelta64(1, "D") if is_day else table.time <= last
    low, high = config.cloud  # the full range keeps frames without a mask, whose NaN is in no range
    if (low, high) != (0.0, 1.0):
        wanted &= (table.cloud_fraction >= low) & (table.cloud_fraction <= high)
    return wanted


def _moment(text: str) -> np.datetime64:
    """Parse a time, UTC where it names no zone; ValueError where it is none."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is not a time; write 2024-01-15 or 2024-01-15T18:30") from error
    return np.datetime64(time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time, "us")


def _missing_last(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.where(np.isnan(values), np.float32(np.inf), values)
