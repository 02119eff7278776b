"""What the optics of any camera add to a clear sky: smooth fields that look like cloud."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.sky.draws import log_uniform, uniform
from napari_iris.sky.fractal import fractal_field
from napari_iris.sky.site import smooth_residual

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.sky.config import Range
    from napari_iris.sky.traits import Traits

    Image = NDArray[np.float32]


def vignetting(traits: Traits, shape: tuple[int, int], rng: np.random.Generator) -> Image:
    """Draw the part of the signal that each pixel receives, 1 in the centre.

    Parameters
    ----------
    traits : Traits
        Ranges.
    shape : (int, int)
        Rows and columns.
    rng : numpy.random.Generator
        Source of the random numbers.
    """
    distance = _distance(shape, (uniform(rng, (-0.15, 0.15)), uniform(rng, (-0.15, 0.15))))
    power = uniform(rng, (2, 4))
    loss = uniform(rng, traits.vignetting) * (distance / distance.max()) ** power
    received: Image = (1 - loss).astype(np.float32)
    return received


def optical_offset(traits: Traits, shape: tuple[int, int], rng: np.random.Generator) -> Image:
    """Draw the smooth offset of a camera: residual, narcissus, rings, edges, corners, blotches.

    Parameters
    ----------
    traits : Traits
        Ranges.
    shape : (int, int)
        Rows and columns.
    rng : numpy.random.Generator
        Source of the random numbers.

    Returns
    -------
    ndarray of float32, shape `shape`
        In ADU of a Tau2.
    """
    offset = smooth_residual(shape, log_uniform(rng, traits.residual), rng)
    if rng.random() < 0.6:
        offset += _narcissus(traits.narcissus, shape, rng)
    if rng.random() < 0.3:
        offset += _rings(traits.rings, shape, rng)
    offset += _edges(traits.edges, shape, rng)
    for row in (0, 1):
        for column in (0, 1):
            if rng.random() < 0.3:
                offset += _corner(traits.corners, shape, (row, column), rng)
    rough = fractal_field(shape, rng, slope=uniform(rng, (1.0, 3.0)), scale=uniform(rng, (8, 60)))
    offset += np.float32(uniform(rng, traits.blotches) * rng.random()) * rough
    return offset


def _distance(shape: tuple[int, int], centre: tuple[float, float]) -> Image:
    """Distance from a centre, given from the middle, in heights of the frame."""
    height, width = shape
    rows = (np.arange(height, dtype=np.float32) - height / 2) / height - np.float32(centre[0])
    columns = (np.arange(width, dtype=np.float32) - width / 2) / height - np.float32(centre[1])
    away: Image = np.hypot(rows[:, None], columns)
    return away


def _narcissus(depth: Range, shape: tuple[int, int], rng: np.random.Generator) -> Image:
    """Draw a disc with a soft edge."""
    away = _distance(shape, (float(rng.normal(0, 0.08)), float(rng.normal(0, 0.08))))
    radius, soft = uniform(rng, (0.1, 0.6)), uniform(rng, (0.03, 0.25))
    disc: Image = np.float32(uniform(rng, depth)) / (1 + np.exp((away - radius) / soft))
    return disc.astype(np.float32)


def _rings(amplitude: Range, shape: tuple[int, int], rng: np.random.Generator) -> Image:
    """Draw interference rings about the middle."""
    away = _distance(shape, (float(rng.normal(0, 0.2)), float(rng.normal(0, 0.2))))
    wave = np.sin(uniform(rng, (8, 60)) * away + uniform(rng, (0, 2 * math.pi)))
    rings: Image = np.float32(uniform(rng, amplitude)) * wave * np.exp(-2 * away)
    return rings.astype(np.float32)


def _edges(warmth: Range, shape: tuple[int, int], rng: np.random.Generator) -> Image:
    """Draw bands along the sides that are warm or cold."""
    edges = np.zeros(shape, np.float32)
    for axis in (0, 1):
        for side in (1, -1):
            if rng.random() < 0.35:
                width = log_uniform(rng, (0.015, 0.25)) * shape[0]
                away = np.arange(shape[axis], dtype=np.float32)
                profile = np.exp(-((away / np.float32(width)) ** uniform(rng, (0.8, 2))))
                profile = np.float32(uniform(rng, warmth)) * profile[::side]
                edges += (profile[:, None] if axis == 0 else profile).astype(np.float32)
    return edges


def _corner(
    warmth: Range, shape: tuple[int, int], place: tuple[int, int], rng: np.random.Generator
) -> Image:
    """Draw a warm or cold corner."""
    height, width = shape
    rows = np.arange(height, dtype=np.float32) / height - place[0]
    columns = np.arange(width, dtype=np.float32) / height - place[1] * width / height
    away = np.hypot(rows[:, None] * uniform(rng, (0.7, 1.4)), columns)
    size, power = uniform(rng, (0.1, 0.6)), uniform(rng, (1, 2.2))
    corner: Image = np.float32(uniform(rng, warmth)) * np.exp(-((away / size) ** power))
    return corner.astype(np.float32)
