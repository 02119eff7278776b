"""Predictions of a frame that a folder already holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.errors import IrisError
from napari_iris.frames.rebin import rebin
from napari_iris.inference.prediction_file import PredictionError, read_prediction
from napari_iris.matching.names import existing_paths
from napari_iris.matching.pixels import frame_id, same_pixels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.inference.prediction_file import Prediction


def is_of(prediction: Prediction, frame: NDArray[np.generic]) -> bool:
    """Whether a prediction was made from a frame.

    A prediction without ``FRAMEID``, of an older napari-iris, is compared by its binned frame.

    Parameters
    ----------
    prediction : Prediction
        The prediction.
    frame : ndarray, shape (rows, columns)
        The frame as read, before it is rebinned.
    """
    if prediction.frame_id:
        return prediction.frame_id == frame_id(frame)
    try:
        return same_pixels(prediction.frame, rebin(frame, prediction.frame.shape))
    except IrisError:  # too small to have been predicted
        return False


def stored_predictions(
    path: Path, frame: NDArray[np.generic], folder: Path
) -> Iterator[tuple[Path, Prediction]]:
    """Find the predictions of a frame in a folder: those with its name and its pixels.

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
        Most often one; damaged files and those of other frames are skipped.

    Raises
    ------
    PackError
        If a pack is damaged.
    """
    for place in existing_paths(path, folder):
        try:
            found = read_prediction(place)
        except PredictionError:
            continue
        if is_of(found, frame):
            yield place, found
