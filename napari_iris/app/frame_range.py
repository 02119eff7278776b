"""Which frames of a sequence a job works on: all, a range, or the current one."""

from __future__ import annotations

from typing import Literal

from psygnal import Signal

Choice = Literal["all", "range", "current"]


class FrameRange:
    """A choice of frames.

    Attributes
    ----------
    choice : {'all', 'range', 'current'}
        All frames, those from `first` to `last`, or the current one.
    first, last : int
        Numbers of the range, from 1.
    count : int
        Frames of the sequence.
    changed : Signal
        Any of these has changed.
    """

    changed = Signal()

    def __init__(self) -> None:
        self.choice: Choice = "all"
        self.first = self.last = self.count = 0

    def choose(self, choice: Choice) -> None:
        """Choose all frames, the range, or the current one.

        Parameters
        ----------
        choice : {'all', 'range', 'current'}
            The choice.
        """
        self.choice = choice
        self.changed.emit()

    def set_range(self, first: int, last: int) -> None:
        """Choose a range.

        Parameters
        ----------
        first, last : int
            Numbers from 1, in either order; clipped to the sequence.
        """
        low = min(1, self.count)
        self.first, self.last = (min(max(end, low), self.count) for end in (first, last))
        self.choose("range")

    def fit(self, count: int) -> None:
        """Fit to another sequence, with all of its frames chosen.

        Parameters
        ----------
        count : int
            Its frames.
        """
        self.count, self.first, self.last = count, min(1, count), count
        self.choose("all")

    def grow(self, count: int) -> None:
        """Fit to more frames of the same sequence; a range to its end still ends there.

        Parameters
        ----------
        count : int
            Its frames now.
        """
        to_end = self.last == self.count
        self.count = count
        if to_end or self.choice != "range":
            self.last = count
        self.changed.emit()

    def span(self, current: int) -> range | None:
        """Give the numbers of the chosen frames, from 0, or None for all.

        Parameters
        ----------
        current : int
            Number of the current frame, from 0.
        """
        if self.choice == "all":
            return None
        if self.choice == "current":
            return range(current, current + 1)
        first, last = sorted((self.first, self.last))
        return range(first - 1, last)
