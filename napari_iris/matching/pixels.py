"""Whether two arrays show the same frame: names recur every night, pixels do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.frames.identity import content_hash

if TYPE_CHECKING:
    from numpy.typing import NDArray

MIN_CORRELATION = 0.5
"""Correlation of two versions of one frame, in any unit and shape, is at least this."""

ROUNDING = 1e-3
"""Median difference from rounding, in standard deviations of the frame: far below its noise."""


def frame_id(frame: NDArray[np.generic]) -> str:
    """Compute the identifier of a frame from its pixels.

    Parameters
    ----------
    frame : ndarray, shape (rows, columns)
        The frame as read, before it is rebinned.

    Returns
    -------
    str
        32 hexadecimal digits, see `content_hash`.
    """
    return content_hash(np.asarray(frame, np.float32)).hex()


def same_pixels(one: NDArray[np.floating], other: NDArray[np.floating]) -> bool:
    """Whether two arrays are the same frame, up to rounding.

    Parameters
    ----------
    one, other : ndarray of float, shape (rows, columns)
        Frames in the same unit; NaN where blank. Arrays of different shapes are not the same.
    """
    if one.shape != other.shape:
        return False
    a, b = _seen_in_both(one, other)
    if not a.size:
        return False
    # the median, as a few pixels may have been repaired since
    difference = float(np.median(np.abs(a - b)))
    return difference <= max(ROUNDING * float(a.std()), 1e-6 * float(np.abs(a).max()))


def different_frames(one: NDArray[np.floating], other: NDArray[np.floating]) -> bool:
    """Whether two arrays certainly show different frames.

    Unit, level and resampling do not count: one may be divided by 2**14, or binned differently.
    Only frames whose pixels do not vary together are different.

    Parameters
    ----------
    one, other : ndarray of float, shape (rows, columns)
        Frames of one shape, in any unit; NaN where blank.
    """
    a, b = _seen_in_both(one, other)
    if not a.size or not np.ptp(a) or not np.ptp(b):
        return False
    return bool(np.corrcoef(a, b)[0, 1] < MIN_CORRELATION)


def _seen_in_both(
    one: NDArray[np.floating], other: NDArray[np.floating]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    a, b = one.astype(np.float64), other.astype(np.float64)
    seen = np.isfinite(a) & np.isfinite(b)
    return a[seen], b[seen]
