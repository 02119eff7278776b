"""What the electronics of any camera do: noise, pattern, dead pixels, and the unit of a file."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.sky.draws import log_uniform, uniform

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.sky.traits import Traits

    Image = NDArray[np.float32]

STEP = (3e-4, 0.3)
"""Step of a coarse converter, in standard deviations of the frame; log-uniform."""

RESAMPLED = 0.2
"""Part of the processed frames that were enlarged from a coarser sensor."""


def draw_pattern(traits: Traits, shape: tuple[int, int], rng: np.random.Generator) -> Image:
    """Draw the fixed pattern of pixels, rows and columns, in ADU of a Tau2.

    Parameters
    ----------
    traits : Traits
        Ranges.
    shape : (int, int)
        Rows and columns.
    rng : numpy.random.Generator
        Source of the random numbers.
    """
    pattern = np.float32(uniform(rng, traits.grain)) * rng.standard_normal(shape, np.float32)
    for axis in (0, 1):
        lines = rng.standard_normal(shape[axis], np.float32) * uniform(rng, traits.stripes)
        pattern += (lines[:, None] if axis == 0 else lines).astype(np.float32)
    return pattern


def draw_noise(
    traits: Traits, shape: tuple[int, int], rng: np.random.Generator
) -> tuple[Image, float]:
    """Draw the noise of one frame, and its standard deviation, in ADU of a Tau2.

    Parameters
    ----------
    traits : Traits
        Ranges.
    shape : (int, int)
        Rows and columns.
    rng : numpy.random.Generator
        Source of the random numbers.
    """
    from scipy.ndimage import uniform_filter1d

    sigma = log_uniform(rng, traits.noise)
    noise = np.float32(sigma) * rng.standard_normal(shape, np.float32)
    if rng.random() < 0.15:  # read-out couples the pixels of a row
        noise = uniform_filter1d(noise, int(rng.integers(2, 4)), axis=1) * np.float32(1.4)
    if rng.random() < 0.3:
        noise += rng.normal(0, sigma / 2, (shape[0], 1)).astype(np.float32)
    return noise, sigma


def add_defects(frame: Image, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Put dead pixels, columns and areas into a frame, in place.

    Parameters
    ----------
    frame : ndarray of float32, shape (rows, columns)
        The frame.
    rng : numpy.random.Generator
        Source of the random numbers.

    Returns
    -------
    ndarray of bool, shape of `frame`
        Dead areas, of which truth says nothing; single pixels keep theirs.
    """
    rows, columns = frame.shape
    span = float(np.ptp(frame)) + 1
    dead = np.zeros(frame.shape, np.bool_)
    if rng.random() < 0.35:
        count = int(rng.integers(1, 40))
        spots = rng.integers(rows, size=count), rng.integers(columns, size=count)
        frame[spots] += rng.normal(0, span, count).astype(np.float32)
    if rng.random() < 0.08:
        frame[:, rng.integers(columns, size=int(rng.integers(1, 4)))] += np.float32(
            rng.normal(0, 0.3 * span)
        )
    if rng.random() < 0.03:
        top, left = int(rng.integers(rows)), int(rng.integers(columns))
        area = np.s_[
            top : top + int(rng.integers(3, rows // 4)),
            left : left + int(rng.integers(3, columns // 4)),
        ]
        frame[area] = frame.min() if rng.random() < 0.5 else frame.max()
        dead[area] = True
    return dead


def to_unit(frame: Image, traits: Traits, rng: np.random.Generator) -> Image:
    """Give a frame of a linear camera another unit: a gain and a bias.

    Parameters
    ----------
    frame : ndarray of float32
        In ADU of a Tau2.
    traits : Traits
        Ranges.
    rng : numpy.random.Generator
        Source of the random numbers.
    """
    changed = (frame + np.float32(uniform(rng, traits.bias))) * np.float32(
        log_uniform(rng, traits.gain)
    )
    if rng.random() < 0.1:
        step = np.float32(log_uniform(rng, STEP)) * changed.std()
        changed = np.rint(changed / step) * step
    return changed.astype(np.float32)


def processed(frame: Image, rng: np.random.Generator) -> Image:
    """Process a frame as cameras do for a display: 8 bit, by automatic gain.

    The gain is linear between two percentiles, or follows the histogram in part; then a gamma, a
    sharpening and rounding. Of some cameras, the frame was enlarged from fewer pixels.

    Parameters
    ----------
    frame : ndarray of float32, shape (rows, columns)
        In any unit.
    rng : numpy.random.Generator
        Source of the random numbers.
    """
    from scipy.ndimage import gaussian_filter, zoom

    if rng.random() < RESAMPLED:
        factor = uniform(rng, (0.35, 0.9))
        small = zoom(frame, factor, order=1, mode="nearest", grid_mode=True)
        sides = [full / part for full, part in zip(frame.shape, small.shape, strict=True)]
        frame = zoom(small, sides, order=1, mode="nearest", grid_mode=True).astype(np.float32)
    low, high = np.percentile(frame, [uniform(rng, (0, 2)), uniform(rng, (98, 100))])
    least = uniform(rng, (0, 60))  # a limited gain leaves frames of little contrast flat
    middle, half = (low + high) / 2, max((high - low) / 2, least, 1e-3)
    scaled = np.clip((frame - middle) / half / 2 + 0.5, 0, 1)
    if rng.random() < 0.35:
        order = np.sort(scaled[::2, ::2], axis=None)
        ranks = np.searchsorted(order, scaled) / order.size
        part = uniform(rng, (0.2, 1))
        scaled = (1 - part) * scaled + part * ranks
    scaled = scaled ** math.exp(rng.normal(0, 0.3))
    if rng.random() < 0.3:
        scaled += uniform(rng, (0.3, 1.5)) * (
            scaled - gaussian_filter(scaled, uniform(rng, (1, 4)))
        )
    levels = 255 * uniform(rng, (0.5, 1))
    grey: Image = np.rint(np.clip(scaled, 0, 1) * levels).astype(np.float32)
    return grey
