"""Sums over pixels, or over frames, from which every score of a probability follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.metrics.counts import Counts

if TYPE_CHECKING:
    from numpy.typing import NDArray

BINS = 15
"""Bins of equal width that the calibration is told from: bin b holds b/15 <= p < (b + 1)/15."""

LEAST = 1e-7
"""Probabilities are held this far from 0 and 1 where a logarithm is taken of them, as Keras does:
a sure and wrong answer would cost infinitely much otherwise."""

LOGITS = 1024
"""Steps of the logit that the area under a resampled curve is told from."""

_REACH = 17.0  # logit of 1 - LEAST is 16.1


@dataclass(frozen=True, eq=False)
class Tally:
    """What a probability of cloud was worth: sums that add up over frames.

    Attributes
    ----------
    counts : Counts
        How often cloud and sky were called right and wrong at the threshold.
    loss : float
        Sum of the binary cross-entropies [nat].
    bins : ndarray of float64, shape (15, 3)
        Of each bin: how many, the sum of their probabilities, and how many are cloud.
    logits : ndarray of int64, shape (1024, 2)
        How many are clear, and cloud, at each step of the logit.
    ranks : ndarray of uint32
        Every probability with its truth, as `Ranking` takes them.
    """

    counts: Counts
    loss: float
    bins: NDArray[np.float64]
    logits: NDArray[np.int64]
    ranks: NDArray[np.uint32]


def tally(probability: NDArray[np.floating], truth: NDArray[np.bool_], threshold: float) -> Tally:
    """Sum up what a probability is worth against the truth.

    Parameters
    ----------
    probability : ndarray of float, any one shape
        Of cloud, 0 to 1; taken as float32.
    truth : ndarray of bool, same shape
        Where cloud is.
    threshold : float
        Probability from which it is called cloud.

    Returns
    -------
    Tally
        The sums; all are zero where nothing is given.

    Raises
    ------
    IrisError
        If a probability is NaN, or not within 0..1.
    """
    p32, cloud = np.ravel(probability).astype(np.float32), np.ravel(truth)
    p = p32.astype(np.float64)
    outside = int(np.count_nonzero(~((p >= 0) & (p <= 1))))  # NaN is neither
    if outside:
        raise IrisError(f"{outside} of {p.size} probabilities are NaN or outside 0..1")
    held = np.clip(p, LEAST, 1 - LEAST)
    bins = np.minimum((p * BINS).astype(np.intp), BINS - 1)
    steps = (np.log(held / (1 - held)) + _REACH) * (LOGITS / (2 * _REACH))
    sums = [np.bincount(bins, weights, BINS) for weights in (None, p, cloud)]
    return Tally(
        Counts.of(p32 >= np.float32(threshold), cloud),
        float(-np.log(np.where(cloud, held, 1 - held)).sum()),
        np.stack(sums, axis=1).astype(np.float64),
        np.bincount(2 * steps.astype(np.intp) + cloud, minlength=2 * LOGITS).reshape(-1, 2),
        ranks_of(p32, cloud),
    )


def ranks_of(probability: NDArray[np.float32], truth: NDArray[np.bool_]) -> NDArray[np.uint32]:
    """Give each probability as a whole number of the same order, its last bit the truth.

    The bits of floating-point numbers from 0 to 1, read as a whole number, are in their order.
    """
    order = (probability + np.float32(0)).view(np.uint32)  # + 0 turns -0 into 0
    ranks: NDArray[np.uint32] = order * np.uint32(2) + truth
    return ranks
