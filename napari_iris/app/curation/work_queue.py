"""Which frames come next, and how fast a person gets through them."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.labels import TO_DO
from napari_iris.project.frame_table import is_status
from napari_iris.project.queue import QueueConfig, queue

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from napari_iris.project.frame_table import FrameTable

RECENT = 30
"""Decisions that the rate is computed from."""

BREAK_S = 120.0
"""Seconds between two decisions above which the person has had a break."""


class WorkQueue:
    """Frames of a project, ordered and filtered.

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

    def update(self, table: FrameTable | None, config: QueueConfig) -> None:
        """Order and filter the frames of a table.

        Parameters
        ----------
        table : FrameTable or None
            The frames; None to set the config only.
        config : QueueConfig
            Order and filters.
        """
        self.config = config
        if table is not None:
            self.rows = queue(table, config)

    def next_row(self, table: FrameTable, *rows: int) -> int | None:
        """Row of the next frame that needs a decision, continuing at the start of the queue.

        Parameters
        ----------
        table : FrameTable
            The project's frames.
        *rows : int
            Row of the current frame; or rows of all frames that are left, ascending.

        Returns
        -------
        int or None
            None where no other frame needs a decision.
        """
        if not len(self.rows):
            return None
        wanted = ("rejected",) if self.config.order == "rejected" else TO_DO
        is_current = np.isin(self.rows, rows)
        is_open = is_status(table, *wanted)[self.rows] & ~is_current
        place = np.flatnonzero(is_current)
        start = int(place[-1]) + 1 if len(place) else 0
        found = np.flatnonzero(np.roll(is_open, -start))
        return int(np.roll(self.rows, -start)[found[0]]) if len(found) else None


class Pace:
    """How fast a person decides.

    Parameters
    ----------
    clock : callable
        Gives the time, in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._moments: deque[float] = deque(maxlen=RECENT)

    def count(self) -> None:
        """Count one decision, made now."""
        self._moments.append(self._clock())

    def per_minute(self) -> float | None:
        """Decisions per minute, without breaks; None after fewer than four decisions."""
        gaps = np.diff(list(self._moments))
        gaps = gaps[gaps < BREAK_S]
        return 60 / max(float(gaps.mean()), 0.1) if len(gaps) >= 3 else None
