"""The automatic mask of a frame of a project, and what it says of how sure it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.frames.facts import observed_at
from napari_iris.frames.site_mask import hide
from napari_iris.masks.make import make_mask
from napari_iris.project.mask_store import MaskStore
from napari_iris.project.records import NewMask
from napari_iris.radiometry.certainty import FLAT_ADU
from napari_iris.radiometry.clear_views import CONTRAST_ADU
from napari_iris.radiometry.statistics import quadratic_surface

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.frames.frame import Frame
    from napari_iris.frames.site_mask import SiteMask
    from napari_iris.masks.config import MaskConfig
    from napari_iris.masks.make import CloudMask
    from napari_iris.project.night_references import NightReferences
    from napari_iris.radiometry.excess import Excess
    from napari_iris.radiometry.reference_set import ReferenceSet

MASK_CONFIG = "mask config"
"""Key of the project's setting that keeps how its automatic masks are made."""


def auto_mask(
    frame: Frame,
    store: Path,
    config: MaskConfig,
    references: ReferenceSet | NightReferences | None,
    site: SiteMask | None = None,
) -> NewMask | None:
    """Make a frame's automatic mask, and save it in the store.

    Parameters
    ----------
    frame : Frame
        The frame.
    store : Path
        Folder of the mask store.
    config : MaskConfig
        How to make the mask.
    references : ReferenceSet or NightReferences or None
        Clear-sky references of the cameras.
    site : SiteMask, optional
        Pixels that never show the sky, which the mask ignores.

    Returns
    -------
    NewMask or None
        To be added to the database; None for a blank frame, which has no mask.

    Raises
    ------
    ReferenceFileError
        If the reference of its night is damaged.
    """
    known = None if references is None else references.of_time(observed_at(frame.header))
    try:
        shown = hide(frame, site)
        made = make_mask(shown.data, config, shown.header, known)
    except IrisError:
        return None
    name = MaskStore(store).save(made.mask, durable=False)
    excess = made.excess
    return NewMask(
        name,
        made.cloud_fraction,
        made.trust,
        made.threshold,
        made.method,
        reference=made.reference if config.gate else None,
        level=None if excess is None else excess.level,
        excess=None if excess is None else excess.median,
        undecided=None if excess is None else excess.parts[2],
        disagreement=None if excess is None else contradiction(made, excess),
    )


def contradiction(made: CloudMask, excess: Excess) -> float:
    """Compute how far the structure of a frame contradicts what its level says.

    A clear frame contradicts by its structure beyond that of clear sky; an overcast one without
    structure, by how near it is to the clear sky: it may be haze. Where cloud and clear sky are
    both in view, structure and level agree that there is cloud. (The recipe's mask is not a witness
    there: where it differs from the excess, it is nearly always the one that is wrong.)

    Parameters
    ----------
    made : CloudMask
        The frame's mask.
    excess : Excess
        Its excess.

    Returns
    -------
    float
        From 0 to 1.
    """
    if made.sky == "cloudy" or not np.isfinite(excess.values).any():
        return 0.0
    structure = float(np.nanstd(excess.values - quadratic_surface(excess.values)))
    if made.sky == "clear":
        return float(np.clip(structure / FLAT_ADU - 1, 0, 1))
    near = 1 - excess.median / CONTRAST_ADU
    return float(np.clip(near, 0, 1)) if structure < FLAT_ADU else 0.0
