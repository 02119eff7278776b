"""Write predictions and truths in memory to the files that an evaluation reads."""

from __future__ import annotations

import os
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.frames.names import frame_stem
from napari_iris.frames.rebin import rebin
from napari_iris.inference.prediction_file import write_prediction
from napari_iris.labels import IGNORE, SKY
from napari_iris.masks.make import CloudMask
from napari_iris.masks.mask_file import mask_path, read_mask, write_mask
from napari_iris.matching.names import prediction_path
from napari_iris.numbers import format_count
from napari_iris.sky.observe import SimulatedFrame

if TYPE_CHECKING:
    from collections.abc import Iterable

    from astropy.io import fits
    from numpy.typing import NDArray

    from napari_iris.inference.prediction_file import Prediction

    TruthLike: TypeAlias = str | os.PathLike[str] | NDArray[np.generic] | CloudMask | SimulatedFrame

ONE_TRUTH = (np.ndarray, CloudMask, SimulatedFrame)
"""Types of a truth in memory."""

FIX = "give one truth for each prediction"


def write_pairs(
    predictions: Iterable[Prediction],
    truths: Iterable[TruthLike],
    prediction_folder: Path,
    truth_folder: Path,
) -> None:
    """Write predictions and their truths under names that match.

    Parameters
    ----------
    predictions : iterable of Prediction
        The predictions.
    truths : iterable of str, Path, array, CloudMask or SimulatedFrame
        The truth of each, in the same order.
    prediction_folder, truth_folder : Path
        Folders to write to; they must exist.

    Raises
    ------
    IrisError
        If their numbers differ, or a truth is not a mask.
    """
    for number, (prediction, truth) in enumerate(zip_longest(predictions, truths)):
        if prediction is None or truth is None:
            fewer = format_count(number, "prediction" if prediction is None else "truth")
            raise IrisError(f"there {'is' if number == 1 else 'are'} only {fewer}; {FIX}")
        name = Path(f"frame_{number:06d}.fits")
        write_prediction(prediction_path(name, prediction_folder), prediction)
        frame, mask, header = _truth(truth, prediction)
        write_mask(mask_path(name, truth_folder), frame, mask, header, {})


def write_predictions(predictions: Iterable[Prediction], folder: Path) -> None:
    """Write predictions under the names of their frames, to match them with truth in files.

    Parameters
    ----------
    predictions : iterable of Prediction
        Predictions of frames that were read from files, each with a name of its own.
    folder : Path
        Folder to write to; it must exist.

    Raises
    ------
    IrisError
        If a frame was not read from a file, or two have the same name.
    """
    for number, prediction in enumerate(predictions):
        if not prediction.frame_path:
            raise IrisError(
                f"prediction {number} is of a frame in memory; give its truth in memory too"
            )
        path = prediction_path(prediction.frame_path, folder)
        if path.exists():
            stem = frame_stem(prediction.frame_path)
            raise IrisError(f"two predictions are of frames called {stem}; evaluate one at a time")
        write_prediction(path, prediction)


def _truth(
    truth: TruthLike, prediction: Prediction
) -> tuple[NDArray[np.float32], NDArray[np.uint8], fits.Header]:
    """Frame, mask and header of a truth; an array has the frame of its prediction."""
    if isinstance(truth, str | os.PathLike):
        found = read_mask(Path(truth))
        return found.frame, found.mask, found.header
    if isinstance(truth, CloudMask):
        return truth.frame, truth.mask, truth.header
    if isinstance(truth, SimulatedFrame):
        return truth.data.astype(np.float32), truth.truth.astype(np.uint8), truth.header
    mask = _mask(truth)
    same = mask.shape == prediction.frame.shape
    frame = prediction.frame if same else rebin(prediction.frame, mask.shape)
    return frame, mask, prediction.header


def _mask(array: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Mask values of an array; masked pixels are ignored."""
    values = np.ma.filled(np.ma.MaskedArray(array), IGNORE)
    if values.ndim != 2 or not np.isin(values, range(SKY, IGNORE + 1)).all():
        raise IrisError(
            f"truth: expected (rows, columns) of 0 sky, 1 cloud, 2 ignore, received shape "
            f"{values.shape}, values {values.min()} to {values.max()}"
        )
    return values.astype(np.uint8)
