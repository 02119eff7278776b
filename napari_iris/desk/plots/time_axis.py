"""Round times along an axis: every so many seconds, minutes, hours or days."""

from __future__ import annotations

import numpy as np

SECOND = 1_000_000
"""Microseconds."""

STEPS = tuple(
    SECOND * seconds
    for seconds in (
        *(1, 2, 5, 10, 15, 30),
        *(60, 120, 300, 600, 900, 1800),
        *(3600, 7200, 10_800, 21_600, 43_200),
        *(86_400, 172_800, 604_800, 1_209_600, 2_592_000, 7_776_000, 31_536_000),
    )
)
"""Steps between two numbered times [us]."""

DAY = 86_400 * SECOND


def time_ticks(first: int, last: int, most: int) -> list[tuple[int, str]]:
    """Give round times from `first` to `last`, with how each is written.

    Parameters
    ----------
    first, last : int
        Moments [us since 1970, UTC].
    most : int
        How many at most.

    Returns
    -------
    list of (int, str)
        Moments, written as clock times; midnight, and whole days, as dates.
    """
    span = max(last - first, 1)
    step = next((step for step in STEPS if span / step <= max(most, 1)), STEPS[-1])
    start = -(-first // step) * step
    return [(moment, _written(moment, step)) for moment in range(start, last + 1, step)]


def _written(moment: int, step: int) -> str:
    text = str(np.datetime64(moment, "us"))
    if moment % DAY == 0:
        return text[5:10]
    return text[11:19] if step < 60 * SECOND else text[11:16]
