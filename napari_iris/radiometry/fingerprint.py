"""The fixed pattern of a camera as its fingerprint: which frames are of one camera.

Frames of one camera correlate in their high frequencies, frames of different cameras do not
(Lukas, Fridrich & Goljan, IEEE Trans. Inf. Forensics Secur. 1, 205, 2006).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.frames.rebin import rebin
from napari_iris.radiometry.quantiles import median

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SAME_CAMERA = 0.025
"""Median correlation with the other frames above which frames are of one camera."""

FINGERPRINT_SHAPE = (128, 160)
"""Rows and columns of a fingerprint: of a coarser copy, the pattern averages out."""

MARGIN = 3
"""Rows and columns at the border that are left out: any gradient shows there."""

SMALLEST_GROUP = 16
"""Frames that a camera needs at least to be distinguished from another by its fingerprint."""

WITHIN = 0.01
"""Mean correlation within a group that shows a pattern: a division seeks chance likeness too."""

STEPS = 30
"""Steps at most in which frames move to the group they resemble: some 15 from a poor division."""

CROSS = 0.3
"""Correlation between groups, relative to that within them, below which these are two cameras."""


def fingerprint(frame: NDArray[np.floating]) -> NDArray[np.float16]:
    """Extract a frame's high frequencies.

    Parameters
    ----------
    frame : ndarray of float, shape (rows, columns)
        The frame, at `FINGERPRINT_SHAPE` or finer; NaN where blank.

    Returns
    -------
    ndarray of float16, shape `FINGERPRINT_SHAPE`
        With mean 0 and norm 1; all 0 for a frame without high frequencies.
    """
    small = rebin(frame, FINGERPRINT_SHAPE)
    seen = np.isfinite(small)
    filled = small
    if not seen.all():
        blank = median(small[seen]) if seen.any() else 0
        filled = np.where(seen, small, blank).astype(np.float32)
    fine = filled - _median_of_nine(filled)
    fine[:MARGIN] = fine[-MARGIN:] = fine[:, :MARGIN] = fine[:, -MARGIN:] = 0
    used = _surrounded(seen)  # the edge of a site mask is not a pattern of the camera
    is_whole = bool(used.all())
    values = fine.ravel() if is_whole else fine[used]
    values -= np.float32(median(values) if values.size else 0)
    # clouds have sharp edges: a few large values must not outweigh the pattern
    limit = 3 * 1.4826 * median(np.abs(values)) if values.size else 0.0
    values = np.clip(values, -limit, limit)
    values -= values.mean() if values.size else np.float32(0)
    if is_whole:
        fine = values.reshape(fine.shape)
    else:
        fine = np.zeros_like(fine)
        fine[used] = values
    norm = float(np.sqrt((fine**2).sum()))
    scaled: NDArray[np.float16] = (fine / norm if norm else fine).astype(np.float16)
    return scaled


def likeness(prints: Sequence[NDArray[np.float16]]) -> float:
    """Compute the median correlation of each fingerprint with the sum of the others.

    Parameters
    ----------
    prints : sequence of ndarray
        Fingerprints of one shape, two or more.

    Returns
    -------
    float
        About 0 for frames of different cameras; for n frames its noise is 0.017 / sqrt(n).
    """
    flat = _flat(prints)
    total, own = flat.sum(axis=0), np.einsum("ij,ij->i", flat, flat)
    with_all = flat @ total
    rest = np.maximum(total @ total - 2 * with_all + own, 0)  # of the others, squared
    return float(np.median((with_all - own) / (np.sqrt(rest) + 1e-12)))


def split_cameras(prints: Sequence[NDArray[np.float16]]) -> list[NDArray[np.intp]]:
    """Divide frames by camera.

    The frames are divided by the sign of the second eigenvector of their correlations, again and
    again, as long as the two halves correlate within themselves but hardly with each other.

    Parameters
    ----------
    prints : sequence of ndarray
        Fingerprints of one shape.

    Returns
    -------
    list of ndarray of int
        Places of the frames of each camera; one group where there is no sign of several.
    """
    flat = _flat(prints)
    return _divide(flat @ flat.T, np.arange(len(flat)))


def _divide(alike: NDArray[np.float32], places: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    fewest = max(SMALLEST_GROUP, len(alike) // 10)
    if len(places) < 2 * fewest:
        return [places]
    own = alike[np.ix_(places, places)].copy()
    np.fill_diagonal(own, 0)
    _, vectors = np.linalg.eigh(own)
    for vector in vectors[:, -1], vectors[:, -2]:
        side = vector > np.median(vector) if (vector > 0).all() else vector > 0
        one, other = _reassigned(alike, places[side], places[~side])
        if min(len(one), len(other)) < fewest:
            continue
        within = min(_mean_within(alike, one), _mean_within(alike, other))
        cross = float(alike[np.ix_(one, other)].mean())
        if within > WITHIN and cross < CROSS * within:
            return [*_divide(alike, one), *_divide(alike, other)]
    return [places]


def _reassigned(
    alike: NDArray[np.float32], one: NDArray[np.intp], other: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Move each frame to the group that it correlates with more."""
    places, before = np.sort(np.concatenate([one, other])), -1
    for _ in range(STEPS):
        if not (len(one) and len(other)) or len(one) == before:
            break
        before = len(one)
        own = np.diag(alike)[places]
        in_one = np.isin(places, one)
        to_one = (alike[np.ix_(places, one)].sum(1) - own * in_one) / np.maximum(
            len(one) - in_one, 1
        )
        to_other = (alike[np.ix_(places, other)].sum(1) - own * ~in_one) / np.maximum(
            len(other) - ~in_one, 1
        )
        one, other = places[to_one > to_other], places[to_one <= to_other]
    return one, other


def _mean_within(alike: NDArray[np.float32], places: NDArray[np.intp]) -> float:
    own = alike[np.ix_(places, places)]
    return float((own.sum() - np.trace(own)) / (len(places) * (len(places) - 1)))


def _flat(prints: Sequence[NDArray[np.float16]]) -> NDArray[np.float32]:
    return np.stack(list(prints)).astype(np.float32).reshape(len(prints), -1)


def _surrounded(seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Select the pixels that are seen, with all those of their median."""
    if seen.all():
        return seen
    from scipy.ndimage import minimum_filter

    surrounded: NDArray[np.bool_] = minimum_filter(seen, 5, mode="nearest")
    return surrounded


def _median_of_nine(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Median of nine pixels two rows or columns apart: a stripe of one column is left out of it."""
    padded = np.pad(image, 2, mode="edge")
    one, two, three = padded[:-4], padded[2:-2], padded[4:]
    low, high = np.minimum(one, two), np.maximum(one, two)
    middle = np.maximum(low, np.minimum(high, three))
    low, high = np.minimum(low, three), np.maximum(high, three)
    # of nine values in three sorted columns, it is the median of these three
    left, centre, right = (np.s_[:, start : start + image.shape[1]] for start in (0, 2, 4))
    return _median_of_three(
        np.maximum(np.maximum(low[left], low[centre]), low[right]),
        _median_of_three(middle[left], middle[centre], middle[right]),
        np.minimum(np.minimum(high[left], high[centre]), high[right]),
    )


def _median_of_three(
    one: NDArray[np.float32], two: NDArray[np.float32], three: NDArray[np.float32]
) -> NDArray[np.float32]:
    low, high = np.minimum(one, two), np.maximum(one, two)
    median: NDArray[np.float32] = np.maximum(low, np.minimum(high, three))
    return median
