"""What stands before the sky: a horizon with trees, buildings, the rim of an all-sky lens."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from napari_iris.sky.draws import uniform
from napari_iris.sky.fractal import fractal_field

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.float32]


class Foreground(NamedTuple):
    """What hides the sky.

    Attributes
    ----------
    hidden : ndarray of bool, shape (rows, columns)
        Where no sky is.
    signal : ndarray of float32, shape (rows, columns)
        What is seen there, in ADU of a Tau2 over the clear sky at the zenith.
    """

    hidden: NDArray[np.bool_]
    signal: Image


def draw_foreground(shape: tuple[int, int], rng: np.random.Generator) -> Foreground:
    """Draw a foreground.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns.
    rng : numpy.random.Generator
        Source of the random numbers.
    """
    draw = (_horizon, _horizon, _building, _rim, _rim)[int(rng.integers(5))]
    hidden = draw(shape, rng)
    texture = fractal_field(shape, rng, slope=uniform(rng, (2, 3.5)), scale=uniform(rng, (5, 60)))
    warmth = uniform(rng, (450, 1400)) if draw is not _rim else uniform(rng, (-300, 1400))
    rough = uniform(rng, (5, 120)) if draw is not _rim else uniform(rng, (0, 10))
    return Foreground(hidden, np.float32(warmth) + np.float32(rough) * texture)


def _horizon(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.bool_]:
    """Draw a skyline along the bottom, smooth as hills or rough as trees."""
    height, width = shape
    line = fractal_field((8, width), rng, slope=uniform(rng, (1.5, 4)), scale=width / 2)[0]
    top = height * (1 - uniform(rng, (0.02, 0.4)) - uniform(rng, (0, 0.06)) * line)
    hidden: NDArray[np.bool_] = np.arange(height)[:, None] > top
    if rng.random() < 0.4:  # crowns of trees
        crowns = fractal_field(shape, rng, slope=2.2, scale=uniform(rng, (4, 20)))
        hidden |= (crowns > 0.3) & (np.arange(height)[:, None] > top - uniform(rng, (3, 25)))
    return hidden


def _building(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.bool_]:
    """Draw the straight edge of a dome or a wall on any side, or a mast."""
    rows, columns = (np.linspace(-1, 1, side, dtype=np.float32) for side in shape)
    angle = uniform(rng, (0, 2 * math.pi))
    away = math.sin(angle) * rows[:, None] + math.cos(angle) * columns
    if rng.random() < 0.3:
        mast: NDArray[np.bool_] = np.abs(away - uniform(rng, (-0.8, 0.8))) < uniform(
            rng, (0.01, 0.06)
        )
        return mast
    wall: NDArray[np.bool_] = away > uniform(rng, (0.5, 1.1))
    return wall


def _rim(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.bool_]:
    """Draw the outside of the circle that an all-sky lens or a mirror images."""
    height, width = shape
    rows = np.arange(height) - height * (0.5 + rng.normal(0, 0.03))
    columns = np.arange(width) - width * (0.5 + rng.normal(0, 0.03))
    radius = height * uniform(rng, (0.35, 0.65))
    outside: NDArray[np.bool_] = np.hypot(rows[:, None], columns) > radius
    return outside
