"""Clear air before any camera: its air mass across a view, and the structure of its vapour."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from napari_iris.radiometry.planck import air_mass
from napari_iris.sky.draws import log_uniform, uniform
from napari_iris.sky.fractal import fractal_field

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.sky.traits import Traits

ZENITH = 400.0
"""Signal of a dry clear sky at the zenith over the bias, in ADU of a Tau2."""

SATURATED = (640.0, 0.43)
"""Rise of a dry sky towards the horizon: ADU at infinite air mass, and rate per air mass.

As steep as `nights.RISE` near the zenith, and bounded: a thick atmosphere is a black body."""

LOWEST_DEG = 3.0
"""Lowest elevation that sky is simulated at, in degrees."""

NARROW = 1.5
"""Exponent by which narrow fields of view are more frequent than in a log-uniform draw."""

ROLLED = 0.3
"""Part of the cameras whose rows are not level."""


class Air(NamedTuple):
    """Clear air in a view.

    Attributes
    ----------
    smooth : ndarray of float32, shape (rows, columns)
        Signal in ADU, without structure: what a reference can know.
    vapour : ndarray of float32, shape (rows, columns)
        Structure of the vapour, in ADU.
    vapour_adu : float
        Its standard deviation.
    field_deg : float
        Height of the field of view, in degrees.
    """

    smooth: NDArray[np.float32]
    vapour: NDArray[np.float32]
    vapour_adu: float
    field_deg: float


def draw_air(traits: Traits, shape: tuple[int, int], rng: np.random.Generator) -> Air:
    """Draw the clear air in a view.

    Parameters
    ----------
    traits : Traits
        Ranges.
    shape : (int, int)
        Rows and columns.
    rng : numpy.random.Generator
        Source of the random numbers.
    """
    narrow, wide = traits.field_deg
    field = narrow * (wide / narrow) ** rng.random() ** NARROW
    centre = uniform(rng, traits.elevation_deg)
    roll = uniform(rng, (0, 2 * math.pi)) if rng.random() < ROLLED else rng.normal(0, 0.05)
    moisture, scale = uniform(rng, traits.moisture), math.exp(rng.normal(0, 0.3))
    height, width = shape
    up = 0.5 - np.arange(height, dtype=np.float32)[:, None] / height
    right = (np.arange(width, dtype=np.float32) - width / 2) / height
    elevation = centre + field * (math.cos(roll) * up + math.sin(roll) * right)
    elevation = np.where(elevation > 90, 180 - elevation, elevation)
    above = air_mass(np.maximum(elevation, LOWEST_DEG)) - 1
    most, rate = SATURATED
    rise = (most * scale + 2 * moisture) * (1 - np.exp(-rate * above))
    smooth = (ZENITH + moisture + rise).astype(np.float32)
    amplitude = log_uniform(rng, traits.vapour)
    vapour = fractal_field(
        shape, rng, slope=uniform(rng, (2.9, 4.0)), scale=uniform(rng, (0.7, 4)) * height
    )
    return Air(smooth, np.float32(amplitude) * vapour, amplitude, field)
