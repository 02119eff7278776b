"""Choose frames at random, never neighbours in time, which look alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.project.queue import spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

APART_S = 2.0
"""Least time between two frames chosen, as published [s]."""


def select(
    times: NDArray[np.datetime64],
    count: int,
    seed: int,
    apart_s: float = APART_S,
    hashes: Sequence[bytes] = (),
) -> NDArray[np.intp]:
    """Choose frames at random, without copies and neighbours in time.

    Parameters
    ----------
    times : ndarray of datetime64, shape (frames,)
        When they were taken; NaT where not known: such a frame has no neighbours.
    count : int
        How many; 0 for all that can be.
    seed : int
        Seed of the choice.
    apart_s : float
        Least time between two [s].
    hashes : sequence of bytes
        Content hash of each frame: of copies one is chosen at most. Empty to leave copies in.

    Returns
    -------
    ndarray of int
        Numbers of the frames, in order; fewer than `count` where there are no more.
    """
    order = np.random.default_rng(seed).permutation(len(times))
    if len(hashes):
        drawn = np.array([hashes[place] for place in order.tolist()], object)
        first = np.unique(drawn, return_index=True)[1]
        order = order[np.sort(first)]
    chosen = order[spread(times[order].astype("M8[us]"), apart_s)]
    return np.sort(chosen[: count or None])
