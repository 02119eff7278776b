"""What is drawn anew when asking how sure a score is: nights, or blocks of a night."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from napari_iris.project.split import HALF_DAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

ENOUGH_NIGHTS = 8
"""Nights from which they are drawn whole; fewer say too little of other nights."""

BLOCKS = 20
"""Blocks that a few nights are cut into, together."""


@dataclass(frozen=True, eq=False)
class Units:
    """Frames that stay together.

    Attributes
    ----------
    kind : {'night', 'block', 'frame'}
        What they are.
    number : ndarray of int, shape (frames,)
        Unit of each frame, from 0.
    nights : int
        Nights that the frames are of; 0 where none has a time.
    """

    kind: Literal["night", "block", "frame"]
    number: NDArray[np.intp]
    nights: int

    @property
    def count(self) -> int:
        """How many there are."""
        return int(self.number.max(initial=-1)) + 1


def units_of(times: NDArray[np.datetime64]) -> Units:
    """Tell which frames stay together: neighbours in time look alike and err alike.

    Parameters
    ----------
    times : ndarray of datetime64[us], shape (frames,)
        When each frame was taken, UTC, in order; NaT where not known.

    Returns
    -------
    Units
        Nights (noon to noon, UTC) where there are eight or more; else twenty contiguous blocks that
        cross no midday; single frames where there are no more than twenty.
    """
    days = (times - HALF_DAY).astype("M8[D]").astype(np.int64)  # NaT is one day more
    count, nights = len(times), len(np.unique(days[~np.isnat(times)]))
    if nights >= ENOUGH_NIGHTS:
        return Units("night", np.unique(days, return_inverse=True)[1], nights)
    if count <= BLOCKS:
        return Units("frame", np.arange(count), nights)
    blocks = np.arange(count) * BLOCKS // count
    number = np.unique(np.stack([days, blocks]), axis=1, return_inverse=True)[1]
    return Units("block", number.ravel(), nights)
