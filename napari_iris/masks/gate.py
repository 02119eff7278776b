"""The sky gate: is a frame clear, partly cloudy or overcast, judged from the frame itself.

A clear sky seen by a thermal camera is a smooth surface (air mass, lens, narcissus) plus noise.
Clouds stand above that surface and have structure at every scale. So the gate fits two smooth
surfaces to a small copy of the frame: one through all pixels, whose residual is the structure,
and one under all pixels, the *floor*, which is the clear sky wherever any is in view.

- Structure too weak for cloud: **clear**.
- No pile of pixels on the floor (a fractal deck has none, a clear gap has): **overcast**.
- Else **cloudy**; the floor tells which pixels are surely clear, and where a cut must lie.

Nothing here uses the absolute level, which carries no label.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.frames.rebin import FULL_SCALE_ADU, is_normalised, rebin

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from threadpoolctl import ThreadpoolController

    from napari_iris.labels import SkyCondition

    Image = NDArray[np.floating]


GATE_SHAPE = (64, 80)
"""Rows and columns of the copy the gate looks at, whatever the frame's size."""

SPARSE = (slice(None, None, 2), slice(None, None, 2))
"""Pixels of that copy that the smooth surfaces are fitted to."""

PLAUSIBLE_NOISE_ADU = (0.15, 8.0)
"""Noise of a frame in ADU at `GATE_SHAPE`; with another noise, its unit is not ADU."""

TYPICAL_NOISE_ADU = 0.8
"""Noise of a raw 640x512 frame at `GATE_SHAPE`: the yardstick of frames in another unit."""


@dataclass(frozen=True, eq=False)
class Verdict:
    """What the gate found.

    Attributes
    ----------
    sky : {'clear', 'cloudy', 'overcast'}
        The decision.
    trust : float
        How sure it is, from 0 to 1: the product of the probabilities of the decisions taken and,
        for a cloudy sky, of the share of pixels that a cut half or twice as high would not change.
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


def judge(frame: NDArray[np.floating]) -> Verdict:
    """Decide whether a frame is clear, cloudy or overcast.

    Parameters
    ----------
    frame : ndarray of float, shape (rows, columns)
        The frame, binned or not, in ADU, ADU / 2**14 or any unit linear in radiance; NaN where
        blank.

    Returns
    -------
    Verdict
        The decision and what it rests on.
    """
    small: Image = rebin(frame, GATE_SHAPE).astype(np.float64)
    seen = np.isfinite(small)
    small = _without_stripes(_fill(small, seen))
    noise = _noise(small)
    unit = _adu_per_unit(frame, noise)
    adu, noise = small * unit, max(noise * unit, 1e-6)

    with _algebra().limit(limits=1):  # rounded alike on any number of cores
        smooth, floor = _smooth_surface(adu), _floor(adu, noise)
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
    return Verdict(sky, trust, structure, (floor / unit).astype("f4"), cut / unit, reach / unit)


def floor_at(verdict: Verdict, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Resample a verdict's floor to a frame's shape, bilinear.

    Parameters
    ----------
    verdict : Verdict
        What the gate found.
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
        verdict.floor, factors, order=1, mode="nearest", grid_mode=True
    )
    return floor


# The decisions. Their constants were set on several simulators that share no code with `sky`,
# and on the real frames' structure; benchmarks/gate.py prints what they are worth.


def _probability_clear(residual: Image, relief: float) -> float:
    """Probability of a clear sky from its structure (ADU) and its smooth relief (ADU).

    A clear sky has little structure, in itself and beside the relief of camera and air mass.
    """
    structure = max(float(residual.std()), 1e-3)
    limit = min(1.5 + 0.4 * (np.log(max(relief, 1e-3) / structure) - 2.8), 1.6)
    return _logistic(4 * (limit - np.log(structure)))


def _probability_overcast(height: Image, residual: Image, clear: float) -> float:
    """Probability that no clear sky is in view, from heights above the floor (1 = the reach).

    Clear sky piles up on the floor; a deck does not. Thin spots of a deck give its residual a
    cold tail, clouds on a clear sky a warm one.
    """
    on_floor, above = np.mean(height < 0.1), np.mean((height >= 0.1) & (height < 0.3))
    pile = np.log((on_floor + 0.01) / (above + 0.01))
    skew = np.cbrt(np.mean(residual**3) / max(float(np.mean(residual**2)), 1e-12) ** 1.5)
    lowest = float(np.percentile(height, 10))
    doubt = max(0.0, 0.5 + np.log(clear / (1 - clear) + 1e-12) / 2)
    return _logistic(-1.6 * pile + 19.0 * lowest - skew - 2.0 - 4 * doubt)


def _cut(height: Image, reach: float, noise: float) -> float:
    """Height above the floor from which a pixel is cloud, in ADU.

    A fixed part of the reach (lower where most of the sky is cloud), but never within the noise
    nor within the structure that humid clear air has.
    """
    share = 0.18 * (1 - float(np.median(height)) / reach)
    return max(4 * noise, share * reach, min(18.0, 0.4 * reach))


def _logistic(x: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(x, -50, 50))))


# The measurements.


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
    """Take out hot and cold columns and rows: the median of each one's high frequencies."""
    from scipy.ndimage import median_filter

    for axis, size in ((0, (1, 7)), (1, (7, 1))):
        fine = image - median_filter(image, size=size, mode="nearest")
        image = image - np.median(fine, axis=axis, keepdims=True)
    return image


