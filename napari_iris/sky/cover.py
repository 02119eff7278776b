"""The clouds of one view: their optical depth, and what they add to the clear sky."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from napari_iris.sky.clouds import CloudLayer, draw_layer
from napari_iris.sky.draws import log_uniform, uniform
from napari_iris.sky.fractal import fractal_field, stir
from napari_iris.sky.genera import BROKEN
from napari_iris.sky.nights import FIELD_DEG
from napari_iris.sky.radiance import composite
from napari_iris.sky.weather import BRIGHTNESS, FLAT_DEPTH, TILT_ADU

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.labels import SkyCondition
    from napari_iris.sky.air import Air
    from napari_iris.sky.traits import Traits

    Image = NDArray[np.float32]

KINDS: dict[str, tuple[float, SkyCondition]] = {
    "clear": (0.41, "clear"),
    "broken": (0.39, "cloudy"),
    "trail": (0.03, "cloudy"),
    "deck": (0.13, "overcast"),
    "flat": (0.04, "overcast"),
}
"""Kinds of sky: how often each is drawn, and its condition."""

ROWS = 512
"""Rows of the frames that the lengths of `CloudLayer` belong to."""

BASE_ADU = (5.0, 60.0)
"""Rms of the brightness of a deck, whose base is not equally high everywhere, in ADU: mostly above
that of clear air, from which nothing but a reference tells a flatter deck."""

LEAST = 0.35
"""Brightness of a cloud near the horizon over its brightness at the zenith, at least: the air in
front of it is as warm as the cloud."""


class Cover(NamedTuple):
    """Clouds in a view.

    Attributes
    ----------
    tau : ndarray of float32, shape (rows, columns)
        Optical depth at 8-14 um.
    excess : ndarray of float32, shape (rows, columns)
        What the clouds add to the clear sky, in ADU of a Tau2.
    """

    tau: Image
    excess: Image


def draw_cover(
    traits: Traits, air: Air, rng: np.random.Generator, sky: SkyCondition | Literal["mixed"]
) -> Cover:
    """Draw the clouds of a view.

    Parameters
    ----------
    traits : Traits
        Ranges.
    air : Air
        The clear air of the view.
    rng : numpy.random.Generator
        Source of the random numbers.
    sky : {'clear', 'cloudy', 'overcast', 'mixed'}
        Sky condition; mixed: any.
    """
    shape = (air.smooth.shape[0], air.smooth.shape[1])
    chances = np.array([often if sky in ("mixed", one) else 0 for often, one in KINDS.values()])
    kind = list(KINDS)[int(rng.choice(len(KINDS), p=chances / chances.sum()))]
    layers = _draw_layers(kind, traits, rng)
    # the air below a cloud hides the more of it the lower it stands
    hidden = (air.smooth - air.smooth.min()) / 600
    fade = np.maximum(1 - hidden, LEAST)
    depths, brightness = [], []
    for layer in layers:
        depths.append(_depth(layer, shape, air.field_deg, rng))
        bright = np.float32(layer.brightness) * fade
        if kind in ("deck", "flat"):
            bright = bright + np.float32(rng.normal(0, TILT_ADU)) * _plane(shape, rng)
        if kind == "deck":
            bright = bright + np.float32(log_uniform(rng, BASE_ADU)) * _base(shape, rng)
        brightness.append(bright)
    if kind == "trail":
        depths.append(_trail(shape, rng))
        brightness.append(np.float32(uniform(rng, BRIGHTNESS["cirrus"])) * fade)
    tau = sum(depths, start=np.zeros(shape, np.float32))
    return Cover(tau, composite(zip(depths, brightness, strict=True), shape))


def _draw_layers(kind: str, traits: Traits, rng: np.random.Generator) -> list[CloudLayer]:
    """Draw the layers of a sky, the highest first."""
    count = {"clear": 0, "broken": int(rng.choice((1, 1, 1, 2, 2, 3))), "trail": 0}.get(kind, 0)
    genera = [BROKEN[int(number)] for number in rng.permutation(len(BROKEN))[:count]]
    if kind in ("deck", "flat"):
        genera = ["stratus"]
        if kind == "deck" and rng.random() < 0.3:
            genera.append("stratocumulus")
    factor = uniform(rng, traits.brightness)
    layers = []
    for genus in genera:
        layer = draw_layer(genus, rng)
        if genus != "stratus":
            # few clouds and few gaps are as frequent as half a sky
            cover = float(rng.beta(0.9, 0.9))
            layer = replace(layer, coverage=min(max(cover, 0.01), 0.99))
        elif kind == "flat":
            layer = replace(layer, base=FLAT_DEPTH)
        else:
            layer = replace(layer, base=log_uniform(rng, (0.5, 4)))
        brightness = factor * uniform(rng, BRIGHTNESS[genus])
        layers.append(replace(layer, brightness=brightness, trend=layer.trend * 0.7))
    return sorted(layers, key=lambda layer: layer.brightness)


def _depth(
    layer: CloudLayer, shape: tuple[int, int], field_deg: float, rng: np.random.Generator
) -> Image:
    """Draw the optical depth of a layer; its lengths shrink as the field of view grows."""
    from scipy.fft import next_fast_len

    size = shape[0] / ROWS * (FIELD_DEG / field_deg) ** 0.7
    fast = tuple(next_fast_len(int(1.25 * side), real=True) for side in shape)
    field = fractal_field(
        (fast[0], fast[1]),
        rng,
        slope=layer.slope - 0.4,
        scale=max(4.0, layer.scale * size),
        stretch=layer.stretch,
        angle=layer.angle,
    )
    texture = stir(
        field,
        shape,
        rng,
        distance=layer.stir * min(size, 0.5),
        scale=120 * min(size, 0.5),
    )
    if rng.random() < 0.2:
        texture = texture + _waves(shape, rng)
    texture = texture / texture.std() + layer.trend * _plane(shape, rng)
    texture -= np.quantile(texture, 1 - layer.coverage)
    depth = np.maximum(texture, 0)
    depth **= layer.power
    depth *= layer.depth
    depth += layer.base
    layered: Image = depth.astype(np.float32)
    return layered


def _base(shape: tuple[int, int], rng: np.random.Generator) -> Image:
    """Draw the relief of a deck's base: mean 0, standard deviation 1."""
    return fractal_field(
        shape,
        rng,
        slope=uniform(rng, (3.2, 4.6)),
        scale=log_uniform(rng, (0.15, 2)) * shape[0],
        stretch=uniform(rng, (1, 3)),
        angle=uniform(rng, (0, 180)),
    )


