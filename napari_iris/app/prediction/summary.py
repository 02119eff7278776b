"""The prediction of the current frame in words and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.networks.novelty import UNLIKE_ABOVE
from napari_iris.numbers import UNDEFINED, format_number

if TYPE_CHECKING:
    from napari_iris.app.prediction.current import CurrentPrediction
    from napari_iris.app.prediction.source import FramePrediction
    from napari_iris.app.prediction.truth import CurrentTruth

REFERENCES = {"limit": "upper limit"}
"""Texts of kinds of reference that are not shown as they are stored."""

LABELS = {
    "model": ("Model", "Name and fingerprint of the model, and of the classifier"),
    "cloud": ("Cloud", "Cloud fraction at the threshold"),
    "p_cloud": ("P(cloud)", "Probability, by the classifier, that there is cloud in the frame"),
    "uncertainty": (
        "Uncertainty",
        "Mean entropy of the pixels' probabilities: 0 certain, 1 undecided everywhere",
    ),
    "reference": (
        "Reference",
        "Clear-sky reference of the frame: measured, an upper limit, or none",
    ),
    "novelty": (
        "Novelty",
        "Distance from the frames that the model was trained on: above 1 the frame is unlike them",
    ),
    "source": ("Source", "Whether the prediction was computed now or read from a file"),
}
"""Label and meaning of each text of `summarize`."""


def summarize(current: CurrentPrediction) -> dict[str, str]:
    """Describe the prediction of the current frame.

    Parameters
    ----------
    current : CurrentPrediction
        The prediction.

    Returns
    -------
    dict of str to str
        A text for each of `LABELS`; `UNDEFINED` where there is no value.
    """
    if current.result is None:
        return {**dict.fromkeys(LABELS, UNDEFINED), "source": _why_none(current)}
    prediction, fraction = current.result.prediction, current.cloud_fraction
    return {
        "model": prediction.model,
        "cloud": f"{fraction:.1%} ({8 * fraction:.1f} oktas)",
        "p_cloud": format_number(prediction.p_cloud, 3),
        "uncertainty": format_number(prediction.uncertainty, 3),
        "reference": REFERENCES.get(prediction.reference, prediction.reference),
        "novelty": _novelty_text(prediction.novelty),
        "source": _source_text(current.result),
    }


def _novelty_text(novelty: float) -> str:
    text = format_number(novelty, 2)
    return f"{text}: unlike the training frames" if novelty > UNLIKE_ABOVE else text


def _why_none(current: CurrentPrediction) -> str:
    if current.problem:
        return current.problem
    if current.session.sequence is None:
        return "No frames are open."
    return UNDEFINED if current.source is None else "Predicting..."


def _source_text(result: FramePrediction) -> str:
    if result.file is not None:
        return f"file {result.file.parent.name}/{result.file.name}"
    return f"computed ({1000 * result.seconds:.0f} ms)"


def comparison_text(current: CurrentPrediction, truth: CurrentTruth) -> str:
    """Describe how the mask at the threshold agrees with the truth.

    Parameters
    ----------
    current : CurrentPrediction
        The prediction.
    truth : CurrentTruth
        The reference mask.

    Returns
    -------
    str
        Scores, or why there are none; empty while nothing is known.
    """
    if current.result is None:
        return ""
    if truth.problem:
        return truth.problem
    scores = truth.scores()
    if not scores:
        missing = truth.source is not None and truth.is_current
        return "This frame has no reference mask." if missing else ""
    accuracy, clear = format_number(scores["accuracy"], 3), format_number(scores["iou_clear"], 3)
    return f"Accuracy {accuracy}, clear IoU {clear}; true cloud fraction {scores['cloud']:.1%}"
