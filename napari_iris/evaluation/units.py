"""Units of the bootstrap: nights, or blocks of a night."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from napari_iris.project.assign_parts import HALF_DAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

ENOUGH_NIGHTS = 8
"""Nights from which whole nights are resampled; fewer say too little about other nights."""

BLOCKS = 20
"""Blocks that fewer nights are divided into, all together."""


@dataclass(frozen=True, eq=False)
class Units:
    """Frames that are resampled together.

    Attributes
    ----------
    kind : {'night', 'block', 'frame'}
        What a unit is.
    number : ndarray of int, shape (frames,)
        Unit of each frame, from 0.
    nights : int
        Number of nights; 0 where no frame has a time.
    """

    kind: Literal["night", "block", "frame"]
    number: NDArray[np.intp]
    nights: int

    @property
    def count(self) -> int:
        """Number of units."""
        return int(self.number.max(initial=-1)) + 1


def units_of(times: NDArray[np.datetime64]) -> Units:
    """Group frames into units: neighbours in time look alike and have similar errors.

    Parameters
    ----------
    times : ndarray of datetime64[us], shape (frames,)
        When each frame was taken, UTC, in order; NaT where not known.

    Returns
    -------
    Units
        Nights (noon to noon, UTC) where there are eight or more; else twenty contiguous blocks that
        do not cross noon; single frames where there are no more than twenty.
    """
    days = (times - HALF_DAY).astype("M8[D]").astype(np.int64)  # NaT is a day of its own
    count, nights = len(times), len(np.unique(days[~np.isnat(times)]))
    if nights >= ENOUGH_NIGHTS:
        return Units("night", np.unique(days, return_inverse=True)[1], nights)
    if count <= BLOCKS:
        return Units("frame", np.arange(count), nights)
    blocks = np.arange(count) * BLOCKS // count
    # a block that spans two days becomes two
    number = np.unique(np.stack([days, blocks]), axis=1, return_inverse=True)[1]
    return Units("block", number.ravel(), nights)
