"""Nights of one camera: it stays the same camera while temperatures, pointing and weather change.

The level of the clear sky follows the physics of `radiometry`: radiance relative to the shutter,
air mass, water vapour. Each flat-field correction leaves a new offset and a new smooth residual.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.radiometry.planck import air_mass, shutter_offset
from napari_iris.sky.camera import expose
from napari_iris.sky.cards import Card
from napari_iris.sky.clouds import depth_of_texture
from napari_iris.sky.draws import Stream, generator, uniform
from napari_iris.sky.header import frame_header
from napari_iris.sky.observe import SimulatedFrame
from napari_iris.sky.radiance import composite
from napari_iris.sky.site import BIAS, draw_site, smooth_residual
from napari_iris.sky.texture import draw_texture
from napari_iris.sky.truth import sky_of_truth, undecided
from napari_iris.sky.weather import draw_temperatures, draw_weather

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from napari_iris.sky.clouds import CloudLayer
    from napari_iris.sky.config import SeriesConfig
    from napari_iris.sky.site import Site
    from napari_iris.sky.texture import MovingTexture
    from napari_iris.sky.weather import Passage, Temperatures

HOURS = 12.0
"""Length of a night."""

LEVEL = 650.0
"""Clear sky at the zenith for a shutter at 0 degrees Celsius, in ADU: a dry mid-latitude night."""

RISE = (275.0, -35.0)
"""Rise of a dry clear sky over the zenith, in ADU per air mass less 1, and per its square.

