"""Samples of any camera: what is true of every one, and how much they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from napari_iris.frames.read import read_frame
from napari_iris.labels import CLOUD, IGNORE, SKY
from napari_iris.masks.mask_file import read_mask
from napari_iris.radiometry.noise import white_noise
from napari_iris.sky.config import SeriesConfig
from napari_iris.sky.samples import TYPICAL, SkySample, draw_sample
from napari_iris.sky.simulate import write_simulation

if TYPE_CHECKING:
    from pathlib import Path

SHAPE = (32, 40)
SEEDS = st.integers(0, 2**32)
LINEAR = TYPICAL.model_copy(update={"processed": 0.0, "obstructed": 0.0})


def content(sample: SkySample) -> tuple[bytes, bytes, bytes]:
    excess = b"" if sample.excess is None else sample.excess.tobytes()
    return sample.frame.tobytes(), sample.mask.tobytes(), excess


@given(seed=SEEDS, index=st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_a_sample_depends_on_seed_and_index_alone(seed: int, index: int) -> None:
    one = draw_sample(seed, index, SHAPE)
    assert content(one) == content(draw_sample(seed, index, SHAPE))
    assert content(one) != content(draw_sample(seed, index + 1, SHAPE))
    assert content(one) != content(draw_sample(seed + 1, index, SHAPE))


@given(seed=SEEDS, index=st.integers(0, 100))
@settings(max_examples=60, deadline=None)
def test_a_sample_is_valid(seed: int, index: int) -> None:
    frame, mask, excess = draw_sample(seed, index, SHAPE)
    assert frame.dtype == np.float32
    assert frame.shape == mask.shape == SHAPE
    assert np.isfinite(frame).all()
    assert set(np.unique(mask)) <= {SKY, CLOUD, IGNORE}
    if excess is None:
        assert len(np.unique(frame)) <= 256, "the camera made it 8-bit"
    else:
        assert excess.dtype == np.float32
        assert np.isfinite(excess).all()


def test_the_sky_condition_is_kept() -> None:
    def covers(sky: str) -> list[float]:
        masks = [draw_sample(5, index, SHAPE, LINEAR, sky).mask for index in range(40)]
        return [float(np.mean(mask == CLOUD)) for mask in masks]

    assert max(covers("clear")) == 0
    assert min(covers("overcast")) > 0.9
    assert np.median(covers("cloudy")) == pytest.approx(0.5, abs=0.25)


def test_excess_tells_cloud_from_clear_sky() -> None:
    """Where the reference knows the pattern, most of its judgements are correct."""
    right = []
    for index in range(150):
        _, mask, excess = draw_sample(8, index, SHAPE, LINEAR)
        assert excess is not None
        known = mask != IGNORE
        right.append(float(np.mean((excess > 0.5)[known] == (mask == CLOUD)[known])))
    assert np.median(right) > 0.98
    assert np.mean(right) > 0.85


def test_units_differ_by_orders_of_magnitude_and_hide_nothing() -> None:
    spreads = [np.ptp(draw_sample(2, index, SHAPE, LINEAR).frame) for index in range(60)]
    assert max(spreads) > 1000 * min(spreads)


def test_no_linear_camera_rounds_a_frame_to_few_values() -> None:
    frames = [draw_sample(6, index, SHAPE, LINEAR).frame for index in range(400)]
    assert min(len(np.unique(frame)) for frame in frames) > 8


def test_noise_follows_its_range() -> None:
    def noise(level: float) -> float:
        plain = {"noise": (level, level), "grain": (0, 0), "gain": (1, 1)}
        traits = LINEAR.model_copy(update=plain)
        frames = [draw_sample(3, index, SHAPE, traits, "clear").frame for index in range(20)]
        return float(np.median([white_noise(frame) for frame in frames]))

    assert noise(6.0) == pytest.approx(6.0, rel=0.35)
    assert noise(6.0) > 2 * noise(2.0)


def test_written_samples_are_the_samples(tmp_path: Path) -> None:
    config = SeriesConfig(count=3, seed=9, truth_shape=SHAPE, cameras="any")
    for index, path in enumerate(write_simulation(config, tmp_path)):
        sample = draw_sample(9, index, SHAPE)
        np.testing.assert_array_equal(read_frame(path).data, sample.frame)
        truth = read_mask(tmp_path / "truth" / f"{path.stem}_mask.fits")
        np.testing.assert_array_equal(truth.mask, sample.mask)


def test_nights_are_of_one_camera() -> None:
    with pytest.raises(ValidationError, match="of one camera"):
        SeriesConfig(count=3, nights=1, cameras="any")
