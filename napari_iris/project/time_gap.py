"""Least times between frames, as frames near in time look alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def spread_out(times: NDArray[np.datetime64], apart_s: float) -> NDArray[np.bool_]:
    """Select times in turn, leaving out those near an earlier selected one.

    Parameters
    ----------
    times : ndarray of datetime64[us], shape (frames,)
        Observation times, in order of preference; NaT where unknown: those are near none.
    apart_s : float
        Least time between two that are selected [s].

    Returns
    -------
    ndarray of bool, shape (frames,)
        Whether each is selected.
    """
    gap = round(apart_s * 1e6)
    selected = np.ones(len(times), bool)
    if not gap:
        return selected
    # by cells as long as the gap, so that only a cell and its two neighbours can hold a near time
    taken: dict[int, int] = {}
    known = np.flatnonzero(~np.isnat(times))
    for place, time in zip(known.tolist(), times[known].astype("i8").tolist(), strict=True):
        cell = time // gap
        near = (taken.get(cell + step) for step in (-1, 0, 1))
        if any(other is not None and abs(other - time) < gap for other in near):
            selected[place] = False
        else:
            taken[cell] = time
    return selected


def is_near_any(
    times: NDArray[np.datetime64], others: NDArray[np.datetime64], gap_s: float
) -> NDArray[np.bool_]:
    """Whether each time is nearer than a gap to any of some others.

    Parameters
    ----------
    times : ndarray of datetime64[us], shape (frames,)
        Observation times; NaT is near none.
    others : ndarray of datetime64[us], shape (others,)
        Other times, in order.
    gap_s : float
        The gap [s].

    Returns
    -------
    ndarray of bool, shape (frames,)
        True where one of the others is nearer.
    """
    gap = np.timedelta64(round(gap_s * 1e6), "us")
    others = others[~np.isnat(others)]
    first = np.searchsorted(others, times - gap, side="right")
    found: NDArray[np.bool_] = np.searchsorted(others, times + gap, side="left") > first
    return found & ~np.isnat(times)


def is_near_later_part(
    times: NDArray[np.datetime64], parts: NDArray[np.int8], gap_s: float
) -> NDArray[np.bool_]:
    """Select the frames to leave out, so that no two parts of a split are near in time.

    Frames of train give way to those of validation, and both to those of test.

    Parameters
    ----------
    times : ndarray of datetime64[us], shape (frames,)
        Observation times, in order; NaT last.
    parts : ndarray of int8, shape (frames,)
        Indices into ``PARTS``.
    gap_s : float
        Least time between two parts [s].

    Returns
    -------
    ndarray of bool, shape (frames,)
        True for frames nearer to a frame of a later part; that of test is kept whole.
    """
    near = np.isnat(times)
    for part in reversed(range(int(parts.max(initial=0)))):
        near |= (parts == part) & is_near_any(times, times[(parts > part) & ~near], gap_s)
    return near & ~np.isnat(times)
