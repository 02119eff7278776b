"""The noise of a frame, which is the unit of amplitudes whatever the camera's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.frames.masked import filled
from napari_iris.frames.rebin import rebin
from napari_iris.radiometry.quantiles import median, percentile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.floating]

GATE_SHAPE = (64, 80)
"""Rows and columns of the rebinned copy that the gate analyses, whatever the frame's size."""

FINE_SHAPE = (128, 160)
"""Rows and columns of the copy that noise is measured in: the finer, the less cloud is in it."""

TILE = 8
"""Side of the tiles that noise is measured in, in pixels."""

QUIETEST = 20.0
"""Percentile of the tiles whose noise is the frame's: texture of clouds adds to the others."""

SAMPLED = 64
"""Rows and columns that the step between values is taken from, about."""

TEXTURE = 20.0
"""Growth of the variance of clouds' texture relative to white noise, at each halving of the size:
their power spectra fall with the power of 3.3 to 3.7 of the frequency."""

PROCESSED = 0.6
"""Noise of pixels relative to that of blocks below which it was removed by processing."""

SMALLEST = 3e-4
"""Smallest noise relative to the range of the frame: no camera is better."""


def gate_copy(frame: NDArray[np.floating]) -> tuple[Image, NDArray[np.bool_], float]:
    """Rebin a frame to `GATE_SHAPE`, and measure the noise of the copy.

    Parameters
    ----------
    frame : ndarray or masked array of float, shape (rows, columns)
        The frame in any unit; NaN where blank.

    Returns
    -------
    small : ndarray of float64, shape `GATE_SHAPE`
        The copy; blank pixels have the value of the nearest valid one.
    seen : ndarray of bool, shape `GATE_SHAPE`
        Pixels that are not blank.
    noise : float
        Standard deviation of the white noise of the copy, in the frame's unit, above 0; of its
        quietest parts, some 12 % below that of all.
    """
    fine = _fine_copy(frame)
    small: Image = rebin(fine, GATE_SHAPE).astype(np.float64)
    seen = np.isfinite(small)
    small = _fill(small, seen)
    span = percentile(small[seen], 98) - percentile(small[seen], 2) if seen.any() else 0.0
    return small, seen, max(_noise(frame, fine), SMALLEST * span, 1e-30)


def frame_noise(frame: NDArray[np.floating], fine: NDArray[np.floating] | None = None) -> float:
    """Estimate the noise of a frame's copy at `GATE_SHAPE`.

    Parameters
    ----------
    frame : ndarray or masked array of float, shape (rows, columns)
        The frame in any unit; NaN where blank.
    fine : ndarray of float, optional
        The frame at `FINE_SHAPE`, where it is known already and the frame is no coarser.

    Returns
    -------
    float
        Standard deviation in the frame's unit, as of `gate_copy`; 0 for a frame without noise.
    """
    return _noise(frame, _fine_copy(frame if fine is None else fine))


def white_noise(image: Image) -> float:
    """Estimate the white noise (std) of an image, in its quietest parts.

    By the difference of two Laplacians, which smooth surfaces and stripes leave at 0 (Immerkaer,
    Computer Vision and Image Understanding 64, 300, 1996).

    Parameters
    ----------
    image : ndarray of float, shape (rows, columns)
        At least 10 x 10 pixels; NaN where blank.

    Returns
    -------
    float
        Standard deviation in the image's unit, of the quietest fifth of tiles, which is some 12 %
        low where all are alike; 0 where all is blank.
    """
    rows = image[:-2] - 2 * image[1:-1] + image[2:]
    fine = np.abs(rows[:, :-2] - 2 * rows[:, 1:-1] + rows[:, 2:])
    height, width = (side // TILE for side in fine.shape)
    tiles = fine[: height * TILE, : width * TILE].reshape(height, TILE, width, TILE)
    means = tiles.mean(axis=(1, 3))
    means = means[np.isfinite(means)]
    if not means.size:  # blank pixels in every tile
        means = fine[np.isfinite(fine)]
    return float(np.sqrt(np.pi / 2) / 6 * percentile(means, QUIETEST)) if means.size else 0.0


def _fine_copy(frame: NDArray[np.floating]) -> Image:
    is_fine = all(side >= fine for side, fine in zip(frame.shape, FINE_SHAPE, strict=True))
    copy: Image = rebin(frame, FINE_SHAPE if is_fine else GATE_SHAPE).astype(np.float64)
    return copy


def _noise(frame: NDArray[np.floating], fine: Image) -> float:
    """Noise at `GATE_SHAPE`: the white noise of the fine copy, and what rounding leaves."""
    noise = white_noise(fine) * GATE_SHAPE[0] / fine.shape[0]
    coarser = _beneath_texture(rebin(fine, GATE_SHAPE))
    if noise < PROCESSED * coarser:  # pixels were smoothed, compressed or enlarged
        noise = coarser
    step = _quantisation_step(frame)
    if step > 0:
        # Rounding adds an error that averaging removes where the pixels' noise exceeds the step;
        # its first harmonic remains (Gray & Neuhoff, IEEE Trans. Inf. Theory 44, 2325, 1998).
        averaged = max(frame.size / (GATE_SHAPE[0] * GATE_SHAPE[1]), 1.0)
        pixel = noise * averaged**0.5 / step
        noise = float(np.hypot(noise, 0.225 * step * np.exp(-2 * (np.pi * pixel) ** 2)))
    return float(noise)


def _beneath_texture(image: Image) -> float:
    """Estimate the white noise from an image's noise and that of its copy at half the size.

    Smoothing, compression and enlarging remove the noise of single pixels, not that of blocks.
    White noise halves from one size to the next, and the texture of clouds grows by `TEXTURE` in
    variance relative to it, so the two sizes tell one from the other.
    """
    half = (image.shape[0] // 2, image.shape[1] // 2)
    own, coarse = white_noise(image), 2 * white_noise(rebin(image, half))
    growth = min((coarse / max(own, 1e-30)) ** 2, 0.9 * TEXTURE)
    texture = max(0.0, (growth - 1) / (TEXTURE - growth))
    return float(own / (1 + texture) ** 0.5)


def _quantisation_step(frame: NDArray[np.floating]) -> float:
    """Give the step between the values of a frame; about 0 for values without one."""
    rows, columns = (1 + side // SAMPLED for side in frame.shape)
    sparse = filled(frame[::rows, ::columns], np.float64)
    values = np.unique(sparse[np.isfinite(sparse)])
    return median(np.diff(values)) if values.size > 1 else 0.0


def _fill(image: Image, seen: NDArray[np.bool_]) -> Image:
    """Fill blank pixels with the value of the nearest valid one."""
    if seen.all():
        return image
    from scipy.ndimage import distance_transform_edt

    nearest = distance_transform_edt(~seen, return_distances=False, return_indices=True)
    filled_in: Image = image[tuple(nearest)]
    return filled_in