def _plane(shape: tuple[int, int], rng: np.random.Generator) -> Image:
    """Draw a plane from -1 to 1 in a random direction."""
    rows, columns = (np.linspace(-1, 1, side, dtype=np.float32) for side in shape)
    angle = uniform(rng, (0, 2 * math.pi))
    plane: Image = (math.sin(angle) * rows[:, None] + math.cos(angle) * columns).astype(np.float32)
    return plane


def _waves(shape: tuple[int, int], rng: np.random.Generator) -> Image:
    """Draw the rolls of an undulatus, which a second, longer wave bends."""
    along, across = _plane(shape, rng), _plane(shape, rng)
    crests = uniform(rng, (4, 25))
    bent = crests * along + uniform(rng, (0.2, 1.5)) * np.sin(uniform(rng, (1, 4)) * across)
    waves: Image = (uniform(rng, (0.2, 1.0)) * np.sin(bent)).astype(np.float32)
    return waves


def _trail(shape: tuple[int, int], rng: np.random.Generator) -> Image:
    """Draw one or two condensation trails: straight, of some width, torn along their length."""
    tau = np.zeros(shape, np.float32)
    for _ in range(int(rng.integers(1, 3))):
        away = (_plane(shape, rng) - uniform(rng, (-0.7, 0.7))) * shape[0] / 2
        width = log_uniform(rng, (0.8, 6))
        torn = fractal_field(shape, rng, slope=3.0, scale=shape[0] / 3)
        line = np.exp(-((away / width) ** 2)) * np.maximum(1 + 0.7 * torn, 0)
        tau += np.float32(log_uniform(rng, (0.15, 1.2))) * line
    return tau
