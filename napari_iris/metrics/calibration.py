"""Calibration of probabilities: reliability, calibration error, temperature."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, nan
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.metrics.ranking import Ranking
from napari_iris.metrics.tally import BINS, EPSILON, ranks_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

MIN_TEMPERATURE, MAX_TEMPERATURE = 0.05, 20.0
"""Range in which a temperature is searched."""

NEAR = 1e-3
"""Relative distance from a bound within which a search that has run into it ends."""


@dataclass(frozen=True, eq=False)
class Reliability:
    """Predicted probability against observed frequency, in 15 bins of equal width.

    Attributes
    ----------
    predicted, observed : ndarray of float64, shape (15,)
        Mean probability of each bin, and the part of it that is cloud; NaN where it is empty.
    count : ndarray of int64, shape (15,)
        Number of probabilities in it.
    """

    predicted: NDArray[np.float64]
    observed: NDArray[np.float64]
    count: NDArray[np.int64]

    @property
    def edges(self) -> NDArray[np.float64]:
        """Edges of the bins, shape (16,)."""
        return np.linspace(0, 1, BINS + 1)


def reliability(bins: NDArray[np.float64]) -> Reliability:
    """Compute the points of a reliability diagram.

    Parameters
    ----------
    bins : ndarray of float64, shape (15, 3)
        Calibration bins of a `Tally`, or their sum over frames.
    """
    count = bins[:, 0]
    predicted, observed = (
        np.divide(column, count, out=np.full(BINS, nan), where=count > 0)
        for column in (bins[:, 1], bins[:, 2])
    )
    return Reliability(predicted, observed, count.astype(np.int64))


def calibration_error(bins: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compute the expected calibration error.

    The mean of abs(mean probability - part that is cloud) over the bins, weighted by their counts
    (after Naeini et al., AAAI 2015, for the probability of cloud itself).

    Parameters
    ----------
    bins : ndarray of float64, shape (..., 15, 3)
        Count, sum of the probabilities, and count of cloud in each bin, see `Tally`.

    Returns
    -------
    ndarray of float64, shape (...)
        0 to 1; NaN where all bins are empty.
    """
    difference = np.abs(bins[..., 1] - bins[..., 2]).sum(axis=-1)
    count = bins[..., 0].sum(axis=-1)
    error: NDArray[np.float64] = np.divide(
        difference, count, out=np.full(np.shape(count), nan), where=count > 0
    )
    return error


def logit(probability: NDArray[np.floating]) -> NDArray[np.float64]:
    """Compute the logits of probabilities, clipped to 1e-7..1 - 1e-7.

    Parameters
    ----------
    probability : ndarray of float, any shape
        0 to 1.

    Returns
    -------
    ndarray of float64, same shape
        log(p / (1 - p)), within -16.1..16.1.
    """
    p = np.clip(np.asarray(probability, np.float64), EPSILON, 1 - EPSILON)
    logits: NDArray[np.float64] = np.log(p / (1 - p))
    return logits


def fit_temperature(
    logits: NDArray[np.floating],
    truth: NDArray[np.generic],
    weight: NDArray[np.generic] | None = None,
) -> float:
    """Fit the temperature that calibrates a model's probabilities.

    Dividing the logits by it minimises the binary cross-entropy (Guo et al., ICML 2017). Fit it on
    validation frames: on its training frames a model is overconfident.

    Parameters
    ----------
    logits : ndarray of float, any one shape
        The model's logits; see `logit` for those of probabilities.
    truth : ndarray, same shape
        1 or True where there is cloud, else 0.
    weight : ndarray, same shape, optional
        Weight of each, 0 or more; 0 for pixels to be ignored.

    Returns
    -------
    float
        Above 1 for an overconfident model; within 0.05..20.

    Raises
    ------
    IrisError
        If the truth has one class only, or a logit is not finite, where the weight is not 0.
    """
    from scipy.optimize import minimize_scalar

    values, cloud = np.ravel(logits).astype(np.float64), np.ravel(truth).astype(np.float64)
    counts = np.ones_like(values) if weight is None else np.ravel(weight).astype(np.float64)
    values, cloud, counts = (column[counts > 0] for column in (values, cloud, counts))
    if not np.isfinite(values).all():
        raise IrisError("a temperature cannot be fitted: a logit is NaN or infinite")
    if not 0 < counts @ cloud < counts.sum():
        raise IrisError("a temperature cannot be fitted: the truth has one class only")

    # over the logarithm, as a temperature and its inverse are equally far from 1
    def loss(log_temperature: float) -> float:
        scaled = values / exp(log_temperature)
        # binary cross-entropy from logits, stable for any size of them
        return float(counts @ (np.logaddexp(0, scaled) - cloud * scaled))

    found = minimize_scalar(
        loss,
        bounds=(log(MIN_TEMPERATURE), log(MAX_TEMPERATURE)),
        method="bounded",
        options={"xatol": 1e-6},
    )
    return float(np.exp(found.x))


def is_at_bound(temperature: float) -> bool:
    """Whether a fitted temperature is at the end of the search range: then none was found.

    Parameters
    ----------
    temperature : float
        As `fit_temperature` gives it.
    """
    return not MIN_TEMPERATURE * (1 + NEAR) < temperature < MAX_TEMPERATURE * (1 - NEAR)


def roc_threshold(probability: NDArray[np.floating], truth: NDArray[np.bool_]) -> float:
    """Find the threshold with the largest recall - false-positive rate.

    This maximises Youden's J (Youden, Cancer 3, 32, 1950).

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
