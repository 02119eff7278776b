"""The trend of the cloud cover over the last half hour."""

from __future__ import annotations

from collections import deque
from statistics import linear_regression

BIN_S, BINS, FEWEST = 60.0, 30, 5
"""Time of which the mean counts once [s], the number of means kept, and the fewest for a trend."""


class Trend:
    """Slope of the cloud cover: a line through the means of the last minutes.

    Memory and time do not grow with the rate of frames.
    """

    def __init__(self) -> None:
        self._bins: deque[tuple[int, float, int]] = deque(maxlen=BINS)

    def add(self, time_s: float, okta: float) -> None:
        """Add the cover of a frame.

        Parameters
        ----------
        time_s : float
            By a clock that never steps [s].
        okta : float
            Cover, 0 to 8.
        """
        number, total, count = int(time_s // BIN_S), okta, 1
        if self._bins and self._bins[-1][0] == number:
            _, before, frames = self._bins.pop()
            total, count = total + before, count + frames
        self._bins.append((number, total, count))

    def slope(self, time_s: float) -> float | None:
        """Compute the slope.

        Parameters
        ----------
        time_s : float
            The present, by the same clock [s].

        Returns
        -------
        float or None
            In okta an hour; None until five of the last thirty minutes had frames.
        """
        first = int(time_s // BIN_S) - BINS
        recent = [(number, total / count) for number, total, count in self._bins if number > first]
        if len(recent) < FEWEST:
            return None
        minutes, oktas = zip(*recent, strict=True)
        return float(linear_regression(minutes, oktas).slope * 3600 / BIN_S)
