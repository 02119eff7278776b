"""The newest frame as a picture, with the outline of the clouds."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.frames.contrast import percentile_limits

if TYPE_CHECKING:
    from napari_iris.inference.prediction_file import Prediction

EDGE = (255, 160, 0)
"""Colour of the outline."""


def picture(prediction: Prediction) -> bytes:
    """Draw a prediction.

    Parameters
    ----------
    prediction : Prediction
        With its frame.

    Returns
    -------
    bytes
        A PNG of one pixel for each of the binned frame: grey, with the clouds' outline.
    """
    from PIL import Image

    low, high = percentile_limits(prediction.frame)
    grey = np.nan_to_num((prediction.frame - low) / (high - low)).clip(0, 1) * 255
    pixels = np.repeat(grey.astype(np.uint8)[..., None], 3, axis=2)
    cloud = np.pad(prediction.cloud, 1, mode="edge")
    inside = cloud[:-2, 1:-1] & cloud[2:, 1:-1] & cloud[1:-1, :-2] & cloud[1:-1, 2:]
    pixels[prediction.cloud & ~inside] = EDGE
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()
