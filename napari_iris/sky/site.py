"""A camera that stays the same over many nights: its optics, its fixed pattern, its pointings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.radiometry.planck import GAIN
from napari_iris.sky.camera import Camera, Pattern, camera_pattern, draw_camera
from napari_iris.sky.config import CameraConfig
from napari_iris.sky.draws import Stream, generator, uniform

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.sky.config import SeriesConfig

BIAS = 250.0
"""Bias level of the camera, in ADU."""

GRAIN_ADU = (0.8, 1.8)
"""Rms of a fixed pattern that neighbouring pixels share, and that outlasts rebinning, in ADU."""

CAMERA = CameraConfig(
    bias=(BIAS, BIAS),
    bad_columns=(0.0, 0.02),
    bad_column_level=(0.005, 0.02),
    read_noise=3.2,
    sky_noise=(0.5, 1.5),
    fixed_pattern=(1.5, 4.0),
    stripes=(0.3, 1.2),
    narcissus_intensity=(0.0, 0.03),
)
"""A camera with flat-field correction: 3.0 to 3.6 ADU of noise in a pixel."""


@dataclass(frozen=True)
class Site:
    """What stays the same over all nights of a camera.

    Attributes
    ----------
    camera : Camera
        Noise and narcissus.
    pattern : Pattern
        Fixed pattern, with the smooth part of the optics.
    pointings : tuple of (float, float)
        Azimuth and elevation of each pointing, in degrees.
    gain : float
        Response in ADU per W m-2 sr-1.
    focal_plane : float
        Drift with the focal-plane temperature, in ADU per kelvin.
    """

    camera: Camera
    pattern: Pattern
    pointings: tuple[tuple[float, float], ...]
    gain: float
    focal_plane: float


def draw_site(config: SeriesConfig) -> Site:
    """Draw a camera and where it points.

    Parameters
    ----------
    config : SeriesConfig
        The series; its seed is the camera's.

    Returns
    -------
    Site
        The camera, its fixed pattern with warm edges and corners, and its pointings.
    """
    seed, shape = config.seed, config.shape
    camera = draw_camera(CAMERA, shape, generator(seed, Stream.CAMERA))
    pattern = camera_pattern(camera, shape, generator(seed, Stream.PATTERN))
    rng = generator(seed, Stream.OPTICS)
    optics = smooth_residual(shape, uniform(rng, (5, 15)), rng) + _warm_edges(shape, rng)
    optics += _grain(shape, rng)
    pointings = generator(seed, Stream.POINTING)
    count = int(pointings.integers(1, 3))
    return Site(
        camera=camera,
        pattern=Pattern(pattern.offset + optics, pattern.gain),
        pointings=tuple(
            (uniform(pointings, (0, 360)), uniform(pointings, (40, 85))) for _ in range(count)
        ),
        gain=GAIN * uniform(rng, (0.85, 1.15)),
        focal_plane=uniform(rng, (-2, 2)),
    )


def smooth_residual(
    shape: tuple[int, int], amplitude: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Draw a smooth quadratic surface, as a flat-field correction leaves it.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns.
    amplitude : float
        Its standard deviation, in ADU.
    rng : numpy.random.Generator
        Source of the coefficients.

    Returns
    -------
    ndarray of float32, shape `shape`
        Mean 0, in ADU.
    """
    y, x = (np.linspace(-1, 1, side, dtype=np.float32) for side in shape)
    a, b, c, d, e = rng.normal(0, 1, 5).astype(np.float32)
    y = y[:, None]
    surface = a * x + b * y + c * x * y + d * x**2 + e * y**2
    surface -= surface.mean()
    scaled: NDArray[np.float32] = surface * np.float32(amplitude / surface.std())
    return scaled


def _warm_edges(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw bands along one or two sides that are warm, or cold, and one warm corner."""
    edges = np.zeros(shape, np.float32)
    for axis in (0, 1):
        if rng.random() < 0.6:
            width = uniform(rng, (4, 20)) * shape[0] / 128
            height = uniform(rng, (-10, 40))
            away = np.arange(shape[axis], dtype=np.float32)
            profile = np.float32(height) * np.exp(-away / np.float32(width))
            profile = profile[::-1] if rng.random() < 0.5 else profile
            edges += profile[:, None] if axis == 0 else profile
    rows, columns = (np.linspace(0, 1, side, dtype=np.float32) for side in shape)
    distance = np.hypot(rows[:, None] - rng.integers(2), columns - rng.integers(2))
    edges += np.float32(uniform(rng, (0, 60))) * np.exp(-((distance / np.float32(0.35)) ** 2))
    return edges


def _grain(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw a random offset for each two by two pixels."""
    cells = rng.standard_normal((shape[0] // 2 + 1, shape[1] // 2 + 1), dtype=np.float32)
    cells *= np.float32(uniform(rng, GRAIN_ADU))
    return cells.repeat(2, 0).repeat(2, 1)[: shape[0], : shape[1]]
