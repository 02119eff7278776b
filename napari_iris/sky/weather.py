"""Weather of a night: which clouds are in view when, how they move, and the site's temperatures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.sky.clouds import CloudLayer, draw_layer
from napari_iris.sky.draws import Stream, generator, uniform

if TYPE_CHECKING:
    from napari_iris.labels import SkyCondition
    from napari_iris.sky.genera import Genus

BRIGHTNESS: dict[Genus, tuple[float, float]] = {
    "cirrus": (240.0, 390.0),
    "altocumulus": (480.0, 710.0),
    "cumulus": (500.0, 850.0),
    "stratocumulus": (500.0, 850.0),
    "stratus": (350.0, 960.0),
}
"""Brightness of opaque cloud above a dry clear sky, in ADU: radiance of its base less the sky's."""

MEAN_HOURS = 1.6
"""Mean duration of one kind of weather, in hours."""

PASSAGES: tuple[tuple[float, SkyCondition, tuple[Genus, ...], tuple[float, float]], ...] = (
    (0.34, "clear", (), (0.0, 0.0)),
    (0.16, "cloudy", ("cirrus",), (0.2, 0.9)),
    (0.16, "cloudy", ("altocumulus",), (0.2, 0.85)),
    (0.10, "cloudy", ("cirrus", "cumulus"), (0.15, 0.7)),
    (0.08, "cloudy", ("stratocumulus",), (0.4, 0.95)),
    (0.08, "overcast", ("stratus", "stratocumulus"), (1.0, 1.0)),
    (0.08, "overcast", ("stratus",), (1.0, 1.0)),
)
"""Kinds of weather: probability, sky condition, genera, and coverage between its limits."""

FLAT_DEPTH = 4.0
"""Optical depth of a deck without structure: opaque, so that only its temperature is seen."""

TILT_ADU = 22.0
"""Standard deviation of the slope of a deck along rows and columns, in ADU from centre to edge."""


@dataclass(frozen=True)
class Passage:
    """A stretch of one kind of weather.

    Attributes
    ----------
    start, end : float
        Hours since the night began.
    sky : {'clear', 'cloudy', 'overcast'}
        Sky condition.
    layers : tuple of CloudLayer
        Clouds, the highest first.
    wind : tuple of (float, float)
        Displacement of each layer in rows and columns, in frame heights per hour.
    coverage : (float, float)
        Coverage of broken layers at the start and at the end.
    tilt : (float, float)
        How much warmer the clouds are at the last row and column than in the centre, in ADU.
    """

    start: float
    end: float
    sky: SkyCondition
    layers: tuple[CloudLayer, ...]
    wind: tuple[tuple[float, float], ...]
    coverage: tuple[float, float]
    tilt: tuple[float, float] = (0.0, 0.0)

    def layers_at(self, hour: float) -> tuple[CloudLayer, ...]:
        """Give the layers with their coverage at a time.

        Parameters
        ----------
        hour : float
            Hours since the night began.
        """
        part = (hour - self.start) / (self.end - self.start)
        coverage = self.coverage[0] + (self.coverage[1] - self.coverage[0]) * part
        return tuple(
            layer if layer.genus == "stratus" else replace(layer, coverage=coverage)
            for layer in self.layers
        )


@dataclass(frozen=True)
class Temperatures:
    """Temperatures of one night, in degrees Celsius.

    Attributes
    ----------
    evening, cooling : float
        Ambient temperature at the start, and how far it falls.
    lag_hours : float
        Time constant of the fall.
    camera : float
        Shutter above ambient; the focal plane is 1 K warmer than the shutter.
    """

    evening: float
    cooling: float
    lag_hours: float
    camera: float

    def ambient(self, hour: float) -> float:
        """Ambient temperature at a time, in degrees Celsius."""
        return self.evening - self.cooling * (1 - float(np.exp(-hour / self.lag_hours)))


def draw_weather(seed: int, night: int, hours: float, sky: str = "mixed") -> tuple[Passage, ...]:
    """Draw the weather of one night.

    Parameters
    ----------
    seed : int
        Seed of the series.
    night : int
        Number of the night, from 0.
    hours : float
        Length of the night.
    sky : {'clear', 'cloudy', 'overcast', 'mixed'}
        Kinds of weather to draw from; mixed: all.

    Returns
    -------
    tuple of Passage
        In order of time, from 0 to `hours`.
    """
    rng = generator(seed, Stream.WEATHER, night)
    chances = np.array([kind[0] if sky in ("mixed", kind[1]) else 0 for kind in PASSAGES])
    passages, start = [], 0.0
    while start < hours:
        number = int(rng.choice(len(PASSAGES), p=chances / chances.sum()))
        end = min(hours, start + max(0.4, float(rng.exponential(MEAN_HOURS))))
        passages.append(_passage(number, (start, end), rng))
        start = end
    return tuple(passages)


def draw_temperatures(seed: int, night: int) -> Temperatures:
    """Draw the temperatures of one night.

    Parameters
    ----------
    seed : int
        Seed of the series.
    night : int
        Number of the night, from 0.
    """
    rng = generator(seed, Stream.TEMPERATURE, night)
    return Temperatures(
        evening=uniform(rng, (-2, 14)),
        cooling=uniform(rng, (1, 9)),
        lag_hours=uniform(rng, (3, 9)),
        camera=uniform(rng, (0, 3)),
    )


def _passage(number: int, span: tuple[float, float], rng: np.random.Generator) -> Passage:
    _, sky, genera, limits = PASSAGES[number]
    layers = [
        replace(draw_layer(genus, rng), brightness=uniform(rng, BRIGHTNESS[genus]))
        for genus in genera
    ]
    if genera == ("stratus",):
        layers = [replace(layer, base=FLAT_DEPTH) for layer in layers]
    layers.sort(key=lambda layer: layer.brightness)
    wind = tuple((uniform(rng, (-30, 30)), uniform(rng, (-60, 60))) for _ in layers)
    coverage = (uniform(rng, limits), uniform(rng, limits))
    tilt = (float(rng.normal(0, TILT_ADU)), float(rng.normal(0, TILT_ADU)))
    return Passage(*span, sky, tuple(layers), wind, coverage, tilt if sky == "overcast" else (0, 0))
