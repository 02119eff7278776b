"""Observation times as the window shows them."""

from __future__ import annotations

import numpy as np


def short_time(moment: np.datetime64) -> str:
    """Write an observation time without its year.

    Parameters
    ----------
    moment : numpy.datetime64
        The time, UTC.

    Returns
    -------
    str
        Such as ``01-15 21:30:00``; empty for NaT.
    """
    return "" if np.isnat(moment) else str(moment)[5:19].replace("T", " ")
