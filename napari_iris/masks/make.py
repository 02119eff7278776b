"""Make the cloud mask of one frame: the recipe, held to the sky gate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from napari_iris.frames.rebin import rebin
from napari_iris.labels import CLOUD, IGNORE, SKY
from napari_iris.masks.gate import Verdict, floor_at, judge
from napari_iris.masks.mask_file import Cards, cloud_fraction
from napari_iris.masks.recipe import Split, recipe

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.masks.config import MaskConfig

Method = Literal["recipe", "clear", "overcast", "floor"]

SURELY_CLEAR = 0.08
"""Height above the floor, as a part of the reach, below which a pixel is surely clear."""

TOLERATED = 0.1
"""Largest part of the surely clear sky that the recipe may call cloud and still be kept."""


@dataclass(frozen=True, eq=False)
class CloudMask:
    """A cloud mask and how it came about.

    Attributes
    ----------
    frame : ndarray of float32, shape (rows, columns)
        The rebinned frame, in its own unit (ADU for a raw frame).
    mask : ndarray of uint8, shape (rows, columns)
        0 sky, 1 cloud, 2 ignore (blank pixels).
    threshold : float
        The recipe's threshold, in the frame's unit.
    method : {'recipe', 'clear', 'overcast', 'floor'}
        What made the mask: the recipe as published, the gate's empty or full mask, or the cut
        above the clear-sky floor where the recipe's threshold lies within clear sky.
    verdict : Verdict or None
        What the gate found; None where it was off.
    """

    frame: NDArray[np.float32]
    mask: NDArray[np.uint8]
    threshold: float
    method: Method
    verdict: Verdict | None

    @property
    def cloud_fraction(self) -> float:
        """Part of the seen sky that is cloud, from 0 to 1; NaN where all is blank."""
        return cloud_fraction(self.mask)

    def cards(self, config: MaskConfig) -> Cards:
        """Header cards that say how the mask was made."""
        cards: dict[str, tuple[str | int | float | bool, str]] = {
            "METHOD": (self.method.upper(), "how the mask was made"),
            "ALOG": (config.a_log, "a of LogStretch"),
            "CONTRAST": (config.contrast, "contrast of ZScaleInterval"),
            "THRESH": (round(self.threshold, 6), "Otsu threshold of the recipe [frame unit]"),
            "CLDFRAC": (round(self.cloud_fraction, 6), "cloud fraction of the seen sky"),
            "GATE": (self.verdict is not None, "whether the sky gate was on"),
        }
        if self.verdict is not None:
            cards["SKY"] = (self.verdict.sky, "gate: clear, cloudy or overcast")
            cards["TRUST"] = (round(self.verdict.trust, 4), "gate: trust in the mask, 0 to 1")
            cards["STRUCT"] = (round(self.verdict.structure, 4), "[ADU] std about a smooth surface")
            cards["CUT"] = (round(self.verdict.cut, 6), "gate: cut above clear sky [frame unit]")
        return cards


def make_mask(frame: NDArray[np.floating], config: MaskConfig) -> CloudMask:
    """Make the cloud mask of one frame.

    Parameters
    ----------
    frame : ndarray of float, shape (rows, columns)
        The frame as read, in ADU or any unit linear in radiance; NaN where blank.
    config : MaskConfig
        Shape of the mask, parameters of the recipe, gate on or off.

    Returns
    -------
    CloudMask
        The mask at ``config.shape``.

    Raises
    ------
    IrisError
        If the frame is too small, or has the same value everywhere.
    """
    binned = rebin(frame, config.shape)
    split = recipe(binned, config.a_log, config.contrast)
    if not config.gate:
        return CloudMask(binned, split.mask, split.threshold, "recipe", None)
    verdict = judge(binned)
    mask, method = _gated(binned, split, verdict)
    return CloudMask(binned, mask, split.threshold, method, verdict)


def _gated(
    binned: NDArray[np.float32], split: Split, verdict: Verdict
) -> tuple[NDArray[np.uint8], Method]:
    """Hold the recipe's mask to the gate's verdict."""
    blank = split.mask == IGNORE
    if verdict.sky == "cloudy":
        height = binned - floor_at(verdict, binned.shape)
        if _keeps_clear_sky(split, height, verdict):
            return split.mask, "recipe"
        return _labelled(height > verdict.cut, blank), "floor"
    if verdict.sky == "clear":
        return _labelled(np.zeros_like(blank), blank), "clear"
    return _labelled(np.ones_like(blank), blank), "overcast"


def _keeps_clear_sky(split: Split, height: NDArray[np.float32], verdict: Verdict) -> bool:
    """Whether the recipe leaves the surely clear sky clear."""
    surely_clear = height < SURELY_CLEAR * verdict.reach
    called_cloud = np.count_nonzero((split.mask == CLOUD) & surely_clear)
    return bool(called_cloud <= TOLERATED * np.count_nonzero(surely_clear))


def _labelled(cloud: NDArray[np.bool_], blank: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Mask values of a boolean cloud image."""
    return np.where(blank, IGNORE, np.where(cloud, CLOUD, SKY)).astype(np.uint8)
