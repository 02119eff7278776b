"""Which frame a prediction is of: told by the frame's pixels, as names come again every night."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.frames.identity import content_hash
from napari_iris.frames.rebin import rebin
from napari_iris.inference.prediction_file import (
    PredictionError,
    possible_paths,
    read_prediction,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.inference.prediction_file import Prediction

ALIKE = 0.5
"""Correlation that the pixels of one frame have at least, in whatever unit and shape."""

ROUNDING = 1e-3
"""Half of a frame's pixels may differ by so much of its standard deviation: far below its noise."""


def frame_id(frame: NDArray[np.generic]) -> str:
    """Tell a frame from all others, whatever it is called.

    Parameters
    ----------
    frame : ndarray, shape (rows, columns)
        The frame as read, before it is rebinned.

    Returns
    -------
    str
        32 hexadecimal digits, see `content_hash`.
    """
    return content_hash(np.asarray(frame, np.float32)).hex()


def is_of(prediction: Prediction, frame: NDArray[np.generic]) -> bool:
    """Whether a prediction was made of a frame.

    One that does not say so, of an older napari-iris, is known by the binned frame that it holds.

    Parameters
    ----------
    prediction : Prediction
        What was predicted.
    frame : ndarray, shape (rows, columns)
        The frame as read, before it is rebinned.
    """
    if prediction.frame_id:
        return prediction.frame_id == frame_id(frame)
    try:
        return has_pixels_of(prediction, rebin(frame, prediction.frame.shape))
    except IrisError:  # too small to have been predicted
        return False


def has_pixels_of(prediction: Prediction, frame: NDArray[np.floating]) -> bool:
    """Whether the binned frame that a prediction holds is this one, up to rounding.

    Parameters
    ----------
    prediction : Prediction
        What was predicted.
    frame : ndarray of float, shape (rows, columns)
        The frame, brought to the prediction's shape; NaN where blank.
    """
    if prediction.frame.shape != frame.shape:
        return False
    one, other = prediction.frame.astype(np.float64), frame.astype(np.float64)
    seen = np.isfinite(one) & np.isfinite(other)
    if not seen.any():
        return False
    apart = float(np.median(np.abs(one[seen] - other[seen])))
    return apart <= max(ROUNDING * float(one[seen].std()), 1e-6 * float(np.abs(one[seen]).max()))


def is_another(prediction: Prediction, frame: NDArray[np.floating]) -> bool:
    """Whether the binned frame that a prediction holds is surely not this one.

    Unit, level and resampling do not tell: a truth may hold its frame divided by 2**14, or binned
    otherwise. Only a frame whose pixels do not rise and fall with it is another one.

    Parameters
    ----------
    prediction : Prediction
        What was predicted.
    frame : ndarray of float, shape (rows, columns)
        The frame that the truth holds, brought to the prediction's shape; NaN where blank.
    """
    one, other = prediction.frame.astype(np.float64), frame.astype(np.float64)
    seen = np.isfinite(one) & np.isfinite(other)
    if not seen.any() or not np.ptp(one[seen]) or not np.ptp(other[seen]):
        return False
    return bool(np.corrcoef(one[seen], other[seen])[0, 1] < ALIKE)


def stored_predictions(
    path: Path, frame: NDArray[np.generic], folder: Path
) -> Iterator[tuple[Path, Prediction]]:
    """Find what a folder holds of a frame: under its name, and made of its pixels.

    Parameters
    ----------
    path : Path
        The frame's file.
    frame : ndarray, shape (rows, columns)
        Its pixels as read.
    folder : Path
        Folder of predictions.

    Yields
    ------
    file, prediction
        Most often one; damaged files and those of other frames are passed over.
    """
    for place in possible_paths(path, folder):
        try:
            found = read_prediction(place) if place.is_file() else None
        except PredictionError:
            continue
        if found is not None and is_of(found, frame):
            yield place, found
