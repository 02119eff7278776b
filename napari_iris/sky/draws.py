"""Random streams: each frame and each effect has its own, derived from one seed."""

from __future__ import annotations

import math
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from napari_iris.sky.config import Range


class Stream(IntEnum):
    """Random streams; a new effect gets a new number, so that existing frames do not change."""

    KIND = 0
    GRADIENT = 1
    LAYERS = 2
    DEPTH = 3
    CAMERA = 4
    PATTERN = 5
    NOISE = 6
    WEATHER = 7
    TEMPERATURE = 8
    POINTING = 9
    OPTICS = 10
    CORRECTION = 11
    VAPOUR = 12
    SAMPLE = 13


def generator(seed: int, stream: Stream, index: int = 0) -> np.random.Generator:
    """Make the generator of one effect in one frame.

    Parameters
    ----------
    seed : int
        The series' seed, 0 or more.
    stream : Stream
        The effect.
    index : int
        The frame's number, so that frame k does not depend on how many frames there are.
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(stream, index)))


def uniform(rng: np.random.Generator, limits: Range) -> float:
    """Draw a number from a uniform distribution.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the random numbers.
    limits : (float, float)
        Lowest and highest value.
    """
    return float(rng.uniform(*limits))


def log_uniform(rng: np.random.Generator, limits: Range) -> float:
    """Draw a positive number from a log-uniform distribution.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the random numbers.
    limits : (float, float)
        Lowest and highest value, above 0.
    """
    return math.exp(rng.uniform(math.log(limits[0]), math.log(limits[1])))
