"""Radiance at the camera: the clear sky's gradient, and cloud layers before it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np

from napari_iris.sky.cards import Card, Drawn
from napari_iris.sky.draws import uniform

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from napari_iris.sky.config import GradientConfig


@dataclass(frozen=True)
class Gradient(Drawn):
    """A horizontal brightness gradient and its geometric transform."""

    start: Annotated[float, Card("START", "[ADU] sky level where the gradient starts")]
    stop: Annotated[float, Card("STOP", "[ADU] sky level where it stops")]
    zoom: Annotated[float, Card("ZOOM", "magnification of the sky")]
    rotation: Annotated[float, Card("ROTATION", "[deg] rotation of the sky")]
    shear: Annotated[float, Card("SHEAR", "[pix] horizontal shift per row")]
    flip: Annotated[bool, Card("FLIP", "sky flipped left to right")]


def draw_gradient(config: GradientConfig, rng: np.random.Generator) -> Gradient:
    """Draw the parameters of a clear sky.

    Parameters
    ----------
    config : GradientConfig
        Ranges of the parameters.
    rng : numpy.random.Generator
        Source of the random numbers.
    """
    start = uniform(rng, config.start)
    return Gradient(
        start=float(rng.normal(start, config.scatter)),
        stop=float(rng.normal(start + config.rise, config.scatter)),
        zoom=uniform(rng, config.zoom),
        rotation=uniform(rng, config.rotation),
        shear=uniform(rng, config.shear),
        flip=bool(rng.integers(2)),
    )


def clear_radiance(gradient: Gradient, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Evaluate the transformed gradient at every pixel.

    A linear gradient stays linear under zoom, rotation, shear and flip, so it is evaluated
    exactly rather than resampled.

    Parameters
    ----------
    gradient : Gradient
        The sky.
    shape : (int, int)
        Rows and columns.

    Returns
    -------
    ndarray of float32, shape `shape`
        Radiance in ADU.
    """
    rows, columns = (np.arange(size) - (size - 1) / 2 for size in shape)
    cosine, sine = (f(math.radians(gradient.rotation)) for f in (math.cos, math.sin))
    slope = (gradient.stop - gradient.start) / (shape[1] - 1) / gradient.zoom
    across = slope * cosine * (-columns if gradient.flip else columns)
    down = slope * (sine - cosine * gradient.shear) * rows + (gradient.start + gradient.stop) / 2
    return down.astype(np.float32)[:, None] + across.astype(np.float32)


def composite(
    layers: Iterable[tuple[NDArray[np.float32], float | NDArray[np.float32]]],
    shape: tuple[int, int],
) -> NDArray[np.float32]:
    """Composite cloud layers from the highest to the lowest by their emissivity.

    Each layer hides a part 1 - exp(-tau) of what lies behind and emits that part of its own
    brightness: the Schwarzschild equation for isothermal layers that do not scatter (Petty, A
    First Course in Atmospheric Radiation, 2006, chapter 8).

    Parameters
    ----------
    layers : iterable of (ndarray of float32, shape `shape`; float or ndarray of that shape)
        Optical depth and brightness in ADU above the clear sky, the highest and faintest first.
    shape : (int, int)
        Rows and columns.

    Returns
    -------
    ndarray of float32, shape `shape`
        What the clouds add to the clear sky, in ADU.
    """
    excess = np.zeros(shape, dtype=np.float32)
    for tau, brightness in layers:
        excess += (1 - np.exp(-tau)) * (brightness - excess)
    return excess
