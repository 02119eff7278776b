"""Cloud layers, and their optical depth along each line of sight."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np

from napari_iris.sky.cards import Card, Drawn
from napari_iris.sky.draws import log_uniform, uniform
from napari_iris.sky.fractal import double, fractal_field, stir
from napari_iris.sky.genera import GENERA, Genus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

CELL = 2
"""Distance of a texture's nodes, in pixels: what is finer lies below the camera's noise."""

MARGIN = 1.5
"""Side of a texture over the frame's, so that opposite edges do not match."""

EDDY_SCALE = 120.0
"""Size of the eddies that stir a layer, in pixels."""


@dataclass(frozen=True)
class CloudLayer(Drawn):
    """One layer of cloud, described in the frame's own pixels: nothing is resampled later."""

    genus: Annotated[Genus, Card("GENUS", "genus of the cloud layer")]
    slope: Annotated[float, Card("SLOPE", "spectral slope of its texture")]
    scale: Annotated[float, Card("SCALE", "[pix] outer scale of its texture")]
    stretch: Annotated[float, Card("STRCH", "length of its streaks over their width")]
    angle: Annotated[float, Card("ANGLE", "[deg] direction of its streaks")]
    stir: Annotated[float, Card("STIR", "[pix] rms displacement by turbulence")]
    trend: Annotated[float, Card("TREND", "trend over the frame over its texture's rms")]
    bearing: Annotated[float, Card("BEARNG", "[deg] direction of the trend")]
    coverage: Annotated[float, Card("COVER", "fraction of the frame it covers")]
    base: Annotated[float, Card("BASE", "optical depth everywhere in the layer")]
    depth: Annotated[float, Card("DEPTH", "optical depth one texture rms inside")]
    power: Annotated[float, Card("POWER", "exponent of the optical depth inside")]
    brightness: Annotated[float, Card("BRIGHT", "[ADU] brightness above the clear sky")]


def draw_layers(genera: Iterable[Genus], rng: np.random.Generator) -> tuple[CloudLayer, ...]:
    """Draw a layer of each genus, ordered from the highest (coldest, so faintest) to the lowest.

    Parameters
    ----------
    genera : iterable of Genus
        The genera.
    rng : numpy.random.Generator
        Source of the random numbers.
    """
    layers = (draw_layer(genus, rng) for genus in genera)
    return tuple(sorted(layers, key=lambda layer: layer.brightness))


def draw_layer(genus: Genus, rng: np.random.Generator) -> CloudLayer:
    """Draw a cloud layer of one genus.

    Parameters
    ----------
    genus : Genus
        The genus.
    rng : numpy.random.Generator
        Source of the random numbers.
    """
    ranges = GENERA[genus]
    return CloudLayer(
        genus=genus,
        slope=uniform(rng, ranges.slope),
        scale=uniform(rng, ranges.scale),
        stretch=uniform(rng, ranges.stretch),
        angle=uniform(rng, (0, 180)),
        stir=uniform(rng, ranges.stir),
        trend=abs(float(rng.normal(0, 1))),
        bearing=uniform(rng, (0, 360)),
        coverage=uniform(rng, ranges.coverage),
        base=uniform(rng, ranges.base),
        depth=log_uniform(rng, ranges.depth),
        power=uniform(rng, ranges.power),
        brightness=uniform(rng, ranges.brightness),
    )


def optical_depth(
    layer: CloudLayer, shape: tuple[int, int], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Draw the optical depth of a layer along each line of sight.

    Where its texture rises above the level that leaves `coverage` of the frame, the depth is
    ``base + depth * (texture - level)**power``; elsewhere it is `base`.

    Parameters
    ----------
    layer : CloudLayer
        The layer.
    shape : (int, int)
        Rows and columns of the frame.
    rng : numpy.random.Generator
        Source of the texture.

    Returns
    -------
    ndarray of float32, shape `shape`
        Optical depth at 8-14 um, 0 or more.
    """
    texture = _texture(layer, (shape[0] // CELL + 1, shape[1] // CELL + 1), rng)
    texture -= np.quantile(texture[::2, ::2], 1 - layer.coverage)
    return _depth(double(texture)[: shape[0], : shape[1]], layer)


def depth_of_texture(texture: NDArray[np.float32], layer: CloudLayer) -> NDArray[np.float32]:
    """Turn a texture into the optical depth of a layer, see `optical_depth`.

    Parameters
    ----------
    texture : ndarray of float32, shape (rows, columns)
        Standard deviation near 1; the layer's trend over the frame is added here.
    layer : CloudLayer
        The layer.

    Returns
    -------
    ndarray of float32, shape of `texture`
        Optical depth at 8-14 um, 0 or more.
    """
    shape = (texture.shape[0], texture.shape[1])
    tilted = texture + layer.trend * texture.std() * _plane(shape, layer.bearing)
    tilted /= tilted.std()
    tilted -= np.quantile(tilted[::4, ::4], 1 - layer.coverage)
    return _depth(tilted, layer)


def _depth(texture: NDArray[np.float32], layer: CloudLayer) -> NDArray[np.float32]:
    depth = np.maximum(texture, 0)
    depth **= layer.power
    depth *= layer.depth
    depth += layer.base
    return depth


def _texture(
    layer: CloudLayer, shape: tuple[int, int], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Draw a layer's texture on `shape` nodes: mean 0, standard deviation 1."""
    from scipy.fft import next_fast_len

    rows, columns = (int(MARGIN * size) for size in shape)
    field = fractal_field(
        (next_fast_len(rows), next_fast_len(columns, real=True)),
        rng,
        slope=layer.slope,
        scale=layer.scale / CELL,
        stretch=layer.stretch,
        angle=layer.angle,
    )
    texture = stir(field, shape, rng, distance=layer.stir / CELL, scale=EDDY_SCALE / CELL)
    texture += layer.trend * _plane(shape, layer.bearing)
    texture -= texture.mean()
    texture /= texture.std()
    return texture


def _plane(shape: tuple[int, int], bearing: float) -> NDArray[np.float32]:
    """Tilt a plane that rises from -1 to 1 across the frame's width or height."""
    rows, columns = (np.linspace(-1, 1, size, dtype=np.float32) for size in shape)
    angle = math.radians(bearing)
    plane: NDArray[np.float32] = math.sin(angle) * rows[:, None] + math.cos(angle) * columns
    return plane
