"""The input of a network, plane by plane: the same in training and prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.frames.read import GREY
from napari_iris.frames.rebin import normalise
from napari_iris.masks.recipe import recipe
from napari_iris.masks.zscale import zscale_limits
from napari_iris.radiometry.noise import white_noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

Normalisation = Literal["zscale", "recipe", "full-scale", "asinh"]
"""By the zscale limits of the frame, by stretch and threshold of the recipe, ADU / 2**14, or by
median, spread and noise of the frame."""

CONTRAST = 0.9
"""Contrast of the zscale interval, as in the published recipe."""

LOWEST, HIGHEST = -0.5, 1.5
"""Scaled values are clipped to this range; 0 to 1 are the zscale limits."""

STRETCH = 1e5
"""Strength of the logarithmic stretch, as in the published recipe."""

LEAST_NOISES = 4.0
"""Least scale of a frame in 'asinh', in units of its noise: noise alone stays small."""

FARTHEST = 4.0
"""Largest absolute value of a frame's plane in 'asinh'."""

LOWEST_EXCESS, HIGHEST_EXCESS = -1.5, 3.0
"""The excess plane is clipped to this range."""

COLOUR_GAIN = 4.0
"""Factor of the colour planes: from blue sky to cloud, the ratio of colours rises by some 0.3."""

ABSENT = -3.0
"""Value of the excess plane where the frame is blank, or nothing is known of its clear sky."""


def network_input(
    frame: NDArray[np.floating],
    how: Normalisation,
    excess: NDArray[np.floating] | None = None,
    planes: int = 1,
) -> NDArray[np.float32]:
    """Make the input of a network: the frame, and its excess where the network takes that.

    Parameters
    ----------
    frame : ndarray of float, shape (rows, columns) or (rows, columns, 3)
        The binned frame, in any unit; NaN where blank. With 3 planes its red, green and blue.
    how : {'zscale', 'recipe', 'full-scale', 'asinh'}
        Normalization of the frame, see `frame_plane`.
    excess : ndarray of float, shape (rows, columns), optional
        `Excess.relative` of the frame; None where nothing is known of its clear sky.
    planes : int
        Planes of the network's input, see `NetworkSpec`.

    Returns
    -------
    ndarray of float32, shape (rows, columns, planes)
        The frame's plane; with 2 planes also that of the excess; with 3 planes see
        `colour_planes`.
    """
    if planes > 2:
        return colour_planes(frame if frame.ndim == 3 else np.stack([frame] * planes, -1), how)
    plane = frame_plane(frame, how)
    if planes == 1:
        return plane[..., None]
    if excess is None:
        return np.stack([plane, np.full_like(plane, ABSENT)], axis=-1)
    return np.stack([plane, excess_plane(excess)], axis=-1)


def colour_planes(frame: NDArray[np.floating], how: Normalisation) -> NDArray[np.float32]:
    """Make the three planes of a colour frame: its brightness, and its colour at any brightness.

    Parameters
    ----------
    frame : ndarray of float, shape (rows, columns, 3)
        Red, green and blue, 0 or more; NaN where blank.
    how : {'zscale', 'recipe', 'full-scale', 'asinh'}
        Normalization of the brightness, see `frame_plane`.

    Returns
    -------
    ndarray of float32, shape (rows, columns, 3)
        The plane of the grey frame, and four times (R - B) / (R + B), after Li et al. (2011),
        J. Atmos. Oceanic Technol. 28, 1286, and (2 G - R - B) / (R + G + B): 0 where grey, black or
        blank. With 'full-scale' red, green and blue.
    """
    if how == "full-scale":
        return frame_plane(frame, how)
    planes = [frame_plane(frame @ np.array(GREY, frame.dtype), how)]
    red, green, blue = np.moveaxis(np.asarray(frame, np.float32), -1, 0)
    for above, total in ((red - blue, red + blue), (2 * green - red - blue, red + green + blue)):
        lit = total > 0
        planes.append(COLOUR_GAIN * np.divide(above, total, out=np.zeros_like(red), where=lit))
    return np.stack(planes, axis=-1).astype(np.float32)


def excess_plane(excess: NDArray[np.floating]) -> NDArray[np.float32]:
    """Compress the excess of a frame for a network.

    Parameters
    ----------
    excess : ndarray of float, shape (rows, columns)
        `Excess.relative`; NaN where blank.

    Returns
    -------
    ndarray of float32, shape (rows, columns)
        Half its inverse hyperbolic sine, clipped to -1.5..3: 0 at the limit of surely clear, 0.44
        at that of surely cloud; -3 where blank.
    """
    half = np.arcsinh(np.asarray(excess, np.float32)) / 2
    plane = np.clip(half, LOWEST_EXCESS, HIGHEST_EXCESS)
    return np.where(np.isfinite(plane), plane, np.float32(ABSENT))


