"""The sky gate with a clear-sky reference: cloud is what is warmer than the camera's clear sky."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from napari_iris.masks.gate import GateResult
from napari_iris.radiometry.calibration import calibration_of
from napari_iris.radiometry.excess import Excess, frame_excess
from napari_iris.radiometry.quantiles import percentile
from napari_iris.radiometry.statistics import adu_per_unit, frame_statistics

if TYPE_CHECKING:
    from astropy.io import fits
    from numpy.typing import NDArray

    from napari_iris.labels import SkyCondition
    from napari_iris.masks.recipe import RecipeMask
    from napari_iris.radiometry.reference import Reference
    from napari_iris.radiometry.reference_set import ReferenceSet

SPECKS = 0.003
"""Cloud fraction up to which a frame is clear: what remains is noise."""

SOME = 4000
"""Pixels that trust and structure are taken from: more change them by less than 0.01."""

FULL = 0.999
"""Cloud fraction from which a frame is overcast."""


@dataclass(frozen=True, eq=False)
class ExcessMask:
    """What the excess says about a frame.

    Attributes
    ----------
    excess : Excess
        The excess.
    cloud : ndarray of bool or None, shape of the frame
        Cloud; None where the reference cannot decide and the frame must be evaluated alone.
    gate : GateResult or None
        The decision; None where there is none.
    method : {'clear', 'overcast', 'excess'}
        Origin of the mask.
    """

    excess: Excess
    cloud: NDArray[np.bool_] | None = None
    gate: GateResult | None = None
    method: Literal["clear", "overcast", "excess"] = "excess"


def gate_by_excess(
    binned: NDArray[np.float32],
    split: RecipeMask,
    header: fits.Header | None,
    references: ReferenceSet | None,
) -> ExcessMask | None:
    """Evaluate a frame by its camera's clear-sky reference.

    Pixels are cloud above a threshold in excess. The recipe's own threshold is kept where it lies
    between the surely clear and the surely cloudy: there, structure decides what level cannot.

    Parameters
    ----------
    binned : ndarray of float32, shape (rows, columns)
        The rebinned frame; NaN where blank.
    split : RecipeMask
        The recipe's mask of it.
    header : astropy.io.fits.Header or None
        The frame's header.
    references : ReferenceSet or None
        The references.

    Returns
    -------
    ExcessMask or None
        None where there is no reference for the frame.
    """
    if references is None or not references.found:
        return None
    statistics = frame_statistics(binned, header)
    reference = references.of(statistics, binned)
    if reference is None:
        return None
    excess = frame_excess(binned, statistics, reference)
    excess = replace(excess, calibration=calibration_of(header))
    unit = adu_per_unit(binned)
    threshold = float(
        np.clip(split.threshold * unit - excess.level, excess.clear_below, excess.cloud_above)
    )
    if reference.kind == "limit":
        # clear sky is at most at the limit: a frame that is wholly warmer is overcast
        low = percentile(excess.seen, 2) if excess.seen.size else -np.inf
        if low < 3 * reference.level_sigma:
            return ExcessMask(excess)
        cloud = np.isfinite(excess.values)
    else:
        cloud = _connected(excess.values, threshold, excess.cloud_above)
    fraction = int(np.count_nonzero(cloud)) / max(excess.seen.size, 1)
    sky: SkyCondition = (
        "clear" if fraction <= SPECKS else "overcast" if fraction >= FULL else "cloudy"
    )
    if sky != "cloudy":
        cloud = np.full(binned.shape, sky == "overcast")
    result = _result(sky, threshold, excess, reference, reference.shape(statistics), unit)
    return ExcessMask(excess, cloud, result, "excess" if sky == "cloudy" else sky)


def _connected(values: NDArray[np.float32], threshold: float, sure: float) -> NDArray[np.bool_]:
    """Pixels above a threshold that touch sure cloud: specks of humid air do not."""
    above, cloud = values > threshold, values > sure
    if not cloud.any() or np.array_equal(above, cloud):
        return cloud
    from scipy.ndimage import label

    patches, count = label(above)
    touches = np.zeros(count + 1, bool)
    touches[patches[cloud]] = True
    connected: NDArray[np.bool_] = above & touches.take(patches)
    return connected


def _result(
    sky: SkyCondition,
    threshold: float,
    excess: Excess,
    reference: Reference,
    shape: NDArray[np.float32],
    unit: float,
) -> GateResult:
    """Express the decision as the gate does, with the clear-sky surface as its floor."""
    from scipy.special import ndtr

    seen = excess.seen
    some = seen[:: 1 + seen.size // SOME]
    sigma = reference.pixel_sigma if excess.clear_sky_in_view else reference.level_sigma
    sure = 2 * ndtr(np.abs(some - threshold) / (1.5 * sigma)) - 1
    floor = (shape + np.float32(excess.level)) / np.float32(unit)
    reach = max(percentile(some, 98), 1e-6) if seen.size else 1e-6
    return GateResult(
        sky=sky,
        trust=float(sure.mean()) if seen.size else 0.0,
        structure=float(some.std()) if seen.size else 0.0,
        floor=floor,
        cut=threshold / unit,
        reach=reach / unit,
    )
