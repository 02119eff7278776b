"""The layers of a prediction over its frame: probability, mask, uncertainty, truth, errors."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from napari_iris.app.prediction.errors import FALSE_ALARM, HIT, MISS
from napari_iris.desk.layers.mask_style import as_mask
from napari_iris.desk.layers.overlay import Overlay
from napari_iris.desk.layers.reader import new_labels
from napari_iris.labels import CLOUD, IGNORE

if TYPE_CHECKING:
    import numpy as np
    from napari.layers import Image, Labels
    from numpy.typing import NDArray

    from napari_iris.desk.layers.frames_layer import FramesLayer

ERROR_COLORS: dict[int, str] = {
    HIT: "#648fff",
    FALSE_ALARM: "#ffb000",
    MISS: "#dc267f",
}
"""Blue, amber and magenta: distinct to colour-blind eyes (IBM's palette)."""

MASK_COLORS = {0: "transparent", CLOUD: "#ff9e3d", IGNORE: "#b56576", None: "transparent"}
"""Colours of a model's mask: amber, as a human's is blue."""

PROBABILITY_STEPS = (
    (0.0, (0.28, 0.10, 0.55, 0.00)),
    (0.1, (0.32, 0.12, 0.60, 0.25)),
    (0.5, (0.52, 0.24, 0.82, 0.70)),
    (1.0, (0.82, 0.58, 1.00, 0.90)),
)
"""Colours of the probability: transparent at 0, then violet to lilac, which no mask has."""

MAX_SPREAD = 0.3
"""Standard deviation at the top of the colormap: half of the copies say 0.2, half 0.8."""


class PredictionLayers:
    """The overlays of a prediction, as a `PredictionCanvas`.

    Parameters
    ----------
    frames : FramesLayer
        The layer of the frames.

    Attributes
    ----------
    probability, mask, uncertainty, truth, errors : Overlay
        The overlays.
    """

    def __init__(self, frames: FramesLayer) -> None:
        both = ("predict", "review")
        self.probability = Overlay(frames, "iris_probability", probability_layer, docks=both)
        self.mask = Overlay(frames, "iris_model_mask", mask_layer, docks=both)
        self.uncertainty = Overlay(
            frames, "iris_uncertainty", uncertainty_layer, wanted=False, docks=both
        )
        truth = partial(new_labels, name="truth")
        self.truth = Overlay(frames, "iris_truth", truth, wanted=False, docks=("review",))
        self.errors = Overlay(frames, "iris_errors", errors_layer, docks=("review",))

    @property
    def predicted(self) -> tuple[Overlay, ...]:
        """The overlays of the prediction alone."""
        return self.probability, self.mask, self.uncertainty

    def remove(self) -> None:
        """Take all layers out of the viewer."""
        for overlay in (*self.predicted, self.truth, self.errors):
            overlay.remove()


def probability_layer(probability: NDArray[np.float32]) -> Image:
    """Make an image layer of a probability, 0 to 1; the frame shows through where it is low."""
    from napari.utils import Colormap

    controls, colors = zip(*PROBABILITY_STEPS, strict=True)
    colormap = Colormap(colors=colors, controls=controls, name="cloud probability")
    return _image(probability, colormap, 1.0, opacity=0.7)


def uncertainty_layer(spread: NDArray[np.float32]) -> Image:
    """Make an image layer of the spread between flipped and shifted copies."""
    from napari.utils import Colormap

    colors = ((0.0, 0.9, 0.8, 0.0), (0.0, 0.9, 0.8, 0.95))
    colormap = Colormap(colors=colors, name="uncertainty")
    return _image(spread, colormap, MAX_SPREAD, opacity=0.9)


def mask_layer(mask: NDArray[np.uint8]) -> Labels:
    """Make a labels layer of the mask at the threshold."""
    return as_mask(_labels(mask, MASK_COLORS))


def errors_layer(errors: NDArray[np.uint8]) -> Labels:
    """Make a labels layer of an error map."""
    return _labels(errors, {0: "transparent", **ERROR_COLORS, None: "transparent"})


def _image(pixels: Any, colormap: Any, top: float, *, opacity: float) -> Image:
    from napari.layers import Image

    return Image(
        pixels,
        colormap=colormap,
        contrast_limits=(0.0, top),
        opacity=opacity,
        blending="translucent",
    )


def _labels(pixels: Any, colors: dict[Any, str]) -> Labels:
    from napari.layers import Labels
    from napari.utils.colormaps import DirectLabelColormap

    return Labels(pixels, colormap=DirectLabelColormap(color_dict=colors), opacity=0.6)
