"""Cloud cover of a sequence against time, as predicted and in truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.app.frame_series import FrameSeries

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class CoverSeries(FrameSeries):
    """Cloud fractions of the frames of a sequence, in order of time.

    Attributes
    ----------
    predicted, truth : ndarray of float64, shape (frames,)
        0 to 1; NaN where not known.
    """

    predicted: NDArray[np.float64]
    truth: NDArray[np.float64]

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
        return cls(x, is_timed, predicted, unknown if truth is None else truth)

    def description(self, row: int | None) -> str:
        """Write what is known of a frame, a line each; empty for None.

        Parameters
        ----------
        row : int or None
            Row of the frame.
        """
        if row is None or row >= len(self.x):
            return ""
        known = {"predicted": self.predicted[row], "truth": self.truth[row]}
        lines = [f"{name}: {value:.1%}" for name, value in known.items() if not np.isnan(value)]
        return "\n".join([self.when(row), *lines])
