"""What to do next: the order in which a person sees the frames that wait."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator

from napari_iris.labels import FRAME_CLASSES, STATUSES, TO_DO, FrameClass, Status
from napari_iris.project.frame_table import UNKNOWN, FrameTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

Order = Literal["time", "random", "least trusted", "most uncertain", "rejected"]

MOMENT_S = 300.0
"""Seconds in which the sky stays much the same: of these, one uncertain frame comes first."""


class QueueConfig(BaseModel):
    """Which frames come, and in which order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    order: Order = Field(
        "time",
        description="by time; at random, never neighbours in time; least trusted mask first; most "
        "uncertain prediction first, spread out in time; rejected frames",
    )
    status: tuple[Status, ...] = Field(TO_DO, description="statuses that come")
    frame_class: tuple[FrameClass | Literal["none"], ...] = Field(
        (*FRAME_CLASSES, "none"), description="classes that come; none for frames without one"
    )
    since: str = Field("", description="first time that comes, ISO 8601, UTC; empty for any")
    until: str = Field("", description="last time or day that comes, ISO 8601, UTC; empty for any")
    cloud: tuple[float, float] = Field(
        (0.0, 1.0), description="cloud fraction of the mask in force, from and to"
    )
    duplicates: bool = Field(
        default=False, description="also frames whose pixels another frame has"
    )
    apart_s: float = Field(
        2.0, ge=0, description="least time between two frames drawn at random [s]"
    )
    count: int = Field(0, ge=0, description="frames at most; 0 for all")
    seed: int = Field(0, ge=0, description="seed of the random order")

    @field_validator("since", "until")
    @classmethod
    def _is_a_time(cls, text: str) -> str:
        if text:
            _moment(text)
        return text


def queue(table: FrameTable, config: QueueConfig) -> NDArray[np.int64]:
    """Rows of the frames that wait, in the order in which they come.

    At random, a frame within ``apart_s`` of one drawn before does not come at all (the published
    selection of N frames). By uncertainty, a frame within `MOMENT_S` of a more uncertain one comes
    after all that are spread out.

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
        rows = rows[spread(table.time[rows], config.apart_s)]
    elif config.order == "least trusted":
        rows = rows[np.argsort(_missing_last(table.trust[rows]), kind="stable")]
    elif config.order == "most uncertain":
        rows = rows[np.argsort(_missing_last(-table.uncertainty[rows]), kind="stable")]
        first = spread(table.time[rows], max(config.apart_s, MOMENT_S))
        rows = np.concatenate([rows[first], rows[~first]])
    return rows[: config.count] if config.count else rows


def _wanted(table: FrameTable, config: QueueConfig) -> NDArray[np.bool_]:
    """Which frames pass the filters."""
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
    low, high = config.cloud
    if (low, high) != (0.0, 1.0):
        wanted &= (table.cloud_fraction >= low) & (table.cloud_fraction <= high)
    return wanted


def _moment(text: str) -> np.datetime64:
    """Time of a text, UTC where it names no zone.

    Raises
    ------
    ValueError
        If it is none.
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no time; write 2024-01-15 or 2024-01-15T18:30") from error
    return np.datetime64(time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time, "us")


def _missing_last(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.where(np.isnan(values), np.float32(np.inf), values)


def spread(times: NDArray[np.datetime64], apart_s: float) -> NDArray[np.bool_]:
    """Which of some moments, taken in turn, are no neighbours of one taken before.

    Moments are kept in cells as long as the gap, so that only two cells beside need a look.
    A frame without a time has no neighbours.

    Parameters
    ----------
    times : ndarray of datetime64[us], shape (frames,)
        When the frames were taken, in the order in which they are drawn; NaT where not known.
    apart_s : float
        Least time between two that are taken [s].

    Returns
    -------
    ndarray of bool, shape (frames,)
    """
    taken: dict[int, int] = {}
    gap = round(apart_s * 1e6)
    kept = np.ones(len(times), bool)
    if not gap:
        return kept
    known = np.flatnonzero(~np.isnat(times))
    for place, time in zip(known.tolist(), times[known].astype("i8").tolist(), strict=True):
        cell = time // gap
        near = (taken.get(cell + step) for step in (-1, 0, 1))
        if any(other is not None and abs(other - time) < gap for other in near):
            kept[place] = False
        else:
            taken[cell] = time
    return kept
