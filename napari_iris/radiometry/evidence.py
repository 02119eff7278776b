"""The frames that a reference was learned from: what they measured, beside what it expects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Evidence:
    """The frames of the sample, in order of time.

    Attributes
    ----------
    time : ndarray of datetime64[us], shape (frames,)
        When each was taken, UTC; NaT where not known.
    focal_plane, shutter : ndarray of float64
        Temperatures in degrees Celsius; NaN where not known.
    floor : ndarray of float64
        Level of the frame's coldest part without the camera's pattern, in ADU; counted so that for
        a clear frame it is the median.
    level : ndarray of float64
        Clear-sky level by the reference, in ADU.
    clear : ndarray of bool
        Whether it is a clear frame, which level and pattern rest on.
    """

    time: NDArray[np.datetime64]
    focal_plane: NDArray[np.float64]
    shutter: NDArray[np.float64]
    floor: NDArray[np.float64]
    level: NDArray[np.float64]
    clear: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.time)
