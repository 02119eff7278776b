"""Sums over the pixels of a frame, from which every score of a probability is computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.metrics.counts import Counts

if TYPE_CHECKING:
    from numpy.typing import NDArray

BINS = 15
"""Calibration bins of equal width: bin b holds b/15 <= p < (b + 1)/15."""

EPSILON = 1e-7
"""Probabilities are clipped to EPSILON..1 - EPSILON before a logarithm, as in Keras: a certain and
wrong prediction would have an infinite loss otherwise."""

LOGIT_BINS = 1024
"""Bins of the logit from which the area under the curve of a bootstrap sample is computed."""

_LOGIT_RANGE = 17.0  # the logit of 1 - EPSILON is 16.1


@dataclass(frozen=True, eq=False)
class Tally:
    """Sums of a probability of cloud against the truth; they add up over frames.

    Attributes
    ----------
    counts : Counts
        Confusion matrix at the threshold.
    loss : float
        Sum of the binary cross-entropies [nat].
    bins : ndarray of float64, shape (15, 3)
        For each calibration bin: count, sum of the probabilities, and count of cloud.
    logits : ndarray of int64, shape (1024, 2)
        Counts of clear sky, and of cloud, in each bin of the logit.
    ranks : ndarray of uint32
        Every probability with its truth, see `ranks_of`.
    """

    counts: Counts
    loss: float
    bins: NDArray[np.float64]
    logits: NDArray[np.int64]
    ranks: NDArray[np.uint32]


def tally(probability: NDArray[np.floating], truth: NDArray[np.bool_], threshold: float) -> Tally:
    """Sum up a probability against the truth.

    Parameters
    ----------
    probability : ndarray of float, any one shape
        Of cloud, 0 to 1; taken as float32.
    truth : ndarray of bool, same shape
        Where cloud is.
    threshold : float
        Probability from which it is called cloud; compared as float32.

    Returns
    -------
    Tally
        The sums; all are zero for empty arrays.

    Raises
    ------
    IrisError
        If a probability is NaN, or not within 0..1.
    """
    p32, cloud = np.ravel(probability).astype(np.float32), np.ravel(truth)
    p = p32.astype(np.float64)
    outside = int(np.count_nonzero(~((p >= 0) & (p <= 1))))  # also counts NaN
    if outside:
        raise IrisError(f"{outside} of {p.size} probabilities are NaN or outside 0..1")
    clipped = np.clip(p, EPSILON, 1 - EPSILON)
    bins = np.minimum((p * BINS).astype(np.intp), BINS - 1)  # the last bin includes 1
    steps = (np.log(clipped / (1 - clipped)) + _LOGIT_RANGE) * (LOGIT_BINS / (2 * _LOGIT_RANGE))
    sums = [np.bincount(bins, weights, BINS) for weights in (None, p, cloud)]
    return Tally(
        Counts.of(p32 >= np.float32(threshold), cloud),
        float(-np.log(np.where(cloud, clipped, 1 - clipped)).sum()),
        np.stack(sums, axis=1).astype(np.float64),
        # even places count clear sky, odd ones cloud
        np.bincount(2 * steps.astype(np.intp) + cloud, minlength=2 * LOGIT_BINS).reshape(-1, 2),
        ranks_of(p32, cloud),
    )


def ranks_of(probability: NDArray[np.float32], truth: NDArray[np.bool_]) -> NDArray[np.uint32]:
    """Encode each probability as an integer of the same order, with the truth as its last bit.

    The bit patterns of floating-point numbers from 0 to 1, read as integers, sort like the numbers.

    Parameters
    ----------
    probability : ndarray of float32, shape (n,)
        Of cloud, 0 to 1.
    truth : ndarray of bool, shape (n,)
        Where cloud is.

    Returns
    -------
    ndarray of uint32, shape (n,)
    """
    order = (probability + np.float32(0)).view(np.uint32)  # + 0 turns -0 into 0
    ranks: NDArray[np.uint32] = order * np.uint32(2) + truth
    return ranks
