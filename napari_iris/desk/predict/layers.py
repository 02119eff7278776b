"""How a prediction looks over its frame: probability, the mask cut from it, its errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.desk.layers.reader import labels_layer
from napari_iris.labels import CLOUD, IGNORE

if TYPE_CHECKING:
    from napari.layers import Image, Labels
    from numpy.typing import NDArray

RIGHT, FALSE, MISSED = 1, 2, 3
"""Values of the error overlay: cloud found, sky called cloud, cloud called sky; 0 is right sky."""

ERROR_COLORS: dict[int | None, str] = {
    RIGHT: "#648fff",
    FALSE: "#ffb000",
    MISSED: "#dc267f",
}
"""Blue, amber and magenta: told apart by colour-blind eyes (IBM's palette)."""

ERROR_NAMES = {RIGHT: "cloud found", FALSE: "false", MISSED: "missed"}

CUT_COLORS = {0: "transparent", CLOUD: "#ff9e3d", IGNORE: "#b56576", None: "transparent"}
"""Colours of a model's mask: amber, as a person's is blue."""

PROBABILITY_STEPS = (
    (0.0, (0.28, 0.10, 0.55, 0.00)),
    (0.1, (0.32, 0.12, 0.60, 0.25)),
    (0.5, (0.52, 0.24, 0.82, 0.70)),
    (1.0, (0.82, 0.58, 1.00, 0.90)),
)
"""Colours of the probability: none where it is 0, from violet to lilac, which no mask has."""

SPREAD_MOST = 0.3
"""Standard deviation that is drawn brightest: half the copies say 0.2 and half 0.8."""


def probability_layer(probability: NDArray[np.float32]) -> Image:
    """Make an image layer of a probability, 0 to 1; the frame shows through where it is low."""
    from napari.layers import Image
    from napari.utils import Colormap

    controls, colors = zip(*PROBABILITY_STEPS, strict=True)
    colormap = Colormap(colors=colors, controls=controls, name="cloud probability")
    return _image(Image, probability, colormap, 1.0, opacity=0.7)


def spread_layer(spread: NDArray[np.float32]) -> Image:
    """Make an image layer of the spread between turned copies."""
    from napari.layers import Image
    from napari.utils import Colormap

    colors = ((0.0, 0.9, 0.8, 0.0), (0.0, 0.9, 0.8, 0.95))
    colormap = Colormap(colors=colors, name="uncertainty")
    return _image(Image, spread, colormap, SPREAD_MOST, opacity=0.9)


def cut_layer(mask: NDArray[np.uint8]) -> Labels:
    """Make a labels layer of the mask that is cut from a probability."""
    return _labels(mask, CUT_COLORS, opacity=0.6)


def errors_layer(errors: NDArray[np.uint8]) -> Labels:
    """Make a labels layer of what is right, false and missed."""
    colors = {0: "transparent", **ERROR_COLORS, None: "transparent"}
    return _labels(errors, colors, opacity=0.6)


def truth_layer(mask: NDArray[np.uint8]) -> Labels:
    """Make a labels layer of the mask that a prediction is held against."""
    from napari.layers import Labels

    data, settings, _ = labels_layer(mask, "truth", None)
    return Labels(data, **settings)


def errors_of(mask: NDArray[np.uint8], truth: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Tell where a mask is right and wrong.

    Parameters
    ----------
    mask, truth : ndarray of uint8, shape (rows, columns)
        0 sky, 1 cloud, 2 ignore.

    Returns
    -------
    ndarray of uint8, shape (rows, columns)
        0 right sky or ignored in either, 1 right cloud, 2 false cloud, 3 missed cloud.
    """
    found, there = mask == CLOUD, truth == CLOUD
    counted = (mask != IGNORE) & (truth != IGNORE)
    errors = np.zeros(mask.shape, np.uint8)
    errors[counted & found & there] = RIGHT
    errors[counted & found & ~there] = FALSE
    errors[counted & ~found & there] = MISSED
    return errors


def _image(kind: Any, pixels: Any, colormap: Any, most: float, *, opacity: float) -> Image:
    layer: Image = kind(
        pixels,
        colormap=colormap,
        contrast_limits=(0.0, most),
        opacity=opacity,
        blending="translucent",
    )
    return layer


def _labels(pixels: Any, colors: dict[Any, str], *, opacity: float) -> Labels:
    from napari.layers import Labels
    from napari.utils.colormaps import DirectLabelColormap

    return Labels(pixels, colormap=DirectLabelColormap(color_dict=colors), opacity=opacity)
