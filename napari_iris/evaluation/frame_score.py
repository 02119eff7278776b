"""Evaluate the prediction of one frame against its truth."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, nan
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import FrameError, IrisError
from napari_iris.evaluation.baselines import baselines
from napari_iris.evaluation.pooled_scores import AGAINST, MODEL, FrameTallies
from napari_iris.frames.site_mask import CARD as SITE_MASK
from napari_iris.inference.prediction_file import PredictionError, read_prediction
from napari_iris.labels import CLOUD, CLOUDY_FROM, IGNORE
from napari_iris.matching.pixels import different_frames
from napari_iris.metrics.counts import Counts
from napari_iris.metrics.tally import Tally, tally

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.evaluation.matches import Match
    from napari_iris.inference.prediction_file import Prediction
    from napari_iris.radiometry.reference_set import ReferenceSet

    Mask = NDArray[np.uint8] | None

CLASS_THRESHOLD = 0.5
"""Classifier's probability from which a frame is cloudy, if an older prediction does not say."""


@dataclass(frozen=True, eq=False)
class FrameScore:
    """How well one frame was predicted.

    Attributes
    ----------
    row : int
        Number of the match.
    pixels : FrameTallies or None
        About its pixels, without those to be ignored; None where the frame has no mask.
    classes : FrameTallies or None
        About its class; None without a classifier, or where the class is not known.
    model : str
        Model that made the prediction.
    threshold : float
        Probability from which a pixel was called cloud.
    cloud, true_cloud : float
        Cloud fraction of the counted pixels, predicted and true; NaN where none counts.
    p_cloud, uncertainty : float
        As the prediction states them.
    class_threshold : float
        Classifier's probability from which the frame was called cloudy.
    """

    row: int
    pixels: FrameTallies | None
    classes: FrameTallies | None
    model: str
    threshold: float
    cloud: float
    true_cloud: float
    p_cloud: float
    uncertainty: float
    class_threshold: float


def score_match(
    match: Match, threshold: float | None = None, references: ReferenceSet | None = None
) -> FrameScore:
    """Read a prediction and its truth, and evaluate the one against the other.

    The truth and the frame are brought to the prediction's shape, by majority and by area mean.

    Parameters
    ----------
    match : Match
        The files.
    threshold : float, optional
        Probability from which a pixel is cloud, or a frame for a classifier alone; by default the
        one in the file.
    references : ReferenceSet, optional
        Clear-sky references of the cameras, for the baseline.

    Raises
    ------
    FileError
        If a file is damaged, or the prediction is of another frame than the truth, or lacks a pixel
        that the truth has.
    """
    paths = {MODEL: match.prediction}
    if match.against is not None:
        paths[AGAINST] = match.against
    predictions = {name: read_prediction(path) for name, path in paths.items()}
    truths = {name: _read_truth(match, paths[name], one) for name, one in predictions.items()}
    tallies = {
        name: _tally_pixels(paths[name], one, truths[name][1], threshold)
        for name, one in predictions.items()
    }
    frame, mask = truths[MODEL]
    masks = baselines(frame, predictions[MODEL].header, references)
    pixels = _pixels(tallies, masks, mask)
    thresholds = {name: _class_threshold(one, threshold) for name, one in predictions.items()}
    true_class = float(match.sample.table.class_labels()[0])
    classes = _score_class(true_class, predictions, thresholds, _cloudy(masks, np.isfinite(frame)))
    if pixels is None and classes is None:
        reason = "has neither a mask of its own nor a class predicted by a classifier"
        raise FrameError(match.sample.paths[0], reason, "label it, or predict with --classifier")
    prediction = predictions[MODEL]
    return FrameScore(
        match.row,
        pixels,
        classes,
        prediction.model,
        prediction.threshold if threshold is None else threshold,
        *_cloud_fractions(tallies[MODEL]),
        prediction.p_cloud,
        prediction.uncertainty,
        thresholds[MODEL],
    )


def _read_truth(
    match: Match, path: Path, prediction: Prediction
) -> tuple[NDArray[np.float32], Mask]:
    """Read the labelled frame at the prediction's shape; refuse a prediction of another frame."""
    rows, columns = prediction.probability.shape
    frame, mask, _ = match.sample.read(0, (rows, columns))
    if different_frames(prediction.frame, frame):
        reason = f"is not of the frame whose truth is {match.sample.paths[0]}"
        raise PredictionError(path, reason, "give the truth of the frames predicted")
    if mask is not None and SITE_MASK in prediction.header:  # its blank pixels are never sky
        mask = np.where(np.isnan(prediction.probability), np.uint8(IGNORE), mask)
    return frame, mask


def _tally_pixels(
    path: Path, prediction: Prediction, mask: Mask, threshold: float | None
) -> Tally | None:
    """Sum up the pixels that are not to be ignored; None without a mask, true or predicted."""
    if mask is None or prediction.is_of_frame:
        return None
    counted = mask != IGNORE
    wanted = prediction.threshold if threshold is None else threshold
    try:
        return tally(prediction.probability[counted], mask[counted] == CLOUD, wanted)
    except IrisError as error:
        fix = "predict it again from the frame that the mask is of"
        raise PredictionError(path, f"does not fit its truth: {error}", fix) from error


def _pixels(
    tallies: Mapping[str, Tally | None], masks: Mapping[str, NDArray[np.bool_]], mask: Mask
) -> FrameTallies | None:
    """Tallies of the pixels; None unless the truth and all models have a mask."""
    found = {name: one for name, one in tallies.items() if one is not None}
    if mask is None or len(found) < len(tallies):
        return None
    counted = mask != IGNORE
    truth = mask[counted] == CLOUD
    counts = {name: Counts.of(cloud[counted], truth) for name, cloud in masks.items()}
    return FrameTallies(found, counts)


def _class_threshold(prediction: Prediction, given: float | None) -> float:
    """Threshold on the frame's class: for a classifier alone, its only threshold."""
    if prediction.is_of_frame:
        return prediction.threshold if given is None else given
    return CLASS_THRESHOLD if isnan(prediction.class_threshold) else prediction.class_threshold


def _cloudy(
    masks: Mapping[str, NDArray[np.bool_]], seen: NDArray[np.bool_]
) -> dict[str, NDArray[np.bool_]]:
    """Class of the frame by each baseline's mask, shape (1,): cloudy from 0.5 % of its pixels."""
    return {name: np.array([mask[seen].mean() > CLOUDY_FROM]) for name, mask in masks.items()}


def _score_class(
    true_class: float,
    predictions: Mapping[str, Prediction],
    thresholds: Mapping[str, float],
    baselines: Mapping[str, NDArray[np.bool_]],
) -> FrameTallies | None:
    """Evaluate the frame's class; None where it is not known or was not predicted."""
    if isnan(true_class) or any(isnan(one.p_cloud) for one in predictions.values()):
        return None
    truth = np.array([true_class > 0])
    return FrameTallies(
        {
            name: tally(np.array([one.p_cloud]), truth, thresholds[name])
            for name, one in predictions.items()
        },
        {name: Counts.of(cloudy, truth) for name, cloudy in baselines.items()},
    )


def _cloud_fractions(found: Tally | None) -> tuple[float, float]:
    """Cloud fraction of the counted pixels, predicted and true."""
    if found is None or not found.counts.total:
        return nan, nan
    counts = found.counts
    return (
        (counts.hit + counts.false) / counts.total,
        (counts.hit + counts.missed) / counts.total,
    )
