"""Measure the prediction of one frame against its truth."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, nan
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import FrameError, IrisError
from napari_iris.evaluation.baselines import baselines
from napari_iris.inference.prediction_file import PredictionError, read_prediction
from napari_iris.labels import CLOUD, CLOUDY_FROM, IGNORE
from napari_iris.matching.predictions import is_another
from napari_iris.metrics.counts import Counts
from napari_iris.metrics.tally import Tally, tally

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.evaluation.pairs import Pair
    from napari_iris.inference.prediction_file import Prediction

CLASS_THRESHOLD = 0.5
"""Classifier's probability from which a frame is cloudy, where an older prediction has no word."""


@dataclass(frozen=True, eq=False)
class Answers:
    """What models and baselines answered to the same questions: pixels, or one frame's class.

    Attributes
    ----------
    models : dict of str to Tally
        By the name of the answer: ``model``, and ``against``.
    baselines : dict of str to Counts
        By the names of `BASELINES`.
    """

    models: dict[str, Tally]
    baselines: dict[str, Counts]


@dataclass(frozen=True, eq=False)
class FrameScore:
    """How well one frame was predicted.

    Attributes
    ----------
    row : int
        Number of the pair.
    pixels : Answers or None
        Of its pixels that are not to be ignored; None where the frame has no mask.
    sky : Answers or None
        Of its class; None without a classifier, or where the class cannot be told.
    model : str
        Which model predicted it.
    threshold : float
        Probability from which a pixel was called cloud.
    cloud, true_cloud : float
        Part of the counted sky that is cloud, as predicted and in truth; NaN where none counts.
    p_cloud, uncertainty : float
        As the prediction has them.
    sky_threshold : float
        Classifier's probability from which the frame was called cloudy.
    """

    row: int
    pixels: Answers | None
    sky: Answers | None
    model: str
    threshold: float
    cloud: float
    true_cloud: float
    p_cloud: float
    uncertainty: float
    sky_threshold: float


def score_pair(pair: Pair, threshold: float | None = None) -> FrameScore:
    """Read a prediction and its truth, and measure the one against the other.

    The truth and the frame are brought to the prediction's shape, by majority and by area mean.

    Parameters
    ----------
    pair : Pair
        The files.
    threshold : float, optional
        Probability from which a pixel is cloud, or a frame of a classifier alone; by default what
        the prediction says.

    Raises
    ------
    FileError
        If a file is damaged, or the prediction is of another frame than the truth, or lacks a pixel
        that the truth has.
    """
    predictions = {"model": read_prediction(pair.prediction)}
    if pair.against is not None:
        predictions["against"] = read_prediction(pair.against)
    paths = {"model": pair.prediction, "against": pair.against or pair.prediction}
    found: dict[str, Tally] = {}
    for name, prediction in predictions.items():
        frame, mask = pair.sample.read(0, _shape(prediction))
        if is_another(prediction, frame):
            reason = f"is not of the frame that {pair.sample.paths[0]} is the truth of"
            raise PredictionError(paths[name], reason, "give the truth of the frames predicted")
        if mask is not None and not prediction.is_of_frame:
            found[name] = _pixels(paths[name], prediction, mask, threshold)
        if name == "model":
            seen = frame, mask
    frame, mask = seen
    answers = baselines(frame)
    pixels = None
    if mask is not None and len(found) == len(predictions):
        counted = mask != IGNORE
        truth = mask[counted] == CLOUD
        counts = {name: Counts.of(found_[counted], truth) for name, found_ in answers.items()}
        pixels = Answers(found, counts)
    cuts = {name: _sky_threshold(one, threshold) for name, one in predictions.items()}
    sky = _sky(float(pair.sample.table.class_labels()[0]), predictions, cuts, frame, answers)
    if pixels is None and sky is None:
        reason = "has neither a mask of its own nor a classifier's word"
        raise FrameError(pair.sample.paths[0], reason, "label it, or predict with --classifier")
    one = predictions["model"]
    return FrameScore(
        pair.row,
        pixels,
        sky,
        one.model,
        one.threshold if threshold is None else threshold,
        *_fractions(found.get("model")),
        one.p_cloud,
        one.uncertainty,
        cuts["model"],
    )


def _shape(prediction: Prediction) -> tuple[int, int]:
    rows, columns = prediction.probability.shape
    return rows, columns


def _pixels(
    path: Path, prediction: Prediction, mask: NDArray[np.uint8], threshold: float | None
) -> Tally:
    """Sum up the pixels that are not to be ignored."""
    counted = mask != IGNORE
    wanted = prediction.threshold if threshold is None else threshold
    try:
        return tally(prediction.probability[counted], mask[counted] == CLOUD, wanted)
    except IrisError as error:
        fix = "predict it again from the frame that the mask is of"
        raise PredictionError(path, f"does not fit its truth: {error}", fix) from error


def _sky_threshold(prediction: Prediction, given: float | None) -> float:
    """Tell what decided whether the frame is cloudy: of a classifier alone, its one threshold."""
    if prediction.is_of_frame:
        return prediction.threshold if given is None else given
    return CLASS_THRESHOLD if isnan(prediction.sky_threshold) else prediction.sky_threshold


def _sky(
    said: float,
    predictions: dict[str, Prediction],
    cuts: dict[str, float],
    frame: NDArray[np.float32],
    answers: dict[str, NDArray[np.bool_]],
) -> Answers | None:
    """Judge what was answered to whether the frame is cloudy; a baseline's word is its mask's."""
    if isnan(said) or any(isnan(one.p_cloud) for one in predictions.values()):
        return None
    truth, seen = np.array([said > 0]), np.isfinite(frame)
    found = {
        name: tally(np.array([one.p_cloud]), truth, cuts[name]) for name, one in predictions.items()
    }
    cloudy = {name: np.array([mask[seen].mean() > CLOUDY_FROM]) for name, mask in answers.items()}
    return Answers(found, {name: Counts.of(one, truth) for name, one in cloudy.items()})


def _fractions(found: Tally | None) -> tuple[float, float]:
    """Cloud fraction, as predicted and in truth, of the counted pixels."""
    if found is None or not found.counts.total:
        return nan, nan
    counts = found.counts
    return (
        (counts.hit + counts.false) / counts.total,
        (counts.hit + counts.missed) / counts.total,
    )
