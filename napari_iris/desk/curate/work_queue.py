"""What is to do, in which order, and how fast a person gets on with it."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.labels import TO_DO
from napari_iris.project.frame_table import is_status
from napari_iris.project.queue import QueueConfig, queue

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.project.frame_table import FrameTable

RATED = 30
"""Decisions that the rate is told from."""

PAUSE_S = 120.0
"""Seconds between two decisions beyond which a person was away."""


class WorkQueue:
    """Frames of a project, arranged and filtered.

    Attributes
    ----------
    config : QueueConfig
        Order and filters.
    rows : ndarray of int64
        Rows of the project's table, in that order.
    """

    def __init__(self) -> None:
        self.config = QueueConfig()
        self.rows: NDArray[np.int64] = np.empty(0, np.int64)

    def arrange(self, table: FrameTable | None, config: QueueConfig) -> None:
        """Arrange the frames of a table anew; without one, keep the config for the next."""
        self.config = config
        if table is not None:
            self.rows = queue(table, config)

    def after(self, table: FrameTable, row: int | None) -> int | None:
        """Row of the next frame in the queue that waits, after one; round to its start."""
        if not len(self.rows):
            return None
        waiting = ("rejected",) if self.config.order == "rejected" else TO_DO
        here = self.rows == (-1 if row is None else row)
        waits = is_status(table, *waiting)[self.rows] & ~here
        place = np.flatnonzero(here)
        start = int(place[0]) + 1 if len(place) else 0
        left = np.flatnonzero(np.roll(waits, -start))
        return int(np.roll(self.rows, -start)[left[0]]) if len(left) else None


class Pace:
    """How fast a person decides."""

    def __init__(self) -> None:
        self._decided: deque[float] = deque(maxlen=RATED)

    def count(self) -> None:
        """Count a decision that was made just now."""
        self._decided.append(time.monotonic())

    def per_minute(self) -> float | None:
        """Decisions a minute, breaks left out; None after too few."""
        gaps = np.diff(list(self._decided))
        gaps = gaps[gaps < PAUSE_S]
        return 60 / max(float(gaps.mean()), 0.1) if len(gaps) >= 3 else None
