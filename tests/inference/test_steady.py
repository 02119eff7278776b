"""Frames that differ by their noise alone: the networks are asked once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits
from scipy.ndimage import gaussian_filter

from napari_iris.frames.rebin import FULL_SCALE_ADU
from napari_iris.inference.steady import LastAnswer, is_unchanged
from napari_iris.radiometry.excess import Excess

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from napari_iris.inference.network_data import NetworkInput
    from napari_iris.inference.predictor import Predictor

SHAPE = (64, 80)
NOISE = 0.0005
"""Noise of the frames, whose values are 0.5 to 0.6: neither surely clear nor surely cloud."""


class FixedSky:
    """A clear sky of some level, with limits of the excess; in parts of full scale."""

    def __init__(self, level: float = 0.4, low: float = 0.05) -> None:
        self.level, self.low = level, low

    def excess(self, frame: NDArray[np.floating], header: Any = None) -> Excess:
        level, low, high = (part * FULL_SCALE_ADU for part in (self.level, self.low, 0.3))
        values = np.asarray(frame, np.float32) * np.float32(FULL_SCALE_ADU) - np.float32(level)
        return Excess("measured", values, level, True, low, high)


def cloudy(seed: int, change: float = 0.0) -> NDArray[np.float32]:
    """A frame of broken cloud with its own noise; a block of it is changed, in units of that."""
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    frame = 0.55 + 0.05 * np.sin(x / 9) * np.cos(y / 7)
    frame[16:24, 32:40] += change * NOISE
    noise = np.random.default_rng(seed).normal(0, NOISE, SHAPE)
    return (frame + noise).astype(np.float32)


@pytest.fixture(params=[1, 2], ids=["frame", "frame and excess"])
def predictor(request: pytest.FixtureRequest, bright: Callable[..., Predictor]) -> Predictor:
    made = bright(planes=request.param, classifier=request.param == 1, shape=SHAPE)
    made.clear_sky = FixedSky()
    return made


def prepared(predictor: Predictor, *frames: NDArray[np.float32]) -> list[NetworkInput]:
    return [predictor.prepare(frame, fits.Header()) for frame in frames]


def asked(predictor: Predictor) -> list[int]:
    """Give the number of frames of each question to the U-Net, and forget them."""
    found = list(predictor.unet.engine.asked)
    predictor.unet.engine.asked.clear()
    return found


@pytest.mark.parametrize("batch", [1, 3, 6])
def test_noise_alone_asks_no_network(predictor: Predictor, batch: int) -> None:
    frames = prepared(predictor, *(cloudy(seed) for seed in range(1, 7)))
    own = predictor.run(frames)
    asked(predictor)
    last = LastAnswer()
    found = [
        output
        for first in range(0, 6, batch)
        for output in last.run(frames[first : first + batch], predictor)
    ]
    assert asked(predictor) == [1]
    assert all(one is found[0] for one in found)
    # the answer is as near to that of the frame as noise makes those of two frames
    probability = np.stack([one.probability for one in own])
    apart = np.abs(probability[1:] - probability[:-1]).max()
    assert np.abs(probability - found[0].probability).max() <= 1.25 * apart


@pytest.mark.parametrize("change", [-2, -1, 1, 2])
def test_a_change_of_one_block_asks_again(predictor: Predictor, change: float) -> None:
    frames = prepared(predictor, cloudy(1), cloudy(2, change), cloudy(3, change))
    LastAnswer().run(frames, predictor)
    assert asked(predictor) == [2]


def test_small_changes_do_not_add_up(predictor: Predictor) -> None:
    frames = prepared(predictor, *(cloudy(1 + step, 0.1 * step) for step in range(20)))
    last = LastAnswer()
    for frame in frames:
        last.run([frame], predictor)
    assert 2 <= len(asked(predictor)) <= 6


def test_texture_that_moves_is_a_change(predictor: Predictor) -> None:
    still = gaussian_filter(np.random.default_rng(0).normal(0, 15 * NOISE, SHAPE), 1.5)
    same = prepared(predictor, cloudy(1) + still, cloudy(2) + still)
    moved = prepared(predictor, cloudy(1) + still, cloudy(2) + np.roll(still, 1, axis=1))
    assert is_unchanged(*same)
    assert not is_unchanged(*moved)


@pytest.mark.parametrize("sky", [FixedSky(level=0.4005), FixedSky(low=0.06)])
def test_another_reference_asks_again(predictor: Predictor, sky: FixedSky) -> None:
    (first,) = prepared(predictor, cloudy(1))
    predictor.clear_sky = sky
    (second,) = prepared(predictor, cloudy(2))
    assert not is_unchanged(second, first)


def test_blank_pixels_are_compared_too(predictor: Predictor) -> None:
    frames = [cloudy(seed) for seed in range(1, 4)]
    frames[1][:9, :9] = frames[2][:9, :9] = np.nan
    first, second, third = prepared(predictor, *frames)
    assert not is_unchanged(second, first)
    assert is_unchanged(third, second)


def test_a_frame_with_the_same_pixels_is_unchanged(predictor: Predictor) -> None:
    """Whatever its noise: a camera may have none."""
    smooth = np.add.outer(np.linspace(0.5, 0.6, SHAPE[0]), np.linspace(0, 0.1, SHAPE[1]))
    first, second = prepared(predictor, smooth.astype("f4"), smooth.astype("f4"))
    assert is_unchanged(second, first)
