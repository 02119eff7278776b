"""The sky gate: is a frame clear, cloudy or overcast, decided from the frame alone.

A clear sky seen by a thermal camera is a smooth surface (air mass, lens, narcissus) plus noise.
Clouds stand above that surface and have structure at every scale. So the gate fits two smooth
surfaces to a small copy of the frame: one through all pixels, whose residual is the structure,
and one under all pixels, the *floor*, which is the clear sky wherever any is in view.

- Structure too weak for cloud: **clear**.
- No peak of pixels at the floor (a fractal deck has none, a clear gap has one): **overcast**.
- Else **cloudy**: the floor gives the pixels that are surely clear and the cut above them.

Nothing here uses the absolute level: without a reference for the camera it has no meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.frames.rebin import FULL_SCALE_ADU, is_normalised, rebin
from napari_iris.masks.surfaces import blas, floor_surface, smooth_surface

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.labels import SkyCondition

    Image = NDArray[np.floating]


GATE_SHAPE = (64, 80)
"""Rows and columns of the rebinned copy that the gate analyses, whatever the frame's size."""

PLAUSIBLE_NOISE_ADU = (0.15, 8.0)
"""Range of a frame's noise in ADU at `GATE_SHAPE`; outside of it the unit is not ADU."""

TYPICAL_NOISE_ADU = 0.8
"""Noise of a raw 640x512 frame at `GATE_SHAPE`, the scale for frames in another unit."""


@dataclass(frozen=True, eq=False)
class GateResult:
    """The gate's decision and the measurements behind it.

    Attributes
    ----------
    sky : {'clear', 'cloudy', 'overcast'}
        The decision.
    trust : float
        Confidence, from 0 to 1: the product of the probabilities of the decisions taken and,
        for a cloudy sky, of the share of pixels that a cut half or twice as high leaves unchanged.
    structure : float
        Standard deviation of the frame about a smooth surface, in ADU.
    floor : ndarray of float32, shape `GATE_SHAPE`
        The smooth surface under the frame, in the frame's unit.
    cut : float
        Height above the floor from which a pixel is cloud, in the frame's unit.
    reach : float
        Height above the floor of the warmest two percent, in the frame's unit.
    """

    sky: SkyCondition
    trust: float
    structure: float
    floor: NDArray[np.float32]
    cut: float
    reach: float


def sky_gate(frame: NDArray[np.floating]) -> GateResult:
    """Decide whether a frame is clear, cloudy or overcast.

    Parameters
    ----------
    frame : ndarray of float, shape (rows, columns)
        The frame, binned or not, in ADU, ADU / 2**14 or any unit linear in radiance; NaN where
        blank.

    Returns
    -------
    GateResult
        The decision and the measurements behind it.
    """
    small: Image = rebin(frame, GATE_SHAPE).astype(np.float64)
    seen = np.isfinite(small)
    small = _without_stripes(_fill(small, seen))
    noise = _noise(small)
    unit = _adu_per_unit(frame, noise)
    adu, noise = small * unit, max(noise * unit, 1e-6)

    with blas().limit(limits=1):  # rounded alike on any number of cores
        smooth, floor = smooth_surface(adu), floor_surface(adu, noise)
    residual = (adu - smooth)[seen]
    clear = _probability_clear(residual, float(np.ptp(smooth[seen])))
    height = _blur(adu - floor)[seen]
    reach = max(float(np.percentile(height, 98)), noise)
    overcast = _probability_overcast(height / reach, residual, clear)
    cut = _cut(height, reach, noise)

    sky: SkyCondition = "clear" if clear > 0.5 else "overcast" if overcast > 0.5 else "cloudy"
    steady = 1 - float(np.mean((height > cut / 2) & (height <= cut * 2)))
    trust = {
        "clear": clear,
        "overcast": (1 - clear) * overcast,
        "cloudy": (1 - clear) * (1 - overcast) * steady,
    }[sky]
    structure = float(residual.std())
    return GateResult(sky, trust, structure, (floor / unit).astype("f4"), cut / unit, reach / unit)


