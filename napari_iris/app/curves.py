"""Curves over epochs, and the epoch whose values are read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from psygnal import Signal

if TYPE_CHECKING:
    from collections.abc import Sequence

Step = Literal["previous", "next", "first", "last"]


@dataclass(frozen=True)
class Curve:
    """A curve.

    Attributes
    ----------
    name : str
        Its name where values are read.
    points : sequence of (float, float)
        Epochs in order, with their values; values that are not finite are not drawn.
    color : int
        Number of its colour.
    style : {'solid', 'dotted', 'faint'}
        How it is drawn; a faint one is not read.
    best : float or None
        Epoch that is marked by a ring.
    """

    name: str
    points: Sequence[tuple[float, float]]
    color: int = 0
    style: Literal["solid", "dotted", "faint"] = "solid"
    best: float | None = None

    @cached_property
    def finite(self) -> list[tuple[float, float]]:
        """Points that can be drawn."""
        return [(x, y) for x, y in self.points if math.isfinite(y)]


class Curves:
    """Some curves of one quantity.

    Parameters
    ----------
    title : str
        Title of the plot.

    Attributes
    ----------
    curves : tuple of Curve
        The curves.
    epoch : int or None
        Epoch whose values are read.
    changed : Signal
        The curves or the title have changed.
    moved : Signal
        Another epoch is read, or none.
    """

    changed = Signal()
    moved = Signal()

    def __init__(self, title: str) -> None:
        self.title = title
        self.curves: tuple[Curve, ...] = ()
        self.epoch: int | None = None

    def show(self, curves: Sequence[Curve], title: str | None = None) -> None:
        """Show other curves.

        Parameters
        ----------
        curves : sequence of Curve
            The curves.
        title : str, optional
            Another title.
        """
        shown = self.title, self.curves
        self.title, self.curves = title or self.title, tuple(curves)
        if (self.title, self.curves) != shown:
            self.changed.emit()

    @property
    def limits(self) -> tuple[float, float, float, float] | None:
        """Least and largest epoch and value that are shown; None without a point."""
        points = [point for curve in self.curves for point in curve.finite]
        if not points:
            return None
        low, high = min(y for _, y in points), max(y for _, y in points)
        margin = 0.06 * (high - low) or 0.05 * abs(high) or 0.5
        left, right = min(1.0, *(x for x, _ in points)), max(2.0, *(x for x, _ in points))
        return left, right, low - margin, high + margin

    @property
    def last(self) -> int:
        """Last epoch that can be read; 0 for none."""
        read = [curve for curve in self.curves if curve.style != "faint"]
        return int(max((x for curve in read for x, _ in curve.points), default=0))

    def read(self, epoch: float | None) -> None:
        """Read the values of the nearest epoch.

        Parameters
        ----------
        epoch : float or None
            The epoch; None to stop reading.
        """
        found = None if epoch is None or not self.last else min(max(round(epoch), 1), self.last)
        if found != self.epoch:
            self.epoch = found
            self.moved.emit()

    def step(self, step: Step) -> bool:
        """Read another epoch.

        Parameters
        ----------
        step : {'previous', 'next', 'first', 'last'}
            Which one.

        Returns
        -------
        bool
            Whether there is an epoch to read.
        """
        if self.last:
            self.read(stepped(step, self.epoch, 1, self.last))
        return bool(self.last)

    @property
    def text(self) -> str:
        """Values of the epoch that is read, one line per curve."""
        if self.epoch is None:
            return ""
        lines = [f"Epoch {self.epoch}"]
        for curve in self.curves:
            found = dict(curve.points).get(self.epoch, math.nan)
            if curve.style != "faint" and math.isfinite(found):
                lines.append(f"{curve.name}: {found:.4f}")
        return "\n".join(lines)


def stepped(step: Step, now: int | None, first: int, last: int) -> int:
    """Give the position after a step; without a position, a step starts from an end.

    Parameters
    ----------
    step : {'previous', 'next', 'first', 'last'}
        The step.
    now : int or None
        Position before it.
    first, last : int
        Limits of the positions.
    """
    to = {
        "previous": last if now is None else now - 1,
        "next": first if now is None else now + 1,
        "first": first,
        "last": last,
    }[step]
    return min(max(to, first), last)
