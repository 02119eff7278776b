"""A prediction beside what the clear sky of the camera says of its frame."""

from __future__ import annotations

from dataclasses import replace
from math import isnan
from typing import TYPE_CHECKING, Protocol

import numpy as np

from napari_iris.labels import CLOUDY_FROM
from napari_iris.radiometry.agreement import disagreement

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.inference.prediction_file import Prediction
    from napari_iris.radiometry.excess import Excess
    from napari_iris.radiometry.statistics import Header


class ClearSky(Protocol):
    """What is known of the clear sky of cameras; a `ReferenceSet` is one."""

    def excess(self, frame: NDArray[np.floating], header: Header | None = None) -> Excess | None:
        """Compute the excess of a frame; None where there is no reference for it."""


def compare(prediction: Prediction, excess: Excess | None) -> Prediction:
    """State in a prediction what the excess of its frame says; the probability stays as it is.

    Of a model that takes the excess, the probability follows it already where it is sure.

    Parameters
    ----------
    prediction : Prediction
        The prediction, with its uncertainty.
    excess : Excess or None
        The excess of its frame; None where there is no reference.

    Returns
    -------
    Prediction
        With its trust; where there is a reference, with its kind and the parts of the frame.
    """
    sure = 1 - prediction.uncertainty
    if excess is None:
        return replace(prediction, trust=sure, reference="none")
    clear, cloud, undecided = excess.parts
    return replace(
        prediction,
        trust=sure * (1 - _contradiction(prediction, excess)),
        reference=excess.kind,
        level=excess.level,
        median_excess=excess.median,
        median_radiance=excess.median_radiance,
        median_kelvin=excess.median_kelvin,
        clear_part=clear,
        cloud_part=cloud,
        undecided_part=undecided,
    )


def _contradiction(prediction: Prediction, excess: Excess) -> float:
    """Part of the frame in which the excess contradicts the prediction."""
    if not isnan(prediction.cloud_fraction):
        return disagreement(excess, prediction.cloud)
    # a classifier alone says of the frame only whether there is cloud in it
    called_cloudy = prediction.p_cloud >= prediction.threshold
    has_cloud = excess.parts[1] > CLOUDY_FROM
    whole = np.full(excess.values.shape, called_cloudy)
    return 0.0 if called_cloudy and has_cloud else disagreement(excess, whole)