def _fill(image: Image, seen: NDArray[np.bool_]) -> Image:
    """Give blank pixels the value of the nearest seen one."""
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


@cache
def _algebra() -> ThreadpoolController:
    """Give the threads of the libraries that numpy multiplies matrices with."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")


@cache
def _legendre(degree: int) -> tuple[Image, Image, Image]:
    """Legendre polynomials of x and y up to a total degree.

    At every pixel, at every second row and column (enough to fit them), and their degrees.
    """
    from numpy.polynomial.legendre import legvander2d

    y, x = np.meshgrid(*(np.linspace(-1, 1, side) for side in GATE_SHAPE), indexing="ij")
    order = np.add.outer(np.arange(degree + 1), np.arange(degree + 1)).ravel()
    terms = legvander2d(x, y, [degree, degree])[..., order <= degree]
    width = terms.shape[-1]
    sparse = np.ascontiguousarray(terms[SPARSE]).reshape(-1, width)
    return terms.reshape(-1, width), sparse, order[order <= degree].astype(float)


def _solve(terms: Image, values: Image, weight: Image, damping: Image) -> Image:
    """Coefficients of the weighted, damped least-squares surface."""
    weighted = (terms * weight[:, None]).T
    solution: Image = np.linalg.solve(weighted @ terms + np.diag(damping), weighted @ values)
    return solution


def _smooth_surface(image: Image) -> Image:
    """Fit a quintic surface through all pixels, robust against small clouds (Cauchy weights)."""
    everywhere, terms, degree = _legendre(5)
    values = image[SPARSE].ravel()
    weight = np.ones_like(values)
    for _ in range(6):
        solution = _solve(terms, values, weight, np.zeros_like(degree))
        error = np.abs(values - terms @ solution)
        weight = 1 / (1 + (error / (6 * np.median(error) + 1e-9)) ** 2)
    return (everywhere @ solution).reshape(image.shape)


def _floor(image: Image, noise: float) -> Image:
    """Fit a quartic surface under all pixels.

    Pixels below the surface pull at full weight, pixels above it ever less the higher they stand.
    Higher degrees are damped, so that the floor stays calm where clouds hide it.
    """
    everywhere, terms, degree = _legendre(4)
    damping = np.where(degree < 2, 1e-6, (2.0 ** (degree - 2) / 12) ** 2) / 4
    middle = np.median(image)
    values = (image[SPARSE].ravel() - middle) / noise
    weight = np.ones_like(values)
    for step in range(20):
        solution = _solve(terms, values, weight, damping)
        above = values - terms @ solution
        width = max(1.5, (1 - step / 12) * float(np.median(np.abs(above))))
        weight = np.where(above < 0, 1.0, 1 / (1 + (above / width) ** 2) ** 2)
    return (everywhere @ solution).reshape(image.shape) * noise + middle
