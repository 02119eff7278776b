"""Fractal textures: random fields with a power-law spectrum, stirred by a turbulent flow."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FLOW_SLOPE = 6.0
"""Spectral slope of the stream function: a flow two powers shallower, smooth below its scale."""


def fractal_field(
    shape: tuple[int, int],
    rng: np.random.Generator,
    *,
    slope: float,
    scale: float,
    stretch: float = 1.0,
    angle: float = 0.0,
) -> NDArray[np.float32]:
    """Draw a periodic Gaussian field with a von Karman spectrum by inverse FFT.

    White noise is filtered to a power spectral density of (k**2 + 1/scale**2)**(-slope/2),
    with k in cycles a pixel.
    Uniform white noise serves as well as Gaussian, as each pixel sums over all modes.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns; fastest where `scipy.fft.next_fast_len` leaves them alone.
    rng : numpy.random.Generator
        Source of the noise.
    slope : float
        Spectral slope; clouds have 8/3, and about 4 below some hundred metres (Davis et al.,
        J. Atmos. Sci. 54, 241, 1997), where a Tau2's field of view lies.
    scale : float
        Outer scale, above which the spectrum is flat, in pixels.
    stretch : float
        How much longer structures are along `angle` than across.
    angle : float
        Direction of the stretch, in degrees from the row towards higher rows.

    Returns
    -------
    ndarray of float32, shape `shape`
        Mean 0, standard deviation 1.
    """
    from scipy import fft

    rows = fft.fftfreq(shape[0])[:, None].astype(np.float32)
    columns = fft.rfftfreq(shape[1])[None, :].astype(np.float32)
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    along, across = cosine * columns + sine * rows, cosine * rows - sine * columns
    square = (stretch * along) ** 2 + across**2 + scale**-2.0
    noise = rng.random((*square.shape, 2), dtype=np.float32) - np.float32(0.5)
    spectrum = noise.view(np.complex64)[..., 0] * square ** (-slope / 4)
    spectrum[0, 0] = 0
    field: NDArray[np.float32] = fft.irfft2(spectrum, s=shape, workers=1)
    field /= field.std()
    return field


def stir(
    field: NDArray[np.float32],
    shape: tuple[int, int],
    rng: np.random.Generator,
    *,
    distance: float,
    scale: float,
) -> NDArray[np.float32]:
    """Stir a periodic field with a random, divergence-free flow.

    It folds the texture into the curls and tendrils of real clouds (curl noise: Bridson et al.,
    ACM Trans. Graph. 26, 46, 2007).

    Parameters
    ----------
    field : ndarray of float32, shape (rows, columns)
        The field.
    shape : (int, int)
        Rows and columns of the part wanted, at most the field's.
    rng : numpy.random.Generator
        Source of the flow.
    distance : float
        Root mean square displacement along each axis, in pixels.
    scale : float
        Size of the eddies, in pixels.

    Returns
    -------
    ndarray of float32, shape `shape`
        The field, sampled (bilinear) where the flow came from.
    """
    from scipy.ndimage import map_coordinates

    flow = fractal_field((field.shape[0], field.shape[1]), rng, slope=FLOW_SLOPE, scale=scale)
    down, right = np.gradient(flow[: shape[0], : shape[1]])
    origin = np.indices(shape, dtype=np.float32)
    origin[0] += distance / right.std() * right
    origin[1] -= distance / down.std() * down
    stirred: NDArray[np.float32] = map_coordinates(field, origin, order=1, mode="grid-wrap")
    return stirred


def double(field: NDArray[np.float32]) -> NDArray[np.float32]:
    """Interpolate linearly halfway between pixels.

    Parameters
    ----------
    field : ndarray of float32, shape (rows, columns)
        The field.

    Returns
    -------
    ndarray of float32, shape (2 * rows - 1, 2 * columns - 1)
        The field with twice the resolution.
    """
    for axis in (0, 1):
        twice = field.repeat(2, axis).swapaxes(0, axis)
        field = (np.float32(0.5) * (twice[1:] + twice[:-1])).swapaxes(0, axis)
    return field
