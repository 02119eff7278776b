"""Round times along an axis: every so many seconds, minutes, hours or days."""

from __future__ import annotations

import numpy as np

MINUTE, HOUR, DAY = 60, 3600, 86_400

STEPS = (
    *(1, 2, 5, 10, 15, 30),
    *(MINUTE * number for number in (1, 2, 5, 10, 15, 30)),
    *(HOUR * number for number in (1, 2, 3, 6, 12)),
    *(DAY * number for number in (1, 2, 7, 14, 30, 90, 365)),
)
"""Intervals between two ticks [s]."""


def time_step(span: float, most: int) -> int:
    """Give the interval between ticks.

    Parameters
    ----------
    span : float
        Length of the axis [s].
    most : int
        Most ticks.

    Returns
    -------
    int
        The interval [s].
    """
    return next((step for step in STEPS if span / step <= max(most, 1)), STEPS[-1])


def time_ticks(first: float, last: float, step: int) -> list[int]:
    """Give round times between two times.

    Parameters
    ----------
    first, last : float
        The times [s since 1970, UTC].
    step : int
        Interval between ticks [s].

    Returns
    -------
    list of int
        The times [s since 1970, UTC].
    """
    return list(range(int(-(-first // step)) * step, int(last) + 1, step))


def time_label(seconds: float, step: float) -> str:
    """Write a tick as a clock time; midnight, and whole days, as dates.

    Parameters
    ----------
    seconds : float
        The time [s since 1970, UTC].
    step : float
        Interval between ticks [s].
    """
    text = str(np.datetime64(round(seconds), "s"))
    if step >= DAY or round(seconds) % DAY == 0:
        return text[5:10]
    return text[11:16] if step >= MINUTE else text[11:19]
