"""Cloud cover of a sequence against time, as predicted and in truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.app.curves import stepped

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.app.curves import Step

GAP = 8.0
"""The curve is interrupted where frames are this many times the median interval apart."""

MIN_GAP_US = 30 * 60 * 1_000_000
"""... and at least this long [us]."""


@dataclass(frozen=True, eq=False)
class CoverSeries:
    """Cloud fractions of the frames of a sequence, in order of time.

    Attributes
    ----------
    x : ndarray of int64, shape (frames,)
        Observation times [us since 1970], or numbers from 1 where a time is not known.
    predicted, truth : ndarray of float64, shape (frames,)
        0 to 1; NaN where not known.
    is_timed : bool
        Whether `x` is a time.
    """

    x: NDArray[np.int64]
    predicted: NDArray[np.float64]
    truth: NDArray[np.float64]
    is_timed: bool

    @classmethod
    def of(
        cls,
        times: NDArray[np.datetime64],
        predicted: NDArray[np.float64],
        truth: NDArray[np.float64] | None,
    ) -> CoverSeries:
        """Make it of columns in order of time.

        Parameters
        ----------
        times : ndarray of datetime64, shape (frames,)
            Observation times, UTC; unless all are known, frames are numbered.
        predicted : ndarray of float64, shape (frames,)
            Predicted cloud fractions.
        truth : ndarray of float64, shape (frames,), or None
            Cloud fractions of the reference masks; None for none.
        """
        is_timed = bool(len(times)) and not np.isnat(times).any()
        x = times.astype("M8[us]").astype(np.int64) if is_timed else np.arange(1, len(times) + 1)
        unknown = np.full(len(times), np.nan)
        return cls(x, predicted, unknown if truth is None else truth, is_timed)

    def __len__(self) -> int:
        return len(self.x)

    @property
    def dates(self) -> str:
        """First and last date, UTC; empty where times are not known."""
        if not self.is_timed:
            return ""
        first, last = (str(np.datetime64(int(x), "us"))[:10] for x in (self.x[0], self.x[-1]))
        last = last[5:] if last[:4] == first[:4] else last
        return f"{first} UTC" if first.endswith(last) else f"{first} to {last} UTC"

    def parts(
        self, values: NDArray[np.float64]
    ) -> list[tuple[NDArray[np.int64], NDArray[np.float64]]]:
        """Split a curve at its interruptions, without unknown values.

        Parameters
        ----------
        values : ndarray of float64, shape (frames,)
            `predicted` or `truth`.

        Returns
        -------
        list of (ndarray of int64, ndarray of float64)
            `x` and values of each part.
        """
        is_known = ~np.isnan(values)
        x, y = self.x[is_known], values[is_known]
        places = _breaks(x) if self.is_timed else np.empty(0, np.intp)
        return list(zip(np.split(x, places), np.split(y, places), strict=True))

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

    def description(self, row: int | None) -> str:
        """Write what is known of a frame, a line each; empty for None.

        Parameters
        ----------
        row : int or None
            Row of the frame.
        """
        if row is None or row >= len(self.x):
            return ""
        x = int(self.x[row])
        when = str(np.datetime64(x, "us"))[:19].replace("T", " ") if self.is_timed else f"frame {x}"
        known = {"predicted": self.predicted[row], "truth": self.truth[row]}
        lines = [f"{name}: {value:.1%}" for name, value in known.items() if not np.isnan(value)]
        return "\n".join([when, *lines])


def _breaks(x: NDArray[np.int64]) -> NDArray[np.intp]:
    """Rows before which the frames are far apart."""
    intervals = np.diff(x)
    if not len(intervals):
        return np.empty(0, np.intp)
    gap = max(GAP * float(np.median(intervals)), MIN_GAP_US)
    return np.flatnonzero(intervals > gap) + 1
