"""Probabilities that mean what they say: temperature, reliability, a threshold from the curve."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.metrics.ranking import Ranking
from napari_iris.metrics.tally import BINS, LEAST, ranks_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLDEST, HOTTEST = 0.05, 20.0
"""Temperatures that are tried."""

NEAR = 1e-3
"""How near a bound, in part of it, the search ends that has run into it."""


@dataclass(frozen=True, eq=False)
class Reliability:
    """What the probabilities said, and what there was, in 15 bins of equal width.

    Attributes
    ----------
    said, found : ndarray of float64, shape (15,)
        Mean probability of each bin, and the part of it that is cloud; NaN where it is empty.
    count : ndarray of int64, shape (15,)
        How many there are in it.
    """

    said: NDArray[np.float64]
    found: NDArray[np.float64]
    count: NDArray[np.int64]

    @property
    def edges(self) -> NDArray[np.float64]:
        """Borders of the bins, shape (16,)."""
        return np.linspace(0, 1, BINS + 1)


def reliability(bins: NDArray[np.float64]) -> Reliability:
    """Tell what was said and found, of sums as `Tally` has them, shape (15, 3)."""
    count = bins[:, 0]
    said, found = (
        np.divide(column, count, out=np.full(BINS, np.nan), where=count > 0)
        for column in (bins[:, 1], bins[:, 2])
    )
    return Reliability(said, found, count.astype(np.int64))


def logit(probability: NDArray[np.floating]) -> NDArray[np.float64]:
    """Logits of probabilities, which are held 1e-7 from 0 and 1."""
    p = np.clip(np.asarray(probability, np.float64), LEAST, 1 - LEAST)
    logits: NDArray[np.float64] = np.log(p / (1 - p))
    return logits


def at_temperature(probability: NDArray[np.floating], temperature: float) -> NDArray[np.float64]:
    """Give the probabilities at another temperature: sigmoid(logit / temperature)."""
    from scipy.special import expit

    cooled: NDArray[np.float64] = expit(logit(probability) / temperature)
    return cooled


def fit_temperature(
    logits: NDArray[np.floating],
    truth: NDArray[np.generic],
    weight: NDArray[np.generic] | None = None,
) -> float:
    """Find the temperature that makes a model's probabilities mean what they say.

    The logits are divided by it, so that the binary cross-entropy is least (Guo et al., ICML 2017).
    Fit it on validation frames: on those trained on the model is too sure of itself.

    Parameters
    ----------
    logits : ndarray of float, any one shape
        The model's logits; see `logit` for those of probabilities.
    truth : ndarray, same shape
        1 or True where there is cloud, else 0.
    weight : ndarray, same shape, optional
        How much each counts, 0 or more: 0 for pixels to be ignored.

    Returns
    -------
    float
        Above 1 for a model that was too sure; within 0.05..20.

    Raises
    ------
    IrisError
        If what counts is not both clear and cloudy, or a logit that counts is not finite.
    """
    from scipy.optimize import minimize_scalar

    values, cloud = np.ravel(logits).astype(np.float64), np.ravel(truth).astype(np.float64)
    counts = np.ones_like(values) if weight is None else np.ravel(weight).astype(np.float64)
    values, cloud, counts = (column[counts > 0] for column in (values, cloud, counts))
    if not np.isfinite(values).all():
        raise IrisError("a temperature cannot be fitted: a logit is NaN or infinite")
    if not 0 < counts @ cloud < counts.sum():
        raise IrisError("a temperature cannot be fitted: the truth has one class only")

    def loss(log_temperature: float) -> float:
        cooled = values / exp(log_temperature)
        return float(counts @ (np.logaddexp(0, cooled) - cloud * cooled))

    found = minimize_scalar(
        loss, bounds=(log(COLDEST), log(HOTTEST)), method="bounded", options={"xatol": 1e-6}
    )
    return float(np.exp(found.x))


def is_at_bound(temperature: float) -> bool:
    """Tell whether a temperature is the first or last that is tried: then none has been found."""
    return not COLDEST * (1 + NEAR) < temperature < HOTTEST * (1 - NEAR)


def roc_threshold(probability: NDArray[np.floating], truth: NDArray[np.bool_]) -> float:
    """Threshold with the largest recall less fall-out (Youden, Cancer 3, 32, 1950).

    Parameters
    ----------
    probability : ndarray of float, any one shape
        Of cloud, 0 to 1; taken as float32.
    truth : ndarray of bool, same shape
        Where cloud is.

    Returns
    -------
    float
        The highest such threshold; NaN where the truth has one class only.
    """
    ranking = Ranking()
    ranking.add(ranks_of(np.ravel(probability).astype(np.float32), np.ravel(truth)))
    return ranking.curve().best_threshold()
