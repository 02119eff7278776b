"""A sample in few bytes, to be sent between processes and kept in memory by the ten thousand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from napari_iris.dataset.samples import Sample

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVELS = 65534
"""Steps of a frame's range; far finer than the noise of a camera of 14 bits."""

BLANK = 65535
"""Code of a blank pixel."""

FARTHEST = 6e4
"""Largest absolute excess that float16 holds, with a margin."""


@dataclass(frozen=True, eq=False)
class PackedSample:
    """A sample in 5 bytes a pixel instead of 9.

    Attributes
    ----------
    codes : ndarray of uint16, shape (rows, columns)
        The frame as ``low + codes * step``; `BLANK` where it is blank.
    low, step : float
        Its lowest value, and the size of a step, in the frame's own unit.
    mask : ndarray of uint8, shape (rows, columns), or None
        As in `Sample`.
    excess : ndarray of float16, shape (rows, columns), or None
        As in `Sample`, to three digits.
    """

    codes: NDArray[np.uint16]
    low: float
    step: float
    mask: NDArray[np.uint8] | None
    excess: NDArray[np.float16] | None

    @classmethod
    def of(cls, sample: Sample) -> Self:
        """Pack a sample.

        Parameters
        ----------
        sample : Sample
            The sample.

        Returns
        -------
        PackedSample
            Pixels that were equal are equal still.
        """
        frame = np.asarray(sample.frame, np.float64)
        seen = np.isfinite(frame)
        valid = frame[seen]
        low = float(valid.min()) if valid.size else 0.0
        step = (float(valid.max()) - low) / LEVELS if valid.size else 0.0
        codes = np.full(frame.shape, BLANK, np.uint16)
        codes[seen] = np.rint((valid - low) / (step or 1.0))
        known = sample.excess
        excess = None
        if known is not None:
            excess = np.clip(known, -FARTHEST, FARTHEST).astype(np.float16)
        return cls(codes, low, step, sample.mask, excess)

    @property
    def nbytes(self) -> int:
        """Size of the arrays [bytes]."""
        arrays = (self.codes, self.mask, self.excess)
        return sum(one.nbytes for one in arrays if one is not None)

    def unpack(self) -> Sample:
        """Unpack the sample.

        Returns
        -------
        Sample
            The frame to within half a step.
        """
        frame = self.low + self.codes.astype(np.float64) * self.step
        frame[self.codes == BLANK] = np.nan
        excess = None if self.excess is None else self.excess.astype(np.float32)
        return Sample(frame.astype(np.float32), self.mask, excess)
