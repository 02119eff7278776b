"""Values of frames along an axis of times, or of numbers where times are not known."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from napari_iris.app.curves import stepped

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.app.curves import Step

GAP = 8.0
"""A curve is interrupted where frames are this many times the median interval apart."""

MIN_GAP_US = 30 * 60 * 1_000_000
"""... and at least this long [us]."""

SECOND_US = 1e6

CURVE_POINTS = 4000
"""Points of a curve that is drawn, about: more than a window has pixels."""


@dataclass(frozen=True, eq=False)
class FrameSeries(ABC):
    """Frames along an axis; subclasses have their values.

    Attributes
    ----------
    x : ndarray of int64, shape (frames,)
        Ascending: observation times [us since 1970], or numbers from 1.
    is_timed : bool
        Whether `x` is a time.
    """

    x: NDArray[np.int64]
    is_timed: bool

    def __len__(self) -> int:
        return len(self.x)

    @abstractmethod
    def description(self, row: int | None) -> str:
        """Write what is known of a frame, a line each; empty for None.

        Parameters
        ----------
        row : int or None
            Row of the frame.
        """

    @property
    def unit(self) -> float:
        """One on the axis of a plot, in the unit of `x`: a second, or a frame."""
        return SECOND_US if self.is_timed else 1.0

    @property
    def dates(self) -> str:
        """First and last date, UTC; empty where times are not known."""
        if not self.is_timed or not len(self.x):
            return ""
        first, last = (str(np.datetime64(int(x), "us"))[:10] for x in (self.x[0], self.x[-1]))
        last = last[5:] if last[:4] == first[:4] else last
        return f"{first} UTC" if first.endswith(last) else f"{first} to {last} UTC"

    def when(self, row: int) -> str:
        """Write the time of a frame, else its number."""
        x = int(self.x[row])
        time = str(np.datetime64(x, "us"))[:19].replace("T", " ")
        return time if self.is_timed else f"frame {x}"

    def parts(
        self, values: NDArray[np.floating]
    ) -> list[tuple[NDArray[np.int64], NDArray[np.floating]]]:
        """Split a curve at its interruptions, without unknown values.

        Parameters
        ----------
        values : ndarray of float, shape (frames,)
            Values of the frames; NaN where not known.

        Returns
        -------
        list of (ndarray of int64, ndarray of float)
            `x` and values of each part.
        """
        is_known = ~np.isnan(values)
        x, y = self.x[is_known], values[is_known]
        places = _breaks(x) if self.is_timed else np.empty(0, np.intp)
        return list(zip(np.split(x, places), np.split(y, places), strict=True))

    def curve(
        self, values: NDArray[np.floating]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give a curve to draw: of many frames, the lowest and highest value of each few.

        Parameters
        ----------
        values : ndarray of float, shape (frames,)
            Values of the frames; NaN where not known.

        Returns
        -------
        x, y : ndarray of float64
            Places in the unit of a plot's axis, and values; NaN at interruptions.
        """
        group = -(-2 * int(np.count_nonzero(~np.isnan(values))) // CURVE_POINTS)
        pieces = [_peaks(x / self.unit, y, group) for x, y in self.parts(values)]
        ends = [(np.array([np.nan]), np.array([np.nan]))] * len(pieces)
        x, y = zip(
            *(piece for pair in zip(pieces, ends, strict=True) for piece in pair), strict=True
        )
        return np.concatenate(x), np.concatenate(y)

    def within(self, first: float, last: float) -> Self:
        """Give the frames between two places on a plot's axis, and one on either side.

        Parameters
        ----------
        first, last : float
            The places, in the unit of the axis.
        """
        start = max(int(np.searchsorted(self.x, first * self.unit)) - 1, 0)
        stop = int(np.searchsorted(self.x, last * self.unit, side="right")) + 1
        columns = {field.name: getattr(self, field.name) for field in fields(self)}
        sliced: dict[str, Any] = {
            name: column[start:stop]
            for name, column in columns.items()
            if isinstance(column, np.ndarray)
        }
        return replace(self, **sliced)

    def nearest(self, x: float) -> int | None:
        """Give the row of the frame nearest to a time or number; None without frames."""
        if not len(self.x):
            return None
        after = int(np.clip(np.searchsorted(self.x, x), 1, max(len(self.x) - 1, 1)))
        if len(self.x) == 1:
            return 0
        return after if self.x[after] - x < x - self.x[after - 1] else after - 1

    def step(self, row: int | None, step: Step) -> int | None:
        """Give the row that a step goes to.

        Parameters
        ----------
        row : int or None
            The current row; None if the current frame is not in the series.
        step : {'previous', 'next', 'first', 'last'}
            The step.

        Returns
        -------
        int or None
            The row; None without frames.
        """
        last = len(self.x) - 1
        return None if last < 0 else stepped(step, row, 0, last)


def _breaks(x: NDArray[np.int64]) -> NDArray[np.intp]:
    """Rows before which the frames are far apart."""
    intervals = np.diff(x)
    if not len(intervals):
        return np.empty(0, np.intp)
    gap = max(GAP * float(np.median(intervals)), MIN_GAP_US)
    return np.flatnonzero(intervals > gap) + 1


def _peaks(
    x: NDArray[np.float64], y: NDArray[np.floating], group: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lowest and highest value of consecutive groups, at the middle of each."""
    if group < 3 or len(x) <= group:
        return x, np.asarray(y, np.float64)
    starts = np.arange(0, len(x), group)
    middles = x[np.minimum(starts + group // 2, len(x) - 1)]
    extremes = np.stack([np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)], axis=1)
    return np.repeat(middles, 2), extremes.ravel().astype(np.float64)
