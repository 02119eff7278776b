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
    from astropy.io import fits
    from numpy.typing import NDArray

    from napari_iris.radiometry.reference_set import ReferenceSet

BASELINES = ("all_cloud", "otsu", "recipe", "recipe_gate", "reference")
"""All cloud, Otsu's threshold of the frame, the published recipe, the recipe with the sky gate, and
the gate with the camera's clear-sky reference."""

AUTOMATIC = ("recipe", "recipe_gate", "reference")
"""Those that automatic masks are made by: none can be wrong on a label that is one."""


def baselines(
    frame: NDArray[np.floating],
    header: fits.Header | None = None,
    references: ReferenceSet | None = None,
) -> dict[str, NDArray[np.bool_]]:
    """Compute the cloud mask of each baseline.

    Parameters
    ----------
    frame : ndarray of float, shape (rows, columns)
        The binned frame, in any unit linear in radiance; NaN where blank.
    header : astropy.io.fits.Header, optional
        The frame's header.
    references : ReferenceSet, optional
        Clear-sky references of the cameras; without one for the frame, ``reference`` is the same as
        ``recipe_gate``.

    Returns
    -------
    dict of str to ndarray of bool, shape (rows, columns)
        Where there is cloud, by the names of `BASELINES`. In a constant frame, Otsu and the recipe,
        with the gate or without, find no cloud.
    """
    none = np.zeros(frame.shape, np.bool_)
    found = {**dict.fromkeys(BASELINES, none), "all_cloud": ~none}
    try:
        split = recipe(frame)
    except IrisError:  # a constant frame
        return found
    config = MaskConfig(shape=(frame.shape[0], frame.shape[1]))
    gated = make_mask(frame, config, split=split).mask == CLOUD
    found |= {"recipe": split.mask == CLOUD, "otsu": _otsu(frame)}
    found |= {"recipe_gate": gated, "reference": gated}
    if references is not None and references.found:
        found["reference"] = make_mask(frame, config, header, references, split).mask == CLOUD
    return found


def _otsu(frame: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Above Otsu's threshold of the frame itself, without a stretch."""
    from skimage.filters import threshold_otsu

    above: NDArray[np.bool_] = frame > threshold_otsu(frame[np.isfinite(frame)])
    return above
