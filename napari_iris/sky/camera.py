"""The camera: noise, bias, fixed pattern and narcissus, from radiance to a 14-bit frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np

from napari_iris.sky.cards import Card, Drawn
from napari_iris.sky.draws import log_uniform, uniform

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.sky.config import CameraConfig

MAX_ADU = 2**14 - 1
"""Highest value of the 14-bit converter."""


@dataclass(frozen=True)
class Camera(Drawn):
    """Parameters drawn for one camera, or for one frame of a series of cameras."""

    bias: Annotated[float, Card("BIASLVL", "[ADU] bias level")]
    hot_columns: Annotated[int, Card("HOTCOLS", "number of hot columns")]
    cold_columns: Annotated[int, Card("COLDCOLS", "number of cold columns")]
    column_level: Annotated[float, Card("COLLVL", "largest offset of those over the bias")]
    read_noise: Annotated[float, Card("READLVL", "[ADU] standard deviation of one read")]
    sky_noise: Annotated[float, Card("SKYNOISE", "[ADU] Poisson mean of the sky noise")]
    fixed_pattern: Annotated[float, Card("FPNLVL", "[ADU] half width of fixed-pattern noise")]
    stripes: Annotated[float, Card("STRIPES", "[ADU] rms of row and column offsets")]
    radius: Annotated[float, Card("RADIUS", "[pix] radius of the narcissus disc")]
    blur: Annotated[float, Card("SMOOTH", "[pix] sigma that blurs the disc")]
    centre_x: Annotated[float, Card("CENTER_X", "[pix] column of its centre, from 0")]
    centre_y: Annotated[float, Card("CENTER_Y", "[pix] row of its centre, from 0")]
    intensity: Annotated[float, Card("NARINT", "fraction of the signal missing there")]
    stacked: Annotated[int, Card("STACKED", "exposures averaged")]


class Pattern(NamedTuple):
    """What every frame of one camera shares.

    Attributes
    ----------
    offset : ndarray of float32, shape (rows, columns)
        Bias, bad columns, stripes and fixed-pattern noise, in ADU.
    gain : ndarray of float32, shape (rows, columns)
        Part of the signal that narcissus leaves, 0 to 1.
    """

    offset: NDArray[np.float32]
    gain: NDArray[np.float32]


def draw_camera(config: CameraConfig, shape: tuple[int, int], rng: np.random.Generator) -> Camera:
    """Draw the parameters of a camera.

    Parameters
    ----------
    config : CameraConfig
        Ranges of the parameters.
    shape : (int, int)
        Rows and columns of the frame, in pixels.
    rng : numpy.random.Generator
        Source of the random numbers.
    """
    return Camera(
        bias=uniform(rng, config.bias),
        hot_columns=int(uniform(rng, config.bad_columns) * shape[1]),
        cold_columns=int(uniform(rng, config.bad_columns) * shape[1]),
        column_level=log_uniform(rng, config.bad_column_level),
        read_noise=config.read_noise,
        sky_noise=uniform(rng, config.sky_noise),
        fixed_pattern=uniform(rng, config.fixed_pattern),
        stripes=uniform(rng, config.stripes),
        radius=uniform(rng, config.narcissus_radius),
        blur=uniform(rng, config.narcissus_blur),
        centre_x=shape[1] / 2 + uniform(rng, config.narcissus_offset),
        centre_y=shape[0] / 2 + uniform(rng, config.narcissus_offset),
        intensity=uniform(rng, config.narcissus_intensity),
        stacked=config.stacked,
    )


def camera_pattern(camera: Camera, shape: tuple[int, int], rng: np.random.Generator) -> Pattern:
    """Draw the fixed pattern that a camera adds to every frame.

    Parameters
    ----------
    camera : Camera
        Its parameters.
    shape : (int, int)
        Rows and columns of the frame, in pixels.
    rng : numpy.random.Generator
        Source of the random numbers.
    """
    offset = rng.random(shape, dtype=np.float32)
    offset *= np.float32(2 * camera.fixed_pattern)
    offset += np.float32(camera.bias - camera.fixed_pattern)
    offset += rng.normal(0, camera.stripes, (shape[0], 1)).astype(np.float32)
    offset += rng.normal(0, camera.stripes, shape[1]).astype(np.float32)
    columns = rng.permutation(shape[1])
    hot = columns[: camera.hot_columns]
    cold = columns[camera.hot_columns :][: camera.cold_columns]
    largest = np.float32(camera.column_level * camera.bias)
    offset[:, hot] += largest * rng.random((shape[0], hot.size), dtype=np.float32)
    offset[:, cold] -= largest * rng.random((shape[0], cold.size), dtype=np.float32)
    return Pattern(offset, _narcissus_gain(camera, shape))


def expose(
    camera: Camera, pattern: Pattern, radiance: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.int16]:
    """Expose a frame.

    Read noise and Poisson sky noise are averaged over the stacked exposures, the pattern's
    offset is added, and the narcissus gain is applied to the sum, as in the published simulator of
    clear frames.

    Parameters
    ----------
    camera : Camera
        Noise and stacking.
    pattern : Pattern
        The camera's pattern.
    radiance : ndarray of float32, shape (rows, columns)
        Radiance of the sky, in ADU.
    rng : numpy.random.Generator
        Source of the noise.

    Returns
    -------
    ndarray of int16, shape (rows, columns)
        The frame, 0 to `MAX_ADU`.
    """
    signal = rng.standard_normal(radiance.shape, dtype=np.float32)
    signal *= np.float32(camera.read_noise / camera.stacked**0.5)
    signal += _sky_noise(camera, radiance.shape, rng)
    signal += radiance
    signal += pattern.offset
    signal *= pattern.gain
    return np.rint(signal).clip(0, MAX_ADU).astype(np.int16)


def _sky_noise(
    camera: Camera, shape: tuple[int, ...], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Draw the mean of Poisson counts over the stack, by inverting their distribution.

    A table of 2**16 equally likely counts is twenty times as fast as drawing each count.
    """
    from scipy.special import pdtr

    mean = camera.sky_noise * camera.stacked
    cumulative = pdtr(np.arange(int(mean + 10 * mean**0.5 + 10)), mean)
    counts = np.searchsorted(cumulative, (np.arange(2**16) + 0.5) / 2**16)
    table = (counts / camera.stacked).astype(np.float32)
    return table.take(rng.integers(2**16, size=shape, dtype=np.uint16))


def _narcissus_gain(camera: Camera, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Evaluate 1 - I*G, with G a disc blurred by a Gaussian and scaled to 1 in its centre.

    At the distance r, the blurred disc is the chance that a Gaussian step from there ends in the
    disc: the noncentral chi-squared distribution with two degrees of freedom.
    """
    from scipy.special import chndtr

    rows, columns = (np.arange(size, dtype=np.float32) for size in shape)
    distance = np.hypot(rows[:, None] - camera.centre_y, columns - camera.centre_x)
    knots = np.arange(distance.max() + 2)
    disc = chndtr((camera.radius / camera.blur) ** 2, 2, (knots / camera.blur) ** 2)
    profile = 1 - camera.intensity * disc / disc[0]
    gain: NDArray[np.float32] = np.interp(distance, knots, profile).astype(np.float32)
    return gain
