"""What is known of a frame beside the networks: its excess above the clear sky, or the sky gate."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.labels import CLOUDY_FROM, IGNORE
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import make_mask
from napari_iris.masks.recipe import recipe
from napari_iris.radiometry.statistics import adu_per_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_iris.inference.model import Model
    from napari_iris.networks.card import ModelCard
    from napari_iris.radiometry.excess import Excess

SURE = np.float32(0.99)
"""Probability of what the excess is sure of."""

LIKELY = np.float32(0.9)
"""Probability of what the recipe's threshold decides where the excess is not sure."""

FEW = 0.02
"""Undecided part of a frame that is not worth the time of the recipe, or of a network: in simulated
nights of unseen seeds, 99 % of these pixels are clear."""

MOST = 0.98
"""Trust above which the gate is no surer."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is known of a frame, for models that take the excess.

    Where the excess is sure of clear sky or cloud, it decides; between its two limits the recipe's
    threshold does, if it lies there. Where no level was measured, the sky gate is another witness:
    its log odds, weighted as the model's card says, add to those of the network (naive Bayes; Good,
    1950: Probability and the Weighing of Evidence). It knows surfaces and levels, a network knows
    looks: each errs where the other does not.

    Attributes
    ----------
    sure : ndarray of float32, shape (rows, columns), or None
        Probability of cloud where excess and recipe decide, NaN elsewhere; None without an excess.
    sure_frame : float
        Probability that there is cloud in the frame where the excess decides, else NaN.
    odds : ndarray of float32, shape (rows, columns), or None
        The gate's log odds of cloud, 0 where blank; None where it is not asked.
    frame_odds : float
        Its log odds that there is cloud in the frame, 0 where it is not asked.
    """

    sure: NDArray[np.float32] | None
    sure_frame: float
    odds: NDArray[np.float32] | None
    frame_odds: float

    @property
    def decides(self) -> bool:
        """Whether every pixel is decided, so that no network is needed."""
        return self.sure is not None and bool(np.isfinite(self.sure).all())

    def of_pixels(self, probability: NDArray[np.float32], card: ModelCard) -> NDArray[np.float32]:
        """Add it to a network's probability of cloud in every pixel."""
        if self.odds is not None and card.gate_weight:
            known = card.gate_weight * self.odds + card.gate_prior * (self.odds != 0)
            probability = _with_odds(probability, known)
        if self.sure is not None:
            probability = np.where(np.isnan(self.sure), probability, self.sure)
        return probability

    def of_frame(self, p_cloud: float, card: ModelCard) -> float:
        """Add it to a network's probability that there is cloud in a frame it does not decide."""
        if not self.frame_odds or not card.gate_weight:
            return p_cloud
        return float(_with_odds(p_cloud, card.gate_weight * self.frame_odds + card.gate_prior))


def evidence_of(
    frame: NDArray[np.generic],
    small: NDArray[np.float32],
    excess: Excess | None,
    models: Sequence[Model],
) -> Evidence | None:
    """Gather what is known of a frame.

    Parameters
    ----------
    frame : ndarray or masked array, shape (rows, columns)
        The frame as read; NaN or masked where blank.
    small : ndarray of float32, shape of the models
        The rebinned frame.
    excess : Excess or None
        Its excess above the clear sky; None where there is no reference.
    models : sequence of Model
        The models that predict it, the one that says where the cloud is first.

    Returns
    -------
    Evidence or None
        None if no model takes the excess. An upper limit of the clear sky ('limit') is never sure
        of clear sky; the gate is asked too. Gate and recipe are asked if they count for a model.

    Raises
    ------
    IrisError
        If the frame is too small, or constant.
    """
    if not any(model.takes_excess for model in models):
        return None
    sure, sure_frame = (None, nan) if excess is None else _decided(excess)
    counts = any(model.card.gate_weight > 0 for model in models)
    if counts and excess is not None and sure is not None and excess.kind == "measured":
        sure = _decided_by_recipe(small, excess, sure)
    if not counts or (excess is not None and excess.kind == "measured"):
        return Evidence(sure, sure_frame, None, 0.0)
    made = make_mask(np.asanyarray(frame, np.float32), MaskConfig(shape=models[0].shape))
    trust = min(made.trust or 0.0, MOST)
    odds = np.float32(np.log((1 + trust) / (1 - trust)))
    pixels = np.where(made.mask == IGNORE, np.float32(0), np.where(made.mask, odds, -odds))
    return Evidence(sure, sure_frame, pixels, float(odds if made.sky != "clear" else -odds))


def _decided(excess: Excess) -> tuple[NDArray[np.float32], float]:
    """Give the probabilities that the excess is sure of, of pixels and of the frame."""
    measured = excess.kind == "measured"
    sure = np.where(excess.values > excess.cloud_above, SURE, np.float32(nan))
    if measured:
        sure[excess.values < excess.clear_below] = 1 - SURE
    sure[np.isnan(excess.values)] = 1 - SURE  # blank: no pixel of a prediction, whatever it says
    clear, cloud, _ = excess.parts
    if cloud > CLOUDY_FROM:
        return sure, float(SURE)
    return sure, float(1 - SURE) if measured and clear >= 1 - CLOUDY_FROM else nan


def _decided_by_recipe(
    small: NDArray[np.float32], excess: Excess, sure: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Decide what the excess leaves open by the recipe's threshold, as the gate does.

    Structure tells what level cannot, if the threshold lies between the limits; elsewhere it says
    nothing of the pixels in between. A few pixels are clear: humid air, and the edges of cloud.
    """
    if excess.parts[2] <= FEW:
        return np.where(np.isnan(sure), 1 - LIKELY, sure)
    threshold = recipe(small).threshold * adu_per_unit(small) - excess.level
    if not excess.clear_below < threshold < excess.cloud_above:
        return sure
    likely = np.where(excess.values > threshold, LIKELY, 1 - LIKELY)
    return np.where(np.isnan(sure), likely, sure)


def _with_odds(probability: Any, odds: Any) -> Any:
    """Add log odds to probabilities, as float32."""
    from scipy.special import expit, logit

    least = np.finfo(np.float32).eps
    p = np.clip(np.asarray(probability, np.float32), least, 1 - least)
    return expit(logit(p) + np.asarray(odds, np.float32))