Over the field of view that is 7, 26, 51 and 100 ADU at 80, 60, 45 and 30 degrees of elevation."""

FIELD_DEG = 8.3
"""Height of the field of view of a Tau2 640 with a 60 mm lens: 512 pixels of 17 um."""

CORRECTION_S = 30.0
"""Time from one flat-field correction to the next, in seconds."""

CORRECTION_ADU = 7.0
"""Standard deviation of the offset that a correction leaves: it steps by 5 to 10 ADU."""


def simulate_nights(config: SeriesConfig) -> Iterator[SimulatedFrame]:
    """Simulate whole nights of one camera, in order of time.

    Parameters
    ----------
    config : SeriesConfig
        ``nights`` nights of ``count`` frames each, spread evenly over `HOURS`.

    Yields
    ------
    SimulatedFrame
        Frames with their optical depth and the pixels of which truth is undecided.
    """
    site = draw_site(config)
    for number in range(config.nights):
        night = draw_night(config, site, number)
        weather = draw_weather(config.seed, number, HOURS, config.sky)

        def passage_of(frame: int, weather: tuple[Passage, ...] = weather) -> Passage:
            return next(one for one in weather if frame * HOURS / config.count < one.end)

        for passage, frames in groupby(range(config.count), passage_of):
            clouds = night.textures(passage)
            for frame in frames:
                yield night.observe(frame, passage, clouds)


@dataclass(frozen=True, eq=False)
class Night:
    """One night of a camera.

    Attributes
    ----------
    config, site : SeriesConfig, Site
        The series and its camera.
    number : int
        Number of the night, from 0.
    temperatures : Temperatures
        The night's temperatures.
    moisture : float
        Clear-sky excess of the night's water vapour over a dry night, in ADU at air mass 1.
    vapour : MovingTexture
        Structure of the water vapour.
    vapour_adu : float
        Its standard deviation, in ADU.
    """

    config: SeriesConfig
    site: Site
    number: int
    temperatures: Temperatures
    moisture: float
    vapour: MovingTexture
    vapour_adu: float

    def textures(self, passage: Passage) -> tuple[MovingTexture, ...]:
        """Draw the textures of the clouds of a passage, one for each layer."""
        shape = self.config.shape

        def draw(place: int, layer: CloudLayer, wind: tuple[float, float]) -> MovingTexture:
            key = 10_000 * self.number + 10 * round(60 * passage.start) + place
            return draw_texture(
                shape,
                generator(self.config.seed, Stream.DEPTH, key),
                wind,
                slope=layer.slope,
                scale=layer.scale * shape[0] / 512,
                stretch=layer.stretch,
                angle=layer.angle,
            )

        pairs = zip(passage.layers, passage.wind, strict=True)
        return tuple(draw(place, *pair) for place, pair in enumerate(pairs))

    def observe(
        self, frame: int, passage: Passage, clouds: tuple[MovingTexture, ...]
    ) -> SimulatedFrame:
        """Expose a frame.

        Parameters
        ----------
        frame : int
            Number of the frame in the night, from 0.
        passage : Passage
            The weather at this time.
        clouds : tuple of MovingTexture
            The textures of its layers.
        """
        config, site = self.config, self.site
        hour = frame * HOURS / config.count
        index = self.number * config.count + frame
        layers = passage.layers_at(hour)
        depths = [
            depth_of_texture(texture.at(hour), layer)
            for texture, layer in zip(clouds, layers, strict=True)
        ]
        tau = sum(depths, start=np.zeros(config.shape, np.float32))
        rows, columns = (
            slope * np.linspace(-1, 1, side, dtype=np.float32)
            for slope, side in zip(passage.tilt, config.shape, strict=True)
        )
        brightness = (layer.brightness + rows[:, None] + columns for layer in layers)
        radiance = self._clear_sky(hour) + composite(
            zip(depths, brightness, strict=True), config.shape
        )
        rng = generator(config.seed, Stream.NOISE, index)
        data = expose(site.camera, site.pattern, radiance, rng)
        truth = tau > config.tau_min
        sky = sky_of_truth(truth)
        elapsed = timedelta(days=self.number, hours=hour)
        header = frame_header(config, index, sky, self._cards(hour, truth), elapsed)
        return SimulatedFrame(data, truth, tau, sky, header, undecided(tau))

    def _shutter(self, hour: float) -> float:
        """Shutter temperature in degrees Celsius."""
        return self.temperatures.ambient(hour) + self.temperatures.camera

    def _focal_plane(self, hour: float) -> float:
        return self._shutter(hour) + 1.0

    def _pointing(self, hour: float) -> tuple[float, float]:
        """Azimuth and elevation: pointings take turns of an hour."""
        return self.site.pointings[int(hour) % len(self.site.pointings)]

    def _correction(self, hour: float) -> int:
        """Count the flat-field corrections since the night began."""
        return int(3600 * hour / CORRECTION_S)

    def _clear_sky(self, hour: float) -> NDArray[np.float32]:
        """Clear sky, in ADU, with what the last correction left; the bias is the pattern's."""
        shape, site = self.config.shape, self.site
        _, elevation = self._pointing(hour)
        rows = elevation + FIELD_DEG * (0.5 - np.arange(shape[0]) / shape[0])
        level = LEVEL - BIAS + self.moisture - float(shutter_offset(self._shutter(hour), site.gain))
        level += 12 * math.sin(2 * math.pi * hour / 7 + self.number)
        level += site.focal_plane * self._focal_plane(hour)
        key = 1_000_000 * self.number + self._correction(hour)
        correction = generator(self.config.seed, Stream.CORRECTION, key)
        level += float(correction.normal(0, CORRECTION_ADU))
        residual = smooth_residual(shape, uniform(correction, (2, 4)), correction)
        profile = (level + clear_rise(rows, self.moisture)).astype(np.float32)
        field: NDArray[np.float32] = (
            np.float32(self.vapour_adu) * self.vapour.at(hour) + residual + profile[:, None]
        )
        return field

    def _cards(self, hour: float, truth: NDArray[np.bool_]) -> Iterator[Card]:
        azimuth, elevation = self._pointing(hour)
        shutter, ambient = self._shutter(hour), self.temperatures.ambient(hour)
        corrected = timedelta(days=self.number, seconds=CORRECTION_S * self._correction(hour))
        time = (self.config.start + corrected).isoformat("T", "seconds")
        yield Card("FFC-TIME", "last flat-field correction", time)
        yield Card("NIGHT", "number of the night, from 0", self.number)
        yield Card("SERIAL", "serial number, invented", f"SIM{self.config.seed:06d}")
        yield Card("AZIMUTH", "[deg] azimuth of the pointing", round(azimuth, 3))
        yield Card("ELEVATIO", "[deg] elevation of the pointing", round(elevation, 3))
        yield Card("SHU-TEMP", "[Celsius] shutter", round(shutter, 2))
        yield Card("FPA-TEMP", "[Celsius] focal plane array", round(self._focal_plane(hour), 2))
        yield Card("IN-TEMP", "[Celsius] inside the housing", round(shutter + 3, 2))
        yield Card("BB-TEMP", "[Celsius] black body: the shutter", round(shutter, 2))
        yield Card("AMB-TEMP", "[Celsius] ambient", round(ambient, 2))
        yield Card("CLDFRAC", "fraction of pixels that are cloud", float(truth.mean()))
        yield Card("STACKED", "exposures averaged", self.site.camera.stacked)


def draw_night(config: SeriesConfig, site: Site, number: int) -> Night:
    """Draw the temperatures and the air of a night.

    Parameters
    ----------
    config : SeriesConfig
        The series.
    site : Site
        Its camera.
    number : int
        Number of the night, from 0.
    """
    rng = generator(config.seed, Stream.VAPOUR, number)
    moisture, wind = uniform(rng, (-25, 60)), (uniform(rng, (-10, 10)), uniform(rng, (-20, 20)))
    return Night(
        config=config,
        site=site,
        number=number,
        temperatures=draw_temperatures(config.seed, number),
        moisture=moisture,
        vapour_adu=uniform(rng, (1.5, 8)),
        vapour=draw_texture(
            config.shape,
            rng,
            wind,
            slope=uniform(rng, (3.2, 3.8)),
            scale=2.0 * config.shape[0],
        ),
    )


def clear_rise(elevation_deg: NDArray[np.float64], moisture: float = 0.0) -> NDArray[np.float64]:
    """Compute how much warmer the clear sky is than at the zenith.

    Parameters
    ----------
    elevation_deg : ndarray of float64
        Elevations in degrees.
    moisture : float
        Excess of the night's water vapour at air mass 1, in ADU.

    Returns
    -------
    ndarray of float64
        Rise in ADU.
    """
    above = air_mass(elevation_deg) - 1
    rise: NDArray[np.float64] = (RISE[0] + moisture + RISE[1] * above) * above
    return rise