def resample_floor(result: GateResult, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Resample the floor to a frame's shape, bilinear.

    Parameters
    ----------
    result : GateResult
        Its floor has `GATE_SHAPE`.
    shape : (int, int)
        Rows and columns wanted, in pixels.

    Returns
    -------
    ndarray of float32, shape `shape`
        Clear-sky surface in the frame's unit.
    """
    from scipy.ndimage import zoom

    factors = (shape[0] / GATE_SHAPE[0], shape[1] / GATE_SHAPE[1])
    floor: NDArray[np.float32] = zoom(
        result.floor, factors, order=1, mode="nearest", grid_mode=True
    )
    return floor


# The decisions. Their constants were fitted on simulators that share no code with `sky`, and on
# the structure of real frames; benchmarks/gate.py prints the resulting scores.


def _probability_clear(residual: Image, relief: float) -> float:
    """Probability of a clear sky from its structure (ADU) and its smooth relief (ADU).

    A clear sky has little structure, both absolutely and relative to the smooth relief of camera
    and air mass.
    """
    structure = max(float(residual.std()), 1e-3)
    limit = min(1.5 + 0.4 * (np.log(max(relief, 1e-3) / structure) - 2.8), 1.6)
    return _logistic(4 * (limit - np.log(structure)))


def _probability_overcast(height: Image, residual: Image, clear: float) -> float:
    """Probability that no clear sky is in view, from heights above the floor (1 = the reach).

    Clear sky has a peak of pixels at the floor, a deck has none. Thin spots of a deck give the
    residual a cold tail, clouds on a clear sky a warm one.
    """
    on_floor, above = np.mean(height < 0.1), np.mean((height >= 0.1) & (height < 0.3))
    pile = np.log((on_floor + 0.01) / (above + 0.01))
    skew = np.cbrt(np.mean(residual**3) / max(float(np.mean(residual**2)), 1e-12) ** 1.5)
    lowest = float(np.percentile(height, 10))
    doubt = max(0.0, 0.5 + np.log(clear / (1 - clear) + 1e-12) / 2)
    return _logistic(-1.6 * pile + 19.0 * lowest - skew - 2.0 - 4 * doubt)


def _cut(height: Image, reach: float, noise: float) -> float:
    """Height above the floor from which a pixel is cloud, in ADU.

    A fixed part of the reach (lower where most of the sky is cloud), but above the noise and above
    the structure of humid clear air.
    """
    share = 0.18 * (1 - float(np.median(height)) / reach)
    return max(4 * noise, share * reach, min(18.0, 0.4 * reach))


def _logistic(x: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(x, -50, 50))))


def _adu_per_unit(frame: NDArray[np.floating], noise: float) -> float:
    """ADU in one unit of the frame: 1, or 2**14 for frames within 0..1, or judged by the noise."""
    unit = FULL_SCALE_ADU if is_normalised(frame) else 1.0
    low, high = PLAUSIBLE_NOISE_ADU
    if noise > 0 and not low <= noise * unit <= high:
        return TYPICAL_NOISE_ADU / noise
    return unit


def _noise(image: Image) -> float:
    """Estimate the white noise (std) from second differences in the quietest fifth of tiles."""
    step = np.abs(image[1:, 1:] - image[:-1, 1:] - image[1:, :-1] + image[:-1, :-1])
    tiles = step[:56, :72].reshape(7, 8, 9, 8).swapaxes(1, 2).reshape(63, 64)
    return float(1.4826 / 2 * np.percentile(np.median(tiles, axis=1), 20))


def _without_stripes(image: Image) -> Image:
    """Remove hot and cold columns and rows: the median of their high frequencies."""
    from scipy.ndimage import median_filter

    for axis, size in ((0, (1, 7)), (1, (7, 1))):
        fine = image - median_filter(image, size=size, mode="nearest")
        image = image - np.median(fine, axis=axis, keepdims=True)
    return image


def _fill(image: Image, seen: NDArray[np.bool_]) -> Image:
    """Fill blank pixels with the value of the nearest valid one."""
    if seen.all():
        return image
    from scipy.ndimage import distance_transform_edt

    nearest = distance_transform_edt(~seen, return_distances=False, return_indices=True)
    filled: Image = image[tuple(nearest)]
    return filled


def _blur(image: Image) -> Image:
    from scipy.ndimage import gaussian_filter

    blurred: Image = gaussian_filter(image, 0.7, mode="nearest")
    return blurred
