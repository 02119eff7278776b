"""Nights of one camera: it stays the same camera while temperatures, pointing and weather change.

The level of the clear sky follows the physics of `radiometry`: radiance relative to the shutter,
air mass, water vapour. Each flat-field correction leaves a new offset and a new smooth residual.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.radiometry.planck import air_mass, shutter_offset
from napari_iris.sky.camera import expose
from napari_iris.sky.cards import Card
from napari_iris.sky.clouds import depth_of_texture
from napari_iris.sky.draws import Stream, generator, uniform
from napari_iris.sky.fractal import fractal_field
from napari_iris.sky.header import frame_header
from napari_iris.sky.observe import SimulatedFrame
from napari_iris.sky.radiance import composite
from napari_iris.sky.site import draw_site, smooth_residual
from napari_iris.sky.weather import draw_temperatures, draw_weather

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from napari_iris.sky.config import SeriesConfig
    from napari_iris.sky.site import Site
    from napari_iris.sky.weather import Passage, Temperatures

HOURS = 10.0
"""Length of a night."""

LEVEL = 650.0
"""Clear sky at the zenith for a shutter at 0 degrees Celsius, in ADU: a dry mid-latitude night."""

AIR_MASS_ADU = 230.0
"""Rise of the clear sky from air mass 1 to 2, in ADU: 3 ADU a degree at 60 degrees elevation."""

FIELD_DEG = 6.65
"""Height of the field of view of a Tau2 640 with a 60 mm lens."""

IGNORED = (0.02, 0.12)
"""Optical depths between which truth is undecided: neither surely clear nor surely cloud."""


def simulate_nights(config: SeriesConfig) -> Iterator[SimulatedFrame]:
    """Simulate whole nights of one camera, in order of time.

    Parameters
    ----------
    config : SeriesConfig
        ``nights`` nights of ``count`` frames each.

    Yields
    ------
    SimulatedFrame
        Frames with their optical depth; truth is decided outside of `IGNORED` only.
    """
    site = draw_site(config)
    hours = HOURS / config.count
    for night in range(config.nights):
        weather = draw_weather(config.seed, night, HOURS)
        temperatures = draw_temperatures(config.seed, night)
        moisture = uniform(generator(config.seed, Stream.VAPOUR, night), (-25, 60))
        for number in range(config.count):
            moment = Moment(config, site, night, number, number * hours, temperatures, moisture)
            passage = next(one for one in weather if moment.hour < one.end)
            yield moment.observe(passage)


@dataclass(frozen=True)
class Moment:
    """One exposure of a night.

    Attributes
    ----------
    config, site : SeriesConfig, Site
        The series and its camera.
    night, number : int
        Number of the night, and of the frame in it, from 0.
    hour : float
        Hours since the night began.
    temperatures : Temperatures
        The night's temperatures.
    moisture : float
        Clear-sky excess of the night's water vapour over a dry night, in ADU at air mass 1.
    """

    config: SeriesConfig
    site: Site
    night: int
    number: int
    hour: float
    temperatures: Temperatures
    moisture: float

    @property
    def index(self) -> int:
        """Number of the frame in the whole series, from 0."""
        return self.night * self.config.count + self.number

    @property
    def shutter(self) -> float:
        """Shutter temperature in degrees Celsius."""
        return self.temperatures.ambient(self.hour) + self.temperatures.camera

    def observe(self, passage: Passage) -> SimulatedFrame:
        """Expose the frame.

        Parameters
        ----------
        passage : Passage
            The weather at this time.

        Returns
        -------
        SimulatedFrame
            The frame, its optical depth and truth.
        """
        shape = self.config.shape
        layers = passage.layers_at(self.hour)
        depths = [self._depth(passage, place) for place in range(len(layers))]
        tau = sum(depths, start=np.zeros(shape, np.float32))
        brightness = (layer.brightness for layer in layers)
        radiance = self._clear_sky() + composite(zip(depths, brightness, strict=True), shape)
        rng = generator(self.config.seed, Stream.NOISE, self.index)
        data = expose(self.site.camera, self.site.pattern, radiance, rng)
        truth = tau > self.config.tau_min
        elapsed = timedelta(days=self.night, hours=self.hour)
        header = frame_header(self.config, self.index, passage.sky, self._cards(truth), elapsed)
        return SimulatedFrame(data, truth, tau, passage.sky, header, undecided(tau))

    def _clear_sky(self) -> NDArray[np.float32]:
        """Clear sky of this moment, in ADU, with what the last correction left."""
        shape, site = self.config.shape, self.site
        _, elevation = self._pointing()
        rows = elevation + FIELD_DEG * (0.5 - np.arange(shape[0]) / shape[0])
        rise = (AIR_MASS_ADU + self.moisture) * (air_mass(rows) - 1)
        drift = 12 * math.sin(2 * math.pi * self.hour / 7 + self.night)
        level = LEVEL + self.moisture + drift - float(shutter_offset(self.shutter, site.gain))
        level += site.focal_plane * self._focal_plane()
        vapour = generator(self.config.seed, Stream.VAPOUR, 10_000 + self.index)
        structure = uniform(vapour, (1.5, 8)) * fractal_field(
            shape, vapour, slope=uniform(vapour, (3.2, 3.8)), scale=2.0 * shape[0]
        )
        correction = generator(self.config.seed, Stream.CORRECTION, self.index)
        offset = float(correction.normal(0, 6))
        residual = smooth_residual(shape, uniform(correction, (2, 4)), correction)
        field: NDArray[np.float32] = (
            structure + residual + (level + offset + rise).astype(np.float32)[:, None]
        )
        return field

    def _depth(self, passage: Passage, place: int) -> NDArray[np.float32]:
        """Optical depth of one layer: its texture moves with the wind and evolves."""
        layer = passage.layers_at(self.hour)[place]
        shape = self.config.shape
        key = 1000 * self.night + 10 * round(60 * passage.start) + place
        fields = [
            fractal_field(
                (2 * shape[0], 2 * shape[1]),
                generator(self.config.seed, Stream.DEPTH, 2 * key + part),
                slope=layer.slope,
                scale=layer.scale * shape[0] / 512,
                stretch=layer.stretch,
                angle=layer.angle,
            )
            for part in (0, 1)
        ]
        # two independent fields, mixed at a phase that turns once in six hours: variance stays 1
        phase = 2 * math.pi * self.hour / 6
        field = math.cos(phase) * fields[0] + math.sin(phase) * fields[1]
        moved = [round(speed * self.hour * shape[0]) for speed in passage.wind[place]]
        texture = np.roll(field, moved, (0, 1))[: shape[0], : shape[1]]
        return depth_of_texture(texture, layer)

    def _pointing(self) -> tuple[float, float]:
        """Azimuth and elevation: pointings take turns of an hour."""
        return self.site.pointings[int(self.hour) % len(self.site.pointings)]

    def _focal_plane(self) -> float:
        return self.shutter + 1.0

    def _cards(self, truth: NDArray[np.bool_]) -> Iterator[Card]:
        azimuth, elevation = self._pointing()
        ambient = self.temperatures.ambient(self.hour)
        yield Card("NIGHT", "number of the night, from 0", self.night)
        yield Card("SERIAL", "serial number, invented", f"SIM{self.config.seed:06d}")
        yield Card("AZIMUTH", "[deg] azimuth of the pointing", round(azimuth, 3))
        yield Card("ELEVATIO", "[deg] elevation of the pointing", round(elevation, 3))
        yield Card("SHU-TEMP", "[Celsius] shutter", round(self.shutter, 2))
        yield Card("FPA-TEMP", "[Celsius] focal plane array", round(self._focal_plane(), 2))
        yield Card("IN-TEMP", "[Celsius] inside the housing", round(self.shutter + 3, 2))
        yield Card("AMB-TEMP", "[Celsius] ambient", round(ambient, 2))
        yield Card("CLDFRAC", "fraction of pixels that are cloud", float(truth.mean()))
        yield from self.site.camera.cards()


def undecided(tau: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Select pixels whose optical depth is neither surely clear nor surely cloud.

    Parameters
    ----------
    tau : ndarray of float32
        Optical depth, 0 or more.

    Returns
    -------
    ndarray of bool
        True within `IGNORED`.
    """
    low, high = IGNORED
    return (tau > low) & (tau < high)