def frame_plane(frame: NDArray[np.floating], how: Normalisation) -> NDArray[np.float32]:
    """Normalize a binned frame for a network.

    With 'zscale' the lower zscale limit of the frame becomes 0 and the upper one 1, so that neither
    level nor gain matters; clear and cloudy frames are treated alike. 'recipe' then applies the
    logarithm of the recipe, to both sides of the lower limit, and subtracts the Otsu threshold of
    the frame: the recipe's cloud is above 0, and the network has to learn only where the recipe is
    wrong. The threshold depends on the whole frame, which a convolution does not see.

    'asinh' is half the inverse hyperbolic sine (after Lupton et al., AJ 118, 1406, 1999) of the
    deviation from the median in units of the frame's spread, but of at least four times its noise:
    linear about the median, logarithmic far from it, and a frame of noise alone stays near 0.

    Parameters
    ----------
    frame : ndarray of float, shape (rows, columns)
        The binned frame, in any unit; NaN where blank.
    how : {'zscale', 'recipe', 'full-scale', 'asinh'}
        The normalization.

    Returns
    -------
    ndarray of float32, shape (rows, columns)
        Within -0.5 to 1.5 with 'zscale', -2 to 1 with 'recipe', -4 to 4 with 'asinh'; 0 where
        blank, and everywhere if a frame has one value only ('recipe', 'asinh').
    """
    if how == "asinh":
        return _asinh_plane(np.asarray(frame))
    values = np.asarray(frame, np.float64)
    seen = np.isfinite(values)
    if not seen.any():
        return np.zeros(values.shape, np.float32)
    if how == "full-scale":
        return np.where(seen, normalise(np.where(seen, values, 0)), 0).astype(np.float32)
    low, high = zscale_limits(values, CONTRAST)
    span = high - low or 1.0  # a flat frame has no span
    scaled = (np.where(seen, values, low) - low) / span
    if how == "zscale":
        return np.clip(scaled, LOWEST, HIGHEST).astype(np.float32)
    try:
        threshold = recipe(values, STRETCH, CONTRAST).threshold
    except IrisError:  # one value everywhere: Otsu has nothing to split
        return np.zeros(values.shape, np.float32)
    above = _curve(scaled) - _curve(np.float64((threshold - low) / span))
    return np.where(seen, above, 0).astype(np.float32)


def _asinh_plane(frame: NDArray[np.floating]) -> NDArray[np.float32]:
    seen = np.isfinite(frame)
    valid = frame if seen.all() else frame[seen]
    if not valid.size:
        return np.zeros(frame.shape, np.float32)
    # relative to the median before it is float32: a high level costs no digits
    deviation = (frame - _median(valid)).astype(np.float32, copy=False)
    if valid is not frame:
        deviation[~seen] = np.nan
    size = np.abs(deviation if valid is frame else deviation[seen])
    scale = max(1.4826 * float(_median(size)), LEAST_NOISES * white_noise(deviation))
    if scale == 0:  # most pixels have one value: the mean deviation is not 0
        scale = float(np.sqrt(np.pi / 2) * size.mean(dtype=np.float64)) or 1.0
    plane = np.clip(np.arcsinh(deviation / np.float32(scale)) / 2, -FARTHEST, FARTHEST)
    return plane if valid is frame else np.where(seen, plane, np.float32(0))


def _median(values: NDArray[np.floating]) -> np.floating:
    """Compute the median of valid values: `np.median`, which also looks for NaN, takes thrice."""
    middle = values.size // 2
    if values.size % 2:
        above: np.floating = np.partition(values, middle, axis=None)[middle]
        return above
    parts = np.partition(values, [middle - 1, middle], axis=None)
    both: np.floating = (parts[middle - 1] + parts[middle]) / 2
    return both


def _curve(scaled: NDArray[np.float64] | np.float64) -> NDArray[np.float64]:
    """Apply the logarithm of the recipe to -1..1, mirrored at 0.

    The recipe clips at its lower limit, where many pixels become one value; mirrored, pixels below
    the limit keep their differences.
    """
    inner = np.clip(scaled, -1, 1)
    size = np.log1p(STRETCH * np.abs(inner)) / np.log1p(STRETCH)
    curved: NDArray[np.float64] = np.sign(inner) * size
    return curved
