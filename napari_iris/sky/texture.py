"""Textures that move with the wind and evolve: the same clouds, and the same vapour, for hours."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.sky.fractal import fractal_field

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIDE = 2
"""Side of a texture over the frame's; what leaves it on one edge comes back on the other."""

EVOLUTION_HOURS = 1.5
"""Time in which a texture becomes uncorrelated with itself, seen by one who drifts along."""


@dataclass(frozen=True, eq=False)
class MovingTexture:
    """Two independent fields, mixed at a phase that advances with time: the variance stays 1.

    Attributes
    ----------
    fields : tuple of two ndarray of float32, shape (2 * rows, 2 * columns)
        Periodic fields of mean 0 and standard deviation 1.
    wind : (float, float)
        Displacement in rows and columns, in frame heights per hour.
    """

    fields: tuple[NDArray[np.float32], NDArray[np.float32]]
    wind: tuple[float, float]

    def at(self, hour: float) -> NDArray[np.float32]:
        """Give the part over the frame at a time.

        Parameters
        ----------
        hour : float
            Time in hours.

        Returns
        -------
        ndarray of float32, shape (rows, columns)
            The texture, standard deviation near 1.
        """
        sides = self.fields[0].shape
        places = [
            (np.arange(side // SIDE) - round(speed * hour * sides[0] / SIDE)) % side
            for side, speed in zip(sides, self.wind, strict=True)
        ]
        first, second = (field[np.ix_(*places)] for field in self.fields)
        phase = math.pi / 2 * hour / EVOLUTION_HOURS
        return np.float32(math.cos(phase)) * first + np.float32(math.sin(phase)) * second


def draw_texture(
    shape: tuple[int, int],
    rng: np.random.Generator,
    wind: tuple[float, float],
    *,
    slope: float,
    scale: float,
    stretch: float = 1.0,
    angle: float = 0.0,
) -> MovingTexture:
    """Draw a moving texture; slope to angle are those of `fractal_field`.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of the frame.
    rng : numpy.random.Generator
        Source of the two fields.
    wind : (float, float)
        Displacement in rows and columns, in frame heights per hour.
    slope : float
        Spectral slope.
    scale : float
        Outer scale, in pixels.
    stretch : float
        How much longer structures are along `angle` than across.
    angle : float
        Direction of the stretch, in degrees.
    """
    size = (SIDE * shape[0], SIDE * shape[1])
    first, second = (
        fractal_field(size, rng, slope=slope, scale=scale, stretch=stretch, angle=angle)
        for _ in range(2)
    )
    return MovingTexture((first, second), wind)
