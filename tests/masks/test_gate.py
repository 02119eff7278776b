"""The sky gate: clear, cloudy or overcast, whatever the frame's level and unit."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_iris.errors import IrisError
from napari_iris.frames.read import read_frame
from napari_iris.frames.rebin import rebin
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.gate import GATE_SHAPE, _cut, resample_floor, sky_gate
from napari_iris.masks.make import CloudMask, make_mask
from napari_iris.sky import SimulatedFrame, SimulationConfig, rebin_truth, simulate_frame

if TYPE_CHECKING:
    from collections.abc import Callable

SHAPE = (128, 160)
RAW = Path("lwir/raw")
EACH = 24
"""Simulated frames of each sky."""


@cache
def simulated(sky: str, index: int = 0, seed: int = 0) -> SimulatedFrame:
    config = SimulationConfig.model_validate({"count": EACH, "sky": sky, "seed": seed})
    return simulate_frame(config, index)


def masked(frame: np.ndarray, **settings: Any) -> CloudMask:
    return make_mask(np.asarray(frame, np.float32), MaskConfig(**settings))


@pytest.fixture(scope="module")
def raw(shared_data: Path) -> dict[str, np.ndarray]:
    """The real raw frames, one clear and one cloudy."""
    return {
        sky: read_frame(shared_data / RAW / f"{sky}_sky_sample.fits").data
        for sky in ("clear", "cloud")
    }


def test_a_real_clear_frame_has_no_cloud(raw: dict[str, np.ndarray]) -> None:
    made = masked(raw["clear"])
    assert made.gate.sky == "clear"
    assert made.gate.trust > 0.9
    assert made.cloud_fraction <= 0.02
    assert masked(raw["clear"], gate=False).cloud_fraction > 0.5, "the recipe alone sees half of it"


def test_a_real_cloudy_frames_mask_is_the_recipes(raw: dict[str, np.ndarray]) -> None:
    made, recipe = masked(raw["cloud"]), masked(raw["cloud"], gate=False)
    assert made.gate.sky == "cloudy"
    assert made.method == "recipe"
    np.testing.assert_array_equal(made.mask, recipe.mask)
    assert made.threshold == recipe.threshold
    assert recipe.gate is None


UNITS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "normalised": lambda frame: frame / 2**14,
    "lower": lambda frame: frame - 500,
    "higher": lambda frame: frame + 5000,
    "twice the gain, another bias": lambda frame: 2 * frame + 10,
    "kelvin": lambda frame: 0.04 * frame,
    "celsius": lambda frame: 0.04 * frame - 273.15,
    "normalised celsius": lambda frame: (0.04 * frame - 273.15) / 100,
    "binned": lambda frame: rebin(frame, SHAPE),
}


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("sky", ["clear", "cloud"])
def test_a_real_frame_is_judged_alike_in_any_unit(
    raw: dict[str, np.ndarray], sky: str, unit: str
) -> None:
    made, other = masked(raw[sky]), masked(UNITS[unit](raw[sky]))
    assert other.gate.sky == made.gate.sky
    assert np.mean(other.mask == made.mask) > 0.999


@pytest.mark.slow
@given(st.sampled_from(["clear", "cloudy", "overcast"]), st.integers(0, 2), st.floats(-1000, 8000))
@settings(max_examples=15)
def test_the_level_carries_no_label(sky: str, index: int, offset: float) -> None:
    frame = simulated(sky, index).data.astype(np.float32)
    verdict = sky_gate(frame)
    for same in (frame + np.float32(offset), frame / np.float32(2**14)):
        other = sky_gate(same)
        assert other.sky == verdict.sky
        assert other.trust == pytest.approx(verdict.trust, abs=0.02)
        assert other.structure == pytest.approx(verdict.structure, rel=0.01)


@pytest.mark.parametrize("sky", ["clear", "cloudy", "overcast"])
def test_a_normalised_frame_gives_the_same_mask_to_the_bit(sky: str) -> None:
    frame = simulated(sky).data.astype(np.float32)
    made, other = masked(frame), masked(frame / 2**14)
    assert other.gate.trust == made.gate.trust
    assert other.method == made.method
    np.testing.assert_array_equal(other.mask, made.mask)
    assert other.threshold * 2**14 == pytest.approx(made.threshold)
    np.testing.assert_allclose(other.gate.floor * 2**14, made.gate.floor, rtol=1e-6)
    assert other.gate.cut * 2**14 == pytest.approx(made.gate.cut)


RIGHT = {"clear": 0.99, "cloudy": 0.84, "overcast": 0.75}
"""Least part of pixels that must be right by exact truth; measured 1.000, 0.861, 0.788."""


@pytest.mark.slow
@pytest.mark.parametrize("sky", RIGHT)
def test_simulated_frames_are_masked_as_their_truth_has_it(sky: str) -> None:
    cloud, right = [], []
    for index in range(EACH):
        frame = simulated(sky, index)
        made = masked(frame.data)
        cloud.append(made.cloud_fraction)
        right.append(np.mean(made.mask == rebin_truth(frame.truth, SHAPE)))
    assert np.mean(right) >= RIGHT[sky]
    if sky == "clear":
        assert np.mean(cloud) <= 0.03


def test_the_gate_only_ever_gives_a_clear_sky_no_cloud_and_an_overcast_one_all() -> None:
    found = set()
    for sky in ("clear", "cloudy", "overcast"):
        for index in range(4):
            frame = simulated(sky, index).data
            made, recipe = masked(frame), masked(frame, gate=False)
            found.add(made.method)
            match made.method:
                case "clear" | "overcast":
                    assert made.gate.sky == made.method
                    assert made.cloud_fraction == (made.method == "overcast")
                case "recipe":
                    np.testing.assert_array_equal(made.mask, recipe.mask)
                case "floor":
                    height = made.frame - resample_floor(made.gate, SHAPE)
                    np.testing.assert_array_equal(made.mask, height > made.gate.cut)
            assert 0 < made.gate.trust <= 1
            assert made.threshold == recipe.threshold
    assert found >= {"clear", "overcast"}
    assert found & {"recipe", "floor"}


@pytest.mark.parametrize("gate", [True, False])
@pytest.mark.parametrize("sky", ["clear", "cloudy", "overcast"])
def test_blank_pixels_are_ignored_whatever_the_sky(sky: str, *, gate: bool) -> None:
    frame = simulated(sky).data.astype(np.float32)
    frame[100:180, 40:120] = np.nan
    made = masked(frame, gate=gate)
    blank = np.zeros(SHAPE, np.bool_)
    blank[25:45, 10:30] = True
    np.testing.assert_array_equal(made.mask == 2, blank)
    np.testing.assert_array_equal(np.isnan(made.frame), blank)
    assert made.cloud_fraction == np.mean(made.mask[~blank] == 1)


@pytest.mark.parametrize("sky", ["clear", "overcast"])
def test_a_few_blank_pixels_change_no_verdict(sky: str) -> None:
    frame = simulated(sky).data.astype(np.float32)
    verdict = sky_gate(frame)
    frame[:60, :50] = np.nan
    frame[::37, ::41] = np.nan
    assert sky_gate(frame).sky == verdict.sky


@pytest.mark.parametrize("gate", [True, False])
@pytest.mark.parametrize("value", [np.nan, 0, 16383])
def test_a_frame_without_a_sky_is_refused(value: float, *, gate: bool) -> None:
    with pytest.raises(IrisError, match="the same value everywhere"):
        masked(np.full((512, 640), value), gate=gate)


def test_a_frame_that_is_too_small_is_refused() -> None:
    with pytest.raises(IrisError, match="each side needs at least 8"):
        masked(np.zeros((7, 300)))


@pytest.mark.parametrize("shape", [(8, 8), (33, 70), (128, 160), (512, 640)])
def test_masks_and_floors_have_the_shape_asked_for(shape: tuple[int, int]) -> None:
    made = masked(simulated("cloudy").data, shape=shape)
    assert made.mask.shape == made.frame.shape == shape
    assert made.mask.dtype == np.uint8
    floor = resample_floor(made.gate, shape)
    assert floor.shape == shape
    assert made.gate.floor.shape == GATE_SHAPE
    assert floor.mean() == pytest.approx(made.gate.floor.mean(), rel=0.02)


def test_a_cloud_on_a_clear_sky_stands_above_the_floor() -> None:
    """A disc of known height on a smooth gradient: the floor runs under it."""
    y, x = np.mgrid[:512, :640]
    clear = 600 + 50 * x / 640 + np.random.default_rng(0).normal(0, 5, x.shape)
    disc = (y - 256) ** 2 + (x - 200) ** 2 < 90**2
    made = masked(clear + 300 * disc)
    assert made.gate.sky == "cloudy"
    floor = resample_floor(made.gate, (512, 640))
    assert np.abs(floor - (600 + 50 * x / 640)).mean() < 15
    truth = rebin_truth(disc, SHAPE)
    assert np.mean(made.mask == truth) > 0.98


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("shape", (7, 160)),
        ("shape", (128, 0)),
        ("a_log", 0),
        ("a_log", -1),
        ("a_log", 1e13),
        ("a_log", float("nan")),
        ("contrast", 0),
        ("contrast", 11),
        ("gate", "perhaps"),
        ("threshold", 5),
    ],
)
def test_a_setting_out_of_range_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        MaskConfig.model_validate({field: value})


def test_settings_are_fixed_once_made() -> None:
    with pytest.raises(ValueError, match="frozen"):
        MaskConfig().contrast = 0.5


@pytest.mark.parametrize(
    ("reach", "expected"),
    [
        (20.0, 8.8),  # not above low clouds: at most 0.44 of the reach
        (100.0, 20.0),  # the structure of humid clear air
        (600.0, 40.0),  # thick clouds blur into the clear sky beside them
    ],
)
def test_the_cut_is_above_humid_air_and_below_low_clouds(reach: float, expected: float) -> None:
    assert _cut(reach) == pytest.approx(expected)


def eight_bit(frame: np.ndarray) -> np.ndarray:
    """Stretch to 8 bits as a camera with automatic gain does."""
    low, high = np.percentile(frame, [0.5, 99.5])
    return np.clip(np.rint(255 * (frame - low) / (high - low)), 0, 255)


SKIES = st.sampled_from(["clear", "cloudy", "overcast"])


@given(SKIES, st.integers(0, 3), st.floats(-3, 4), st.floats(-1e4, 1e4))
@settings(max_examples=15, deadline=None)
def test_the_unit_carries_no_label(sky: str, index: int, decade: float, offset: float) -> None:
    frame = simulated(sky, index).data.astype(np.float64)
    gain = 10**decade
    made, other = masked(frame), masked((frame + offset) * gain)
    assert made.gate is not None
    assert other.gate is not None
    assert other.gate.sky == made.gate.sky
    assert other.gate.trust == pytest.approx(made.gate.trust, abs=0.02)
    assert other.gate.cut / gain == pytest.approx(made.gate.cut, rel=0.02)
    assert np.mean(other.mask != made.mask) < 2e-3


@pytest.mark.parametrize("index", range(4))
@pytest.mark.parametrize("sky", ["clear", "cloudy", "overcast"])
def test_eight_bits_with_automatic_gain_change_no_verdict(sky: str, index: int) -> None:
    frame = simulated(sky, index).data
    made, other = masked(frame), masked(eight_bit(frame))
    assert other.gate.sky == made.gate.sky
    if made.method == other.method == "floor":
        assert np.mean(other.mask != made.mask) < 0.02


@pytest.mark.parametrize("sky", ["clear", "cloudy"])
@pytest.mark.parametrize("quality", [95, 75])
def test_compression_changes_no_verdict(sky: str, quality: int) -> None:
    from PIL import Image

    for index in range(3):
        frame = rebin(simulated(sky, index).data.astype(np.float32), SHAPE)
        file = io.BytesIO()
        Image.fromarray(eight_bit(frame).astype(np.uint8)).save(file, "JPEG", quality=quality)
        assert masked(np.asarray(Image.open(file))).gate.sky == masked(frame).gate.sky


def test_a_clear_sky_without_noise_in_coarse_steps_is_clear() -> None:
    """A compressed frame has no noise: its contour lines are not clouds."""
    y, x = np.mgrid[-1:1:240j, -1:1:320j]
    smooth = 40 * y + 15 * x * y - 25 * (x**2 + y**2)
    for frame in (smooth, np.rint(smooth), np.rint(smooth / 4)):
        assert masked(frame).gate.sky == "clear"


@pytest.mark.parametrize("shape", [(32, 40), (100, 120), (256, 320)])
def test_the_verdict_does_not_depend_on_the_shape_of_the_mask(shape: tuple[int, int]) -> None:
    frame = simulated("cloudy").data
    assert masked(frame, shape=shape).gate.trust == masked(frame).gate.trust


def test_a_frame_without_any_noise_is_clear() -> None:
    plane = np.repeat(np.arange(600, 728, dtype=np.float32)[:, None], 160, axis=1)
    assert sky_gate(plane).sky == "clear"
