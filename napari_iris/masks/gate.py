"""The sky gate: is a frame clear, cloudy or overcast, decided from the frame alone.

A clear sky seen by a thermal camera is a smooth surface (air mass, lens, narcissus) plus noise.
Clouds stand above that surface and have structure at every scale. So the gate fits smooth
surfaces to a small copy of the frame: one through all pixels, whose residual is the structure,
and one under all pixels, the *floor*, which is the clear sky wherever any is in view.

- Structure too weak for cloud: **clear**.
- No peak of pixels at the floor (a fractal deck has none, a clear gap has one): **overcast**.
- Else **cloudy**: the floor gives the pixels that are surely clear and the cut above them.

Nothing here uses the absolute level, which has no meaning without a reference for the camera, nor
the unit: all amplitudes are in units of the frame's own noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.frames.rebin import FULL_SCALE_ADU, is_normalised
from napari_iris.masks.surfaces import blas, floor_surface, smooth_surface
from napari_iris.radiometry.noise import GATE_SHAPE, gate_copy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.labels import SkyCondition

    Image = NDArray[np.floating]

ON_FLOOR = 6.0
"""Height above the floor up to which a pixel lies on it, in units of the noise."""

SMOOTH = 500.0
"""Relief over structure from which a frame is as smooth as a clear sky, however low its noise."""


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
    small, seen, noise = gate_copy(frame)
    full_scale = FULL_SCALE_ADU if is_normalised(small[seen]) else 1.0
    small = _without_stripes(small) / noise
    with blas().limit(limits=1):  # rounded alike on any number of cores
        smooth = smooth_surface(small)
        residual = (small - smooth)[seen]
        clear = _probability_clear(residual, float(np.ptp(smooth[seen])))
        floor = smooth if clear > 0.5 else floor_surface(small)
    height = _blur(small - floor)[seen]
    reach = max(float(np.percentile(height, 98)), 1.0)
    overcast = _probability_overcast(height, residual, clear)
    cut = _cut(reach)

    sky: SkyCondition = "clear" if clear > 0.5 else "overcast" if overcast > 0.5 else "cloudy"
    steady = 1 - float(np.mean((height > cut / 2) & (height <= cut * 2)))
    trust = {
        "clear": clear,
        "overcast": (1 - clear) * overcast,
        "cloudy": (1 - clear) * (1 - overcast) * steady,
    }[sky]
    return GateResult(
        sky=sky,
        trust=trust,
        structure=float(residual.std()) * noise * full_scale,
        floor=(floor * noise).astype("f4"),
        cut=cut * noise,
        reach=reach * noise,
    )


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


# The decisions. Their constants were fitted on simulated cameras and skies of many kinds, one kind
# left out in turn, and on the structure of real frames; benchmarks/gate.py prints the scores.


def _probability_clear(residual: Image, relief: float) -> float:
    """Probability of a clear sky from its structure and its smooth relief, in units of the noise.

    A clear sky has little structure, both over the noise and relative to the smooth relief of
    camera and air mass.
    """
    structure = max(float(residual.std()), 1e-3)
    ratio = max(relief, 1e-3) / structure
    limit = min(2.0 + 0.25 * (np.log(ratio) - 3), 2.3)
    return _logistic(4 * (limit - np.log(min(structure, SMOOTH / ratio))))


def _probability_overcast(height: Image, residual: Image, clear: float) -> float:
    """Probability that no clear sky is in view, from heights above the floor.

    Clear sky is a peak of pixels on the floor; a deck has few there, the fewer the more structure
    it has. Thin spots of a deck give the residual a cold tail, clouds on a clear sky a warm one.
    """
    on_floor = np.log(np.mean(np.abs(height) < ON_FLOOR) + 0.02)
    structure = max(float(residual.std()), 1e-6)
    skew = np.cbrt(np.mean(residual**3)) / structure
    doubt = max(0.0, 0.5 + np.log(clear / max(1 - clear, 1e-16) + 1e-12) / 2)
    return _logistic(-2.1 * on_floor - 1.5 * np.log(structure) - 1.5 * skew - 0.2 - 4 * doubt)


def _cut(reach: float) -> float:
    """Height above the floor from which a pixel is cloud, in units of the noise.

    Above the noise and the structure of humid clear air, but not above low clouds, and somewhat
    higher where clouds are thick, which blur into the clear sky beside them.
    """
    return min(16.0, 0.4 * reach) + 0.04 * reach


def _logistic(x: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(x, -50, 50))))


def _without_stripes(image: Image) -> Image:
    """Remove hot and cold columns and rows: the median of their high frequencies."""
    from scipy.ndimage import median_filter

    for axis, size, some in ((0, (1, 7), np.s_[::2]), (1, (7, 1), np.s_[:, ::2])):
        part = image[some]  # every second row or column is enough
        fine = part - median_filter(part, size=size, mode="nearest")
        image = image - np.median(fine, axis=axis, keepdims=True)
    return image


def _blur(image: Image) -> Image:
    from scipy.ndimage import gaussian_filter

    blurred: Image = gaussian_filter(image, 0.7, mode="nearest")
    return blurred
