"""Series of simulated frames: the laws that hold for every seed, and what is written."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_iris.errors import FileError
from napari_iris.frames.rebin import rebin
from napari_iris.masks.mask_file import read_mask
from napari_iris.sky import (
    SimulatedFrame,
    SimulationConfig,
    rebin_truth,
    simulate_frame,
    write_simulation,
)

if TYPE_CHECKING:
    from pathlib import Path

SMALL = {"shape": (48, 60), "truth_shape": (12, 15)}
SEEDS = st.integers(0, 2**32)


def series(count: int = 6, **settings: object) -> SimulationConfig:
    return SimulationConfig.model_validate({"count": count, **SMALL, **settings})


def content(frame: SimulatedFrame) -> tuple[bytes, bytes, bytes, str]:
    return frame.data.tobytes(), frame.truth.tobytes(), frame.tau.tobytes(), frame.header.tostring()


@given(seed=SEEDS, index=st.integers(0, 5))
@settings(max_examples=15, deadline=None)
def test_a_frame_depends_on_seed_and_index_alone(seed: int, index: int) -> None:
    frame = simulate_frame(series(seed=seed), index)
    longer = simulate_frame(series(count=1000, seed=seed), index)
    other = simulate_frame(series(seed=seed + 1), index)
    assert content(frame) == content(longer)
    assert frame.data.tobytes() != other.data.tobytes()


@given(seed=SEEDS, tau_min=st.floats(0.001, 0.1))
@settings(max_examples=25, deadline=None)
def test_truth_is_where_the_optical_depth_exceeds_the_limit(seed: int, tau_min: float) -> None:
    frame = simulate_frame(series(seed=seed, sky="cloudy", tau_min=tau_min), 0)
    np.testing.assert_array_equal(frame.truth, frame.tau > tau_min)
    assert frame.truth.mean() > 0.005, "a cloudy frame has cloud enough to be labelled so"
    assert frame.header["CLDFRAC"] == frame.truth.mean()
    assert frame.header["TAUMIN"] == tau_min


@pytest.mark.parametrize(("sky", "cloud_fraction"), [("clear", 0), ("overcast", 1)])
@given(seed=SEEDS)
@settings(max_examples=15, deadline=None)
def test_clear_has_no_cloud_and_overcast_no_gap(sky: str, cloud_fraction: int, seed: int) -> None:
    frame = simulate_frame(series(seed=seed, sky=sky, tau_min=0.1), 0)
    assert frame.sky == sky
    assert frame.truth.mean() == cloud_fraction


@pytest.mark.slow
@given(seed=SEEDS, block=st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_mixed_has_every_sky_in_proportion(seed: int, block: int) -> None:
    config = series(count=6 * (block + 1), seed=seed)
    skies = [simulate_frame(config, 6 * block + place).sky for place in range(6)]
    assert sorted(skies) == ["clear"] * 2 + ["cloudy"] * 3 + ["overcast"]


@pytest.mark.slow
def test_mixed_orders_its_skies_at_random() -> None:
    config = series(count=60)
    skies = [simulate_frame(config, index).sky for index in range(60)]
    assert len({tuple(skies[first : first + 6]) for first in range(0, 60, 6)}) > 3


@pytest.mark.parametrize("sky", ["clear", "cloudy", "overcast"])
def test_a_full_frame_is_14_bit_int16(sky: str) -> None:
    dtypes = ["int16", "bool", "float32"]
    frame = simulate_frame(SimulationConfig.model_validate({"count": 1, "sky": sky}), 0)
    assert [array.dtype.name for array in (frame.data, frame.truth, frame.tau)] == dtypes
    assert {frame.data.shape, frame.truth.shape, frame.tau.shape} == {(512, 640)}
    assert 0 < frame.data.min() < frame.data.max() < 2**14


def test_clouds_are_warmer_than_the_clear_sky_between_them() -> None:
    frame = simulate_frame(SimulationConfig(count=20, sky="cloudy"), 17)
    opaque = frame.tau > 2
    assert opaque.any(), "the case needs opaque cloud"
    assert frame.data[opaque].mean() > frame.data[~frame.truth].mean() + 100


@pytest.mark.parametrize("index", [-1, 6])
def test_a_frame_outside_the_series_is_refused(index: int) -> None:
    with pytest.raises(IndexError, match=f"expected 0 to 5, received {index}"):
        simulate_frame(series(), index)


def test_written_frames_and_truth_are_the_simulated_ones(tmp_path: Path) -> None:
    config = series(seed=3)
    paths = list(write_simulation(config, tmp_path / "out"))
    assert [path.name for path in paths] == [f"sim_{index:06d}.fits" for index in range(6)]
    for index, path in enumerate(paths):
        frame = simulate_frame(config, index)
        with fits.open(path) as units:
            np.testing.assert_array_equal(units[0].data, frame.data)
            assert units[0].header["BITPIX"] == 16
            assert units[0].header["DATE-OBS"] == frame.header["DATE-OBS"]
        truth = read_mask(tmp_path / "out" / "truth" / f"{path.stem}_mask.fits")
        np.testing.assert_array_equal(truth.mask, rebin_truth(frame.truth, config.truth_shape))
        np.testing.assert_array_equal(truth.frame, rebin(frame.data, config.truth_shape))
        assert truth.mask_header["TAUMIN"] == config.tau_min


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert len(list(write_simulation(series(count=4, seed=9), tmp_path / name))) == 4
    first, second = (sorted((tmp_path / name).rglob("*.fits")) for name in ("a", "b"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_each_path_comes_as_soon_as_it_is_written(tmp_path: Path) -> None:
    path = next(write_simulation(series(), tmp_path))
    assert sorted(tmp_path.rglob("*.fits")) == [path, tmp_path / "truth" / "sim_000000_mask.fits"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match="cannot be created"):
        next(write_simulation(series(), tmp_path / "file"))


def test_importing_the_room_is_cheap() -> None:
    heavy = "{'astropy', 'scipy', 'skimage'} & set(__import__('sys').modules)"
    code = f"import napari_iris.sky; print({heavy})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
