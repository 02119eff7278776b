"""Samples to train networks on: one view of the sky by a camera like no other, and exact truth.

Each sample has a sky, a lens, a camera and a unit of its own, so that no single camera's look can
be learned, and the excess above its clear sky as a reference of some uncertainty would give it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from napari_iris.labels import CLOUD, IGNORE, SKY
from napari_iris.radiometry.excess import CLEAR_ADU, HUMID_SIGMAS, WIDTH_ADU
from napari_iris.sky.air import draw_air
from napari_iris.sky.cover import draw_cover
from napari_iris.sky.draws import Stream, generator, log_uniform, uniform
from napari_iris.sky.electronics import add_defects, draw_noise, draw_pattern, processed, to_unit
from napari_iris.sky.foreground import draw_foreground
from napari_iris.sky.optics import optical_offset, vignetting
from napari_iris.sky.site import smooth_residual
from napari_iris.sky.traits import Traits
from napari_iris.sky.truth import IGNORED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.labels import SkyCondition
    from napari_iris.sky.air import Air

    Image = NDArray[np.float32]

TYPICAL = Traits()
"""The ranges that the shipped models are trained on."""

WITHOUT_PATTERN = 0.25
"""Part of the references that know the level and not the pattern."""

LEVEL_ADU, WIDE_LEVEL_ADU = (0.5, 15.0), (5.0, 45.0)
"""Error of the level of a reference with and without a pattern, in ADU of a Tau2; log-uniform."""

SCATTER_ADU = (10.0, 40.0)
"""Scatter that a reference without a pattern allows for, at least, in ADU of a Tau2."""


class SkySample(NamedTuple):
    """A sample.

    Attributes
    ----------
    frame : ndarray of float32, shape (rows, columns)
        The frame, in a unit of its own.
    mask : ndarray of uint8, shape (rows, columns)
        0 sky, 1 cloud, 2 ignore: haze, and what is not sky.
    excess : ndarray of float32, shape (rows, columns), or None
        As `Excess.relative`: 0 at the limit of what is surely clear, 1 at that of what is surely
        cloud; None for a frame that the camera processed, of which no level is left.
    """

    frame: Image
    mask: NDArray[np.uint8]
    excess: Image | None


def draw_sample(
    seed: int,
    index: int,
    shape: tuple[int, int] = (128, 160),
    traits: Traits = TYPICAL,
    sky: SkyCondition | Literal["mixed"] = "mixed",
) -> SkySample:
    """Draw a sample; it depends on nothing but the arguments.

    Parameters
    ----------
    seed : int
        Seed of a series of samples, 0 or more.
    index : int
        Number of the sample in its series, 0 or more.
    shape : (int, int)
        Rows and columns, in pixels.
    traits : Traits
        Ranges of camera, view and sky.
    sky : {'clear', 'cloudy', 'overcast', 'mixed'}
        Sky condition; mixed: any.

    Returns
    -------
    SkySample
        The sample.
    """
    from scipy.ndimage import gaussian_filter

    rng = generator(seed, Stream.SAMPLE, index)
    air = draw_air(traits, shape, rng)
    cover = draw_cover(traits, air, rng, sky)
    received, offset = vignetting(traits, shape, rng), optical_offset(traits, shape, rng)
    pattern = draw_pattern(traits, shape, rng)
    signal = air.smooth + air.vapour + cover.excess
    mask = np.full(shape, SKY, np.uint8)
    mask[cover.tau >= IGNORED[1]] = CLOUD
    mask[(cover.tau > IGNORED[0]) & (cover.tau < IGNORED[1])] = IGNORE
    if rng.random() < traits.obstructed:
        hidden, warm = draw_foreground(shape, rng)
        signal = np.where(hidden, air.smooth.min() + warm, signal)
        mask[hidden] = IGNORE
    if rng.random() < 0.5:
        signal = gaussian_filter(signal, uniform(rng, traits.blur), mode="nearest")
    noise, sigma = draw_noise(traits, shape, rng)
    frame = received * signal + offset + pattern + noise
    clear = received * air.smooth + offset + pattern
    excess = _relative_excess(frame - clear, offset + pattern, air, sigma, rng)
    mask[add_defects(frame, rng)] = IGNORE
    if rng.random() < traits.processed:
        return SkySample(processed(frame, rng), mask, None)
    return SkySample(to_unit(frame, traits, rng), mask, excess)


def _relative_excess(
    excess: Image, camera: Image, air: Air, noise: float, rng: np.random.Generator
) -> Image:
    """Make the excess that a reference gives, whose level and pattern are not exact."""
    from scipy.ndimage import gaussian_filter

    shape = (excess.shape[0], excess.shape[1])
    known = rng.random() >= WITHOUT_PATTERN
    error = smooth_residual(shape, log_uniform(rng, (0.3, 8)), rng)
    error += np.float32(rng.normal(0, log_uniform(rng, LEVEL_ADU if known else WIDE_LEVEL_ADU)))
    scatter = float(np.hypot(np.hypot(noise / 2, air.vapour_adu), 1.0)) * uniform(rng, (0.7, 1.3))
    if not known:  # one level everywhere: pattern and air mass remain in the excess
        shaped = camera + air.smooth
        error += shaped - np.median(shaped)
        scatter = max(scatter, float(error.std()) * uniform(rng, (0.6, 1.2)))
        scatter = max(scatter, uniform(rng, SCATTER_ADU))
    values = gaussian_filter(excess + error, 1.0, mode="nearest")
    low = HUMID_SIGMAS * scatter + CLEAR_ADU
    width = scatter + WIDTH_ADU if known else 4 * scatter
    relative: Image = ((values - low) / width).astype(np.float32)
    return relative
