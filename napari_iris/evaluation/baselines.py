"""Trivial baselines that every model is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.labels import CLOUD
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import make_mask
from napari_iris.masks.recipe import recipe

if TYPE_CHECKING:
    from numpy.typing import NDArray

BASELINES = ("all_cloud", "otsu", "recipe", "recipe_gate")
"""All cloud, Otsu's threshold of the frame, the published recipe, the recipe with the sky gate."""


def baselines(frame: NDArray[np.floating]) -> dict[str, NDArray[np.bool_]]:
    """Compute the cloud mask of each baseline.

    Parameters
    ----------
    frame : ndarray of float, shape (rows, columns)
        The binned frame, in any unit linear in radiance; NaN where blank.

    Returns
    -------
    dict of str to ndarray of bool, shape (rows, columns)
        Where there is cloud, by the names of `BASELINES`. In a constant frame, Otsu and the recipe,
        with the gate or without, find no cloud.
    """
    none = np.zeros(frame.shape, np.bool_)
    found = {"all_cloud": ~none, "otsu": none, "recipe": none, "recipe_gate": none}
    try:
        found["recipe"] = recipe(frame).mask == CLOUD
    except IrisError:  # a constant frame
        return found
    rows, columns = frame.shape
    gated = make_mask(frame, MaskConfig(shape=(rows, columns))).mask
    return {**found, "otsu": _otsu(frame), "recipe_gate": gated == CLOUD}


def _otsu(frame: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Above Otsu's threshold of the frame itself, without a stretch."""
    from skimage.filters import threshold_otsu

    above: NDArray[np.bool_] = frame > threshold_otsu(frame[np.isfinite(frame)])
    return above
